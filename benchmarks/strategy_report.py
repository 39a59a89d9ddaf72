"""Tables and figures of the values that default_strategy.py has recorded: who is first where, and how surely.

    python benchmarks/strategy_report.py default_strategy.csv                    tables, as Markdown
    python benchmarks/strategy_report.py default_strategy.csv --figures FOLDER   and figures, as SVG
    python benchmarks/strategy_report.py --smoke                                 of invented values

It has the values and the number solved, with 95% intervals; verdicts on the default, work by work; mean ranks; the
worst tenth of the instances; and the ablation. Tests are paired by instance: sign-flip permutation tests of the mean
difference, which stay valid for values of few levels and many ties. Figures need scikit-posthocs.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from default_strategy import Cell, known
from judgements import (
    Duel,
    Ranks,
    Values,
    Verdict,
    best_other,
    by_work,
    duel,
    ranks_of_work,
    ranks_over_works,
    shared,
    shares_of_best,
    solved_interval,
    verdicts,
    worst_tenth,
)
from variants import ABLATION, STRATEGIES
from works import WORKS

MAIN = ("auto", "today", "genetic", "adalead", "random-viable")
"""Strategies that run on every work. All others of the shelf run on a few works."""
DEFAULT = "auto"
_VARIANTS = {name for group in ABLATION.values() for name in group}


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |")


def share(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if 0 <= value < 1 else f"{value:.3f}"


def p_value(p: float) -> str:
    return "<.001" if p < 0.001 else f"{p:.3f}".replace("0.", ".", 1)


# -- tables ----------------------------------------------------------------------------------------------------------


def value_rows(values: Values, names: Sequence[str]) -> list[list[object]]:
    rows = []
    for work, its in values.items():
        for name in (name for name in names if name in its):
            each = np.array([its[name][i] for i in sorted(its[name])])
            n_solved = int((each >= WORKS[work].solved).sum())
            low, high = solved_interval(n_solved, len(each))
            error = each.std(ddof=1) / len(each) ** 0.5 if len(each) > 1 else float("nan")
            solved = f"{n_solved} of {len(each)} ({share(low)} to {share(high)})"
            rows.append([work, name, f"{each.mean():.3f} ± {error:.3f}", solved, " ".join(f"{x:.3g}" for x in each)])
    return rows


def duels_with(values: Values, other: str) -> list[Duel]:
    """The default against this strategy, on each work that has both."""
    return [duel(values, w, DEFAULT, other) for w, rows in values.items() if shared(rows, (DEFAULT, other))]


def duels_with_best(values: Values, names: Sequence[str]) -> list[Duel]:
    """The default against the best other strategy of each work."""
    others = {w: best_other(rows, DEFAULT, names) for w, rows in values.items() if DEFAULT in rows}
    return [duel(values, work, DEFAULT, other) for work, other in others.items() if other is not None]


def verdict_rows(found: Sequence[Verdict]) -> list[list[object]]:
    return [
        [
            v.duel.work, v.duel.other, v.duel.n, f"{v.duel.mean:+.3f} ± {v.duel.half:.3f}", p_value(v.duel.p_ahead),
            p_value(v.p_ahead), p_value(v.duel.p_behind), p_value(v.p_behind), v.word,
        ]
        for v in found
    ]  # fmt: skip


_VERDICT_HEADS = (
    "work", "against", "n", "mean difference, 95%", "p ahead", "Holm", "p behind", "Holm", "verdict of the default",
)  # fmt: skip


def worst_rows(values: Values, names: Sequence[str]) -> list[list[object]]:
    rows = []
    for work, its in values.items():
        for name in (name for name in names if name in its):
            mean, worst, n_more = worst_tenth(its[name])
            listed = ", ".join(f"{i}: {its[name][i]:.3g}" for i in worst)
            rows.append([work, name, f"{mean:.3f}", listed + (f", and {n_more} more as the last" if n_more else "")])
    return rows


def rank_rows(panels: Mapping[str, Ranks]) -> list[list[object]]:
    rows = []
    for title, ranks in panels.items():
        best_first = sorted(zip(ranks.mean, ranks.names, strict=True))
        alike = [f"{a} = {b}" for (a, b), p in ranks.p.items() if p > 0.05]
        p = "–" if ranks.p_friedman is None else p_value(ranks.p_friedman)
        means = ", ".join(f"{name} {mean:.2f}" for mean, name in best_first)
        rows.append([title, ranks.n_units, p, means, "; ".join(alike) or "none"])
    return rows


def ablation(values: Values) -> dict[str, dict[str, list[Duel]]]:
    """By group and variant, the default against the variant on each work that has both."""
    found = {group: {name: duels_with(values, name) for name in variants} for group, variants in ABLATION.items()}
    kept = {group: {name: duels for name, duels in rows.items() if duels} for group, rows in found.items()}
    return {group: rows for group, rows in kept.items() if rows}


def ablation_rows(values: Values, groups: Mapping[str, Mapping[str, Sequence[Duel]]]) -> list[list[object]]:
    rows = []
    for group, its in groups.items():
        for name, duels in its.items():
            for one in duels:
                row = values[one.work][name]
                n_solved = sum(value >= WORKS[one.work].solved for value in row.values())
                mean = f"{np.mean(list(row.values())):.3f}"
                differs = f"{-one.mean:+.3f} ± {one.half:.3f}"
                p = min(1.0, 2 * min(one.p_ahead, one.p_behind))
                rows.append([group, name, one.work, mean, f"{n_solved} of {len(row)}", differs, p_value(p)])
    return rows


# -- the report ------------------------------------------------------------------------------------------------------


def rank_panels(values: Values, names: Sequence[str]) -> dict[str, Ranks]:
    """Ranks over all works, and of each work, of the strategies on the instances that all of them have."""
    works = {work: rows for work, rows in values.items() if len(shared(rows, names)) > 1}
    if not works:
        return {}
    by_itself = {work: ranks_of_work(rows, names) for work, rows in works.items()}
    return {f"{len(works)} works": ranks_over_works(works, names), **by_itself} if len(works) > 1 else by_itself


def present(values: Values, names: Sequence[str]) -> list[str]:
    return [name for name in names if any(name in rows for rows in values.values())]


def report(values: Values, folder: Path | None) -> None:
    main, shelf = present(values, MAIN), present(values, [name for name in STRATEGIES if name not in _VARIANTS])
    table(
        "Values", ("work", "strategy", "mean ± SE", "solved, 95% interval of the share", "each instance"),
        value_rows(values, shelf),
    )  # fmt: skip
    table("The default against `today`", _VERDICT_HEADS, verdict_rows(verdicts(duels_with(values, "today"))))
    against_best = verdicts(duels_with_best(values, shelf))
    table("The default against the best other strategy", _VERDICT_HEADS, verdict_rows(against_best))
    words = [v.word for v in against_best]
    print(f"\nFirst on {words.count('first')}, tied on {words.count('tied')}, behind on {words.count('behind')} works.")
    panels = {"main": rank_panels(values, main), "shelf": rank_panels(values, shelf) if shelf != main else {}}
    heads = ("works", "instances", "p, Friedman", "mean ranks, 1 the best", "pairs that are not told apart")
    for ranks in (ranks for ranks in panels.values() if ranks):
        table(f"Mean ranks of {len(next(iter(ranks.values())).names)} strategies", heads, rank_rows(ranks))
    table(
        "The worst tenth of the instances", ("work", "strategy", "mean of the worst tenth", "instances and values"),
        worst_rows(values, main),
    )  # fmt: skip
    groups = ablation(values)
    if groups:
        heads = ("changed", "variant", "work", "mean", "solved", "difference from auto, 95%", "p, two-sided")
        table("Ablation", heads, ablation_rows(values, groups))
    if folder is not None:
        draw(values, panels, main, shelf, groups, folder)


def draw(
    values: Values,
    panels: Mapping[str, Mapping[str, Ranks]],
    main: Sequence[str],
    shelf: Sequence[str],
    groups: Mapping[str, Mapping[str, Sequence[Duel]]],
    folder: Path,
) -> None:
    from strategy_figures import critical_differences, forest, profile

    folder.mkdir(parents=True, exist_ok=True)
    for name, ranks in panels.items():
        if ranks:
            critical_differences(ranks, folder / f"ranks-{name}.svg")
    sets = {"on all works": main} | ({"the whole shelf": shelf} if panels["shelf"] else {})
    profile({title: shares_of_best(values, names) for title, names in sets.items()}, folder / "profile.svg")
    if groups:
        forest(groups, folder / "ablation.svg")


def invented() -> dict[Cell, float]:
    """Values of no campaigns, for a smoke test."""
    rng, works = np.random.default_rng(0), ("ehrlich", "3 in flight")
    names = [*MAIN, "pex", "no crossover", "pending ignored"]
    return {
        Cell(work, name, i): float(np.clip(rng.normal(0.9 - 0.1 * k, 0.2), 0, 1).round(2))
        for work in works
        for k, name in enumerate(names)
        for i in range(60, 68)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?", default=Path("default_strategy.csv"))
    parser.add_argument("--figures", type=Path, help="folder in which the figures are drawn")
    parser.add_argument("--works", nargs="+", choices=list(WORKS), metavar="WORK", help="of these works only")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        with tempfile.TemporaryDirectory() as folder:
            report(by_work(invented()), Path(folder))
        return
    if not args.results.exists():
        raise SystemExit(f"{args.results} does not exist; default_strategy.py writes it")
    found = by_work(known(args.results))
    asked = [work for work in args.works or WORKS if work in found]
    report({work: found[work] for work in asked}, args.figures)


if __name__ == "__main__":
    main()
