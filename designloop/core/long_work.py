"""Progress of long computations: name, steps done, and seconds left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a computation after a step."""

    what: str
    step: int
    steps: int
    seconds: float
    """Seconds since the start."""

    @property
    def seconds_left(self) -> float:
        """Estimated from the pace so far."""
        return self.seconds * (self.steps - self.step) / max(self.step, 1)


Follow = Callable[[Progress], None]
_follow: ContextVar[Follow | None] = ContextVar("designloop_follow", default=None)


@contextmanager
def followed(follow: Follow) -> Iterator[None]:
    """A block whose long computations report each step to `follow`."""
    token = _follow.set(follow)
    try:
        yield
    finally:
        _follow.reset(token)


def steps_of(what: str, steps: int) -> Callable[[int], None]:
    """The function that a computation calls after each step, with the number of steps done."""
    follow, began = _follow.get(), perf_counter()

    def taken(step: int) -> None:
        if follow is not None:
            follow(Progress(what, step, steps, perf_counter() - began))

    return taken
