"""Turnarounds: from the submission of a design to its first value or its failure, waits and work by stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from designloop.operations.levels import Floats
from designloop.operations.visits import Passage, Visits


@dataclass(frozen=True, eq=False)
class Turnarounds:
    """Passages that have ended, and the parts of each; minutes. Waiting and working add up to the turnaround."""

    passages: tuple[Passage, ...]
    minutes: Floats
    """(n,)."""
    waiting: Mapping[str, Floats]
    """Stage -> minutes before it, (n,)."""
    working: Mapping[str, Floats]
    """Stage -> minutes at it, (n,)."""
    astray: Floats
    """Minutes of waits that led to no stage, because the round of the design closed, (n,)."""

    @classmethod
    def of(cls, visits: Visits, start: int, end: int) -> "Turnarounds":
        """The turnarounds of designs that were submitted from `start` on and before `end`, and have ended."""
        passages = tuple(p for p in visits.passages if p.ended is not None and start <= p.submitted_at < max(end, 1))
        places = {(passage.design, passage.round): place for place, passage in enumerate(passages)}
        waiting: dict[str, Floats] = {}
        working: dict[str, Floats] = {}
        astray = np.zeros(len(passages))
        for visit in visits.visits:
            place = places.get((visit.design, visit.round))
            if place is not None and visit.ended is not None:
                for parts, length in ((waiting, visit.began - visit.waits_from), (working, visit.ended - visit.began)):
                    if visit.stage not in parts:
                        parts[visit.stage] = np.zeros(len(passages))
                    parts[visit.stage][place] += length
        for wait in visits.waits:
            place = places.get((wait.design, wait.round))
            if place is not None and wait.ended is not None:
                astray[place] += wait.ended - wait.since
        minutes = np.array([(p.ended or 0) - p.submitted_at for p in passages], dtype=float)
        return cls(passages, minutes, waiting, working, astray)

    @property
    def with_value(self) -> Floats:
        """The turnarounds of designs that have a value, (k,)."""
        return np.array([minutes for minutes, one in zip(self.minutes, self.passages, strict=True) if one.has_value])

    def shares(self, *shares: float) -> tuple[float, ...]:
        """The shortest turnarounds within which these shares of the designs with a value came back; NaN without any."""
        if not len(minutes := self.with_value):
            return (nan,) * len(shares)
        return tuple(float(np.quantile(minutes, share, method="inverted_cdf")) for share in shares)
