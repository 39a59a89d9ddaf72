"""A round closes when nothing of it is to come, and is open again when results of it are undone."""

from collections.abc import Collection, Sequence
from itertools import groupby

from designloop.core.records import Event
from designloop.live.entry import Entry
from designloop.live.tickets import Tickets

_CHANGING = ("submitted", "vetoed", "observed", "failed", "well_lost")
"""Kinds of events that change what is to come of a round."""


def closings(before: Tickets, events: Sequence[Event], entry: Entry) -> list[Event]:
    """The events of the rounds that close with these, each at the minute of its last result."""
    after = before.after(events)
    return [_closed(after, round_, events, entry) for round_ in after.ended]


def closed_again(
    tickets: Tickets, events: Sequence[Event], entry: Entry, touched: Collection[int], minute: int
) -> list[Event]:
    """The events of rounds that still are closed after results were undone, but not by the same event.

    Losses that closed a round may be undone when the values of these wells have come. `touched` are the rounds of which
    something was undone; `last` is the minute of the result with which the round ended.
    """
    moved = [n for n in sorted(tickets.closed & set(touched)) if n not in tickets.reopened and _moved(events, n)]
    again = [_reopened(tickets, round_, minute) for round_ in moved]
    closed = [_closed(tickets, round_, [], entry) for round_ in (*tickets.ended, *moved)]
    lasts = [{**one.data, "last": _ended_at(events, one.data["round"])} for one in closed]
    return [*again, *(Event(one.minute, one.kind, None, facts) for one, facts in zip(closed, lasts, strict=True))]


def _moved(events: Sequence[Event], round_: int) -> bool:
    """Whether a closed round ended at another minute than its event says."""
    closed = [event for event in events if event.kind == "round_closed" and event.data["round"] == round_]
    return bool(closed) and closed[-1].data.get("last", closed[-1].minute) != _ended_at(events, round_)


def _ended_at(events: Sequence[Event], round_: int) -> int:
    """The minute of the result, or veto, after which nothing of a round was to come."""
    its = (event for event in events if event.kind in _CHANGING and event.data["round"] == round_)
    tickets, ended = Tickets(), None
    for _, entry in groupby(its, lambda event: event.data.get("entry", 0)):
        group = list(entry)
        tickets = tickets.after(group)
        is_open = any(ticket.is_open for ticket in tickets.tickets.values())
        ended = None if is_open else max(event.minute for event in group) if ended is None else ended
    assert ended is not None, f"round {round_} has not ended"
    return ended


def _closed(tickets: Tickets, round_: int, events: Sequence[Event], entry: Entry) -> Event:
    its = tickets.of_round(round_)
    n_results = sum(bool(ticket.results) for ticket in its)
    last = max((event.minute for event in events if event.data.get("round") == round_), default=entry.minute)
    facts = {"round": round_, "n_results": n_results, "n_lost": len(its) - n_results, "entry": entry.number}
    return Event(last, "round_closed", None, facts)


def reopenings(after: Tickets, minute: int) -> list[Event]:
    """The events of the closed rounds of which something is to come."""
    return [_reopened(after, round_, minute) for round_ in after.reopened]


def _reopened(tickets: Tickets, round_: int, minute: int) -> Event:
    return Event(minute, "reopened", None, {"round": round_, "submitted_at": tickets.submitted_at[round_]})
