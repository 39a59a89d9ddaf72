"""A round closes when nothing of it is to come, and is open again when results of it are undone."""

from collections.abc import Sequence

from designloop.core.records import Event
from designloop.live.entry import Entry
from designloop.live.tickets import Tickets


def closings(before: Tickets, events: Sequence[Event], entry: Entry) -> list[Event]:
    """The events of the rounds that close with these, each at the minute of its last result."""
    after = before.after(events)
    return [_closed(after, round_, events, entry) for round_ in after.ended]


def still_closed(tickets: Tickets, events: Sequence[Event], entry: Entry) -> list[Event]:
    """The events of rounds that no longer have an event that closes them, although nothing of them is to come.

    Losses that closed a round may be undone when the values of these wells have come. `last` is the minute of the last
    result that stands.
    """
    closed = [_closed(tickets, round_, [], entry) for round_ in tickets.ended]
    return [Event(one.minute, one.kind, None, {**one.data, "last": _last(events, one.data["round"])}) for one in closed]


def _last(events: Sequence[Event], round_: int) -> int:
    its = (event for event in events if event.kind in ("observed", "failed", "well_lost"))
    return max(event.minute for event in its if event.data["round"] == round_)


def _closed(tickets: Tickets, round_: int, events: Sequence[Event], entry: Entry) -> Event:
    its = tickets.of_round(round_)
    n_results = sum(bool(ticket.results) for ticket in its)
    last = max((event.minute for event in events if event.data.get("round") == round_), default=entry.minute)
    facts = {"round": round_, "n_results": n_results, "n_lost": len(its) - n_results, "entry": entry.number}
    return Event(last, "round_closed", None, facts)


def reopenings(after: Tickets, minute: int) -> list[Event]:
    """The events of the closed rounds of which something is to come."""
    return [
        Event(minute, "reopened", None, {"round": round_, "submitted_at": after.submitted_at[round_]})
        for round_ in after.reopened
    ]
