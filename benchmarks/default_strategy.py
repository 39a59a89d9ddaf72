"""The default strategy beside others, on the works of works.py: one value for each work, strategy and instance.

    python benchmarks/default_strategy.py --works ehrlich "3 in flight" --strategies auto today --instances 60-79

Results are appended to a CSV file (--results) as campaigns end, and those in it are not run again: an interrupted run
is resumed by the same command. All strategies of an instance have the same landscape, corpus, starts, language model
and seed. Degenerate instances, by the oracle's own flag, are left out and listed. Instances 0-39 are for tuning, 40-59
for checks, 60-79 for reports. --table prints what the file holds: means ± their standard error over instances, the
number solved, and every value; --profile draws how often each strategy is within a share of the best one.
"""

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from works import WORKS, Work

from designloop.generators.climbing import Climb

_COLUMNS = ("work", "strategy", "instance", "value", "seconds")


class Cell(NamedTuple):
    work: str
    strategy: str
    instance: int


def guided(work: Work) -> dict[str, Any]:
    """The default of version 0.2: one-hot letters, ranks and a small search."""
    generator = {"kind": work.generator, **({"model": work.model} if work.generator == "language-model" else {})}
    return {"kind": "model-guided", "generator": generator, "surrogate": "bayesian-linear", "acquisition": "thompson"}


def _shared(kind: str) -> Callable[[Work], dict[str, Any]]:
    return lambda work: {"kind": kind, "model": work.model}


def ablated(**changes: Any) -> Callable[[Work], dict[str, Any]]:
    return lambda _: {"kind": "auto", **changes}


_LINEAR = {"kind": "bayesian-linear"}
STRATEGIES: dict[str, Callable[[Work], dict[str, Any]]] = {
    "auto": ablated(),
    "today": guided,
    "genetic": _shared("genetic"),
    "adalead": _shared("adalead"),
    "random-viable": lambda work: _shared("random-viable")(work) if work.model else {"kind": "random"},
    "hill-climb": _shared("hill-climb"),
    "pex": _shared("pex"),
    "embedding-topn": _shared("embedding-topn"),
    "without motifs": ablated(
        surrogate={"kind": "auto", "candidates": {"letters": _LINEAR, "pairs": {**_LINEAR, "features": "gapped-pairs"}}}
    ),
    "letters alone": ablated(surrogate=_LINEAR),
    "motifs alone": ablated(surrogate={"kind": "auto", "candidates": {"motifs": {"kind": "motifs"}}}),
    "small search": ablated(climb=Climb().model_dump()),
    "pending ignored": ablated(acquisition={"kind": "thompson", "pending": "ignore"}),
}


def run(cell: Cell) -> tuple[Cell, float, float]:
    """The cell, its figure and its processor seconds."""
    work, began = WORKS[cell.work], process_time()
    campaign = work.campaign(cell.instance, STRATEGIES[cell.strategy](work))
    result = campaign.run(seed=cell.instance if work.table else 0)
    return cell, work.judge(result, campaign.oracle), process_time() - began


def known(file: Path) -> dict[Cell, float]:
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        return {Cell(r["work"], r["strategy"], int(r["instance"])): float(r["value"]) for r in csv.DictReader(lines)}


def run_all(cells: list[Cell], file: Path, workers: int) -> None:
    is_new = not file.exists()
    with file.open("a", newline="") as lines, ProcessPoolExecutor(workers) as pool:
        table = csv.writer(lines)
        if is_new:
            table.writerow(_COLUMNS)
        for future in as_completed([pool.submit(run, cell) for cell in cells]):
            cell, value, seconds = future.result()
            table.writerow([*cell, f"{value:.6g}", f"{seconds:.1f}"])
            lines.flush()
            print(f"{cell.work:18} {cell.strategy:16} {cell.instance:3} {value:.4g}  ({seconds:.0f} s)", flush=True)


def by_work(values: dict[Cell, float]) -> dict[str, dict[str, dict[int, float]]]:
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for cell, value in sorted(values.items()):
        found[cell.work][cell.strategy][cell.instance] = value
    return found


def report(values: dict[Cell, float]) -> None:
    print("| work | strategy | n | mean ± SE | solved | each, in order of instances |\n|---|---|---|---|---|---|")
    for work, rows in sorted(by_work(values).items(), key=lambda item: list(WORKS).index(item[0])):
        for name in (name for name in STRATEGIES if name in rows):
            each = [rows[name][i] for i in sorted(rows[name])]
            error = np.std(each, ddof=1) / len(each) ** 0.5 if len(each) > 1 else 0.0
            solved = sum(value >= WORKS[work].solved for value in each)
            listed = " ".join(f"{value:.3g}" for value in each)
            print(f"| {work} | {name} | {len(each)} | {np.mean(each):.3f} ± {error:.3f} | {solved} | {listed} |")


def profile(values: dict[Cell, float], file: Path) -> None:
    """For each strategy, the share of instances on which it reaches a share of the best value of any strategy."""
    from matplotlib.figure import Figure

    whole = {w: rows for w, rows in by_work(values).items() if len(rows) > 1}
    names = [name for name in STRATEGIES if any(name in rows for rows in whole.values())]
    axes = (figure := Figure(figsize=(7, 4.5), layout="constrained")).subplots()
    at = np.linspace(0.0, 1.0, 201)
    for name in names:
        ratios = [
            rows[name][i] / max(1e-12, *(row.get(i, 0.0) for row in rows.values()))
            for rows in whole.values()
            for i in rows.get(name, {})
        ]
        axes.plot(at, [np.mean(np.array(ratios) >= x - 1e-9) for x in at], label=f"{name} (n {len(ratios)})")
    axes.set(xlabel="share of the best strategy's value", ylabel="share of instances", ylim=(0, 1.02))
    axes.legend(frameon=False)
    figure.savefig(file)


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", nargs="+", default=list(WORKS), choices=list(WORKS), metavar="WORK")
    parser.add_argument("--strategies", nargs="+", default=["auto", "today"], choices=list(STRATEGIES), metavar="NAME")
    parser.add_argument("--instances", type=numbers, default=numbers("0-1"))
    parser.add_argument("--results", type=Path, default=Path("default_strategy.csv"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="print the table of the file, and run nothing")
    parser.add_argument("--profile", type=Path, help="draw the performance profile of the file, and run nothing")
    parser.add_argument("--smoke", action="store_true", help="run two short works of one instance, and keep nothing")
    args = parser.parse_args()
    if args.smoke:
        args.works, args.instances = ["nk 1"], [0]
        args.results = Path(os.devnull)
    if not (args.table or args.profile):
        cells = [Cell(work, name, i) for work in args.works for i in args.instances for name in args.strategies]
        cells = [cell for cell in cells if _can_run(cell)]
        run_all([cell for cell in cells if cell not in known(args.results)], args.results, args.workers)
    if args.profile:
        profile(known(args.results), args.profile)
    elif not args.smoke:
        report(known(args.results))


def _can_run(cell: Cell) -> bool:
    work = WORKS[cell.work]
    if work.table:
        if "DESIGNLOOP_DATA" in os.environ:
            return True
        print(f"{cell.work}: skipped, DESIGNLOOP_DATA is not set")
        return False
    if work.is_left_out(cell.instance):
        print(f"{cell.work}, instance {cell.instance}: degenerate, left out")
        return False
    return True


if __name__ == "__main__":
    main()
