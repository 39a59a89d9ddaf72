"""The timeline of a record: the levels of each stage and group of people, from its visits and runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.core.records import Event
from designloop.operations.equipment import Equipment, Equipped
from designloop.operations.hours import Hours
from designloop.operations.levels import Floats, Level
from designloop.operations.readers import readings
from designloop.operations.runs import Runs, Span
from designloop.operations.shortages import scarcest, shortages
from designloop.operations.usage import Levels, Staff
from designloop.operations.visits import Visits, Wait

Spans = Mapping[str, list[Span]]
"""Stage -> (beginning, end) of each wait before it, or of each stay."""


@dataclass(frozen=True)
class Timeline:
    """What happened in a lab until `end`; what goes on then ends there."""

    events: Sequence[Event]
    equipment: Equipment
    visits: Visits
    runs: Runs
    end: int

    @cached_property
    def stages(self) -> tuple[Equipped, ...]:
        """The stages in order, the assay last; before them, those that only events name."""
        known = {stage.name for stage in self.equipment.stages}
        others = dict.fromkeys(visit.stage for visit in self.visits.visits if visit.stage not in known)
        return (*(Equipped(name) for name in others), *self.equipment.stages)

    @cached_property
    def levels(self) -> Mapping[str, Levels]:
        """The levels of each stage."""
        return {stage.name: self._levels_of(stage) for stage in self.stages}

    @cached_property
    def scarce(self) -> Mapping[str, str]:
        """Stage -> the consumable that was out of stock there for longest."""
        items = {stage.name: scarcest(self._shortages(stage)) for stage in self.stages}
        return {name: item for name, item in items.items() if item is not None}

    def _shortages(self, stage: Equipped) -> Sequence[tuple[str, Span]]:
        return shortages(self.events, stage.name, self.end) if self._had_shortages else ()

    @cached_property
    def _had_shortages(self) -> bool:
        return any(event.kind == "stock_short" for event in self.events)

    def _levels_of(self, stage: Equipped) -> Levels:
        in_use, down_in_use, down_idle = map(_level, self._machines(stage))
        return Levels(
            queue=_level(self.queues[stage.name]),
            inside=_level(self._stays[stage.name]),
            in_use=in_use,
            down_in_use=down_in_use,
            down_idle=down_idle,
            others=_level(self.runs.others_at(stage.name, self.end)),
            held=_level(self.runs.held_at(stage.name)),
            lacking=_level(span for _, span in self._shortages(stage)),
        )

    @cached_property
    def hands(self) -> Mapping[str, Level]:
        """Hands-on people of each group; between two shifts, those who will go on."""
        return {group.name: _level(self._held(group.name)) for group in self.equipment.people}

    @cached_property
    def shifts(self) -> Mapping[str, Hours]:
        """The hours of each group on shift."""
        return {group.name: self.equipment.shifts(group, self.end) for group in self.equipment.people}

    @cached_property
    def queues(self) -> Spans:
        """The waits before each stage."""
        queues = self._empty()
        for visit in self.visits.visits:
            queues[visit.stage].append((visit.waits_from, visit.began))
        for wait in self.visits.waits:
            queues[self._goal(wait)].append((wait.since, self._until(wait.ended)))
        return queues

    def staff(self, stage: Equipped, at: Floats) -> Staff:
        """Whether the people of a stage are off shift or busy, at each of these minutes."""
        group = next((group for group in self.equipment.people if group.name == stage.people), None)
        if group is None:
            return Staff(np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=bool))
        free = group.number - self.hands[group.name].at(at)
        return Staff(~self.shifts[group.name].holds(at), free < stage.n_people)

    def outside(self, at: Floats) -> Mapping[str, Floats]:
        """Stage -> designs that wait before it outside the work-in-progress limit, at each of these minutes."""
        limit = self.equipment.wip_limit
        if limit is None:
            return {stage.name: np.zeros(len(at)) for stage in self.stages}
        first = {name: _level(spans).at(at) for name, spans in self._first_waits.items()}
        every = np.sum(list(first.values()), axis=0)
        gathering = sum(self.levels[stage.name].queue.at(at) for stage in self.stages if stage.gathers)
        beyond = np.clip(self.in_stages.at(at) - gathering - limit, 0.0, every)
        share = np.divide(beyond, every, out=np.zeros(len(at)), where=every > 0)
        return {name: queue * share for name, queue in first.items()}

    @cached_property
    def in_stages(self) -> Level:
        """Designs that are in the stages, or wait outside a work-in-progress limit; nothing without one."""
        if self.equipment.wip_limit is None:
            return Level.of([])
        assay = self.stages[-1].name
        left = {(one.design, one.round): one.waits_from for one in self.visits.visits if one.stage == assay}
        return _level(
            (one.submitted_at, left.get((one.design, one.round), self._until(one.ended)))
            for one in self.visits.passages
        )

    @cached_property
    def _first_waits(self) -> Spans:
        """Waits of designs that were at no stage before."""
        waits, assay = self._empty(), self.stages[-1].name
        for visit in self.visits.visits:
            if visit.is_first and visit.stage != assay:
                waits[visit.stage].append((visit.waits_from, visit.began))
        for wait in (wait for wait in self.visits.waits if wait.after is None):
            waits[self._goal(wait)].append((wait.since, self._until(wait.ended)))
        return waits

    @cached_property
    def _stays(self) -> Spans:
        stays = self._empty()
        for visit in self.visits.visits:
            stays[visit.stage].append((visit.began, self._until(visit.ended)))
        return stays

    def _machines(self, stage: Equipped) -> tuple[list[Span], list[Span], list[Span]]:
        """When a machine of a stage is in use, when it is down within a run, and when after one."""
        if stage.kind == "place" or stage.number is None:
            return self._stays[stage.name], [], []
        if stage.kind == "reader":
            visits = [visit for visit in self.visits.visits if visit.stage == stage.name]
            return readings(stage, visits, self.events, self.equipment.reading_ends), [], []
        runs = [(float(run.began), float(self._until(run.ended))) for run in self.runs.of(stage.name)]
        return (runs, *self.runs.down_at(stage.name, self.end))

    def _held(self, group: str) -> Iterator[Span]:
        """When a run holds people of a group, once for each of them."""
        for stage in (stage for stage in self.stages if stage.people == group):
            for run in self.runs.of(stage.name):
                spans = [(float(run.began), float(self._until(run.freed)))]
                spans += [(float(run.again[1]), float(run.again[2]))] if run.again else []
                yield from spans * stage.n_people

    def _goal(self, wait: Wait) -> str:
        """The stage for which a design waited that entered none: the one after the last, in the lab's order."""
        names = [stage.name for stage in self.stages]
        if wait.after is None:
            return self._entry_of_retests if (wait.design, wait.round) in self._retests else names[0]
        return names[min(names.index(wait.after) + 1, len(names) - 1)]

    @cached_property
    def _retests(self) -> set[tuple[int, int]]:
        return {(one.design, one.round) for one in self.visits.passages if one.is_retest}

    @cached_property
    def _entry_of_retests(self) -> str:
        """The stage at which retests begin, as far as one has begun."""
        first = (one.stage for one in self.visits.visits if one.is_first and (one.design, one.round) in self._retests)
        return next(first, self.stages[-1].name)

    def _until(self, minute: int | None) -> int:
        return self.end if minute is None else minute

    def _empty(self) -> dict[str, list[Span]]:
        return {stage.name: [] for stage in self.stages}


def _level(spans: Iterable[Span]) -> Level:
    return Level.of([span for span in spans if span[0] < span[1]])
