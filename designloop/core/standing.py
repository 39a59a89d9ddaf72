"""Standing events are those of a record that no later event undid."""

from collections.abc import Sequence

from designloop.core.records import Event

_ORDERS = ("chosen", "retest", "submitted", "imported")
"""Kinds of events that stand where only the results of their entry are undone."""


def standing(events: Sequence[Event]) -> list[Event]:
    """The events without those of undone entries. A record of which nothing was undone is returned as it is.

    What may be undone carries the number of its entry (`entry`). An `undone` event names the entry that it undoes
    (`of`); where `only` is "results", the designs of that entry stay in the lab.
    """
    undone = {event.data["of"]: event.data.get("only") == "results" for event in events if event.kind == "undone"}
    if not undone:
        return list(events)
    return [event for event in events if _stands(event, undone.get(event.data.get("entry", 0)))]


def _stands(event: Event, only_results: bool | None) -> bool:
    """Whether an event stands; None where its entry was not undone."""
    return only_results is None or (only_results and event.kind in _ORDERS)
