"""A decision of a recorded campaign: what was known, what was ordered, and which designs were built."""

from dataclasses import dataclass

from designloop.core.records import Order


@dataclass(frozen=True)
class Decision:
    """A moment at which a batch was chosen, by a strategy or by people."""

    number: int
    """From 1."""
    round: int
    at: int
    """The index of its first event in the record."""
    asked: int | None
    """How often the strategy had been asked for a batch before; None where people chose the batch."""
    anyway: bool = False
    """True where people ordered a full batch although the scheduler would have waited."""
    proposed: tuple[str, ...] = ()
    """The sequences that the strategy chose; () where people chose."""
    built: tuple[str, ...] = ()
    """The sequences of the batch, after all changes by people."""
    ordered: Order | None = None
    """The order of a batch that people chose; None: the scheduler's."""

    @property
    def by_people(self) -> bool:
        """Whether people chose the batch."""
        return self.asked is None
