"""The floor: at the end of a minute, free machines are given to the designs that wait for them."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

import simpy

from designloop.lab.ledger import Ledger, Ticket

Turn = tuple[int, int, int]
"""Place in a queue: minute of arrival, design, round."""


@dataclass(eq=False, slots=True)
class Machines:
    """Equal machines, and the designs that wait for one in order of arrival."""

    floor: "Floor"
    n_free: int
    queue: list[tuple[Turn, Ticket, simpy.Event]] = field(default_factory=list)

    def request(self, ticket: Ticket) -> simpy.Event:
        """An event that succeeds when the design gets a machine, or when it ends before."""
        turn = (self.floor.minute, ticket.design.id, ticket.round.number)
        granted = self.floor.env.event()
        insort(self.queue, (turn, ticket, granted))
        self.floor.waiting[ticket] = self, turn
        self.floor.changed[self] = None
        return granted

    def release(self) -> None:
        """Give a machine back."""
        self.n_free += 1
        if self.queue:
            self.floor.changed[self] = None

    def forget(self, turn: Turn) -> None:
        """Remove a design that has ended from the queue."""
        self.queue.pop(bisect_left(self.queue, (turn,)))[2].succeed()

    def start(self) -> bool:
        """Give a machine to the first design; False if none can be given."""
        if not (self.queue and self.n_free):
            return False
        self.n_free -= 1
        _, ticket, granted = self.queue.pop(0)
        del self.floor.waiting[ticket]
        granted.succeed()
        return True


class Floor:
    """All machines of a lab. It decides at the end of a minute, when every request and release of it is known.

    The order of events within a minute therefore does not matter. The design that has waited longest is served first.
    """

    def __init__(self, env: simpy.Environment, ledger: Ledger) -> None:
        self.env = env
        self.changed: dict[Machines, None] = {}
        """Machines with a request or a release since the last decision."""
        self.waiting: dict[Ticket, tuple[Machines, Turn]] = {}
        self._ledger = ledger
        ledger.ended.append(self._forget)

    @property
    def minute(self) -> int:
        """The current minute."""
        return self._ledger.minute

    def settle(self) -> None:
        """Give away what is free; called at the end of a minute in which something `changed`."""
        groups = [machines for machines in self.changed if machines.queue]
        self.changed.clear()
        while groups:
            first = min(groups, key=_first_turn)
            if not (first.start() and first.queue):
                groups.remove(first)

    def _forget(self, ticket: Ticket) -> None:
        if ticket in self.waiting:
            machines, turn = self.waiting.pop(ticket)
            machines.forget(turn)


def _first_turn(machines: Machines) -> Turn:
    return machines.queue[0][0]
