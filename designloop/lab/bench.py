"""The bench: designs fill plates, and plates wait for the reader."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle, takewhile
from typing import Any

import numpy as np
import simpy

from designloop.core.calendar import WorkingTime
from designloop.core.clock import minutes
from designloop.core.plates import Template, Templates
from designloop.core.random import stream
from designloop.core.records import Outcome
from designloop.lab.acceptance import quality_of
from designloop.lab.account import Account
from designloop.lab.assay import Assay
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.plate_queue import Queue, Waiting
from designloop.lab.reading import Aliquot, Plate, Reader, Reading
from designloop.lab.store import Shelf
from designloop.lab.truths import Truths

_NEVER = 2**62
"""A minute that does not come."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long a reading of a plate takes, in minutes, and whether the plate is lost."""

    is_lost: bool
    reading: int
    analysis: int


class Bench:
    """Assembles plates at the end of a minute, so that the order of arrival within a minute is irrelevant."""

    def __init__(
        self,
        env: simpy.Environment,
        assay: Assay,
        templates: Templates,
        seed: int,
        working: WorkingTime,
        ledger: Ledger,
        truths: Truths,
        reader: Reader,
        account: Account,
        shelf: Shelf,
    ) -> None:
        self._env = env
        self._assay = assay
        self._templates = cycle(templates)
        self._seed = seed
        self._working = working
        self._ledger = ledger
        self._truths = truths
        self._reader = reader
        self._account = account
        self._shelf = shelf
        self._to_read_again: list[tuple[int, int, simpy.Event]] = []
        """(round, wells, event that succeeds when there is what the reading uses up) of plates that are read again."""
        self._station = simpy.Resource(env, assay.readers)
        self._queues: dict[int, Queue] = {}
        self._places = templates[0].n_places
        self._n_to_start = assay.n_to_start(self._places)
        self._wait = None if assay.wait_days is None else minutes(days=assay.wait_days)
        self.changed: set[int] = set()
        """Rounds of which a plate may be due: a design arrived, ended, or has waited long enough."""
        ledger.ended.append(self._forget)
        shelf.on_delivery(self._decide_again)

    def arrive(self, ticket: Ticket) -> None:
        """A design that is ready to be measured waits for a plate."""
        ticket.round.n_upstream -= 1
        ticket.stage = self._assay.name
        queue = self._queue(ticket.round)
        now = self._ledger.minute
        deadline = self._deadline(now)
        queue.add(Waiting(now, ticket.design.id, deadline, ticket))
        if now < deadline < _NEVER:
            self._env.timeout(deadline - now).callbacks.append(lambda _: self.changed.add(ticket.round.number))

    def _deadline(self, since: int) -> int:
        return _NEVER if self._wait is None else self._working.after(since, self._wait)

    def _queue(self, round_: Round) -> Queue:
        """The queue of a round, in which something changes."""
        self.changed.add(round_.number)
        if round_.number not in self._queues:
            self._queues[round_.number] = Queue(round_)
        return self._queues[round_.number]

    def _forget(self, ticket: Ticket) -> None:
        """Stop waiting for a design that ended before it reached the bench."""
        if ticket.stage != self._assay.name:
            ticket.round.n_upstream -= 1
            self._queue(ticket.round)
        elif (queue := self._queues.get(ticket.round.number)) is not None and queue.forget(ticket):
            self.changed.add(ticket.round.number)

    def make_up(self) -> None:
        """Start the plates that are due; called at the end of a minute in which a round `changed`."""
        changed, self.changed = sorted(self.changed & self._queues.keys()), set()
        if self._shelf:  # all wait for the same deliveries
            changed = sorted(self._queues)
            self._read_again()
        lacks_stock = bool(self._to_read_again)  # who came first waits first
        for number in changed:
            queue = self._queues[number]
            while queue.waiting and self._is_due(queue):
                n = self._n_next(queue)
                lacks_stock = lacks_stock or self._lacks_stock([one.ticket for one in queue.waiting[:n]])
                if lacks_stock:
                    break
                self._start(queue.take(n), queue.round)
            if not queue.waiting and queue.round.n_upstream == 0:
                del self._queues[number]

    def _wells(self, ticket: Ticket) -> int:
        """Wells of a design on its first plate."""
        return ticket.n_wells if self._assay.replicates_together else 1

    def _n_next(self, queue: Queue) -> int:
        """The number of designs of the next plate: as many as fit, and at least one."""
        fills = accumulate(self._wells(one.ticket) for one in queue.waiting)
        n = sum(1 for _ in takewhile(lambda n_wells: n_wells <= self._places, fills))
        return max(n, 1)

    def _is_due(self, queue: Queue) -> bool:
        waiting = queue.waiting
        n_wells = sum(self._wells(one.ticket) for one in waiting) if self._assay.replicates_together else len(waiting)
        is_filled = n_wells >= self._n_to_start
        return is_filled or queue.round.n_upstream == 0 or queue.waiting[0].deadline <= self._ledger.minute

    def _lacks_stock(self, group: list[Ticket]) -> bool:
        """Whether the plates of a group wait for a delivery."""
        if not self._shelf:
            return False
        return self._shelf.lacks(sum(ticket.n_wells for ticket in group), len(list(self._plates(group))))

    def _decide_again(self) -> None:
        """Start the plates that are due at the end of the minute."""
        self.changed.update(self._queues, (number for number, _, _ in self._to_read_again))

    def _read_again(self) -> None:
        """Let plates be read again for which there is what it uses up."""
        while self._to_read_again and not self._shelf.lacks(self._to_read_again[0][1]):
            _, n_wells, granted = self._to_read_again.pop(0)
            self._account.read_again(n_wells)
            granted.succeed()

    def _start(self, group: list[Ticket], round_: Round) -> None:
        """Start the plates of a group, with designs in newly drawn wells."""
        round_.n_plates += 1
        plates = list(self._plates(group))
        self._account.start_plates(group, len(plates))
        for replicate, aliquots in plates:
            self._env.process(self._measure(aliquots, round_, replicate, round_.n_plates, next(self._templates)))

    def _plates(self, group: list[Ticket]) -> Iterator[tuple[int, list[Aliquot]]]:
        """(ordinal, aliquots) of each plate: one for each replicate, or, together, as many as the wells need."""
        if not self._assay.replicates_together:
            for replicate in range(1, max(ticket.n_wells for ticket in group) + 1):
                yield replicate, [Aliquot(ticket, replicate) for ticket in group if ticket.n_wells >= replicate]
            return
        aliquots = [Aliquot(ticket, replicate) for ticket in group for replicate in range(1, ticket.n_wells + 1)]
        for ordinal, first in enumerate(range(0, len(aliquots), self._places), start=1):
            yield ordinal, aliquots[first : first + self._places]

    def _measure(
        self, aliquots: list[Aliquot], round_: Round, replicate: int, ordinal: int, template: Template
    ) -> Generator[simpy.Event, Any, None]:
        rng = stream(self._seed, "lab", "plate", round_.number, replicate, ordinal)
        times = self._times(rng, round_.size)
        layout, name = template.filled(range(len(aliquots)), rng), f"{round_.number}-{ordinal}-{replicate}"
        plate = Plate(name, aliquots, layout, replicate, round_.number)
        while True:
            yield from self._read(plate, times)
            if times.is_lost:
                self._lose(plate, "plate_lost")
            elif not self._is_accepted(plate, rng):
                if plate.reading <= self._assay.read_again:
                    yield from self._pay_reading(len(aliquots), round_)
                    times, plate = self._times(rng, round_.size), plate.again()
                    continue
                self._lose(plate)
            break
        self._account.end_plate(len(aliquots), plate.reading)

    def _pay_reading(self, n_wells: int, round_: Round) -> Generator[simpy.Event, Any, None]:
        """Pay a further reading, once there is what it uses up."""
        if not self._shelf:
            self._account.read_again(n_wells)
            return
        granted = self._env.event()
        self._to_read_again.append((round_.number, n_wells, granted))
        self.changed.add(round_.number)
        yield granted

    def _times(self, rng: np.random.Generator, size: int) -> Times:
        assay = self._assay
        is_lost = rng.random() < assay.lost_plates
        return Times(
            is_lost, minutes(days=assay.days.draw(rng, size)), minutes(days=assay.analysis_days.draw(rng, size))
        )

    def _read(self, plate: Plate, times: Times) -> Generator[simpy.Event, Any, None]:
        """A plate waits for a reader and is read. Its results come after the analysis, unless it is lost."""
        with self._station.request() as turn:
            yield turn
            for aliquot in plate.aliquots if plate.reading == 1 else ():
                if aliquot.ticket.is_open and aliquot.replicate == 1:
                    self._ledger.enter(aliquot.ticket, self._assay.name)
            held = minutes(days=1 / self._assay.plates_per_day) if self._assay.plates_per_day else 0
            yield from self._spend(held)
        yield from self._spend(max(times.reading - held, 0))
        if not times.is_lost:
            yield from self._spend(times.analysis)

    def _spend(self, time: int) -> Generator[simpy.Event, Any, None]:
        if time:
            now = int(self._env.now)
            yield self._env.timeout(self._working.after(now, time) - now)

    def _lose(self, plate: Plate, kind: str = "") -> None:
        """The wells of a plate are lost, with an event of that kind, if any."""
        if kind and plate.is_waited_for:
            self._ledger.write(kind, plate=plate.name)
        for aliquot in plate.aliquots:
            if aliquot.ticket.is_open:
                self._ledger.lose_well(aliquot.ticket)

    def _is_accepted(self, plate: Plate, rng: np.random.Generator) -> bool:
        """Whether a plate is accepted; then all its results are written at once.

        First the controls, then designs in the order of their ids. A plate for which nobody waits is not looked at.
        """
        if not plate.is_waited_for:
            return True
        self._truths.read(self._reader.needs(plate), plate.name)
        controls, readings = self._reader.read(plate, rng)
        for control in controls:
            self._ledger.write("control", plate=plate.name, assay=self._assay.name, **control)
        if not self._is_good(plate, controls):
            return False
        results = zip(plate.aliquots, readings, strict=True)
        for aliquot, reading in sorted(results, key=lambda result: (result[0].ticket.design.id, result[0].replicate)):
            if aliquot.ticket.is_open:
                self._record(aliquot, reading, plate.name)
        return True

    def _is_good(self, plate: Plate, controls: Sequence[Reading]) -> bool:
        """Whether Z′ is high enough; an event says where it is not."""
        least = self._assay.min_z_prime
        if least is None:
            return True
        found = quality_of(controls)
        is_good = found is not None and found >= least
        if not is_good:
            self._ledger.write("plate_rejected", plate=plate.name, assay=self._assay.name, z_prime=found)
        return is_good

    def _record(self, aliquot: Aliquot, reading: Reading | None, plate: str) -> None:
        """Record the result of one well."""
        ticket, sequence = aliquot.ticket, aliquot.ticket.design.sequence
        if not self._truths.is_measured(sequence):
            self._ledger.fail(ticket, Outcome.UNMEASURED)
        elif not self._truths.expresses(sequence):
            self._ledger.fail(ticket, Outcome.NOT_EXPRESSED)
        elif reading is None:
            self._ledger.lose_well(ticket)
        else:
            self._ledger.observe(ticket, plate=plate, replicate=aliquot.replicate, assay=self._assay.name, **reading)
