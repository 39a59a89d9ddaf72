"""Follows the way of a design through the lab: a generator of events, resumed at each of them."""

from collections.abc import Generator
from typing import Any

import simpy


def follow(way: Generator[simpy.Event, Any, None]) -> None:
    """Run a generator to its end, as a SimPy process does.

    No one waits for the end of a design's way or interrupts it, so that it needs no events of its own.
    """
    send = way.send

    def resume(event: simpy.Event | None) -> None:
        try:
            event = send(None if event is None else event.value)
            while event.callbacks is None:  # it has been processed
                event = send(event.value)
        except StopIteration:
            return
        event.callbacks.append(resume)

    resume(None)
