"""A stage of one's own at run time: does what its visits request, and checks that they keep to the contract."""

from collections.abc import Generator, Iterator
from typing import Any

import simpy

from designloop.core.calendar import WorkingTime
from designloop.core.clock import minutes
from designloop.core.errors import ContractError, did_you_mean
from designloop.core.faults import blaming, called
from designloop.core.random import stream
from designloop.core.records import Outcome
from designloop.lab.expression import Expression
from designloop.lab.floor import Floor, Machines, Run
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.stages.base import Stage
from designloop.stages.visit import Failed, Release, Seize, Spend, Visit

_ROUNDING = 1e-3
"""Days that the minutes of a visit may lack."""
_END = object()


class OwnStageRun:
    """A stage of one's own, with its machines."""

    def __init__(
        self, stage: Stage, floor: Floor, seed: int, working: WorkingTime, ledger: Ledger, expression: Expression
    ) -> None:
        self.stage, self._seed = stage, seed
        self._env, self._working, self._ledger, self._expression = floor.env, working, ledger, expression
        self._machines = {name: Machines(floor, n) for name, n in stage.resources.items()}

    expects = gathers = False

    def expect(self, round_: Round, tickets: set[Ticket]) -> None:
        """Nothing to prepare: a stage of one's own waits for no batch."""

    def gathering(self, ticket: Ticket) -> None:
        """None: a stage of one's own waits for no batch."""

    def stay(self, ticket: Ticket) -> Generator[simpy.Event, Any, Outcome | None]:
        """The stay of a design, and its outcome if it fails. Raises ContractError, or PartError with the line."""
        self._ledger.enter(ticket, self.stage.name)
        if self.stage.expresses:
            self._expression.enter(ticket)
        held: dict[str, Run] = {}
        worked = 0.0
        try:
            for request in self._requests(ticket):
                if isinstance(request, Spend):
                    worked += request.days * request.is_working
                    yield self._env.timeout(self._minutes(request))
                elif isinstance(request, Seize):
                    run = yield self._machine(request.machine, request.machine in held).request(ticket)
                    if run is not None:
                        held[request.machine] = run
                else:
                    self._released(request, held)
                if not ticket.is_open:
                    return None
        except Failed:
            return self.stage.outcome
        finally:
            for name, run in held.items():
                self._machines[name].leave(run)
        if worked < self.stage.shortest_days - _ROUNDING:
            raise self._breach(
                f"let a design go after {worked:g} working days, before its `shortest_days` of "
                f"{self.stage.shortest_days:g}; `yield` each request, as in `yield visit.work(2)`, or lower it"
            )
        fails = self.stage.expresses and not self._expression.is_viable(ticket)
        return self.stage.outcome if fails else None

    def _requests(self, ticket: Ticket) -> Iterator[Any]:
        """What the visit asks for; errors of its code name the line."""
        visit = Visit(
            ticket.design,
            is_retest=ticket.is_retest,
            batch_size=ticket.round.size,
            clock=lambda: self._ledger.minute,
            streams=lambda name: stream(self._seed, "lab", self.stage.name, *ticket.named, name),
        )
        process = self.stage.process(visit)
        if not isinstance(process, Iterator):
            raise self._breach("returned no generator from `process`; `yield` at least one request")
        while True:
            with blaming(self.stage):
                request = next(process, _END)
            if request is _END:
                return
            yield request

    def _minutes(self, request: Spend) -> int:
        time, now = minutes(days=request.days), self._ledger.minute
        return self._working.after(now, time) - now if request.is_working else time

    def _machine(self, name: str, is_held: bool) -> Machines:
        if name not in self._machines:
            known = did_you_mean(name, self._machines)
            raise self._breach(f"seized '{name}', which is not among its `resources`{known}")
        if is_held:
            raise self._breach(f"seized '{name}' twice; release it first")
        return self._machines[name]

    def _released(self, request: Any, held: dict[str, Run]) -> None:
        if not isinstance(request, Release):
            raise self._breach(f"yielded {request!r}; yield a request of the visit, as in `yield visit.work(2)`")
        if request.machine not in held:
            raise self._breach(f"released '{request.machine}', which it does not hold")
        self._machines[request.machine].leave(held.pop(request.machine))

    def _breach(self, what: str) -> ContractError:
        return ContractError(f"{called(self.stage)} ('{self.stage.name}') {what}")
