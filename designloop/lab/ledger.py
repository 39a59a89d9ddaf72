"""The ledger of a running lab: the designs in progress, and their events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from designloop.core.random import end_of_name
from designloop.core.records import Batch, Design, Event, Outcome

RETURNS = frozenset({"observed", "failed", "round_closed"})
"""Kinds of events that make the lab return."""


@dataclass(eq=False, slots=True)
class Ticket:
    """The passage of one design through the lab in one batch: its first measurement, or a retest."""

    design: Design
    round: "Round"
    is_retest: bool
    n_wells: int
    has_value: bool = False
    is_open: bool = True
    n_again: int = 0
    """Number of times that it went back to a stage."""
    stage: str = "submitted"
    wells_to_come: int = field(init=False)
    end_of_name: bytes = field(init=False)
    """The end of the names of its streams at all stations."""

    def __post_init__(self) -> None:
        self.wells_to_come = self.n_wells
        self.end_of_name = end_of_name(*self.named)

    def go_back(self) -> None:
        """Pass stages once more, with streams of its own."""
        self.n_again += 1
        self.end_of_name = end_of_name(*self.named)

    @property
    def named(self) -> tuple[str | int, ...]:
        """The name of its random streams: its design; the round of a retest; and how often it went back."""
        if not (self.is_retest or self.n_again):
            return (self.design.id,)
        retest = ("retest", self.round.number) if self.is_retest else ()
        return (self.design.id, *retest, *(("again", self.n_again) if self.n_again else ()))


@dataclass(eq=False)
class Round:
    """One batch in progress."""

    batch: Batch
    submitted_at: int
    owner: str = ""
    """The name of other people's work; empty for a batch of the campaign."""
    precedence: int = 0
    """Batches of lower precedence go first, whatever the rule of a queue."""
    tickets: list[Ticket] = field(default_factory=list)
    n_open: int = 0
    n_upstream: int = 0
    """Tickets that may still reach the assay."""
    n_results: int = 0
    n_plates: int = 0
    is_closed: bool = False
    common: dict[str, int] = field(default_factory=dict)
    """Stage: working minutes common to the batch."""
    number: int = field(init=False)
    size: int = field(init=False)
    """Its new designs, on which durations `by_size` depend."""
    at: "Facts" = field(init=False)

    def __post_init__(self) -> None:
        self.number, self.size = self.batch.round, len(self.batch.designs)
        self.at = Facts(self.number)


class Facts(dict[str, dict[str, Any]]):
    """Stage: the data of the `entered` and `left` events of a round. It is shared by thousands of events."""

    def __init__(self, round_: int) -> None:
        self._round = round_

    def __missing__(self, stage: str) -> dict[str, Any]:
        facts = self[stage] = {"stage": stage, "round": self._round}
        return facts


class Ledger:
    """Writes events and tracks open tickets.

    The functions in `entered`, `left`, `tried_again` and `ended` are called with every ticket to which this happens.
    """

    def __init__(self, share: float | None, minute: int = 0) -> None:
        self.minute = minute
        """The current minute, set by the lab."""
        self._share = share
        self._events: list[Event] = []
        self.has_returns = False
        """Whether an outcome or a closed round is among the events not taken yet."""
        self.ended_in: set[Round] = set()
        """Rounds in which a design ended since rounds were last closed; with a lost well, without an event."""
        self.open_rounds: dict[int, Round] = {}
        self.entered: list[Callable[[Ticket], None]] = []
        self.left: list[Callable[[Ticket], None]] = []
        self.tried_again: list[Callable[[Ticket], None]] = []
        self.ended: list[Callable[[Ticket], None]] = []
        self.runs_started: list[Callable[[str, list[Ticket]], None]] = []
        """Called with the station and the designs of each run of a machine. Runs without designs are not told."""
        self.runs_ended: list[Callable[[str, int, int, Fraction], None]] = []
        """Called with the station, the minutes of the run, those of people, and the campaign's share of the run."""

    def take(self) -> list[Event]:
        """The events since the last call."""
        events, self._events, self.has_returns = self._events, [], False
        return events

    def begin_with(self, events: Iterable[Event]) -> None:
        """The first events: what is going on in the lab at week 0."""
        self._events += events

    def write(self, kind: str, design: int | None = None, minute: int | None = None, **data: Any) -> None:
        """One event, now."""
        self._events.append(Event(self.minute if minute is None else minute, kind, design, data))
        if kind in RETURNS:
            self.has_returns = True

    def record(self, kind: str, data: dict[str, Any]) -> None:
        """One event of no design, now."""
        self._events.append(Event(self.minute, kind, None, data))

    def open(self, round_: Round) -> None:
        """Open a batch."""
        batch, urgency = round_.batch, {"urgent": True} if round_.batch.urgent else {}
        for designs, is_retest in ((batch.designs, False), (batch.retests, True)):
            for design in sorted(designs, key=lambda design: design.id):
                n_wells = batch.n_wells(design)
                round_.tickets.append(Ticket(design, round_, is_retest, n_wells))
                self.write("submitted", design.id, round=batch.round, replicates=n_wells, retest=is_retest, **urgency)
        round_.n_open = round_.n_upstream = len(round_.tickets)
        self.open_rounds[round_.number] = round_

    def enter(self, ticket: Ticket, stage: str) -> None:
        ticket.stage = stage
        self._events.append(Event(self.minute, "entered", ticket.design.id, ticket.round.at[stage]))
        for tell in self.entered:
            tell(ticket)

    def leave(self, ticket: Ticket) -> None:
        self._events.append(Event(self.minute, "left", ticket.design.id, ticket.round.at[ticket.stage]))
        for tell in self.left:
            tell(ticket)

    def go_back(self, ticket: Ticket, stage: str) -> None:
        """A design that failed goes back to a stage."""
        self.write("went_back", ticket.design.id, stage=ticket.stage, to=stage, round=ticket.round.number)
        ticket.go_back()
        self.try_again(ticket)

    def try_again(self, ticket: Ticket) -> None:
        """A design that failed is attempted once more at its stage."""
        for tell in self.tried_again:
            tell(ticket)

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
        """Record the value of one well of a design."""
        self.write("observed", ticket.design.id, round=ticket.round.number, retest=ticket.is_retest, **data)
        ticket.has_value = True
        self._well_came(ticket)

    def lose_well(self, ticket: Ticket) -> None:
        """Record a well without a value; a design is lost with its last well."""
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
        self.ended_in.add(ticket.round)
        for tell in self.ended:
            tell(ticket)

    def close_those_due(self) -> None:
        """Close rounds of which all designs, or the share that closes them, returned; called at the end of a minute."""
        for round_ in sorted(self.ended_in, key=lambda round_: (round_.submitted_at, round_.number)):
            back = len(round_.tickets) - round_.n_open
            if round_.n_open == 0 or (self._share is not None and back >= self._share * len(round_.tickets) - 1e-9):
                self.close(round_)
        self.ended_in.clear()

    def close(self, round_: Round) -> None:
        """Close a round. Designs that have not returned are lost, but are charged."""
        if round_.is_closed:
            return
        round_.is_closed = True
        for ticket in round_.tickets:
            if ticket.is_open and ticket.has_value:  # one replicate has returned: do not wait for the others
                self._end(ticket)
            elif ticket.is_open:
                self.fail(ticket, Outcome.LOST, stage="closed")
        n_lost = len(round_.tickets) - round_.n_results
        self.write("round_closed", round=round_.number, n_results=round_.n_results, n_lost=n_lost)
        del self.open_rounds[round_.number]
