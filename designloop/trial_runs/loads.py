"""Throughput and turnaround against load: the same lab at several rates of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass

from designloop.trial_runs.passed import Passed

_RATES = (0.5, 1.0, 1.5, 2.0)
"""In units of the rate of the trial run."""
_BATCHES = 25
"""Batches at the rate of the trial; the others last as long."""


@dataclass(frozen=True, slots=True)
class Load:
    """A rate of arrival, and what the lab did."""

    arrivals: float
    """Designs submitted a week."""
    throughput: float
    """Designs with a value a week."""
    half: float
    most: float
    """Weeks until half and 95% of the designs with a value were back."""
    keeps_up: bool
    """False if ever more designs are in the lab; turnarounds then grow without end."""


def loads_of(trial: Passed) -> Sequence[Load]:
    """The lab at half to twice the rate, in batches of the same size; at its own rate, the trial run itself."""
    return [_load(trial if rate == 1 else _at(trial, rate)) for rate in _RATES]


def _at(trial: Passed, rate: float) -> Passed:
    n_batches = max(round(min(trial.n_batches, _BATCHES) * rate), 1)
    return trial.again(n_batches=n_batches, every_days=trial.every_days / rate)


def _load(run: Passed) -> Load:
    weeks = run.turnaround_weeks
    return Load(run.arrivals, run.throughput, weeks["half"], weeks["95%"], run.keeps_up)
