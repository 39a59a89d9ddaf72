"""Following a way: as a SimPy process, without events of its own."""

from collections.abc import Callable, Generator
from typing import Any

import pytest
import simpy

from designloop.lab.follow import follow


def log_of(start: Callable[[simpy.Environment, Generator[simpy.Event, Any, None]], Any]) -> list[Any]:
    """What three ways see: times, values, an event that has been processed, and a way without events."""
    env, log = simpy.Environment(), []
    gate = env.event()

    def way(name: str, *delays: int) -> Generator[simpy.Event, Any, None]:
        for event in (*(env.timeout(delay, value=delay) for delay in delays), gate):
            value = yield event
            log.append((env.now, name, value))
        log.append((env.now, name, "end"))

    def nowhere() -> Generator[simpy.Event, Any, None]:
        log.append((env.now, "nowhere", None))
        yield from ()

    for one in (way("first", 1, 3), way("second", 1), way("late", 9), nowhere()):
        start(env, one)
    env.timeout(4).callbacks.append(lambda _: gate.succeed("open"))
    env.run()
    return log


def test_a_way_goes_as_a_process_does() -> None:
    followed = log_of(lambda _, way: follow(way))
    assert followed == [
        (0, "nowhere", None),
        (1, "first", 1),
        (1, "second", 1),
        (3, "first", 3),
        (4, "second", "open"),
        (4, "second", "end"),
        (4, "first", "open"),
        (4, "first", "end"),
        (9, "late", 9),
        (9, "late", "open"),
        (9, "late", "end"),
    ]
    assert log_of(lambda env, way: env.process(way)) == followed


def test_an_error_reaches_whoever_runs_the_clock() -> None:
    env = simpy.Environment()

    def way() -> Generator[simpy.Event, Any, None]:
        yield env.timeout(3)
        raise LookupError("lost")

    follow(way())
    with pytest.raises(LookupError, match="lost"):
        env.run()
    assert env.now == 3
