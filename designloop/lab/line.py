"""The stages before the assay: one SimPy process per design in progress."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from designloop.core.clock import DAY, minutes
from designloop.core.random import Streams
from designloop.lab.calendar import WorkingTime
from designloop.lab.durations import Duration
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.stages import Rework, Stage
from designloop.lab.truths import Truths

Steps = Generator[simpy.Event, Any, None]
Fate = tuple[int, int, bool, bool]
"""The random draws of a design at a stage: minutes of the first and second attempt, and whether each fails."""
_NO_TURN: AbstractContextManager[None] = nullcontext()


@dataclass(slots=True)
class Step:
    """A stage at run time: its settings and random streams, for fast access."""

    stage: Stage
    name: str
    station: simpy.Resource | None
    streams: Streams
    days: Duration
    failure: float
    rework: Rework | None
    waits: bool
    is_common: bool
    """One duration for the batch."""
    is_certain: bool
    """No design fails by chance."""
    expresses: bool
    is_working: bool
    """It takes working time, and not calendar time."""

    @classmethod
    def of(cls, stage: Stage, env: simpy.Environment, seed: int) -> "Step":
        return cls(
            stage=stage,
            name=stage.name,
            station=None if stage.capacity is None else simpy.Resource(env, stage.capacity),
            streams=Streams(seed, "lab", stage.name),
            days=stage.days,
            failure=stage.failure,
            rework=stage.rework,
            waits=stage.release == "together" or stage.start_days is not None,
            is_common=stage.per == "batch",
            is_certain=stage.failure == 0 and stage.rework is None,
            expresses=stage.expresses,
            is_working=stage.clock == "working",
        )

    def turn(self) -> AbstractContextManager[Any]:
        """A place at the station to wait for; None where capacity is unlimited."""
        return _NO_TURN if self.station is None else self.station.request()


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


class Line:
    """Stages with their stations. `arrive` is called with each design that has passed all of them."""

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
        self._steps = [Step.of(stage, env, seed) for stage in stages]
        self._gatherings: dict[tuple[int, str], Gathering] = {}
        self._gathering = [stage.name for stage in stages if stage.release == "together"]
        self._in_expression: dict[Ticket, None] = {}  # in the order they came
        ledger.ended.append(self._will_not_come)

    def begin(self, round_: Round) -> None:
        """Start the processes of a batch."""
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
        for step in self._steps[self._entry :] if ticket.is_retest else self._steps:
            if step.waits:
                yield from self._wait_to_start(ticket, step.stage)
            with step.turn() as turn:
                if turn is not None:
                    yield turn
                if not ticket.is_open:  # its round has closed
                    return
                self._ledger.enter(ticket, step.name)
                if step.expresses:
                    self._in_expression[ticket] = None
                first, again, fails, fails_again = self._fate(ticket, step)
                if first:
                    yield self._env.timeout(self._delay(step, first))
                if step.expresses or fails:
                    fails = yield from self._struggle(ticket, step, again, fails, fails_again)
                if ticket.is_open and not fails:
                    self._ledger.leave(ticket)
                elif ticket.is_open:
                    self._ledger.fail(ticket, step.stage.outcome)
            if not ticket.is_open:
                return
        self._arrive(ticket)

    def _struggle(
        self, ticket: Ticket, step: Step, again: int, fails: bool, fails_again: bool
    ) -> Generator[simpy.Event, Any, bool]:
        """Whether a design fails that is not viable or failed at first. With rework, a second attempt may succeed."""
        is_viable = not step.expresses or self._is_viable(ticket)
        if (fails or not is_viable) and step.rework is not None and ticket.is_open:
            yield self._env.timeout(self._delay(step, again))
            fails = fails_again
        return fails or not is_viable

    def _wait_to_start(self, ticket: Ticket, stage: Stage) -> Steps:
        if stage.release == "together":
            gathering = self._gatherings[ticket.round.number, stage.name]
            gathering.strike(ticket)
            yield gathering.all_are_here
        if stage.start_days is not None:
            start = self._working.next_start(self._ledger.minute, stage.start_days)
            if start > self._ledger.minute:
                yield self._env.timeout(start - self._ledger.minute)

    def _delay(self, step: Step, time: int) -> int:
        """Calendar minutes from now until `time` minutes of work at a stage are done."""
        now = self._ledger.minute
        return self._working.after(now, time) - now if step.is_working else time

    def _is_viable(self, ticket: Ticket) -> bool:
        """Whether a sequence can be expressed. All sequences in expression are evaluated together, one plate at a time.

        The oracle is called when the first of them is due. A design that is not viable fails at the same time and with
        the same outcome as one that fails by chance.
        """
        if ticket in self._in_expression:
            due = sorted((t for t in self._in_expression if t.is_open), key=lambda t: (t.round.number, t.design.id))
            self._in_expression.clear()
            if ticket.is_open:
                self._truths.read([t.design.sequence for t in due], plate=f"in expression, round {ticket.round.number}")
        return not ticket.is_open or self._truths.expresses(ticket.design.sequence)

    def _fate(self, ticket: Ticket, step: Step) -> Fate:
        common = self._common(ticket.round, step) if step.is_common else None
        if common is not None and step.is_certain:  # nothing to draw: save a stream
            return common, 0, False, True
        visit = ("retest", ticket.round.number) if ticket.is_retest else ()
        rng = step.streams.brief(ticket.design.id, *visit)
        fails_first = step.failure > 0 and rng.random() < step.failure
        first = self._draw(step.days, rng, ticket) if common is None else common
        if step.rework is None:
            return first, 0, fails_first, True
        fails_again = rng.random() < step.rework.failure
        again = self._draw(step.rework.days, rng, ticket) if fails_first or step.expresses else 0
        return first, again, fails_first, fails_again

    def _common(self, round_: Round, step: Step) -> int:
        if step.name not in round_.common:
            rng = step.streams.brief("batch", round_.number)
            round_.common[step.name] = minutes(days=step.days.draw(rng, round_.size))
        return round_.common[step.name]

    def _draw(self, days: Duration, rng: np.random.Generator, ticket: Ticket) -> int:
        return round(days.draw(rng, ticket.round.size) * DAY)
