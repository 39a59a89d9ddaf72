"""96 every six weeks, or 24 a week? The answer for each preset lab, and what schedulers that see the lab make of it.

    python benchmarks/batch_rhythm.py [--instances 20] [--workers 1]
    python benchmarks/batch_rhythm.py --flow academic
    python benchmarks/batch_rhythm.py --smoke

Every schedule has 384 designs and a year, on NK landscapes (DNA, length 32, K = 3). The strategy is that of the shipped
studies with a shorter search, and decides how many wells are retests. 16 a week are as many designs as 96 every six
weeks. A plate in rounds is as many designs as a plate of the lab holds, one batch after the other. "When idle" submits
24 when the bottleneck would starve; labs whose stations have no limit have none. The first table shows the true value
of the recommended design after 26 weeks: its interquartile mean, and mean differences from 96 every six weeks, paired
by landscape, with 95% intervals. The second shows the differences of 24 a week at equal designs and at equal money. A
difference is bold where its interval excludes 0; intervals are not corrected for their number. Limits of detection are
left out, since they are in the units of other landscapes.

`--flow` shows what schedules do to one lab, with random designs over 40 weeks: designs a week that enter the bottleneck
from week 10 on, the mean number of designs in the lab, and the median weeks to a result; means ± standard errors.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

import designloop as dl
from designloop.core.clock import WEEK
from designloop.lab.starting_points import PRESETS
from designloop.study.estimates import Estimate
from designloop.study.look import Look
from designloop.study.study_result import StudyResult
from designloop.study.verdict import SettingVerdict, assess

BASE, HALF_A_YEAR = "96 every six weeks", 26
STRATEGY: Mapping[str, Any] = {
    "kind": "model-guided",
    "generator": {"kind": "language-model", "model": "markov", "climb": {"generations": 6, "children": 240}},
    "surrogate": "bayesian-linear",
    "acquisition": "thompson",
}
SCHEDULES: Mapping[str, Mapping[str, Any]] = {
    BASE: {"kind": "weekly", "every_weeks": 6, "batch_size": 96},
    "16 a week": {"kind": "weekly", "every_weeks": 1, "batch_size": 16},
    "24 a week": {"kind": "weekly", "every_weeks": 1, "batch_size": 24},
    "a plate in rounds": {"kind": "fill", "plates": 1},
    "24 when idle": {"kind": "when-idle", "batch_size": 24},
}
NO_LIMITS: Mapping[str, Any] = {"assay": {"lower": None, "upper": None}}
LOOKS = {"by week 26": Look(axis="weeks", at={"weeks": HALF_A_YEAR}), "designs": Look(), "money": Look(axis="cost")}


def studied(preset: str, n_instances: int, n_designs: int, workers: int) -> StudyResult:
    """The schedules in one lab."""
    has_limit = dl.Lab.preset(preset).card.bottleneck is not None
    schedulers = {
        name: {**one, "n_retests": "auto"} for name, one in SCHEDULES.items() if has_limit or one["kind"] != "when-idle"
    }
    study = dl.Study(
        name=preset,
        base={
            "oracle": {"kind": "nk", "alphabet": "dna", "length": 32, "neighbours": 3},
            "lab": {"preset": preset, **NO_LIMITS},
            "strategy": STRATEGY,
            "budget": {"designs": n_designs, "weeks": 52},
        },
        axes={"schedulers": schedulers},
        instances=n_instances,
        seeds=1,
    )
    return study.run(workers=workers)


def difference(setting: SettingVerdict, name: str) -> str:
    """How far a schedule is ahead of the base, with its interval."""
    for pair in setting.pairs:
        if {pair.a, pair.b} == {name, BASE} and pair.difference is not None:
            return written(pair.difference, 1 if pair.a == name else -1)
    return "–"


def written(found: Estimate, sign: int) -> str:
    ends = [sign * end for end in (found.low, found.high) if end is not None]
    if not ends:
        return f"{sign * found.value:+.2f}"
    text = f"{sign * found.value:+.2f} ({min(ends):+.2f} to {max(ends):+.2f})"
    return f"**{text}**" if min(ends) > 0 or max(ends) < 0 else text


def by_weeks(preset: str, setting: SettingVerdict) -> Iterator[str]:
    """A row of the first table."""
    bottleneck = dl.Lab.preset(preset).card.bottleneck
    yield f"`{preset}`"
    yield "none" if bottleneck is None else f"{bottleneck.name}, {bottleneck.per_week:,.0f} a week"
    base = next(one for one in setting.standings if one.label == BASE)
    yield f"{base.values['recommended']['weeks'].iqm.value:.2f}"
    yield from (difference(setting, name) for name in SCHEDULES if name != BASE)


FLOWS: Mapping[str, Mapping[str, Any]] = {
    "96 in rounds": {"kind": "rounds", "batch_size": 96},
    "96 every six weeks": {"kind": "weekly", "every_weeks": 6, "batch_size": 96},
    "24 a week": {"kind": "weekly", "batch_size": 24},
    "four times 48, overlapping": {"kind": "overlapping", "batch_size": 48, "in_flight": 4},
    "24 when idle": {"kind": "when-idle", "batch_size": 24},
    "96 a week": {"kind": "weekly", "batch_size": 96},
}


def flow(preset: str, scheduler: Mapping[str, Any], seed: int) -> tuple[float, float, float]:
    """Designs a week through the bottleneck, designs in the lab, and the median turnaround in weeks."""
    lab = dl.Lab.preset(preset, **NO_LIMITS)
    result = dl.Campaign(
        oracle=dl.oracles.NK(length=20, neighbours=2),
        lab=lab,
        strategy=dl.strategies.Random(),
        scheduler=scheduler,
        budget=dl.Budget(weeks=40),
    ).run(seed=seed)
    events, (first, last) = result.events, (10, 40)
    station = lab.card.bottleneck.name
    took = [e for e in events if e.kind == "entered" and e.data["stage"] == station and e.minute >= first * WEEK]
    began = {e.design: e.minute for e in events if e.kind == "submitted"}
    ended = {e.design: e.minute for e in events if e.kind in ("observed", "failed")}
    stays = [ended.get(design, last * WEEK) - minute for design, minute in began.items()]
    turnaround = median(minute - began[design] for design, minute in ended.items())
    return len(took) / (last - first), sum(stays) / (last * WEEK), turnaround / WEEK


def show_flow(preset: str, n_seeds: int) -> None:
    """The table of `--flow`."""
    rows = []
    for name, scheduler in FLOWS.items():
        found = np.array([flow(preset, scheduler, seed) for seed in range(n_seeds)])
        ends = zip(found.mean(axis=0), found.std(axis=0, ddof=1) / n_seeds**0.5, strict=True)
        rows.append([name, *(f"{mean:.1f} ± {error:.1f}" for mean, error in ends)])
    print(table(["schedule", "designs a week at the bottleneck", "designs in the lab", "weeks to a result"], rows))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=PRESETS)
    parser.add_argument("--smoke", action="store_true", help="one landscape and 48 designs, in two labs")
    parser.add_argument("--flow", choices=PRESETS, help="show what schedules do to this lab, and nothing else")
    given = parser.parse_args()
    if given.flow:
        show_flow(given.flow, 2 if given.smoke else 5)
        return
    n_instances, n_designs, presets = given.instances, 384, given.presets
    if given.smoke:
        n_instances, n_designs, presets = 1, 48, ("good", "strain")
    first, second = [], []
    for preset in presets:
        results = studied(preset, n_instances, n_designs, given.workers).results
        found = {name: assess(results, look).settings[0] for name, look in LOOKS.items()}
        first.append([*by_weeks(preset, found["by week 26"])])
        second.append([f"`{preset}`", *(difference(found[name], "24 a week") for name in ("designs", "money"))])
        print(" | ".join([*first[-1], *second[-1][1:]]), flush=True)
    names = [name for name in SCHEDULES if name != BASE]
    print("\n" + table(["lab", "bottleneck", f"{BASE}, week {HALF_A_YEAR}", *names], first))
    print("\n" + table(["lab", "24 a week, at equal designs", "at equal money"], second))


if __name__ == "__main__":
    main()
