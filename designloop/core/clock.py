"""Simulated time: whole minutes internally, days and weeks in descriptions and output."""

from typing import Literal

DAY = 24 * 60
WEEK = 7 * DAY
MOST_DAYS = 36_500.0
"""The longest duration of a step of the lab: a century."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def minutes(*, days: float = 0.0, weeks: float = 0.0) -> int:
    """Days and weeks in whole minutes."""
    return round(days * DAY + weeks * WEEK)


def duration(seconds: float) -> str:
    """Wall time as text: `2 h 05 min`, `3 min 20 s` or `8 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def minute_of_day(time: str) -> int:
    """`09:30` in minutes since 0:00. Raises ValueError."""
    hours, colon, rest = time.partition(":")
    if not (colon and len(rest) == 2 and (hours + rest).isdecimal() and int(hours) < 24 and int(rest) < 60):
        raise ValueError(f"expected a time of day, such as '09:30', got {time!r}")
    return int(hours) * 60 + int(rest)


def as_weeks(minute: int) -> float:
    """Weeks since the campaign opened."""
    return minute / WEEK


def as_days(minute: int) -> float:
    """Days since the campaign opened."""
    return minute / DAY
