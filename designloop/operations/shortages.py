"""Shortages: when a run or a plate that could start waited for a delivery, as events record it."""

from collections.abc import Iterable

from designloop.core.records import Event
from designloop.operations.runs import Span


def shortages(events: Iterable[Event], stage: str, end: int) -> list[Span]:
    """From each shortage at a stage to the delivery after which there is enough; those that last end at `end`."""
    found, short = list[Span](), dict[str, tuple[int, int]]()
    for event in events:
        data = event.data
        if data.get("stage") != stage:
            continue
        if event.kind == "stock_short":
            short[data["item"]] = event.minute, data["needs"]
        elif event.kind == "stock_arrived" and data["in_stock"] >= short.get(data["item"], (0, float("inf")))[1]:
            found.append((float(short.pop(data["item"])[0]), float(event.minute)))
    return [*found, *((float(since), float(end)) for since, _ in short.values() if since < end)]
