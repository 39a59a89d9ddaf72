"""The operations of a lab: who used what, who waited for what, and how long designs took, from events alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from designloop.core.clock import WEEK
from designloop.core.records import Event
from designloop.operations.bottleneck import Bottleneck, bottleneck
from designloop.operations.equipment import Equipment
from designloop.operations.levels import Floats
from designloop.operations.runs import Runs
from designloop.operations.timeline import Timeline
from designloop.operations.turnarounds import Turnarounds
from designloop.operations.usage import Grid, PeopleUse, StageUse, stage_use
from designloop.operations.visits import Visits

_MOST_BINS = 120


@dataclass(frozen=True)
class Operations:
    """Facts about a lab between two minutes of a record of events."""

    events: Sequence[Event]
    equipment: Equipment
    start: int
    """The first minute that counts."""
    end: int
    """The minute at which counting ends."""

    @classmethod
    def of(
        cls, events: Sequence[Event], lab: Mapping[str, Any] | None = None, start: int = 0, end: int | None = None
    ) -> "Operations":
        """The facts of a record of events, from a minute to another one; by default, of the whole record.

        `lab` is the description of the lab as plain data; by default, the one in the `opened` event.
        """
        if lab is None:
            opened = next((event.data for event in events if event.kind == "opened"), {})
            lab = (opened.get("description") or {}).get("lab") or {}
        last = max((event.minute for event in events), default=0)
        return cls(events, Equipment.of(lab), start, max(last if end is None else end, start + 1))

    @cached_property
    def visits(self) -> Visits:
        """The stays and waits of all designs."""
        return Visits(self.events)

    @cached_property
    def runs(self) -> Runs:
        """The runs and downtimes of machines."""
        return Runs(self.events)

    @cached_property
    def timeline(self) -> Timeline:
        """The levels of each stage and group of people."""
        last = max((event.minute for event in self.events), default=0)
        return Timeline(self.events, self.equipment, self.visits, self.runs, max(last, self.end))

    @cached_property
    def weeks_per_bin(self) -> int:
        """1, or more where a record of so many weeks would have too many bins."""
        n_weeks = -(-(self.end - self.start) // WEEK)
        return max(1, -(-n_weeks // _MOST_BINS))

    @cached_property
    def edges(self) -> Floats:
        """Minutes at which the bins begin, and the end of the last, (m + 1,)."""
        begins = np.arange(self.start, self.end, self.weeks_per_bin * WEEK, dtype=np.float64)
        return np.append(begins, self.end)

    @property
    def lengths(self) -> Floats:
        """Calendar minutes of each bin, (m,)."""
        return np.diff(self.edges)

    @cached_property
    def turnarounds(self) -> Turnarounds:
        """The turnarounds of designs that were submitted in these minutes and have ended."""
        return Turnarounds.of(self.visits, self.start, self.end)

    @cached_property
    def use(self) -> tuple[StageUse, ...]:
        """What each stage did by bin, in the order of the lab."""
        line, at = self.timeline, self._grid.begins
        outside = line.outside(at)
        return tuple(
            stage_use(
                stage,
                line.levels[stage.name],
                self._grid,
                self.equipment.hours(stage, line.end),
                outside[stage.name],
                line.staff(stage, at),
            )
            for stage in line.stages
        )

    @cached_property
    def people(self) -> tuple[PeopleUse, ...]:
        """What each group of people did by bin."""
        line, at = self.timeline, self._grid.begins
        return tuple(
            PeopleUse(
                group.name,
                group.number,
                self._grid.totals(line.hands[group.name].at(at), line.shifts[group.name]),
                self._grid.totals(np.full(len(at), float(group.number)), line.shifts[group.name]),
            )
            for group in self.equipment.people
        )

    @cached_property
    def bottleneck(self) -> Bottleneck | None:
        """The machines, people or consumable for which designs waited longest; None if they hardly waited."""
        return bottleneck(self.use, self.people, self.turnarounds, self.timeline.scarce)

    @property
    def throughput(self) -> float:
        """Designs with a value, a week."""
        values = [p for p in self.visits.passages if p.has_value and self.start < (p.ended or 0) <= self.end]
        return len(values) * WEEK / (self.end - self.start)

    @cached_property
    def _grid(self) -> Grid:
        line = self.timeline
        changes = [minutes for levels in line.levels.values() for minutes in levels.changes]
        changes += [level.minutes for level in line.hands.values()]
        changes += [hours.knots for hours in line.shifts.values()]
        return Grid.of(self.edges, [*changes, line.in_stages.minutes])
