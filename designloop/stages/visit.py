"""A visit is the stay of one design at a stage: what a stage of one's own sees of the lab, and what it can ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn

import numpy as np

from designloop.core.clock import MOST_DAYS, as_days
from designloop.core.records import Design


@dataclass(frozen=True, slots=True)
class Spend:
    """Spend working days of the lab, or calendar days."""

    days: float
    is_working: bool


@dataclass(frozen=True, slots=True)
class Seize:
    """Wait for a machine, and hold it until it is released or the visit ends."""

    machine: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give a machine back."""

    machine: str


Request = Spend | Seize | Release


class Failed(BaseException):
    """The design failed. It ends the visit, and is no error that `except Exception` should catch."""


class Visit:
    """The stay of one design at a stage. `yield` each request: `yield visit.work(2)`."""

    def __init__(
        self,
        design: Design,
        *,
        is_retest: bool,
        batch_size: int,
        clock: Callable[[], int],
        streams: Callable[[str], np.random.Generator],
    ) -> None:
        self.design = design
        """Its id, sequence and round."""
        self.is_retest = is_retest
        self.batch_size = batch_size
        """New designs in the batch, as `days.draw(rng, size)` takes them."""
        self._clock = clock
        self._make = streams
        self._streams: dict[str, np.random.Generator] = {}

    @property
    def now(self) -> float:
        """Calendar days since week 0."""
        return as_days(self._clock())

    def work(self, days: float) -> Request:
        """Spend working days of the lab; a hand that waits for Monday does not work on Sunday."""
        return _spend(days, is_working=True)

    def wait(self, days: float) -> Request:
        """Spend calendar days, weekends and closures included."""
        return _spend(days, is_working=False)

    def seize(self, machine: str) -> Request:
        """Wait for one of the stage's machines of that name. It is released when the visit ends, or by `release`."""
        return Seize(machine)

    def release(self, machine: str) -> Request:
        """Give a machine back before the visit ends."""
        return Release(machine)

    def stream(self, name: str) -> np.random.Generator:
        """The random generator of this design at this stage for the purpose `name`, the same for every strategy."""
        if name not in self._streams:
            self._streams[name] = self._make(name)
        return self._streams[name]

    def fail(self) -> NoReturn:
        """End the visit: the design has failed, with the stage's outcome."""
        raise Failed


def _spend(days: float, *, is_working: bool) -> Spend:
    if not (isfinite(days) and 0 <= days <= MOST_DAYS):
        raise ValueError(f"expected 0 to {MOST_DAYS:,.0f} days, got {days}")
    return Spend(float(days), is_working)
