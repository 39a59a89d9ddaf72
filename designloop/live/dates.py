"""Dates and times of day, and the minutes since a campaign began."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from designloop.core.clock import DAY, MOST_DAYS, WEEK
from designloop.core.errors import InputError

NOON = time(12)
_DATE = re.compile(r"(?P<day>\d{1,2})(?P<mark>[./-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4})(?P<rest>.*)")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?P<rest>.*)")
_SPAN = re.compile(r"(?P<number>\d{1,5}(\.\d+)?)\s*(?P<unit>w|d)((eek|ay)s?)?")
_HOUR = re.compile(r"(?P<hour>\d{1,2})(?P<rest>:\d{2}(:\d{2}(\.\d+)?)?)\s*((?P<half>[ap])\.?m\.?)?", re.IGNORECASE)
_FORM = "write it as 2026-03-02 or 02.03.2026, with the time of day as 14:30 if it is known"


def now() -> datetime:
    """The current time, with its offset from UTC, to the minute."""
    return datetime.now().astimezone().replace(second=0, microsecond=0)


def moment(text: str, where: str) -> datetime:
    """The moment that a text names: `2026-03-02 14:30`, `02.03.2026` (noon), `29/11/2026`. Raises InputError.

    Without an offset from UTC, it is a local time.
    """
    day, _, hour = _iso(text).partition(" ")
    try:
        when = datetime.fromisoformat(f"{day} {_hour_in(hour) or hour}" if hour else day)
    except ValueError:
        raise InputError(f"{where}: expected a date, got {text!r}; {_FORM}") from None
    if is_day(text):
        when = datetime.combine(when, NOON)
    return when.astimezone()


def is_day(day: Any, hour: Any = None) -> bool:
    """Whether a cell with a date, and one with a time of day, say no time."""
    if hour is not None and str(hour).strip():
        return False
    if isinstance(day, datetime):
        return day.time() == time()
    return isinstance(day, date) or len(_iso(str(day))) <= len("2026-03-02")


def _iso(text: str) -> str:
    """A date with its day last, as in ISO 8601: `2026-03-02 14:30` for `02.03.2026 14:30`.

    With other marks than points, the day is the number above 12; where none is, the text stays as it is.
    """
    found = _DATE.fullmatch(text.strip()) or _YEAR_FIRST.fullmatch(text.strip())
    if found is None:
        return text.strip()
    day, month = found["day"], found["month"]
    if found.groupdict().get("mark", ".") != "." and day != month:
        if int(day) <= 12 and int(month) <= 12:  # people write the day first, or the month
            return text.strip()
        day, month = (month, day) if int(month) > 12 else (day, month)
    return f"{found['year']}-{month:0>2}-{day:0>2}{found['rest']}"


def _hour_in(text: str) -> time | None:
    """The time of day in a text: `9:15`, `14:30:05`, `2:30 pm`; None where it is none of these."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"].lower() == "p") if 1 <= hour <= 12 else 99
    try:
        return time.fromisoformat(f"{hour:02}{found['rest']}")
    except ValueError:
        return None


def moment_in(day: Any, hour: Any, where: str) -> datetime:
    """The moment in a cell with a date, and in a cell with a time of day, if there is one (else None).

    Both are text, or typed values of Excel. Raises InputError.
    """
    if isinstance(day, datetime) and not (hour is None and day.time() == time()):
        return _at(day, hour, where)
    if isinstance(day, date):
        return _at(datetime.combine(day, NOON), hour, where)
    return _at(moment(str(day), where), hour, where)


def _at(when: datetime, hour: Any, where: str) -> datetime:
    """The moment, at another time of day if one is given."""
    if hour is None or not str(hour).strip():
        return when.astimezone()
    at = hour if isinstance(hour, time) else _hour_in(str(hour))
    if at is None:
        raise InputError(f"{where}: expected a time of day such as 14:30, got {str(hour)!r}")
    return datetime.combine(when.date(), at).astimezone()


def span(text: str | timedelta, where: str) -> int:
    """The minutes of a span of time: `6w`, `42 days`. Raises InputError."""
    found = None if isinstance(text, timedelta) else _SPAN.fullmatch(text.strip().lower())
    minutes = text // timedelta(minutes=1) if isinstance(text, timedelta) else 0
    if found is not None:
        minutes = round(float(found["number"]) * (WEEK if found["unit"] == "w" else DAY))
    if not 0 < minutes <= MOST_DAYS * DAY:
        raise InputError(f"{where}: expected weeks or days, as in 6w or 42d, got '{text}'")
    return minutes


def minute_of(when: datetime, began: datetime) -> int:
    """Whole minutes from the beginning of the campaign; negative before it."""
    return int((when - began) // timedelta(minutes=1))


def shown(when: datetime) -> str:
    """`2026-03-02 14:30`, in local time."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
