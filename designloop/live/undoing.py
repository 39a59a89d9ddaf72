"""Undoing: an entry no longer counts. The record keeps it, and what was decided since stands."""

from collections.abc import Iterator, Sequence

from designloop.core.errors import LiveError
from designloop.core.records import Event, Outcome
from designloop.live.closing import closed_again, reopenings
from designloop.live.entry import Entry
from designloop.live.record import Record

_WHAT = {
    "told": "a file that was told",
    "declared": "a loss that was declared",
    "imported": "an import",
    "vetoed": "a veto",
    "added": "an addition",
    "extended": "an extension",
}
"""Kind of an event -> what can be undone with it."""
_DECIDING = ("asked", "imported", "vetoed", "added", "extended")
"""Kinds of events that decide on designs, so that later ones depend on earlier ones."""
_RESULTS = ("observed", "failed", "well_lost")


def undone(record: Record, entry: Entry, number: int, why: str) -> list[Event]:
    """The events that undo an entry. Raises LiveError where there is none, or where it can no longer be undone."""
    kind = _kind(record, number)
    since = _built_on(record, number)
    only = {"only": "results"} if kind == "imported" and since is not None else {}
    if kind in ("vetoed", "added", "extended") and since is not None:
        raise LiveError(
            f"entry {number} can no longer be undone: entry {since} was built on it; undo entry {since} first, or go "
            "on from here: `veto`, `add` and `extend` can change what it did"
        )
    _check_wells(record, number)
    # so that past rounds may be imported again
    minute = record.minute_without(number) if kind == "imported" and not only else entry.minute
    event = Event(minute, "undone", None, {"of": number, "why": why, **only, **_again(record, number), **entry.facts})
    events = [event, *_without_wells(record.with_events([event]), minute)]
    after = record.with_events(events)
    touched = {event.data["round"] for event in record.events if _of(event) == number and event.kind in _RESULTS}
    again = closed_again(after.tickets, after.events, entry, touched, minute)
    return [*events, *reopenings(after.tickets, minute), *again]


def _again(record: Record, number: int) -> dict[str, list[int]]:
    """Later entries whose files repeated results of this one: they count for this one only, and are no longer known."""
    its = [_of(event) for event in record.events if event.kind == "told" and number in event.data.get("repeats", ())]
    return {"again": its} if its else {}


def _without_wells(record: Record, minute: int) -> Iterator[Event]:
    """The failures of designs of which no value stands, and all wells were lost; each belongs to its last loss."""
    for (round_, design), ticket in record.tickets.tickets.items():
        if not ticket.is_open and not ticket.results and ticket.failed is None:
            losses = (e for e in record.events if e.kind == "well_lost" and e.design == design)
            last = max(_of(event) for event in losses if event.data["round"] == round_)
            facts = {"round": round_, "retest": ticket.is_retest, "entry": last}
            yield Event(minute, "failed", design, {"stage": "lab", "outcome": str(Outcome.LOST), **facts})


def _check_wells(record: Record, number: int) -> None:
    """Raise LiveError where a later entry lost the last well of a design of which this one lost another."""
    for event in record.events:
        if event.kind == "well_lost" and _of(event) == number:
            ticket = record.tickets.tickets[event.data["round"], event.design or 0]
            if ticket.failed is Outcome.LOST and ticket.entry != number:
                raise LiveError(
                    f"entry {number} lost a well of design {ticket.design}, and entry {ticket.entry} its last one; "
                    f"undo entry {ticket.entry} first"
                )


def _kind(record: Record, number: int) -> str:
    """The kind of an entry that can be undone. Raises LiveError."""
    theirs = [event.kind for event in record.every if event.data.get("entry") == number]
    kind = next((kind for kind in theirs if kind in _WHAT), None)
    if kind is None and "asked" in theirs:
        raise LiveError(
            f"entry {number} asked for a batch, which cannot be undone; veto its designs (`designloop live veto`), or "
            "declare what was not built lost (`designloop live lost`)"
        )
    if kind is None:
        what = "is no such entry" if not theirs else f"entry {number} is none of these ({theirs[0]})"
        raise LiveError(
            f"only {_listed(list(_WHAT.values()))} can be undone, and there {what}: `designloop live status`"
        )
    if any(event.kind == "undone" and event.data["of"] == number for event in record.every):
        raise LiveError(f"entry {number} is undone already")
    return kind


def _built_on(record: Record, number: int) -> int | None:
    """The last entry that was built on this one: it decided on designs since, or told results of its rounds."""
    rounds = {event.data["round"] for event in record.events if event.kind == "submitted" and _of(event) == number}
    since = [
        _of(event)
        for event in record.events
        if _of(event) > number
        and (event.kind in _DECIDING or (event.kind in _RESULTS and event.data["round"] in rounds))
    ]
    return max(since, default=None)


def _of(event: Event) -> int:
    return int(event.data.get("entry", 0))


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
