"""Counts of a round: each of its designs and retests is measured, measured in part, failed, or to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from designloop.live.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Counts:
    """How many designs and retests there are of each kind."""

    n_measured: int
    """With all of their values."""
    n_partly: int
    """With a value, and more to come."""
    n_failed: int
    """Without a value, and nothing to come."""
    n_open: int
    """Without a value so far."""

    @classmethod
    def of(cls, tickets: Sequence[Ticket]) -> Self:
        """Those of some tickets."""
        kinds = [(bool(ticket.results), ticket.is_open) for ticket in tickets]
        return cls(*(kinds.count(kind) for kind in ((True, False), (True, True), (False, False), (False, True))))

    def __str__(self) -> str:
        partly = f", {self.n_partly} measured in part" if self.n_partly else ""
        return f"{self.n_measured} measured{partly}, {self.n_failed} failed, {self.n_open} with results to come"
