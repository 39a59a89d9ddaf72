"""Measures how the time and memory of a lab grow with its designs and years: 40 stations, up to 10,000 designs inside.

    python benchmarks/lab_growth.py [--smoke]

A batch is submitted each week. A design takes about a year, so that a year's designs are pending after the first year.
Of every four stations, one holds any number of designs, one has places, one has machines of 24 that start with any
number, and one has machines that wait to be half full. Their numbers grow with the designs. Events are counted and
dropped, as a campaign that stores them drops them. Each setting has a process of its own: processor seconds, without
imports, and the largest memory, with them. The goals are 60 s and 500 MB for the last one, and as many seconds an event
in each.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from math import ceil
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from theory_lab import NormalHash, designs

from designloop.core.clock import WEEK
from designloop.core.records import Batch, Design
from designloop.lab.lab import Lab

N_STATIONS, WEEKS_A_YEAR, DAYS = 40, 52, 6.0
SETTINGS = ((2_500, 1), (5_000, 1), (10_000, 1), (10_000, 2), (10_000, 5))
"""(pending designs, years)."""


def described(pending: int) -> Lab:
    """40 stations for a year's designs, with a fifth more machines and places than they need."""
    a_day = pending / WEEKS_A_YEAR / 5
    n_runs, n_places = ceil(1.2 * a_day * DAYS / 24) + 1, ceil(1.2 * a_day * DAYS)
    days = {"triangular": [DAYS / 2, DAYS, 1.5 * DAYS]}
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"capacity": n_places, "failure": 0.005},
        {"machines": n_runs, "load": 24},
        {"machines": n_runs, "load": 24, "min_fill": 0.5, "wait_days": 2},
    )
    stages = [{"name": f"station {i}", "days": days, **kinds[i % len(kinds)]} for i in range(N_STATIONS)]
    return Lab.model_validate({"stages": stages})


def simulate(pending: int, years: int) -> dict[str, float]:
    """Weekly batches for some years; processor seconds, events, designs inside at the end, and megabytes."""
    oracle, a_week = NormalHash(), ceil(pending / WEEKS_A_YEAR)
    all_designs = designs(a_week * WEEKS_A_YEAR * years, 0, oracle)
    began = time.process_time()
    run = described(pending).start(oracle, 0, space=oracle.space)
    n_events = n_inside = 0
    for week in range(WEEKS_A_YEAR * years):
        these = all_designs[week * a_week : (week + 1) * a_week]
        events = run.submit(Batch(week + 1, tuple(Design(d.id, d.sequence, week + 1) for d in these)))
        while run.now < (week + 1) * WEEK:
            events += run.run(until=(week + 1) * WEEK)
        n_events += len(events)
        n_inside += a_week - sum(event.kind in ("observed", "failed") for event in events)
        run.truths()
    seconds, kilobytes = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "events": n_events, "inside": n_inside, "megabytes": kilobytes / 1024}


def in_a_process(pending: int, years: int) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--one", str(pending), str(years)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="250 and 500 designs for a year")
    parser.add_argument("--one", nargs=2, type=int, metavar=("DESIGNS", "YEARS"), help="one setting, as JSON")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(simulate(*given.one)))
        return 0
    print("| pending | years | inside at the end | events | seconds | µs an event | memory, MB |", flush=True)
    print("|---|---|---|---|---|---|---|")
    for pending, years in ((250, 1), (500, 1)) if given.smoke else SETTINGS:
        found = in_a_process(pending, years)
        each = 1e6 * found["seconds"] / found["events"]
        print(
            f"| {pending:,} | {years} | {found['inside']:,.0f} | {found['events']:,.0f} | {found['seconds']:.1f} | "
            f"{each:.1f} | {found['megabytes']:.0f} |",
            flush=True,
        )
    return int(not given.smoke and (found["seconds"] > 60 or found["megabytes"] > 500))


if __name__ == "__main__":
    sys.exit(main())
