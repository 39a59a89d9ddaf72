"""Downtime of one machine: breakdowns and maintenance, drawn as far as they are needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from designloop.core.clock import minutes
from designloop.core.errors import ConfigError
from designloop.stages.station import Breakdown, Maintenance

_MOST_RESTARTS = 1_000


@dataclass(frozen=True, slots=True)
class Down:
    """A time in which a machine does not work, in minutes of its clock."""

    start: int
    end: int
    is_breakdown: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """When the work of a run ends, the downtimes that it meets, and whether it is lost."""

    end: int
    met: tuple[Down, ...]
    is_lost: bool


class Downtime:
    """A machine breaks down whether it is in use or not, and maintenance is due at regular times."""

    def __init__(
        self,
        breakdown: Breakdown | None,
        maintenance: Maintenance | None,
        rng: Callable[[str], np.random.Generator],
        since: int = 0,
    ) -> None:
        self._work = breakdown.work if breakdown is not None else "kept"
        self._sources: list[Iterator[Down]] = []
        if breakdown is not None:
            self._sources.append(_breakdowns(breakdown, rng("breakdown"), since))
        if maintenance is not None:
            self._sources.append(_maintenances(maintenance, rng("maintenance"), since))
        self._next = [next(source) for source in self._sources]
        self._drawn: list[Down] = []

    def up_from(self, minute: int) -> int:
        """The first minute from one on at which the machine is up."""
        for down in self._from(minute):
            if down.start > minute:
                break
            minute = max(minute, down.end)
        return minute

    def plan(self, minute: int, time: int) -> Plan:
        """How a run goes that has `time` minutes of work left at a minute."""
        left, met, n_restarts = time, list[Down](), 0
        for down in self._from(minute):
            if down.start >= minute + left:
                break
            met.append(down)
            if down.is_breakdown and down.start > minute and self._work == "lost":
                return Plan(down.start, tuple(met), is_lost=True)
            if down.start > minute:
                is_restarted = down.is_breakdown and self._work == "restarted"
                left = time if is_restarted else left - (down.start - minute)
                n_restarts += is_restarted
            if n_restarts > _MOST_RESTARTS:
                raise ConfigError(f"a run was restarted {n_restarts} times after breakdowns; set `work: kept`")
            minute = max(minute, down.end)
        return Plan(minute + left, tuple(met), is_lost=False)

    def _from(self, minute: int) -> Iterator[Down]:
        """The downtimes that end after a minute, in order of their beginning. Earlier ones are forgotten."""
        self._drawn = [down for down in self._drawn if down.end > minute]
        for place in count():
            while place >= len(self._drawn):
                first = min(range(len(self._next)), key=lambda i: self._next[i].start)
                self._drawn += [self._next[first]] if self._next[first].end > minute else []
                self._next[first] = next(self._sources[first])
            yield self._drawn[place]


def _breakdowns(breakdown: Breakdown, rng: np.random.Generator, minute: int) -> Iterator[Down]:
    while True:
        start = minute + max(minutes(days=breakdown.between.draw(rng, 1)), 1)
        minute = start + minutes(days=breakdown.repair.draw(rng, 1))
        yield Down(start, minute, is_breakdown=True)


def _maintenances(maintenance: Maintenance, rng: np.random.Generator, since: int) -> Iterator[Down]:
    every = max(minutes(days=maintenance.every), 1)
    for start in count(since + every, every):
        yield Down(start, start + minutes(days=maintenance.days.draw(rng, 1)), is_breakdown=False)
