"""Declaring lost: designs, plates and rounds of which the lab will send no more results."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from designloop.core.errors import LiveError, did_you_mean
from designloop.core.records import Event, Outcome
from designloop.live.closing import closings
from designloop.live.entry import Entry
from designloop.live.names import no_plate, no_round
from designloop.live.record import Record
from designloop.live.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost, and why."""

    designs: Sequence[int] = ()
    plates: Sequence[str] = ()
    rounds: Sequence[int] = ()
    outcome: Outcome = Outcome.LOST
    why: str = ""


def failure(word: str) -> Outcome:
    """The outcome of a word, if it is one of designs without a value. Raises LiveError."""
    words = [str(outcome) for outcome in Outcome if not outcome.has_value]
    if word not in words:
        raise LiveError(f"'{word}' is no reason for a missing value{did_you_mean(word, words)}")
    return Outcome(word)


def declared(record: Record, entry: Entry, loss: Loss) -> list[Event]:
    """The events of a loss. Raises LiveError where nothing of it is to come."""
    events = list(_events(record, entry, loss))
    if not events:
        raise LiveError("nothing of this is to come from the lab; `designloop live status` shows what is")
    facts = {"designs": list(loss.designs), "plates": list(loss.plates), "rounds": list(loss.rounds)}
    facts |= {"outcome": str(loss.outcome), "why": loss.why, **entry.facts}
    closed = closings(record.tickets, events, entry)
    return [*events, *closed, Event(entry.minute, "declared", None, facts)]


def _events(record: Record, entry: Entry, loss: Loss) -> Iterator[Event]:
    lost: dict[tuple[int, int], tuple[Ticket, set[int]]] = {}
    for ticket, replicates in _wells(record, loss):
        lost.setdefault((ticket.round, ticket.design), (ticket, set()))[1].update(replicates)
    for plate in loss.plates:
        yield Event(entry.minute, "plate_lost", None, {"plate": plate, "entry": entry.number})
    for _, (ticket, wells) in sorted(lost.items()):
        yield from lost_wells(ticket, wells, entry, loss.outcome)


def lost_wells(ticket: Ticket, wells: set[int], entry: Entry, outcome: Outcome) -> Iterator[Event]:
    """The events of lost wells of a ticket: a design fails with its last one, if it has no value."""
    facts = {"round": ticket.round, "retest": ticket.is_retest, "entry": entry.number}
    gone = [replicate for replicate in ticket.to_come if replicate in wells]
    if len(gone) < len(ticket.to_come) or ticket.results:
        yield from (Event(entry.minute, "well_lost", ticket.design, {**facts, "replicate": n}) for n in gone)
    elif gone:
        yield Event(entry.minute, "failed", ticket.design, {"stage": "lab", "outcome": str(outcome), **facts})


def _wells(record: Record, loss: Loss) -> Iterator[tuple[Ticket, Iterable[int]]]:
    """(ticket, replicates) of everything that is lost. Raises LiveError for a name of nothing."""
    tickets = record.tickets
    for design in loss.designs:
        its = tickets.of_design(design)
        if not its:
            raise LiveError(f"there is no design {design} in the lab; `designloop live status` shows what is")
        yield from ((ticket, ticket.to_come) for ticket in its)
    for round_ in loss.rounds:
        if round_ not in tickets.submitted_at:
            raise LiveError(no_round(round_, tickets.submitted_at))
        yield from ((ticket, ticket.to_come) for ticket in tickets.of_round(round_))
    for plate in loss.plates:
        if plate not in tickets.plates:
            raise LiveError(no_plate(plate, tickets.plates))
        held = (its for its in tickets.plates[plate].values() if not isinstance(its, str))
        yield from ((tickets.tickets[tickets.round_of[plate], design], [replicate]) for design, replicate in held)
