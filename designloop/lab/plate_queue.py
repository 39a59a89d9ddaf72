"""The queue of a batch for its plates: designs wait in order of arrival."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import NamedTuple

from designloop.lab.ledger import Round, Ticket


class Waiting(NamedTuple):
    """A design that waits for a plate, in order of arrival; within a minute, in order of design ids."""

    arrival: int
    design: int
    deadline: int
    """The latest start of its plate."""
    ticket: Ticket


@dataclass(slots=True)
class Queue:
    """Designs of one batch that wait for a plate."""

    round: Round
    waiting: list[Waiting] = field(default_factory=list)
    places: dict[Ticket, Waiting] = field(default_factory=dict)

    def add(self, waiting: Waiting) -> None:
        """Put a design in its place."""
        insort(self.waiting, waiting)
        self.places[waiting.ticket] = waiting

    def take(self, n: int) -> list[Ticket]:
        """The first n designs, which wait no longer."""
        taken = [waiting.ticket for waiting in self.waiting[:n]]
        del self.waiting[:n]
        for ticket in taken:
            del self.places[ticket]
        return taken

    def forget(self, ticket: Ticket) -> bool:
        """Let a design wait no longer; False where it does not."""
        waiting = self.places.pop(ticket, None)
        if waiting is not None:
            del self.waiting[bisect_left(self.waiting, waiting)]
        return waiting is not None
