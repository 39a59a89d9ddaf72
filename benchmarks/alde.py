"""Reproduces ALDE's results on GB1: 384 random designs and one batch of 96, and 96 random designs and four batches.

    DESIGNLOOP_DATA=path/to/data python benchmarks/alde.py --seeds 0-39

Yang et al. 2025 (Nature Communications 16, 714; github.com/jsunn-y/ALDE): five networks 80-30-30-1 on one-hot letters,
each trained on 90% of the designs by 300 full-batch steps of Adam. A batch holds the designs of the highest means, or
for each pick the best by one network drawn at random. Values are the best measured value over the highest of the table,
without noise or delay. As in their code, only variants in the table may be chosen: it pairs the rows of the one-hot
matrix with those of the fitness file and imputes nothing, so the 10,639 unmeasured variants are outside the space. With
--whole-space they may be chosen, and have the value 0. The column `keep` is ignored. Their early stopping (no better
loss for 30 steps) is left out, because it never stopped training in trials on these data.

ALDE's numbers are from its analysis/all_results.csv and all_results_oneround.csv: means of 70 seeds with their standard
error. The first equivalence test treats the published mean as exact: ours must be within .03 of it. The second treats
it as an estimate with its own error; the interval then stays at ±.02 however many seeds we run.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np

import designloop as dl
from designloop.core.history import History

MARGIN = 0.03
AT = (96, 192, 288, 384, 480)
PROTOCOLS: dict[str, tuple[int, ...]] = {"384+96": (384, 96), "5x96": (96,)}
ACQUISITIONS = {"greedy": {"kind": "greedy"}, "thompson": {"kind": "thompson", "scale": 1.0}}


class Published(NamedTuple):
    by_designs: dict[int, float]
    error: float
    """Standard error of the last one, over 70 seeds."""


ALDE = {
    ("384+96", "greedy"): Published({384: 0.471, 480: 0.731}, 0.0134),
    ("384+96", "thompson"): Published({384: 0.471, 480: 0.729}, 0.0136),
    ("5x96", "greedy"): Published(dict(zip(AT, (0.297, 0.627, 0.812, 0.877, 0.893), strict=True)), 0.0149),
    ("5x96", "thompson"): Published(dict(zip(AT, (0.297, 0.617, 0.792, 0.857, 0.897), strict=True)), 0.0143),
}


class Cell(NamedTuple):
    protocol: str
    acquisition: str
    seed: int
    whole_space: bool = False


@lru_cache
def oracle(*, whole_space: bool) -> "dl.oracles.Landscape":
    """The same oracle for all campaigns of a process, so that the table is read and checked once."""
    absent = 0.0 if whole_space else "unmeasured"
    return dl.oracles.Landscape(path="$DESIGNLOOP_DATA/gb1_wu2016.csv.gz", format="gb1", absent=absent)


def campaign(cell: Cell) -> "dl.Campaign":
    return dl.Campaign(
        oracle=oracle(whole_space=cell.whole_space),
        lab="instant",
        strategy={"kind": "ensemble-greedy", "acquisition": ACQUISITIONS[cell.acquisition]},
        scheduler={"kind": "rounds", "batch_sizes": PROTOCOLS[cell.protocol]},
        budget={"designs": AT[-1]},
    )


def run(cell: Cell) -> tuple[Cell, dict[int, float], float]:
    """The cell, its best value after each number of designs as a share of the optimum, and its seconds."""
    seen: list[History] = []
    described, began = campaign(cell), perf_counter()
    described.run(seed=cell.seed, progress=lambda history, _: seen.append(history))
    best = np.maximum.accumulate(seen[-1].values) / described.oracle.optimum
    first = PROTOCOLS[cell.protocol][0]
    return cell, {n: float(best[n - 1]) for n in AT if n >= first}, perf_counter() - began


def report(outcomes: dict[Cell, dict[int, float]]) -> None:
    from scipy.stats import norm
    from statsmodels.stats.weightstats import DescrStatsW

    trajectories = [
        "\n| protocol, acquisition | designs | " + " | ".join(map(str, AT)) + " |",
        "|---|---|" + "---|" * len(AT),
    ]
    ends = [
        "\n| protocol, acquisition | ours | ALDE | ours - ALDE | within .03 of ALDE's mean, p | "
        "within .03, with both errors, p | 90% interval of the difference |\n|---|---|---|---|---|---|---|"
    ]
    for (protocol, acquisition), published in ALDE.items():
        rows = [best for cell, best in outcomes.items() if cell[:2] == (protocol, acquisition)]
        if not rows:
            continue
        ours = {n: DescrStatsW([row[n] for row in rows]) for n in rows[0]}
        name, means = f"{protocol}, {acquisition}", {n: stats.mean for n, stats in ours.items()}
        for who, told in (("ours", means), ("ALDE", published.by_designs)):
            listed = " | ".join(f"{told[n]:.3f}" if n in told else "–" for n in AT)
            trajectories.append(f"| {name} | {who} | {listed} |")
        last, theirs = ours[AT[-1]], published.by_designs[AT[-1]]
        difference, error = last.mean - theirs, float(np.hypot(last.std_mean, published.error))
        p = last.ttost_mean(theirs - MARGIN, theirs + MARGIN)[0]
        p_both = max(norm.sf((difference + MARGIN) / error), norm.cdf((difference - MARGIN) / error))
        low, high = difference + error * norm.ppf([0.05, 0.95])
        ends.append(
            f"| {name} | {last.mean:.3f} ± {last.std_mean:.3f} | {theirs:.3f} ± {published.error:.3f} "
            f"| {difference:+.3f} ({'ours' if difference > 0 else 'ALDE'} ends higher) "
            f"| {p:.3f} | {p_both:.3f} | {low:+.3f} to {high:+.3f} |"
        )
    print("\n".join([*trajectories, *ends]))


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=numbers, default=numbers("0-39"))
    parser.add_argument("--acquisitions", nargs="+", default=list(ACQUISITIONS), choices=list(ACQUISITIONS))
    parser.add_argument("--whole-space", action="store_true", help="allow unmeasured variants, with value 0")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run two seeds of 384+96")
    args = parser.parse_args()
    if "DESIGNLOOP_DATA" not in os.environ:
        print("skipped: DESIGNLOOP_DATA is not set, and the measured table is not part of this project")
        return
    pairs = [pair for pair in ALDE if pair[1] in args.acquisitions and (pair[0] == "384+96" or not args.smoke)]
    cells = [Cell(*pair, seed, args.whole_space) for seed in ([0, 1] if args.smoke else args.seeds) for pair in pairs]
    outcomes = {}
    with ProcessPoolExecutor(args.workers) as pool:
        for cell, best, seconds in pool.map(run, cells):
            outcomes[cell] = best
            listed = " ".join(f"{value:.3f}" for value in best.values())
            print(f"{cell.protocol:7} {cell.acquisition:9} seed {cell.seed:3}: {listed}  ({seconds:.0f} s)", flush=True)
    report(outcomes)


if __name__ == "__main__":
    main()
