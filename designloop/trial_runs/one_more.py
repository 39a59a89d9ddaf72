"""What one more machine or person would buy: measured by a second run with the same random numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from designloop.core.clock import DAY
from designloop.lab.lab import Lab
from designloop.operations.equipment import Equipped
from designloop.operations.usage import Cause
from designloop.trial_runs.passed import Passed

_MOST_BATCHES = 40
_MOST_TRIED = 3
_SHARE = 0.002
"""The least share of all time in the lab that designs wait for what is tried."""
_GROUPS = 10
"""Consecutive batches form so many groups, whose means are nearly independent."""
_SURE, _LEAST_DAYS = 2.0, 0.05
"""A gain counts if it is so many standard errors and so many days."""


@dataclass(frozen=True, slots=True)
class OneMore:
    """One more machine at a stage, or one more person in a group, and what it changed."""

    name: str
    """The stage or the group."""
    kind: str
    """machine, place, reader or person."""
    number: int
    """How many there are then."""
    days: float
    """Change of the mean turnaround."""
    error: float
    """Its standard error, from the same designs in both runs."""
    before: float
    after: float
    """Designs with a value a week, without and with it."""
    days_before: float
    """Mean turnaround without it."""

    @property
    def is_gain(self) -> bool:
        """Whether it shortens the turnaround by more than chance."""
        return self.days < -_LEAST_DAYS and self.days < -_SURE * self.error

    @property
    def in_words(self) -> str:
        """`one more machine at cloning (3)`."""
        where = "in" if self.kind == "person" else "at"
        return f"one more {self.kind} {where} {self.name} ({self.number})"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What designs waited for, and a lab with one more of it."""

    waited: float
    name: str
    kind: str
    number: int
    lab: Lab


def measured(trial: Passed) -> Sequence[OneMore]:
    """The gains of what designs waited for most, the largest first."""
    is_short = trial.n_batches <= _MOST_BATCHES
    base = trial if is_short else trial.again(n_batches=_MOST_BATCHES)
    spent = sum(float(use.queue.sum() + use.inside.sum()) for use in base.operations.use)
    tried = sorted((one for one in _candidates(base) if one.waited > _SHARE * spent), key=lambda one: -one.waited)
    return sorted((_measured(base, one) for one in tried[:_MOST_TRIED]), key=lambda gain: gain.days)


def _candidates(base: Passed) -> Iterator[_Candidate]:
    for use in base.operations.use:
        if use.stage.number is not None:
            waited = float(use.waited[Cause.MACHINES].sum())
            number = use.stage.number + 1
            yield _Candidate(waited, use.stage.name, use.stage.kind, number, _with_machine(base.lab, use.stage))
    for group in base.lab.people:
        waited = sum(float(u.waited[Cause.PEOPLE].sum()) for u in base.operations.use if u.stage.people == group.name)
        more = group.model_copy(update={"number": group.number + 1})
        people = tuple(more if one is group else one for one in base.lab.people)
        lab = base.lab.model_copy(update={"people": people})
        yield _Candidate(waited, group.name, "person", group.number + 1, lab)


def _with_machine(lab: Lab, stage: Equipped) -> Lab:
    """The lab with one more machine, place or reader at a stage."""
    number = (stage.number or 0) + 1
    if stage.kind == "reader":
        return lab.model_copy(update={"assay": lab.assay.model_copy(update={"readers": number})})
    field = "machines" if stage.kind == "machine" else "capacity"
    stages = tuple(one.model_copy(update={field: number}) if one.name == stage.name else one for one in lab.stages)
    return lab.model_copy(update={"stages": stages})


def _measured(base: Passed, candidate: _Candidate) -> OneMore:
    other = base.again(lab=candidate.lab)
    days, error = _difference(base, other)
    before = float(base.operations.turnarounds.minutes.mean() / DAY)
    what = candidate.name, candidate.kind, candidate.number
    return OneMore(*what, days, error, base.throughput, other.throughput, before)


def _difference(base: Passed, other: Passed) -> tuple[float, float]:
    """Mean change of the turnaround in days over the designs that count in the first run, and its standard error."""
    after = {(p.design, p.round): (p.ended or 0) - p.submitted_at for p in other.operations.visits.passages}
    times = base.operations.turnarounds
    changes = np.array([after[p.design, p.round] for p in times.passages]) - times.minutes
    rounds = np.array([passage.round for passage in times.passages])
    groups = np.array_split(np.unique(rounds), min(_GROUPS, len(np.unique(rounds))))
    means = [float(changes[np.isin(rounds, group)].mean()) / DAY for group in groups]
    error = float(np.std(means, ddof=1)) / sqrt(len(means)) if len(means) > 1 else float("nan")
    return float(changes.mean()) / DAY, error
