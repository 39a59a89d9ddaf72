"""Compares the turnaround of the preset labs with the numbers that they were built to match.

    python benchmarks/lab_presets.py [--seeds 200]

The table shows weeks of five working days from submission to 50, 80, 95 and 100% of the results of 96 designs, and the
share without a value; both are means over seeds. So is the bill of presets as they are, in thousands: of 96 designs of
900 base pairs, with rent until the last result. The reference is a Monte Carlo of the stages alone (field notes,
section 1). In it, results are released as ready, Monday to Friday, without a cut-off, without waiting for a plate or a
reader, and without lost wells. A second reference has plates of 88 designs that start at 60% fill or after 5 days.
Unlike the lab, it does not start a plate early when no more designs can arrive.
"""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from designloop.core.alphabet import DNA
from designloop.core.clock import DAY, WEEK
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle

QUANTILES = (0.5, 0.8, 0.95, 1.0)
NO_PLATES = {"min_fill": 0, "plates_per_day": None, "readers": 1000, "lost_wells": 0, "lost_plates": 0, "noise": "none"}
PLATES_OF_88 = {"wells_per_control": 24, "lost_wells": 0, "lost_plates": 0, "noise": "none"}
SETTINGS: list[tuple[str, str, Mapping[str, Any], tuple[float, ...]]] = [
    ("good", "as ready", NO_PLATES, (4.2, 4.5, 5.3, 6.3, 0.11)),
    ("typical", "as ready", NO_PLATES, (5.4, 6.2, 7.1, 8.3, 0.22)),
    ("cellfree", "as ready", NO_PLATES, (3.3, 3.9, 4.8, 6.0, 0.13)),
    ("good", "plates of 88", PLATES_OF_88, (4.25, 5.25, 6.1, 6.65, 0.11)),
]
KINDS = ("good", "typical", "cellfree", "academic", "biofoundry", "cloud", "cro", "antibody")
"""The presets as they are."""
LENGTH = 900


class Constant(Oracle):
    """Every sequence has the value 1: only time matters here."""

    @property
    def space(self) -> Space:
        return Space.of_length(DNA, LENGTH)

    def __call__(self, sequences: Any) -> Any:
        return np.ones(len(sequences))


def batch(n: int) -> Batch:
    """The first n of the 65,536 DNA sequences that differ in their first 8 letters."""
    starts = ("".join("ACGT"[i >> 2 * k & 3] for k in range(8)) for i in range(n))
    return Batch(1, tuple(Design(i, start.ljust(LENGTH, "A"), 1) for i, start in enumerate(starts)))


def working_weeks(minute: int) -> float:
    """Weeks of five working days since Monday 0:00: Saturday and Sunday do not count."""
    week, rest = divmod(minute, WEEK)
    return week + min(rest / DAY, 5) / 5


def events_of(lab: Lab, seed: int, n: int = 96) -> list[Event]:
    """What happens in the lab until one batch is back."""
    oracle = Constant()
    run = lab.start(oracle, seed, space=oracle.space)
    events = run.submit(batch(n))
    while not any(event.kind == "round_closed" for event in events):
        events += run.run()
    return events


def weeks_and_losses(events: Sequence[Event], n: int = 96) -> tuple[list[float], float]:
    """Working weeks to each quantile of the results of one batch, and its share without a value."""
    weeks = np.sort([working_weeks(event.minute) for event in events if event.kind == "observed"])
    return [float(np.quantile(weeks, q, method="inverted_cdf")) for q in QUANTILES], 1 - len(weeks) / n


def turnaround(lab: Lab, seed: int, n: int = 96) -> tuple[list[float], float]:
    """As in `weeks_and_losses`, of one seed."""
    return weeks_and_losses(events_of(lab, seed, n), n)


def bill(events: Sequence[Event]) -> float:
    """The sum of all charges."""
    return float(sum(sum(event.data.values()) for event in events if event.kind == "charged"))


def mean_turnaround(preset: str, assay: Mapping[str, Any], seeds: range) -> list[float]:
    """Working weeks to each quantile, the share without a value and the bill, means over seeds."""
    lab = Lab.preset(preset, assay=dict(assay))
    runs = [events_of(lab, seed) for seed in seeds]
    rows = [[*weeks, dropout, bill(events)] for events in runs for weeks, dropout in [weeks_and_losses(events)]]
    return [float(mean) for mean in np.mean(rows, axis=0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--smoke", action="store_true", help="run two seeds")
    given = parser.parse_args()
    n_seeds = 2 if given.smoke else given.seeds
    print(f"{'lab':10} {'plates':13} {'50%':>6} {'80%':>6} {'95%':>6} {'100%':>6} {'failed':>6}   (reference below)")
    for preset, plates, assay, reference in SETTINGS:
        found = mean_turnaround(preset, assay, range(n_seeds))
        print(f"{preset:10} {plates:13} " + " ".join(f"{x:6.2f}" for x in found[:4]) + f" {found[4]:6.1%}")
        print(f"{'':24} " + " ".join(f"{x:6.2f}" for x in reference[:4]) + f" {reference[4]:6.0%}")
    print(f"\n{'lab':10} {'50%':>6} {'80%':>6} {'95%':>6} {'100%':>6} {'failed':>6} {'bill/1000':>9}")
    for preset in KINDS:
        found = mean_turnaround(preset, {}, range(n_seeds))
        line = " ".join(f"{x:6.2f}" for x in found[:4])
        print(f"{preset:10} {line} {found[4]:6.1%} {found[5] / 1000:9.1f}")


if __name__ == "__main__":
    main()
