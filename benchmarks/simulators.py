"""Compares the lab with other simulators: the same three stations in Ciw and in bare SimPy.

    DESIGNLOOP_CIW=ciw/bin/python python benchmarks/simulators.py [--smoke] [--designs 3000] [--runs 10] [--copies 1]

One design arrives each day. It passes a station of one machine (exponential), one of three (log-normal) and one of two
(uniform), and with `--copies 13` thirteen times these three, 39 stations. Means of lead time, queue lengths and
utilisation over independent runs are compared by Welch's error of the difference. The first and the last tenth of the
time are left out, as warm-up and end. Seconds are of the processor, for the simulation alone: without the making of
designs and the reading of results. The simulators take turns, run by run.

$DESIGNLOOP_CIW is a Python with `ciw` in an environment of its own; by default, this one. Without it, Ciw is skipped.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from simulators_peers import CV, HIGH, LOW, MACHINES, MEAN, MEDIAN
from theory_lab import EVERY_DAY, NormalHash, designs

from designloop.core.clock import DAY
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab

Floats = NDArray[np.float64]
QUANTITIES = ("lead time, days", *(f"{what} {i}" for what in ("queue", "use of") for i in (1, 2, 3)))
PEERS = Path(__file__).with_name("simulators_peers.py")


def described(n: int, copies: int) -> Lab:
    """The stations behind a stage at which designs wait for their arrival. All fail at the end, without plates."""
    days = ({"exponential": MEAN}, {"lognormal": [MEDIAN, CV]}, {"uniform": [LOW, HIGH]})
    stations = [
        {"name": f"station {i}", "days": time, "machines": n_machines}
        for i, (time, n_machines) in enumerate(zip(days * copies, MACHINES * copies, strict=True))
    ]
    ends = {"name": "arrival", "days": {"uniform": [0, n]}}, {"name": "end", "days": 0, "failure": 1}
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": [ends[0], *stations, ends[1]]})


@dataclass(eq=False)
class Runs:
    """What a simulator found: processor seconds of each run, and its means, shape (runs, quantities)."""

    name: str
    seconds: list[float] = field(default_factory=list)
    means: list[Floats] = field(default_factory=list)
    n_events: int = 0

    def add(self, seconds: float, times: Floats) -> None:
        """Add a run with the (arrival, start, end) of designs at stations, shape (designs, stations, 3)."""
        self.seconds.append(seconds)
        self.means.append(means_of(times))


def means_of(times: Floats) -> Floats:
    """The quantities of one run, between a tenth and nine tenths of its time; of the first three stations."""
    came = times[:, 0, 0]
    start, end = 0.1 * came.max(), 0.9 * came.max()
    lead = (times[:, -1, 2] - came)[(came >= start) & (came < end)].mean()
    within = np.clip(times, start, end).sum(axis=0) / (end - start)  # (stations, 3)
    queues, busy = within[:, 1] - within[:, 0], within[:, 2] - within[:, 1]
    first = np.array(MACHINES)
    return np.array([lead, *queues[: len(first)], *(busy[: len(first)] / first)])


def lab_run(n: int, seed: int, copies: int) -> tuple[float, Floats, int]:
    """Processor seconds, the times of designs, and the number of events recorded."""
    oracle = NormalHash()
    batch, lab = Batch(1, designs(n, seed, oracle)), described(n, copies)
    began = time.process_time()
    run = lab.start(oracle, seed, space=oracle.space)
    events = run.submit(batch)
    while events[-1].kind != "round_closed":
        events += run.run()
    took = time.process_time() - began
    return took, times_of(events, n, copies), len(events)


def times_of(events: list[Event], n: int, copies: int) -> Floats:
    """(left the stage before, entered, left) of each design at each station, in days."""
    names = ["arrival", *(f"station {i}" for i in range(len(MACHINES) * copies))]
    places, times = {name: i for i, name in enumerate(names)}, np.full((n, len(names), 2), np.nan)
    for event in events:
        if event.kind in ("entered", "left") and event.data["stage"] in places:
            times[event.design, places[event.data["stage"]], int(event.kind == "left")] = event.minute / DAY
    return np.concatenate([times[:, :-1, 1:], times[:, 1:]], axis=2)


def peer_runs(python: str, name: str, *sizes: int) -> Iterator[tuple[float, Floats]]:
    """Seconds and times of each run, as another process prints them; nothing where the simulator is not installed."""
    command = [python, str(PEERS), name, *map(str, sizes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found = json.loads(line)
            yield found["seconds"], np.array(found["times"])
        errors = process.stderr.read() if process.stderr is not None else ""
        if process.wait() == 3:
            print(f"{name} is skipped: {errors.strip()}; set $DESIGNLOOP_CIW to a Python that has it")
        elif process.returncode:
            raise RuntimeError(errors)


def compared(n: int, n_runs: int, copies: int, python: str) -> list[Runs]:
    """The lab, bare SimPy and Ciw; the lab first."""
    lab = Runs("lab")
    peers = {Runs("SimPy"): peer_runs(sys.executable, "simpy", n, n_runs, copies)}
    peers[Runs("Ciw")] = peer_runs(python, "ciw", n, n_runs, copies)
    for seed in range(n_runs):
        seconds, times, lab.n_events = lab_run(n, seed, copies)
        lab.add(seconds, times)
        for runs, found in peers.items():
            if (one := next(found, None)) is not None:
                runs.add(*one)
    return [lab, *(runs for runs in peers if runs.seconds)]


def table(all_runs: list[Runs]) -> Iterator[str]:
    """Means with their standard errors, and the difference from the lab in errors."""
    yield "| | " + " | ".join(runs.name for runs in all_runs) + " |"
    yield "|---|" + "---|" * len(all_runs)
    for place, quantity in enumerate(QUANTITIES):
        cells = [shown(np.array(runs.means)[:, place], np.array(all_runs[0].means)[:, place]) for runs in all_runs]
        yield f"| {quantity} | " + " | ".join(cells) + " |"


def shown(found: Floats, lab: Floats) -> str:
    text = f"{found.mean():.3f} ± {error(found):.3f}"
    return text if found is lab or np.array_equal(found, lab) else f"{text} ({apart(found, lab):+.1f} errors)"


def apart(found: Floats, lab: Floats) -> float:
    """The difference of two means in standard errors of the difference."""
    return float((found.mean() - lab.mean()) / np.hypot(error(found), error(lab)))


def error(found: Floats) -> float:
    """The standard error of a mean."""
    return float(found.std(ddof=1) / np.sqrt(len(found)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--copies", type=int, default=1, help="how often the three stations follow one another")
    parser.add_argument("--smoke", action="store_true", help="three runs of 200 designs")
    given = parser.parse_args()
    n, n_runs = (200, 3) if given.smoke else (given.designs, given.runs)
    lab, *peers = all_runs = compared(n, n_runs, given.copies, os.environ.get("DESIGNLOOP_CIW", sys.executable))
    print(f"{n_runs} runs of {n:,} designs; the lab records {lab.n_events:,} events in a run\n")
    print("\n".join(table(all_runs)))
    for runs in all_runs:
        print(f"\n{runs.name}: {n / median(runs.seconds):,.0f} designs per processor second", end="")
        if runs is not lab:
            ratios = [theirs / ours for theirs, ours in zip(runs.seconds, lab.seconds, strict=True)]
            print(f"; the lab is {median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})", end="")
    print()
    differences = [apart(np.array(p.means)[:, i], np.array(lab.means)[:, i]) for p in peers for i in range(7)]
    return int(not given.smoke and max(map(abs, differences)) > 3)


if __name__ == "__main__":
    sys.exit(main())
