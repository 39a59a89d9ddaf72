"""Shortages: when a run or a plate that could start waited for a delivery, as events record it."""

from collections.abc import Iterable

from designloop.core.records import Event
from designloop.operations.runs import Span


def shortages(events: Iterable[Event], stage: str, end: int) -> list[tuple[str, Span]]:
    """(item, span) from each shortage at a stage to the delivery after which there is enough, or to `end`."""
    found, short = list[tuple[str, Span]](), dict[str, tuple[int, int]]()
    for event in events:
        data = event.data
        if data.get("stage") != stage:
            continue
        if event.kind == "stock_short":
            short[data["item"]] = event.minute, data["needs"]
        elif event.kind == "stock_arrived" and data["in_stock"] >= short.get(data["item"], (0, float("inf")))[1]:
            found.append((data["item"], (float(short.pop(data["item"])[0]), float(event.minute))))
    return [*found, *((item, (float(since), float(end))) for item, (since, _) in short.items() if since < end)]


def scarcest(found: Iterable[tuple[str, Span]]) -> str | None:
    """The item that was short for longest; None where none was."""
    minutes = dict[str, float]()
    for item, (since, until) in found:
        minutes[item] = minutes.get(item, 0.0) + until - since
    return max(minutes, key=lambda item: minutes[item], default=None)
