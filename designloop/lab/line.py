"""The line: one SimPy process per design in progress takes it through the stages before the assay."""

from collections.abc import Callable, Generator
from typing import Any

import simpy

from designloop.lab.calendar import WorkingTime
from designloop.lab.expression import Expression
from designloop.lab.floor import Floor
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.own_stages import OwnStageRun
from designloop.lab.station_run import StationRun
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
        self._retest_stages = self._stages[entry:]

    def begin(self, round_: Round) -> None:
        """Start the processes of a batch."""
        for stage in self._stages:
            stage.expect(round_, retests=stage in self._retest_stages)
        for ticket in round_.tickets:
            self._env.process(self._pass(ticket))

    def _pass(self, ticket: Ticket) -> Generator[simpy.Event, Any, None]:
        for at in self._retest_stages if ticket.is_retest else self._stages:
            outcome = yield from at.stay(ticket)
            if not ticket.is_open:  # its round has closed
                return
            if outcome is not None:
                self._ledger.fail(ticket, outcome)
                return
            self._ledger.leave(ticket)
        self._arrive(ticket)
