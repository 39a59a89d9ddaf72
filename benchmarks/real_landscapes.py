"""Compares strategies on measured landscapes under the `good` lab: hits and best value by week, for every seed.

    DESIGNLOOP_DATA=path/to/data python benchmarks/real_landscapes.py shine_dalgarno --seeds 0-9
    DESIGNLOOP_DATA=path/to/data python benchmarks/real_landscapes.py gb1 --seeds 0-9

The campaigns are those of configs/, with each strategy and the same seeds. A hit is a measured design whose value in
the table is above a threshold (Shine-Dalgarno: 2.88, the top .1%; GB1: 4.0). Best values are of the denoised truth. All
strategies get the same corpus. GB1 has none, so its generator enumerates the space and nothing is filtered.
"""

import argparse
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from math import isnan
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

import designloop as dl
from designloop.core.clock import as_weeks
from designloop.core.config import build, override, read_document
from designloop.core.readers.tables import read_table
from designloop.storage.store import Store

CONFIGS = Path(__file__).parent.parent / "configs"
TABLES = {
    "shine_dalgarno": (2.88, "shine_dalgarno.csv.gz", "sequence", "y"),
    "gb1": (4.0, "gb1_wu2016.csv.gz", "Variants", "Fitness"),
}
STRATEGIES = ["model-guided", "genetic", "random-viable"]


class Cell(NamedTuple):
    landscape: str
    strategy: str
    seed: int
    settings: tuple[str, ...]


class Measured(NamedTuple):
    week: float
    true: float
    is_hit: bool


class Outcome(NamedTuple):
    measured: list[Measured]
    recommended: float
    """True value of the design recommended at the end."""


def campaign(cell: Cell) -> "dl.Campaign":
    document = read_document(CONFIGS / f"{cell.landscape}.yaml")
    guided = document.data["strategy"]
    model = guided["generator"]["model"] if "prior" in document.data else None
    if cell.strategy != "model-guided":
        document.data["strategy"] = {"kind": cell.strategy, "model": model}
    if cell.strategy == "random-viable" and model is None:
        document.data["strategy"] = {"kind": "random"}
    override(document, cell.settings)
    return build(dl.Campaign, document)


def run(cell: Cell) -> tuple[Cell, Outcome]:
    threshold, file, sequence, value = TABLES[cell.landscape]
    table = read_table(Path(os.environ["DESIGNLOOP_DATA"]) / file)
    rows = zip(table.texts(sequence), table.numbers(value) > threshold, strict=True)
    hits = {text for text, is_hit in rows if is_hit}
    with tempfile.TemporaryDirectory() as folder:
        result = campaign(cell).run(seed=cell.seed, store=Path(folder) / "run")
        with Store.open(Path(folder) / "run" / "campaign.db") as store:
            log = store.campaign()
            events, true = log.events(), {truth.sequence: truth.value for truth in log.truths()}
    sequences = {event.design: event.data["sequence"] for event in events if event.kind == "chosen"}
    measured = [
        Measured(as_weeks(event.minute), float(true[sequences[event.design]] or 0.0), sequences[event.design] in hits)
        for event in events
        if event.kind == "observed" and event.data.get("value") is not None
    ]
    named = result.recommended.value if result.recommended and result.recommended.value is not None else float("nan")
    return cell, Outcome(measured, named)


def by_week(outcome: Outcome, week: float) -> tuple[int, float]:
    """(hits, best true value) among the designs measured by that week."""
    seen = [design for design in outcome.measured if design.week <= week]
    return sum(design.is_hit for design in seen), max((design.true for design in seen), default=float("nan"))


def error(values: list[float]) -> float:
    return stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")


def report(outcomes: dict[tuple[str, int], Outcome], seeds: list[int]) -> None:
    last = max(design.week for outcome in outcomes.values() for design in outcome.measured)
    weeks = [week for week in range(4, int(last) + 8, 4) if week < last + 4]
    print("\nhits · best true value by week, means over seeds\n")
    print("| strategy | " + " | ".join(f"week {week}" for week in weeks) + " |\n|---|" + "---|" * len(weeks))
    for name in STRATEGIES:
        cells = []
        for week in weeks:
            pairs = [by_week(outcomes[name, seed], week) for seed in seeds]
            known = [best for _, best in pairs if not isnan(best)]
            cells.append(f"{mean(n for n, _ in pairs):.1f} · {mean(known):.2f}" if known else "–")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\nat the end: mean ± standard error, then each seed\n")
    print("| strategy | hits | best | recommended | hits by seed | best by seed |\n|---|---|---|---|---|---|")
    for name in STRATEGIES:
        ends = [by_week(outcomes[name, seed], float("inf")) for seed in seeds]
        hits, best = [float(n) for n, _ in ends], [value for _, value in ends]
        named = [outcomes[name, seed].recommended for seed in seeds]
        columns = [f"{mean(x):.2f} ± {error(x):.2f}" for x in (hits, best, named)]
        listed = [" ".join(f"{n:.0f}" for n in hits), " ".join(f"{value:.2f}" for value in best)]
        print(f"| {name} | " + " | ".join([*columns, *listed]) + " |")


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landscape", choices=sorted(TABLES), nargs="?", default="gb1")
    parser.add_argument("--seeds", type=numbers, default=numbers("0-9"))
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run one seed and one batch")
    args = parser.parse_args()
    if "DESIGNLOOP_DATA" not in os.environ:
        print("skipped: DESIGNLOOP_DATA is not set, and the measured tables are not part of this project")
        return
    if args.smoke:
        args.seeds, args.settings = [0], [*args.settings, "budget.designs=24"]
    cells = [Cell(args.landscape, name, seed, tuple(args.settings)) for name in STRATEGIES for seed in args.seeds]
    outcomes = {}
    with ProcessPoolExecutor(args.workers) as pool:
        for cell, outcome in pool.map(run, cells):
            outcomes[cell.strategy, cell.seed] = outcome
            hits, best = by_week(outcome, float("inf"))
            print(f"{cell.strategy:14} seed {cell.seed}: {hits} hits, best {best:.2f}", flush=True)
    report(outcomes, args.seeds)


if __name__ == "__main__":
    main()
