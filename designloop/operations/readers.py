"""When plate readers are in use, worked out from the plates that were read."""

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush

from designloop.core.records import Event
from designloop.operations.equipment import Equipped
from designloop.operations.runs import Span
from designloop.operations.visits import Visit


def readings(
    stage: Equipped, visits: Sequence[Visit], events: Iterable[Event], ends: Callable[[int, Equipped], int]
) -> list[Span]:
    """When each reader holds a plate. Plates take the readers in the order in which their designs entered the assay.

    A plate on which every design was lost before it was read is not known, and counts as one with the others.
    """
    free = [0] * (stage.number or 1)
    heapify(free)
    spans = list[Span]()
    for entered in sorted(_plates(visits, events)):
        began = max(heappop(free), entered)
        end = ends(began, stage)
        heappush(free, end)
        spans.append((float(began), float(end)))
    return spans


def _plates(visits: Sequence[Visit], events: Iterable[Event]) -> Iterable[int]:
    """For each plate, the minute at which its designs entered the assay."""
    entered = {(visit.design, visit.round): visit.began for visit in visits}
    named: dict[str, int] = {}
    for event in events:
        if event.kind == "observed" and event.design is not None and event.data.get("plate"):
            minute = entered.get((event.design, event.data["round"]))
            if minute is not None:
                named.setdefault(event.data["plate"], minute)
    known = set(named.values())
    yield from named.values()
    yield from {visit.began for visit in visits} - known
