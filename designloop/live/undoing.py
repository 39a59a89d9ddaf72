"""Undoing: the results of an entry no longer count. The record keeps them, and later choices stand."""

from designloop.core.errors import LiveError
from designloop.core.records import Event
from designloop.live.closing import reopenings
from designloop.live.entry import Entry
from designloop.live.record import Record

_UNDOABLE = ("told", "declared")
_WHAT = {"told": "a file that was told", "declared": "a loss that was declared"}


def undone(record: Record, entry: Entry, number: int, why: str) -> list[Event]:
    """The events that undo an entry. Raises LiveError where there is none that can be undone."""
    theirs = [event for event in record.every if event.data.get("entry") == number]
    if not any(event.kind in _UNDOABLE for event in theirs):
        what = "is no such entry" if not theirs else f"entry {number} is none of these ({theirs[0].kind})"
        raise LiveError(f"only {' or '.join(_WHAT.values())} can be undone, and there {what}: `designloop live status`")
    if any(event.kind == "undone" and event.data["of"] == number for event in record.every):
        raise LiveError(f"entry {number} is undone already")
    event = Event(entry.minute, "undone", None, {"of": number, "why": why, **entry.facts})
    return [event, *reopenings(record.with_events([event]).tickets, entry.minute)]
