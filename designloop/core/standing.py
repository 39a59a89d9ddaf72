"""Standing events are those of a record that no later event undid."""

from collections.abc import Sequence

from designloop.core.records import Event


def standing(events: Sequence[Event]) -> list[Event]:
    """The events without those of undone entries. A record of which nothing was undone is returned as it is.

    The results of an entry carry its number (`entry`). An `undone` event names the entry that it undoes (`of`).
    """
    undone = {event.data["of"] for event in events if event.kind == "undone"}
    return [event for event in events if not undone or event.data.get("entry") not in undone]
