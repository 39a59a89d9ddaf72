"""Expression shows which sequences are viable: the oracle is asked about all that are in expression at once."""

from designloop.lab.ledger import Ticket
from designloop.lab.truths import Truths


class Expression:
    """The designs in expression, in the order in which they came."""

    def __init__(self, truths: Truths) -> None:
        self._truths = truths
        self._inside: dict[Ticket, None] = {}

    def enter(self, ticket: Ticket) -> None:
        """A design that will be asked about."""
        self._inside[ticket] = None

    def is_viable(self, ticket: Ticket) -> bool:
        """Whether a sequence can be expressed.

        The oracle is called when the first design is due, one plate at a time. A design that is not viable fails at the
        same time and with the same outcome as one that fails by chance.
        """
        if not ticket.is_open:
            return True
        if ticket in self._inside:
            due = sorted((t for t in self._inside if t.is_open), key=lambda t: (t.round.number, t.design.id))
            self._inside.clear()
            self._truths.read([t.design.sequence for t in due], plate=f"in expression, round {ticket.round.number}")
        return self._truths.expresses(ticket.design.sequence)
