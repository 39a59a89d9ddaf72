"""The ledger of a running lab: which designs are under way, and the events that say so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from designloop.core.records import Batch, Design, Event, Outcome

RETURNS = frozenset({"observed", "failed", "round_closed"})
"""Kinds of events at which the lab speaks up."""


@dataclass(eq=False, slots=True)
class Ticket:
    """One design's way through the lab in one batch: its first, or a retest."""

    design: Design
    round: "Round"
    is_retest: bool
    wells_to_come: int
    has_value: bool = False
    is_open: bool = True
    stage: str = "submitted"


@dataclass(eq=False)
class Round:
    """One batch under way."""

    batch: Batch
    submitted_at: int
    tickets: list[Ticket] = field(default_factory=list)
    n_open: int = 0
    n_upstream: int = 0
    """Tickets that may still come to the assay."""
    n_results: int = 0
    n_plates: int = 0
    is_closed: bool = False
    common: dict[str, int] = field(default_factory=dict)
    """Stage: working minutes that are common to the batch."""
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Stage: what each event of entering or leaving it says. All share it, for a round has thousands."""
    number: int = field(init=False)

    def __post_init__(self) -> None:
        self.number = self.batch.round

    @property
    def size(self) -> int:
        return len(self.batch.designs)

    def at(self, stage: str) -> dict[str, Any]:
        """What an event says that happens at a stage."""
        facts = self.facts.get(stage)
        if facts is None:
            facts = self.facts[stage] = {"stage": stage, "round": self.number}
        return facts


class Ledger:
    """Writes events, and knows what is open. `ended` is called with each ticket that will not come any more."""

    def __init__(self, share: float | None) -> None:
        self.minute = 0
        """Now: set by the lab, whose clock it is."""
        self._share = share
        self._events: list[Event] = []
        self.has_returns = False
        """An outcome, or a closed round, is among the events not taken yet."""
        self.n_open_rounds = 0
        self.ended: list[Callable[[Ticket], None]] = []

    def take(self) -> list[Event]:
        """The events since the last call."""
        events, self._events, self.has_returns = self._events, [], False
        return events

    def write(self, kind: str, design: int | None = None, minute: int | None = None, **data: Any) -> None:
        """One event, now."""
        self._events.append(Event(self.minute if minute is None else minute, kind, design, data))
        if kind in RETURNS:
            self.has_returns = True

    def open(self, round_: Round) -> None:
        """A batch is under way."""
        batch = round_.batch
        for designs, is_retest in ((batch.designs, False), (batch.retests, True)):
            for design in sorted(designs, key=lambda design: design.id):
                round_.tickets.append(Ticket(design, round_, is_retest, batch.replicates))
                self.write("submitted", design.id, round=batch.round, replicates=batch.replicates, retest=is_retest)
        round_.n_open = round_.n_upstream = len(round_.tickets)
        self.n_open_rounds += 1

    def enter(self, ticket: Ticket, stage: str) -> None:
        ticket.stage = stage
        self._events.append(Event(self.minute, "entered", ticket.design.id, ticket.round.at(stage)))

    def leave(self, ticket: Ticket) -> None:
        self._events.append(Event(self.minute, "left", ticket.design.id, ticket.round.at(ticket.stage)))

    def fail(self, ticket: Ticket, outcome: Outcome, stage: str | None = None) -> None:
        """A design ends without a value."""
        self.write(
            "failed",
            ticket.design.id,
            stage=stage or ticket.stage,
            outcome=str(outcome),
            round=ticket.round.number,
            retest=ticket.is_retest,
        )
        self._end(ticket)

    def observe(self, ticket: Ticket, **data: Any) -> None:
        """One well of a design has a value."""
        self.write("observed", ticket.design.id, round=ticket.round.number, retest=ticket.is_retest, **data)
        ticket.has_value = True
        self._well_came(ticket)

    def lose_well(self, ticket: Ticket) -> None:
        """One well of a design has none; the design is lost with its last well."""
        self._well_came(ticket)

    def _well_came(self, ticket: Ticket) -> None:
        ticket.wells_to_come -= 1
        if ticket.wells_to_come > 0:
            return
        if ticket.has_value:
            self._end(ticket)
        else:
            self.fail(ticket, Outcome.LOST)

    def _end(self, ticket: Ticket) -> None:
        ticket.is_open = False
        ticket.round.n_open -= 1
        ticket.round.n_results += ticket.has_value
        for tell in self.ended:
            tell(ticket)

    def close_if_due(self, round_: Round) -> None:
        """Close a round of which all, or the share that closes it, is back; called when a minute is over."""
        if round_.is_closed:
            return
        back = len(round_.tickets) - round_.n_open
        if round_.n_open == 0 or (self._share is not None and back >= self._share * len(round_.tickets) - 1e-9):
            self.close(round_)

    def close(self, round_: Round) -> None:
        """Close a round: what is not back is lost, and paid for."""
        if round_.is_closed:
            return
        round_.is_closed = True
        for ticket in round_.tickets:
            if ticket.is_open and ticket.has_value:  # a replicate is back: the others are not waited for
                self._end(ticket)
            elif ticket.is_open:
                self.fail(ticket, Outcome.LOST, stage="closed")
        n_lost = len(round_.tickets) - round_.n_results
        self.write("round_closed", round=round_.number, n_results=round_.n_results, n_lost=n_lost)
        self.n_open_rounds -= 1
