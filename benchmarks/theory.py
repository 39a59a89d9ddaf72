"""Compares the loop with theory: a table of predictions and measurements, each with pass or FAIL.

    python benchmarks/theory.py [--smoke] [--checks 1,5-7] [--workers 2]

There are eight checks (field notes, section 3). Each row gives the prediction and its source, the measured value with
its standard error, the tolerance, and the number of campaigns. The tolerance is three standard errors beyond the
rounding of the source, and more for few campaigns. If $DESIGNLOOP_DATA holds gb1_wu2016.csv.gz, checks 1 and 4 run on
it too (4 not with --smoke). The exit code is 1 on any FAIL. All checks take about 15 minutes of processor time.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported: its threads only compete here

import theory_lab
import theory_loop
import theory_queues
import theory_stations
from theory_rows import Row, Sizes, table

CHECKS: dict[int, Callable[[Sizes], Iterator[Row]]] = {
    1: theory_loop.random_search,
    2: theory_loop.depth,
    3: theory_loop.price_of_pending,
    4: theory_loop.rounds,
    5: theory_lab.waiting_for_the_last,
    6: theory_lab.replicates,
    7: theory_queues.queues,
    8: theory_stations.stations,
}


def numbers(text: str) -> list[int]:
    """Parse `1,5-7` as [1, 5, 6, 7]."""
    spans = [part.partition("-") for part in text.split(",")]
    return [n for first, _, last in spans for n in range(int(first), int(last or first) + 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=numbers, default=list(CHECKS))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run fewer campaigns: a minute or less")
    given = parser.parse_args()
    rows = []
    with Sizes(given.smoke, given.workers) as sizes:
        for number in given.checks:
            began = time.perf_counter()
            found = list(CHECKS[number](sizes))
            n_failed = sum(not row.passes for row in found)
            rows += found
            print(f"check {number}: {n_failed} of {len(found)} FAIL, {time.perf_counter() - began:.0f} s", flush=True)
    print("\n" + "\n".join(table(rows)))
    failed = [row for row in rows if not row.passes]
    print(f"\n{len(rows) - len(failed)} of {len(rows)} pass")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
