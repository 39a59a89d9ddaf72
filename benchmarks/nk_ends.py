"""The exact ends of the range of NK landscapes that are too rugged for the oracle's own search (K above 5 for DNA).

    python benchmarks/nk_ends.py --instances 40-79        length 32, K = 8; about a minute each
    python benchmarks/nk_ends.py --smoke                  length 12, K = 3, against the oracle's own search

Branch and bound, which proves its result: a node is a set of starts that share their first letters. Its bound is the
highest sum over paths that begin in the set and end in it, although on a circle they must end where they begin. The
node of the highest bound is split by its next letter; when it holds a single start, its bound is the optimum. Rows are
appended to nk_ends.csv, and those in it are not computed again.
"""

import argparse
import csv
import heapq
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from designloop.core.random import stream

FILE = Path(__file__).parent / "nk_ends.csv"
_COLUMNS = ("length", "neighbours", "instance", "lowest", "highest")


def contributions(n_letters: int, length: int, neighbours: int, seed: int) -> Any:
    """The draws of the oracle, (N, A^(K+1))."""
    draws = [stream(seed, "nk", "contribution", i).random(n_letters ** (neighbours + 1)) for i in range(length)]
    return np.stack(draws)


@njit(cache=True)
def _bounds(steps: Any, lows: Any, size: int) -> Any:
    """For each set of `size` starts from `lows`, the highest sum over paths that begin and end in it, (A,)."""
    length, n_states, n_letters = steps.shape
    n_rest = n_states // n_letters
    before, after = np.full((n_states, len(lows)), -np.inf), np.empty((n_states, len(lows)))
    for k in range(len(lows)):
        before[lows[k] : lows[k] + size, k] = 0.0
    for i in range(length):
        after[:] = -np.inf
        for leaving in range(n_letters):
            for rest in range(n_rest):
                state = leaving * n_rest + rest
                for entering in range(n_letters):
                    worth = steps[i, state, entering]
                    for k in range(len(lows)):
                        found = before[state, k] + worth
                        after[rest * n_letters + entering, k] = max(after[rest * n_letters + entering, k], found)
        before, after = after, before
    best = np.full(len(lows), -np.inf)
    for k in range(len(lows)):
        best[k] = before[lows[k] : lows[k] + size, k].max()
    return best


def highest(draws: Any, n_letters: int) -> float:
    """The highest mean contribution of any sequence; of `-draws`, minus the lowest."""
    length = len(draws)
    steps = np.ascontiguousarray(draws.reshape(length, -1, n_letters))
    nodes = [(-np.inf, 0, steps.shape[1])]
    while nodes[0][2] > 1:
        _, low, size = heapq.heappop(nodes)
        lows = low + size // n_letters * np.arange(n_letters)
        for bound, start in zip(_bounds(steps, lows, size // n_letters), lows, strict=True):
            heapq.heappush(nodes, (-float(bound), int(start), size // n_letters))
    return -nodes[0][0] / length


def known() -> dict[tuple[int, int, int], tuple[float, float]]:
    """(lowest, highest) by (length, K, instance)."""
    if not FILE.exists():
        return {}
    with FILE.open(newline="") as lines:
        return {
            (int(row["length"]), int(row["neighbours"]), int(row["instance"])): (
                float(row["lowest"]),
                float(row["highest"]),
            )
            for row in csv.DictReader(lines)
        }


def ends(length: int, neighbours: int, instance: int, n_letters: int = 4) -> tuple[float, float]:
    draws = contributions(n_letters, length, neighbours, instance)
    return -highest(-draws, n_letters), highest(draws, n_letters)


def append(length: int, neighbours: int, instances: list[int]) -> None:
    is_new = not FILE.exists()
    with FILE.open("a", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        if is_new:
            table.writerow(_COLUMNS)
        for i in instances:
            if (length, neighbours, i) not in known():
                low, high = ends(length, neighbours, i)
                table.writerow((length, neighbours, i, f"{low:.15g}", f"{high:.15g}"))
                lines.flush()
                print(f"instance {i}: {low:.6f} to {high:.6f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", default="60-79", help="a number, or the first and the last")
    parser.add_argument("--length", type=int, default=32)
    parser.add_argument("--neighbours", type=int, default=8)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        from designloop.oracles import NK

        found, own = ends(12, 3, 0), NK(length=12, neighbours=3, seed=0).instance.ends
        print(f"by branch and bound {found}, by the oracle {own}")
        assert np.allclose(found, own, rtol=0, atol=1e-12)
        return
    first, _, last = args.instances.partition("-")
    append(args.length, args.neighbours, list(range(int(first), int(last or first) + 1)))


if __name__ == "__main__":
    main()
