"""Hours are the minutes that a clock counts: those of a calendar, of working days, or of shifts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.calendar import WorkingTime
from designloop.core.clock import DAY
from designloop.core.people import ShiftTime

Minutes = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hours:
    """Times that are counted, as (beginning, end) of each in minutes; they do not overlap."""

    knots: Minutes
    """The beginnings and ends, in order, (n,)."""
    counted: Minutes
    """The minutes that are counted until each of them, (n,)."""

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> "Hours":
        """The hours of these spans, in order."""
        merged = list(_merged(spans))
        knots = np.array([0.0, *(minute for span in merged for minute in span)])
        lengths = np.diff(knots)
        lengths[::2] = 0.0  # before a span, and between two
        return cls(knots, np.concatenate([[0.0], np.cumsum(lengths)]))

    def until(self, minutes: Minutes) -> Minutes:
        """The minutes that are counted from the start until each of these, (n,)."""
        return np.interp(minutes, self.knots, self.counted)

    def holds(self, minutes: Minutes) -> NDArray[np.bool_]:
        """Whether the minute that begins at each of these is counted, (n,)."""
        n_before = np.searchsorted(self.knots[1:], minutes, side="right")
        return np.equal(n_before % 2, 1)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same times; spans that touch are one."""
    last: tuple[int, int] | None = None
    for start, end in spans:
        if last is not None and start <= last[1]:
            last = last[0], max(end, last[1])
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last


def calendar_hours(end: int) -> Hours:
    """Every minute until the end."""
    return Hours.of([(0, end)])


def working_hours(working: WorkingTime, end: int) -> Hours:
    """The minutes of working days until the end."""
    return Hours.of(_working_days(working, end))


def _working_days(working: WorkingTime, end: int) -> Iterator[tuple[int, int]]:
    day, _ = working.working_day(0)
    while day * DAY < end:
        yield day * DAY, min((day + 1) * DAY, end)
        day, _ = working.working_day(day + 1)


def shift_hours(shifts: ShiftTime, end: int) -> Hours:
    """The minutes on shift until the end."""
    return Hours.of(_shifts(shifts, end))


def _shifts(shifts: ShiftTime, end: int) -> Iterator[tuple[int, int]]:
    for start, stop in shifts.spans_from(0):
        if start >= end:
            return
        yield start, min(stop, end)
