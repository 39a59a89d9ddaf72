"""The line: the way of each design in progress through the stages before the assay."""

from collections.abc import Callable, Generator
from typing import Any

import simpy

from designloop.core.calendar import WorkingTime
from designloop.lab.expression import Expression
from designloop.lab.floor import Floor, Machines, Rules, Run
from designloop.lab.follow import follow
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.own_stages import OwnStageRun
from designloop.lab.routes import Routes
from designloop.lab.station_run import Gathering, StationRun
from designloop.lab.truths import Truths
from designloop.stages.base import Stage
from designloop.stages.station import Station


class Line:
    """The stages of a lab at run time. `arrive` is called with each design that has passed all of them."""

    def __init__(
        self,
        floor: Floor,
        stages: tuple[Stage, ...],
        entry: int,
        wip_limit: int | None,
        seed: int,
        working: WorkingTime,
        ledger: Ledger,
        truths: Truths,
        arrive: Callable[[Ticket], None],
    ) -> None:
        self._env, self._ledger, self._arrive = floor.env, ledger, arrive
        expression = Expression(truths)
        common = (floor, seed, working, ledger, expression)
        self._stages = [
            StationRun(stage, *common) if isinstance(stage, Station) else OwnStageRun(stage, *common)
            for stage in stages
        ]
        self._entry, self._retest_stages = entry, self._stages[entry:]
        self._gate = None if wip_limit is None else Machines(floor, wip_limit, Rules(rank=_outside))
        self._places = dict[Ticket, Run | None]()
        """The place of each design that is inside the gate."""
        self._routes = Routes(stages, seed)
        self._place = {stage.name: place for place, stage in enumerate(stages)}

    @property
    def stations(self) -> list[StationRun]:
        """The built-in stages."""
        return [stage for stage in self._stages if isinstance(stage, StationRun)]

    def begin(self, round_: Round) -> None:
        """Start the processes of a batch."""
        for stage in self._stages:
            if stage.expects:
                tickets = [t for t in round_.tickets if stage in self._retest_stages or not t.is_retest]
                stage.expect(round_, {ticket for ticket in tickets if not self._routes.skips(ticket, stage.stage.name)})
        self._env.process(self._start(round_.tickets))

    def _start(self, tickets: list[Ticket]) -> Generator[simpy.Event, Any, None]:
        """Start the designs of a batch, once the clock runs."""
        for ticket in tickets:
            follow(self._pass(ticket) if self._gate is None else self._admit(ticket, self._gate))
        yield from ()

    def _admit(self, ticket: Ticket, gate: Machines) -> Generator[simpy.Event, Any, None]:
        """Let a design into the stages when there is a place, which is free again when it has left them."""
        self._places[ticket] = yield gate.request(ticket)
        if self._places[ticket] is not None:
            yield from self._pass(ticket)
        if (place := self._places.pop(ticket)) is not None:
            gate.leave(place)

    def _gather(self, ticket: Ticket, gathering: Gathering) -> Generator[simpy.Event, Any, None]:
        """Wait for the batch. Meanwhile the place inside the gate is free: the others may need it."""
        if self._gate is not None and (place := self._places[ticket]) is not None:
            self._places[ticket] = None
            self._gate.leave(place)
        gathering.strike(ticket)
        yield gathering.all_are_here
        if self._gate is not None and ticket.is_open:
            self._places[ticket] = yield self._gate.request(ticket)

    def _pass(self, ticket: Ticket) -> Generator[simpy.Event, Any, None]:
        stages, place = self._retest_stages if ticket.is_retest else self._stages, 0
        tries: dict[str, int] = {}
        while place < len(stages):
            at = stages[place]
            place += 1
            if self._routes.are_drawn and self._routes.skips(ticket, at.stage.name):
                continue
            if at.gathers and (gathering := at.gathering(ticket)) is not None:
                yield from self._gather(ticket, gathering)
            outcome = yield from at.stay(ticket)
            if not ticket.is_open:  # its round has closed
                return
            if outcome is None:
                self._ledger.leave(ticket)
            elif (back := at.stage.back_to) is not None and tries.get(at.stage.name, 0) < at.stage.times_again:
                tries[at.stage.name] = tries.get(at.stage.name, 0) + 1
                place = max(self._place[back] - (self._entry if ticket.is_retest else 0), 0)
                self._ledger.go_back(ticket, stages[place].stage.name)
            else:
                self._ledger.fail(ticket, outcome)
                return
        self._arrive(ticket)


def _outside(ticket: Ticket) -> int:
    """The rank of a design that waits for a place: first those that have been in a stage, then urgent batches."""
    return 2 * (ticket.stage == "submitted") + (not ticket.round.batch.urgent)
