"""Other people's work at run time: a SimPy process for each job lets its batches arrive."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

import simpy

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.random import stream
from designloop.core.records import Batch, Design
from designloop.lab.arrivals import Arrival, arrivals
from designloop.lab.background import MOST_JOBS, Background
from designloop.lab.follow import follow
from designloop.lab.ledger import Round, Ticket
from designloop.lab.station_run import StationRun

_FIRST_ID = 2**40
"""Numbers of items begin here, so that designs go before them within a minute."""
_PRECEDENCE: Mapping[str, int] = {"first": -1, "first-come": 0, "last": 1}


class Described(Protocol):
    """The part of a lab's description that is used here."""

    @property
    def background(self) -> tuple[Background, ...]: ...
    @property
    def calendar(self) -> Calendar: ...


class OtherWork:
    """The background of a lab. `newest` is the number of the campaign's newest batch, for queues by batch."""

    def __init__(
        self,
        lab: Described,
        stations: Sequence[StationRun],
        env: simpy.Environment,
        seed: int,
        working: WorkingTime,
        newest: Callable[[], int],
    ) -> None:
        self._env, self._newest = env, newest
        by_name = {station.stage.name: station for station in stations}
        for place, job in enumerate(lab.background):
            rng = stream(seed, "lab", "background", job.name)
            route = [by_name[name] for name in job.stages or by_name]
            times = arrivals(job, lab.calendar, working, rng, int(env.now))
            env.process(self._arrive(job, route, times, count(_FIRST_ID + place, MOST_JOBS)))

    def _arrive(
        self, job: Background, route: Sequence[StationRun], times: Iterator[Arrival], ids: Iterator[int]
    ) -> Generator[simpy.Event, Any, None]:
        for arrival in times:
            if (wait := arrival.minute - int(self._env.now)) > 0:
                yield self._env.timeout(wait)
            tickets = self._batch(job, arrival, ids)
            for station in route:
                if station.expects:
                    station.expect(tickets[0].round, set(tickets))
            for ticket in tickets:
                follow(self._pass(ticket, route))

    def _batch(self, job: Background, arrival: Arrival, ids: Iterator[int]) -> list[Ticket]:
        number = self._newest()
        items = tuple(Design(next(ids), "", number) for _ in range(arrival.size))
        round_ = Round(Batch(number, items), arrival.minute, owner=job.name, precedence=_PRECEDENCE[job.priority])
        return [Ticket(item, round_, is_retest=False, n_wells=0) for item in items]

    def _pass(self, ticket: Ticket, route: Sequence[StationRun]) -> Generator[simpy.Event, Any, None]:
        for place, station in enumerate(route):
            if not (yield from station.host(ticket)):
                self._lose(ticket, route[place + 1 :])
                return

    def _lose(self, ticket: Ticket, route: Sequence[StationRun]) -> None:
        """An item that a breakdown destroyed; nobody waits for it at these stations."""
        for station in route:
            if station.expects:
                station.will_not_come(ticket)
