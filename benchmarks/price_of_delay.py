"""The price of delay, a first comparison: equal designs in labs that answer at once or weeks later.

    python benchmarks/price_of_delay.py --instances 0-4 --seeds 0-1 --workers 2

Ehrlich(32 states, length 32, 4 motifs of 4), 960 designs in batches of 96, the n-gram model. The lab `instant` answers
at once: in rounds, each batch uses the results of all earlier ones; with k batches in flight, k batches are chosen
before the results of the first arrive. The lab `typical` takes weeks, loses a fifth of the designs, and has noise of
reliability .8 for the spread of natural sequences. Values are means over instances of the mean over seeds, ± the
standard error over instances. "by week" compares at equal time, "at n designs" at equal cost.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from statistics import mean, stdev
from typing import Any, NamedTuple

import numpy as np

import designloop as dl
from designloop.core.random import stream

RELIABILITY = 0.8
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "instant, rounds": ({"preset": "instant"}, {"kind": "rounds"}),
    "instant, 2 in flight": ({"preset": "instant"}, {"kind": "overlapping", "in_flight": 2}),
    "instant, 3 in flight": ({"preset": "instant"}, {"kind": "overlapping", "in_flight": 3}),
    "typical, rounds": ({"preset": "typical"}, {"kind": "rounds"}),
    "typical, 2 in flight": (
        {"preset": "typical"},
        {"kind": "overlapping", "in_flight": 2, "gap_days": 28},
    ),
    "typical, 3 in flight": (
        {"preset": "typical"},
        {"kind": "overlapping", "in_flight": 3, "gap_days": 19},
    ),
}
STRATEGIES = ["model-guided", "random-viable"]
DESIGNS = (288, 576, 960)
WEEKS = (13, 26, 52)


class Cell(NamedTuple):
    setting: str
    strategy: str
    instance: int
    seed: int
    designs: int


def run(cell: Cell) -> tuple[Cell, dict[str, float]]:
    lab, scheduler = SETTINGS[cell.setting]
    oracle = dl.oracles.Ehrlich(num_states=32, length=32, num_motifs=4, motif_length=4, seed=cell.instance)
    if lab["preset"] == "typical":
        spread = float(np.std(oracle(oracle.corpus(2000, stream(cell.instance, "spread")))))
        lab = {**lab, "assay": {"noise": {"reliability": RELIABILITY, "spread": spread}}}
    strategies = {
        "model-guided": {"kind": "model-guided", "generator": {"kind": "language-model", "model": "markov"}},
        "random-viable": {"kind": "random-viable", "model": "markov"},
    }
    campaign = dl.Campaign(
        oracle=oracle,
        lab=lab,
        strategy=strategies[cell.strategy],
        scheduler={**scheduler, "batch_size": 96},
        budget={"designs": cell.designs},
    )
    result = campaign.run(seed=cell.seed)
    row = {
        "measured": result.best_measured or 0.0,
        "recommended": (result.recommended and result.recommended.value) or 0.0,
        "true": (result.best and result.best.value) or 0.0,
        "weeks": result.weeks,
    }
    # `n_submitted` counts the designs that were submitted, and so paid for, when the value was measured.
    row |= {f"at {n} designs": _last(result.true_trace, lambda p, n=n: p.n_submitted <= n) for n in DESIGNS}
    row |= {f"by week {week}": _last(result.true_trace, lambda p, week=week: p.week <= week) for week in WEEKS}
    return cell, row


def _last(trace: Any, is_in: Any) -> float:
    return max((point.value for point in trace if is_in(point)), default=0.0)


def report(rows: dict[Cell, dict[str, float]]) -> None:
    columns = list(next(iter(rows.values())))
    print("\n| setting | strategy | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 2))
    for setting in SETTINGS:
        for strategy in STRATEGIES:
            here = {cell: row for cell, row in rows.items() if (cell.setting, cell.strategy) == (setting, strategy)}
            instances = sorted({cell.instance for cell in here})
            shown = []
            for column in columns:
                each = [mean(row[column] for cell, row in here.items() if cell.instance == i) for i in instances]
                spread = stdev(each) / len(each) ** 0.5 if len(each) > 1 else float("nan")
                shown.append(f"{mean(each):.1f}" if column == "weeks" else f"{mean(each):.2f} ± {spread:.2f}")
            print(f"| {setting} | {strategy} | " + " | ".join(shown) + " |")


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=numbers, default=numbers("0-4"))
    parser.add_argument("--seeds", type=numbers, default=numbers("0-1"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run one instance, one seed and two batches")
    args = parser.parse_args()
    designs = 960
    if args.smoke:
        args.instances, args.seeds, designs = [0], [0], 192
    cells = [
        Cell(setting, strategy, instance, seed, designs)
        for setting in SETTINGS
        for strategy in STRATEGIES
        for instance in args.instances
        for seed in args.seeds
    ]
    rows = {}
    with ProcessPoolExecutor(args.workers) as pool:
        for cell, row in pool.map(run, cells):
            rows[cell] = row
            print(
                f"{cell.setting:22} {cell.strategy:14} instance {cell.instance} seed {cell.seed}: {row['true']:.3f}",
                flush=True,
            )
    report(rows)


if __name__ == "__main__":
    main()
