"""Measures the overhead of the lab over bare SimPy.

    python benchmarks/lab_overhead.py

Simulates 10 batches of 96 random designs under `typical`, one after another, and a bare SimPy model with as many
timeouts and requests. The target is less than twice the time of bare SimPy, plus one second. A campaign with the
strategy `random` and storage in a temporary folder is measured too.

The table shows medians of processor and wall time over the repeats, each with its limit. Other programs on the machine
hardly affect processor time. Wall time is what a user waits for; its range shows how busy the machine was.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import simpy

from designloop.core.alphabet import DNA
from designloop.core.records import Batch, Design
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle

N_ROUNDS, BATCH_SIZE, LENGTH = 10, 96, 32


class CountA(Oracle):
    """A fast oracle: the share of A."""

    @property
    def space(self) -> Space:
        return Space.of_length(DNA, LENGTH)

    def __call__(self, sequences: Any) -> Any:
        return np.array([0.1 + sequence.count("A") / LENGTH for sequence in sequences])


@cache
def batches() -> tuple[Batch, ...]:
    """Ten batches of random designs. They are made once, because choosing designs is no work of the lab."""
    rng, space = np.random.default_rng(0), CountA().space
    made = []
    for round_ in range(1, N_ROUNDS + 1):
        ids = range((round_ - 1) * BATCH_SIZE, round_ * BATCH_SIZE)
        sequences = space.sample(BATCH_SIZE, rng)
        made.append(Batch(round_, tuple(Design(i, s, round_) for i, s in zip(ids, sequences, strict=True))))
    return tuple(made)


def simulate_lab() -> int:
    """Simulate ten rounds; returns the number of events."""
    oracle = CountA()
    run = Lab.preset("typical").start(oracle, 0, space=oracle.space)
    n_events = 0
    for batch in batches():
        events = run.submit(batch)
        n_events += len(events)
        while events[-1].kind != "round_closed":
            events = run.run()
            n_events += len(events)
    return n_events


def simulate_campaign() -> int:
    """The same rounds as a campaign of the strategy `random`, stored in SQLite."""
    from designloop.campaign import Campaign

    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign.model_validate(
            {
                "name": "overhead",
                "oracle": CountA(),
                "lab": "typical",
                "strategy": "random",
                "scheduler": {"kind": "rounds", "batch_size": BATCH_SIZE},
                "budget": {"designs": N_ROUNDS * BATCH_SIZE},
            }
        )
        campaign.run(seed=0, store=Path(folder) / "run")
    return 0


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts the timeouts and requests that SimPy makes inside the block."""
    counts: Counter[str] = Counter()
    timeout, request = simpy.events.Timeout.__init__, simpy.resources.resource.Request.__init__

    def count_timeout(self: Any, *args: Any, **fields: Any) -> None:
        counts["timeouts"] += 1
        timeout(self, *args, **fields)

    def count_request(self: Any, *args: Any, **fields: Any) -> None:
        counts["requests"] += 1
        request(self, *args, **fields)

    simpy.events.Timeout.__init__ = count_timeout
    simpy.resources.resource.Request.__init__ = count_request
    try:
        yield counts
    finally:
        simpy.events.Timeout.__init__ = timeout
        simpy.resources.resource.Request.__init__ = request


def simulate_bare(counts: Counter[str]) -> int:
    """960 processes that share the timeouts, and one that makes the requests."""
    env = simpy.Environment()
    station = simpy.Resource(env)
    rng = np.random.default_rng(0)
    n_processes = N_ROUNDS * BATCH_SIZE

    def passing(n: int) -> Any:
        for _ in range(n):
            yield env.timeout(int(rng.integers(1, 10_000)))

    def requesting(n: int) -> Any:
        for _ in range(n):
            with station.request() as turn:
                yield turn

    share, rest = divmod(counts["timeouts"], n_processes)
    for ordinal in range(n_processes):
        env.process(passing(share + (ordinal < rest)))
    env.process(requesting(counts["requests"]))
    env.run()
    return 0


@dataclass(frozen=True)
class Took:
    """Processor and wall seconds of several repeats."""

    processor: list[float]
    wall: list[float]

    def shown(self) -> str:
        spread = f"{min(self.wall):.2f} to {max(self.wall):.2f}"
        return f"{median(self.processor):9.3f} {median(self.wall):9.3f}  ({spread})"


def seconds(work: Callable[[], int], repeats: int, *, warm: bool = True) -> Took:
    """Processor and wall time of each repeat, after one run that warms up imports and caches."""
    if warm:
        work()
    processor, wall = [], []
    for _ in range(repeats):
        start = time.process_time(), time.perf_counter()
        work()
        processor.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    return Took(processor, wall)


def relative_speed(counts: Counter[str], pairs: int) -> str:
    """Processor time of bare SimPy over that of the lab, run in turn: the median of the pairs, and their quartiles."""
    ratios = []
    for _ in range(pairs):
        bare, lab = seconds(lambda: simulate_bare(counts), 1, warm=False), seconds(simulate_lab, 1, warm=False)
        ratios.append(bare.processor[0] / lab.processor[0])
    first, middle, third = quantiles(ratios, n=4)
    return f"speed relative to bare SimPy, {pairs} pairs: {middle:.3f} ({first:.3f} to {third:.3f})"


def limit(bare: list[float]) -> float:
    """Twice bare SimPy, plus one second."""
    return 2 * median(bare) + 1


def verdict(took: list[float], bare: list[float]) -> str:
    return f"{limit(bare):.3f} {'within' if median(took) < limit(bare) else 'ABOVE'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="run one repeat")
    given = parser.parse_args()
    repeats = 1 if given.smoke else given.repeats
    with counted() as counts:
        n_events = simulate_lab()
    bare = seconds(lambda: simulate_bare(counts), repeats)
    print(f"{n_events} events, {counts['timeouts']} timeouts, {counts['requests']} requests")
    print(f"seconds, medians of {repeats}")
    print(f"{'':22} processor      wall  (range)         limits: processor, wall")
    print(f"{'bare SimPy':22} {bare.shown()}")
    print(relative_speed(counts, 20 * repeats))
    subjects = {"lab": simulate_lab}
    if find_spec("designloop.campaign") is not None:
        subjects["campaign, with storage"] = simulate_campaign
    for name, work in subjects.items():
        took = seconds(work, repeats)
        verdicts = verdict(took.processor, bare.processor), verdict(took.wall, bare.wall)
        times = median(took.processor) / median(bare.processor)
        print(f"{name:22} {took.shown():36}  {verdicts[0]}, {verdicts[1]}; {times:.1f} times bare SimPy")


if __name__ == "__main__":
    main()
