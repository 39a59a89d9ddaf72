"""The line of stages before the assay: one SimPy process for each design under way."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from designloop.core.clock import DAY, minutes
from designloop.core.random import Streams
from designloop.lab.calendar import WorkingTime
from designloop.lab.durations import Duration
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.stages import Stage
from designloop.lab.truths import Truths

Steps = Generator[simpy.Event, Any, None]


@dataclass(slots=True)
class Fate:
    """What chance has in store for a design at a stage: how long it takes, and whether it survives."""

    first: int
    again: int
    fails_first: bool
    fails_again: bool


class Gathering:
    """Where the designs of a batch wait for one another."""

    def __init__(self, env: simpy.Environment, expected: set[Ticket]) -> None:
        self.all_are_here = env.event()
        self._expected = expected

    def strike(self, ticket: Ticket) -> None:
        """Wait no more for a design that is here, or will not come."""
        self._expected.discard(ticket)
        if not self._expected and not self.all_are_here.triggered:
            self.all_are_here.succeed()


class Line:
    """Stages with their stations. `arrive` takes a design that came through all of them."""

    def __init__(
        self,
        env: simpy.Environment,
        stages: tuple[Stage, ...],
        entry: int,
        seed: int,
        working: WorkingTime,
        ledger: Ledger,
        truths: Truths,
        arrive: Callable[[Ticket], None],
    ) -> None:
        self._env = env
        self._stages = stages
        self._entry = entry  # index of the stage at which retests enter
        self._working = working
        self._ledger = ledger
        self._truths = truths
        self._arrive = arrive
        self._stations = {s.name: simpy.Resource(env, s.capacity) for s in stages if s.capacity is not None}
        self._gatherings: dict[tuple[int, str], Gathering] = {}
        self._gathering = [stage.name for stage in stages if stage.release == "together"]
        self._waits = [s.release == "together" or s.start_days is not None for s in stages]
        self._names = {s.name: Streams(seed, "lab", s.name) for s in stages}
        self._in_expression: dict[Ticket, None] = {}  # in the order they came
        ledger.ended.append(self._will_not_come)

    def begin(self, round_: Round) -> None:
        """Send a batch on its way."""
        for index, stage in enumerate(self._stages):
            if stage.release == "together":
                expected = {t for t in round_.tickets if not t.is_retest or index >= self._entry}
                self._gatherings[round_.number, stage.name] = Gathering(self._env, expected)
        for ticket in round_.tickets:
            self._env.process(self._pass(ticket))

    def _will_not_come(self, ticket: Ticket) -> None:
        for stage in self._gathering:
            self._gatherings[ticket.round.number, stage].strike(ticket)

    def _pass(self, ticket: Ticket) -> Steps:
        entry = self._entry if ticket.is_retest else 0
        for stage, waits in zip(self._stages[entry:], self._waits[entry:], strict=True):
            if waits:
                yield from self._wait_to_start(ticket, stage)
            station = self._stations.get(stage.name)
            if station is None:
                yield from self._work(ticket, stage)
            else:
                with station.request() as turn:
                    yield turn
                    yield from self._work(ticket, stage)
            if not ticket.is_open:
                return
        self._arrive(ticket)

    def _wait_to_start(self, ticket: Ticket, stage: Stage) -> Steps:
        if stage.release == "together":
            gathering = self._gatherings[ticket.round.number, stage.name]
            gathering.strike(ticket)
            yield gathering.all_are_here
        if stage.start_days is not None:
            start = self._working.next_start(int(self._env.now), stage.start_days)
            if start > self._env.now:
                yield self._env.timeout(start - self._env.now)

    def _work(self, ticket: Ticket, stage: Stage) -> Steps:
        """Time passes, and the design comes through or fails. A closed round's designs are not worked on."""
        if not ticket.is_open:
            return
        self._ledger.enter(ticket, stage.name)
        fate = self._fate(ticket, stage)
        is_viable = True
        if stage.expresses:
            self._in_expression[ticket] = None
        if fate.first:
            yield self._env.timeout(self._delay(stage, fate.first))
        if stage.expresses:
            is_viable = self._is_viable(ticket)
        fails = fate.fails_first or not is_viable
        if fails and stage.rework is not None and ticket.is_open:
            yield self._env.timeout(self._delay(stage, fate.again))
            fails = fate.fails_again or not is_viable
        if not ticket.is_open:
            return
        if fails:
            self._ledger.fail(ticket, stage.outcome)
        else:
            self._ledger.leave(ticket)

    def _delay(self, stage: Stage, time: int) -> int:
        """Calendar minutes in which so many minutes of work at a stage pass, from now on."""
        now = int(self._env.now)
        return time if stage.clock == "calendar" else self._working.after(now, time) - now

    def _is_viable(self, ticket: Ticket) -> bool:
        """Whether a sequence can be expressed: the assay looks up all that are in expression, a plate at a time.

        So the oracle is asked once for many, when the first of them is due, and what fails for its sequence fails at
        the same time and under the same name as what is lost by chance.
        """
        if ticket in self._in_expression:
            due = sorted((t for t in self._in_expression if t.is_open), key=lambda t: (t.round.number, t.design.id))
            self._in_expression.clear()
            if ticket.is_open:
                self._truths.read([t.design.sequence for t in due], plate=f"in expression, round {ticket.round.number}")
        return not ticket.is_open or self._truths.expresses(ticket.design.sequence)

    def _fate(self, ticket: Ticket, stage: Stage) -> Fate:
        common = self._common(ticket.round, stage) if stage.per == "batch" else None
        if common is not None and stage.failure == 0 and stage.rework is None:  # nothing to draw: save a stream
            return Fate(common, 0, False, True)
        visit = ("retest", ticket.round.number) if ticket.is_retest else ()
        rng = self._names[stage.name].brief(ticket.design.id, *visit)
        fails_first = stage.failure > 0 and rng.random() < stage.failure
        first = self._draw(stage.days, rng, ticket) if common is None else common
        if stage.rework is None:
            return Fate(first, 0, fails_first, True)
        fails_again = rng.random() < stage.rework.failure
        again = self._draw(stage.rework.days, rng, ticket) if fails_first or stage.expresses else 0
        return Fate(first, again, fails_first, fails_again)

    def _common(self, round_: Round, stage: Stage) -> int:
        if stage.name not in round_.common:
            rng = self._names[stage.name].brief("batch", round_.number)
            round_.common[stage.name] = minutes(days=stage.days.draw(rng, round_.size))
        return round_.common[stage.name]

    def _draw(self, days: Duration, rng: np.random.Generator, ticket: Ticket) -> int:
        return round(days.draw(rng, ticket.round.size) * DAY)
