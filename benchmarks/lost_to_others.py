"""What a campaign loses to other people's work: weeks for the same batches in the same lab with and without it.

    python benchmarks/lost_to_others.py [--lab biofoundry] [--n 40] [--smoke]

Five batches of 96 designs pass the lab, one after the other. Both labs have the same delays, failures and breakdowns,
and the other work is the same whoever goes first, so that the difference in weeks is taken seed by seed. `load` is
the largest load that other work puts on a station. ± is one standard error.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from theory_lab import NormalHash, designs

from designloop.core.clock import WEEK
from designloop.core.records import Batch
from designloop.lab.lab import Lab
from designloop.lab.load import loads

N_BATCHES, BATCH = 5, 96
PRIORITIES = ("last", "first-come", "first")
RATES = (1, 2)
"""Factors on the rate of other work."""


def shared(lab: Lab, priority: str, factor: float) -> Lab:
    """The lab with other work that comes more often, and goes first, in turn or last."""
    return lab.with_(
        background=[job.with_(priority=priority, rate=job.rate and job.rate * factor) for job in lab.background]
    )


def weeks(lab: Lab, seed: int) -> float:
    """Weeks until the last of the batches is closed."""
    oracle = NormalHash()
    run = lab.start(oracle, seed, space=oracle.space)
    every = designs(N_BATCHES * BATCH, seed, oracle)
    for number in range(N_BATCHES):
        run.submit(Batch(number + 1, every[number * BATCH : (number + 1) * BATCH]))
        while not any(event.kind == "round_closed" for event in run.run()):
            pass
    return run.now / WEEK


def rows(lab: Lab, seeds: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """A row for each rate and priority."""
    alone = np.array([weeks(lab.without_background(), seed) for seed in seeds])
    yield "none", "–", "–", _mean(alone), "–"
    for factor in RATES:
        for priority in PRIORITIES:
            busy = shared(lab, priority, factor)
            found = np.array([weeks(busy, seed) for seed in seeds])
            load = f"{max(load.share for load in loads(busy)):.2f}"
            yield f"{factor} ×", priority, load, _mean(found), _mean(found - alone)


def _mean(found: np.ndarray) -> str:
    return f"{found.mean():.2f} ± {found.std(ddof=1) / np.sqrt(len(found)):.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lab", default="biofoundry", help="a preset with other people's work")
    parser.add_argument("--n", type=int, default=40, help="seeds")
    parser.add_argument("--smoke", action="store_true", help="two seeds")
    given = parser.parse_args()
    seeds = range(2 if given.smoke else given.n)
    print("| other work | goes | load | weeks | lost |\n|---|---|---|---|---|")
    for row in rows(Lab.preset(given.lab), seeds):
        print(f"| {' | '.join(row)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
