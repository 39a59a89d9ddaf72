"""The warm-up of a lab: other people's work begins before week 0, so that a campaign meets a busy lab."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any

from designloop.core.records import Event

MOST_WEEKS = 520.0


def first_day(weeks: float) -> int:
    """The day on which a warm-up of some weeks begins; week 0 begins with day 0."""
    return -ceil(weeks * 7 - 1e-9)


def under_way(events: Iterable[Event]) -> Iterator[Event]:
    """Runs and downtimes that have begun and not ended at minute 0, as events of that minute with when they `began`."""
    going_on = dict[tuple[Any, ...], Event]()
    of_machines = [event for event in events if "machine" in event.data]
    for event in of_machines:
        run = event.data.get("stage"), event.data.get("run"), event.data["machine"]
        if event.kind == "run_ended":
            del going_on[run]
        elif event.data.get("until", 1) > 0:
            going_on[run] = event
    for event in going_on.values():
        yield Event(0, event.kind, None, {**event.data, "began": event.minute})
