"""A station at run time: the stay of each design at a built-in stage."""

from collections.abc import Generator
from typing import Any

import simpy

from designloop.core.clock import DAY, minutes
from designloop.core.random import Streams
from designloop.lab.calendar import WorkingTime
from designloop.lab.expression import Expression
from designloop.lab.floor import Floor, Machines
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.stages.station import Station

Stay = Generator[simpy.Event, Any, bool]
Fate = tuple[int, int, bool, bool]
"""The random draws of a design at a stage: minutes of the first and second attempt, and whether each fails."""


class Gathering:
    """The point at which the designs of a batch wait for one another."""

    def __init__(self, env: simpy.Environment, expected: set[Ticket]) -> None:
        self.all_are_here = env.event()
        self._expected = expected

    def strike(self, ticket: Ticket) -> None:
        """Stop waiting for a design that has arrived, or will not arrive."""
        self._expected.discard(ticket)
        if not self._expected and not self.all_are_here.triggered:
            self.all_are_here.succeed()


class StationRun:
    """A station with its machines and its random streams."""

    def __init__(
        self, stage: Station, floor: Floor, seed: int, working: WorkingTime, ledger: Ledger, expression: Expression
    ) -> None:
        self.stage = stage
        self._env, self._working, self._ledger, self._expression = floor.env, working, ledger, expression
        self._machines = None if stage.capacity is None else Machines(floor, stage.capacity)
        self._streams = Streams(seed, "lab", stage.name)
        self._gatherings: dict[int, Gathering] = {}
        # Read for every design, and faster here than in the description.
        self._name, self._days, self._failure, self._rework = stage.name, stage.days, stage.failure, stage.rework
        self._gathers, self._waits = stage.release == "together", stage.start_days is not None
        self._is_common, self._is_working = stage.per == "batch", stage.clock == "working"
        self._is_certain, self._expresses = stage.failure == 0 and stage.rework is None, stage.expresses
        if self._gathers:
            ledger.ended.append(self._will_not_come)

    def expect(self, round_: Round, *, retests: bool) -> None:
        """Prepare for the designs of a batch, with or without its retests."""
        if self._gathers:
            expected = {ticket for ticket in round_.tickets if retests or not ticket.is_retest}
            self._gatherings[round_.number] = Gathering(self._env, expected)

    def _will_not_come(self, ticket: Ticket) -> None:
        self._gatherings[ticket.round.number].strike(ticket)

    def stay(self, ticket: Ticket) -> Stay:
        """The stay of a design, and whether it fails."""
        if self._gathers or self._waits:
            yield from self._wait_to_start(ticket)
        if self._machines is not None and ticket.is_open:
            yield self._machines.request(ticket)
        if not ticket.is_open:  # its round has closed
            return False
        self._ledger.enter(ticket, self._name)
        if self._expresses:
            self._expression.enter(ticket)
        first, again, fails, fails_again = self._fate(ticket)
        if first:
            yield self._env.timeout(self._delay(first))
        if self._expresses or fails:
            fails = yield from self._struggle(ticket, again, fails, fails_again)
        if self._machines is not None:
            self._machines.release()
        return fails

    def _struggle(self, ticket: Ticket, again: int, fails: bool, fails_again: bool) -> Stay:
        """Whether a design fails that is not viable or failed at first. With rework, a second attempt may succeed."""
        is_viable = not self._expresses or self._expression.is_viable(ticket)
        if (fails or not is_viable) and self._rework is not None and ticket.is_open:
            self._ledger.try_again(ticket)
            yield self._env.timeout(self._delay(again))
            fails = fails_again
        return fails or not is_viable

    def _wait_to_start(self, ticket: Ticket) -> Generator[simpy.Event, Any, None]:
        if self._gathers:
            gathering = self._gatherings[ticket.round.number]
            gathering.strike(ticket)
            yield gathering.all_are_here
        if self.stage.start_days is not None:
            start = self._working.next_start(self._ledger.minute, self.stage.start_days)
            if start > self._ledger.minute:
                yield self._env.timeout(start - self._ledger.minute)

    def _delay(self, time: int) -> int:
        """Calendar minutes from now until `time` minutes of work are done."""
        now = self._ledger.minute
        return self._working.after(now, time) - now if self._is_working else time

    def _fate(self, ticket: Ticket) -> Fate:
        common = self._common(ticket.round) if self._is_common else None
        if common is not None and self._is_certain:  # nothing to draw: save a stream
            return common, 0, False, True
        visit = ("retest", ticket.round.number) if ticket.is_retest else ()
        rng, size = self._streams.brief(ticket.design.id, *visit), ticket.round.size
        fails_first = self._failure > 0 and rng.random() < self._failure
        first = round(self._days.draw(rng, size) * DAY) if common is None else common
        if self._rework is None:
            return first, 0, fails_first, True
        fails_again = rng.random() < self._rework.failure
        again = round(self._rework.days.draw(rng, size) * DAY) if fails_first or self._expresses else 0
        return first, again, fails_first, fails_again

    def _common(self, round_: Round) -> int:
        if self._name not in round_.common:
            rng = self._streams.brief("batch", round_.number)
            round_.common[self._name] = minutes(days=self._days.draw(rng, round_.size))
        return round_.common[self._name]
