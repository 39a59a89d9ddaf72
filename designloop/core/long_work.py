"""Long work tells how far it is to whoever follows it: its name, the steps it took, the seconds left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is, after a step."""

    what: str
    step: int
    steps: int
    seconds: float
    """Since it began."""

    @property
    def seconds_left(self) -> float:
        """At the pace so far."""
        return self.seconds * (self.steps - self.step) / max(self.step, 1)


Follow = Callable[[Progress], None]
_follow: ContextVar[Follow | None] = ContextVar("designloop_follow", default=None)


@contextmanager
def followed(follow: Follow) -> Iterator[None]:
    """A block whose long work is followed, step by step."""
    token = _follow.set(follow)
    try:
        yield
    finally:
        _follow.reset(token)


def steps_of(what: str, steps: int) -> Callable[[int], None]:
    """What work that begins now is to call after each step, with the number of steps taken."""
    follow, began = _follow.get(), perf_counter()

    def taken(step: int) -> None:
        if follow is not None:
            follow(Progress(what, step, steps, perf_counter() - began))

    return taken
