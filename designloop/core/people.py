"""People work in shifts, on the lab's working days, and stations share them."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.clock import DAY, WEEKDAYS, Weekday, minute_of_day
from designloop.core.parts import Part


class Shift(Part):
    """Hours in which people work."""

    days: tuple[Weekday, ...] = Field(WEEKDAYS, min_length=1, description="weekdays of the shift, if the lab works")
    hours: tuple[str, str] = Field(("00:00", "24:00"), description="beginning and end, such as ['08:00', '16:00']")

    @model_validator(mode="after")
    def _hours_are_in_order(self) -> Self:
        start, end = self.span
        if start >= end:
            raise ValueError(f"hours: the shift ends at {self.hours[1]}, before it begins; split it at midnight")
        return self

    @property
    def span(self) -> tuple[int, int]:
        """Beginning and end in minutes of the day."""
        start, end = self.hours
        return minute_of_day(start), DAY if end == "24:00" else minute_of_day(end)


class People(Part):
    """A group of people with the same skills and shifts."""

    name: str = Field(min_length=1, description="name of the group, as in `people` of a stage")
    number: int = Field(1, ge=1, description="number of people")
    per_hour: float = Field(0.0, ge=0, description="price per hour that one of them is hands-on, due when a run ends")
    shifts: tuple[Shift, ...] = Field(
        (Shift(),), min_length=1, description="when they work; by default on each working day, day and night"
    )

    def check_works_in(self, calendar: Calendar) -> None:
        """Raise ValueError where no shift is on a working day."""
        if not any(calendar.opens_on(shift.days) for shift in self.shifts):
            raise ValueError(
                f"people '{self.name}' are never on shift: the lab does not work on the days of `shifts`; change them, "
                "or the calendar"
            )

    def weekly_minutes(self, calendar: Calendar) -> int:
        """Minutes on shift in a week without closures."""
        spans = (_united(shift.span for shift in self.shifts if day in shift.days) for day in set(calendar.workdays))
        return sum(end - start for its in spans for start, end in its)


class ShiftTime:
    """Arithmetic on the minutes in which a group is on shift."""

    def __init__(self, people: People, working: WorkingTime) -> None:
        self._working = working
        self._spans = {day: _united(shift.span for shift in people.shifts if day in shift.days) for day in WEEKDAYS}

    def next_on(self, minute: int) -> int:
        """The first minute, from one on, at which the group is on shift."""
        return max(minute, next(self.spans_from(minute))[0])

    def after(self, minute: int, time: int) -> int:
        """The minute at which `time` minutes on shift have passed since `minute`."""
        if time == 0:
            return minute
        for start, end in self.spans_from(minute):
            start = max(start, minute)  # noqa: PLW2901
            if time <= end - start:
                return start + time
            time -= end - start
        raise AssertionError("shifts go on for ever")

    def spans_from(self, minute: int) -> Iterator[tuple[int, int]]:
        """(beginning, end) of the times on shift that end after `minute`."""
        day = minute // DAY
        while True:
            day, weekday = self._working.working_day(day)
            spans = [(day * DAY + start, day * DAY + end) for start, end in self._spans[weekday]]
            yield from spans[bisect_right([end for _, end in spans], minute) :]
            day += 1


def _united(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same times without overlaps, in order."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return united
