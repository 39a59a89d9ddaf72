"""Batches that went through a lab: when they came back, and whether the lab keeps up with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Any, Self

import numpy as np

from designloop.core.clock import WEEK, minutes
from designloop.core.records import Event
from designloop.core.uncollected import uncollected
from designloop.lab.lab import Lab
from designloop.operations.operations import Operations
from designloop.trial_runs.batches import events_of

_WARM_UP, _LATEST = 0.2, 0.6
"""Shares of the time of submissions after which counting begins, at the earliest and at the latest."""
_GROWTH = 0.1
"""The largest growth of the number of designs in a lab that keeps up, for each one submitted; or else one batch."""


@dataclass(frozen=True)
class Passed:
    """A lab, and batches that went through it. Counting begins when the first batch has returned."""

    lab: Lab
    length: int
    """Letters of each design."""
    n_batches: int
    batch_size: int
    every_days: float
    seed: int
    events: Sequence[Event]

    @cached_property
    def operations(self) -> Operations:
        """What the lab did from the end of the warm-up until the last submission; of few batches, always."""
        lab, last = self.lab.describe(), self._submitted(self.n_batches - 1)
        if self._are_few:
            return Operations.of(self.events, lab)
        warm = min(max(_WARM_UP * last, self._first_returned), _LATEST * last)
        start = self._submitted(ceil(warm / minutes(days=self.every_days)))
        return Operations.of(self.events, lab, start, last)

    @property
    def _are_few(self) -> bool:
        """Whether there are too few batches for a warm-up, and to tell what the lab would do with ever more."""
        return self.n_batches < 5

    def _submitted(self, ordinal: int) -> int:
        return minutes(days=self.every_days * ordinal)

    @property
    def _first_returned(self) -> float:
        """The minute at which nine in ten designs of the first batch had ended."""
        ended = (event for event in self.events if event.kind in ("observed", "failed"))
        minutes_of_first = [event.minute for event in ended if event.data["round"] == 1]
        return float(np.quantile(minutes_of_first, 0.9)) if minutes_of_first else 0.0

    @property
    def arrivals(self) -> float:
        """Designs submitted a week."""
        return self.batch_size * 7 / self.every_days

    @property
    def throughput(self) -> float:
        """Designs with a value a week; of few batches, until the last is back and another one would be due."""
        facts = self.operations
        length = facts.end - facts.start
        until = self._submitted(self.n_batches) if self._are_few else length
        return facts.throughput * length / max(length, until)

    @cached_property
    def keeps_up(self) -> bool:
        """Whether the lab returns as many designs as it gets. Few batches cannot tell, and count as kept up with."""
        if self._are_few:
            return True
        facts = self.operations
        n_submitted = sum(facts.start <= p.submitted_at < facts.end for p in facts.visits.passages)
        growth = self._n_inside(facts.end) - self._n_inside(facts.start)
        return growth <= max(_GROWTH * n_submitted, self.batch_size)

    def _n_inside(self, minute: int) -> int:
        """Designs in the lab just before a minute."""
        passages = self.operations.visits.passages
        return sum(p.submitted_at < minute and (p.ended is None or p.ended >= minute) for p in passages)

    @property
    def turnaround_weeks(self) -> Mapping[str, float]:
        """Weeks until half, 80%, 95% and all of the designs with a value were back; NaN if there are none."""
        weeks = np.array(self.operations.turnarounds.shares(0.5, 0.8, 0.95, 1.0)) / WEEK
        return dict(zip(("half", "80%", "95%", "all"), weeks.tolist(), strict=True))

    @property
    def share_with_value(self) -> float:
        """The share of designs that ended with a value; NaN if none ended."""
        times = self.operations.turnarounds
        return len(times.with_value) / len(times.minutes) if len(times.minutes) else float("nan")

    def again(self, **changes: Any) -> Self:
        """The same with another lab or load, and the same random numbers."""
        changed = replace(self, **changes)
        return replace(changed, events=changed._run())

    def _run(self) -> Sequence[Event]:
        with uncollected():
            return events_of(self.lab, self.length, self.n_batches, self.batch_size, self.every_days, self.seed)
