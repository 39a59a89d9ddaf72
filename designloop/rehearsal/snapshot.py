"""A snapshot of a live campaign: its past, as simulations of the rest begin with it."""

from designloop.core.past import InLab, Past
from designloop.core.records import Event
from designloop.live.record import Record
from designloop.live.tickets import Ticket

KNOWN = frozenset(
    {
        "chosen",
        "retest",
        "believed",
        "short",
        "recommended",
        "submitted",
        "charged",
        "observed",
        "failed",
        "vetoed",
        "round_closed",
        "reopened",
        "waited",
    }
)
"""Kinds of events that say what is known. The others are commands of people, and changes of the description."""


def past_of(record: Record, now: int) -> Past:
    """The past of a live campaign at the minute `now`."""
    events = tuple(event for event in record.events if event.kind in KNOWN)
    in_lab = (_in_lab(ticket, record) for _, ticket in sorted(record.tickets.tickets.items()) if ticket.is_open)
    time_of_day = 60 * record.began.hour + record.began.minute
    return Past(now, _opened(record), events, record.log.documents(), tuple(in_lab), time_of_day)


def _opened(record: Record) -> Event:
    """The first event, without the moment and the person."""
    facts = {
        key: fact for key, fact in record.opened.data.items() if key in ("starts", "scale", "floor", "seed", "label")
    }
    return Event(0, "opened", None, facts)


def _in_lab(ticket: Ticket, record: Record) -> InLab:
    design = record.history.designs[ticket.design]
    submitted_at = record.tickets.submitted_at[ticket.round]
    n_wells = len(ticket.to_come)
    return InLab(design.id, design.sequence, design.round, ticket.round, submitted_at, n_wells, ticket.is_retest)
