"""The calendar maps working days to calendar minutes: a working day is 24 hours of a date on which the lab works."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Annotated, Any, NoReturn, Self

from pydantic import BeforeValidator, Field, model_validator

from designloop.core.clock import DAY, WEEKDAYS, Weekday
from designloop.core.closures import Closed, check_is_date
from designloop.core.errors import ConfigError
from designloop.core.parts import Part

_FORWARD = 366  # a calendar that stays closed for longer never opens
_FEW = 60
"""A lab that works on fewer days in its first year may have a year without one."""
_CYCLE = 28 * 366
"""Days after which dates fall on the same weekdays again."""
_EARLIEST_START, _LATEST_START = "1900-01-01", "9000-01-01"
"""Dates go from the year 1 to 9999, and a lab may warm up before its start."""


def _check_start(value: Any) -> Any:
    """Raise ValueError for a number, which would count seconds since 1970, and for other forms of a date."""
    try:
        check_is_date(str(value))
    except ValueError as error:
        raise ValueError(f"expected a date such as '2025-01-06', got {value!r}") from error
    if not _EARLIEST_START <= str(value) <= _LATEST_START:
        raise ValueError(
            f"expected a date from {_EARLIEST_START} to {_LATEST_START}, within which a lab can run, got {value}"
        )
    return value


class Calendar(Part):
    """The dates on which the lab works. Minute 0 is 0:00 of `start`; five working days are one week by default."""

    start: Annotated[date, BeforeValidator(_check_start)] = Field(
        date(2025, 1, 6), description="date of minute 0, usually a Monday"
    )
    workdays: tuple[Weekday, ...] = Field(WEEKDAYS[:5], min_length=1, description="weekdays on which the lab works")
    country: str | None = Field(None, description="country whose public holidays apply, as a two-letter code")
    subdivision: str | None = Field(None, description="state or province of that country")
    closures: tuple[Closed, ...] = Field(
        (), description="days and periods off: '12-24/01-01' every year, '2025-05-02', '2025-08-04/2025-08-15'"
    )

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.subdivision is not None and self.country is None:
            raise ValueError("subdivision: name the `country` too; without it, no public holidays apply")
        if not self.closures:
            return self
        n_open = sum(1 for _ in islice(filter(self._is_open, self._days(self.start, _FORWARD)), _FEW))
        if not n_open:
            raise ValueError("closures: the lab has no working day in its first year; shorten `closures`")
        begin = [date.fromisoformat(closure.first) for closure in self.closures if not closure.is_yearly]
        for day in (max(first, self.start) for first in begin):
            self._check_opens_within(day, _FORWARD + 1)
        if n_open < _FEW:
            self._check_opens_within(self.start, _CYCLE)
        return self

    def _check_opens_within(self, first: date, n: int) -> None:
        """Raise ValueError where more than a year of these dates passes without a working day."""
        closed_since = first
        for day in self._days(first, n):
            if self._is_open(day):
                closed_since = day + timedelta(1)
            elif (day - closed_since).days >= _FORWARD:
                raise ValueError(
                    f"closures: the lab has no working day in the year from {closed_since}; shorten `closures`"
                )

    @staticmethod
    def _days(first: date, n: int) -> Iterator[date]:
        """So many dates from the first one, as far as the calendar goes."""
        start = first.toordinal()
        return map(date.fromordinal, range(start, min(start + n, date.max.toordinal())))

    def opens_on(self, weekdays: Collection[Weekday]) -> bool:
        """Whether the lab works on one of these weekdays in its first year, public holidays not counted."""
        days = (day for day in self._days(self.start, _FORWARD) if WEEKDAYS[day.weekday()] in weekdays)
        return any(map(self._is_open, days))

    def check_ready(self) -> None:
        """Raise ConfigError where there are no public holidays for `country` and `subdivision`."""
        self.is_working(self.start)

    def is_working(self, day: date) -> bool:
        """True where the lab works on that date."""
        if not self._is_open(day):
            return False
        return self.country is None or day not in _public_holidays(self.country, self.subdivision, day.year)

    def _is_open(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] in self.workdays and not any(closure.holds(day) for closure in self.closures)


_HOLIDAYS: dict[tuple[str, str | None, int], frozenset[date]] = {}


def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    key = (country, subdivision, year)
    if key not in _HOLIDAYS:
        from holidays import country_holidays

        try:
            _HOLIDAYS[key] = frozenset(country_holidays(country, subdiv=subdivision, years=year))
        except NotImplementedError as error:
            raise ConfigError(
                f"lab.calendar: public holidays are not available: {error}; give another `country` (a two-letter code "
                "such as DE) or `subdivision`, or none"
            ) from error
    return _HOLIDAYS[key]


class WorkingTime:
    """Arithmetic on working minutes. The working days of the calendar are listed as far as they are needed."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: list[int] = []  # ordinals of working days, from the start
        self._gaps: list[int] = []  # minutes off before each of them
        self._most_days = date.max.toordinal() - calendar.start.toordinal() - 1
        self._next: list[int] = []  # day: place in the list of the first working day from it on
        self._off: list[int | None] = []  # day: minutes off before it; None on a day off
        self._listing = Lock()

    def after(self, minute: int, working: int) -> int:
        """The calendar minute at which `working` working minutes have passed since `minute`.

        Work that ends with a working day is done when the next begins: five days from Monday 0:00 end on Monday 0:00.
        """
        if working == 0:
            return minute
        day = minute // DAY
        try:
            off = self._off[day]
            done = working + (minute - off if off is not None else self._next[day] * DAY)
            return done + self._gaps[done // DAY]
        except IndexError:  # beyond the days listed so far
            if day + working // DAY > self._most_days:
                self._end_of_time()
            done = working + self.elapsed(minute)
            return self._day(done // DAY) * DAY + done % DAY

    def _end_of_time(self) -> NoReturn:
        """Raises ConfigError for a day beyond the calendar, before all the days up to it are listed."""
        raise ConfigError("the lab's calendar ends in the year 9999; reduce durations, or limit budget.weeks")

    def elapsed(self, minute: int) -> int:
        """Working minutes from the start to a minute."""
        day, past = divmod(minute, DAY)
        index = self._index(day)
        return index * DAY + (past if self._day(index) == day else 0)

    def next_start(self, minute: int, weekdays: tuple[Weekday, ...] = WEEKDAYS, times: tuple[int, ...] = ()) -> int:
        """The first minute, from `minute` on, of a working day that is one of `weekdays`, at one of `times`.

        `times` are minutes of the day in increasing order; none means any time.
        """
        today, time = divmod(minute, DAY)
        if today > self._most_days:
            self._end_of_time()
        if times and time > times[-1]:  # too late for today
            today += 1
        day, weekday = self.working_day(today)
        while weekday not in weekdays:
            day, weekday = self.working_day(day + 1)
        past = time if day == minute // DAY else 0
        return day * DAY + (next(one for one in times if one >= past) if times else past)

    def working_day(self, day: int) -> tuple[int, Weekday]:
        """The first working day from `day` on, and its weekday."""
        day = self._day(self._index(day))
        return day, WEEKDAYS[(self._calendar.start + timedelta(day)).weekday()]

    def _index(self, day: int) -> int:
        """Place in the list of the first working day from `day` on."""
        while len(self._next) <= day:
            self._list_one_more()
        return self._next[day]

    def _day(self, index: int) -> int:
        """The working day at a place in the list."""
        while len(self._days) <= index:
            self._list_one_more()
        return self._days[index]

    def _list_one_more(self) -> None:
        with self._listing:  # runs in other threads may share this object
            day, index = self._first_working_day(len(self._next)), len(self._days)
            n_off = day - len(self._next)
            self._days.append(day)
            self._gaps.append((day - index) * DAY)
            self._next += [index] * (n_off + 1)
            self._off += [*[None] * n_off, (day - index) * DAY]

    def _first_working_day(self, day: int) -> int:
        """The first working day from a day on, of which none is listed yet."""
        last = day + _FORWARD
        while not self._calendar.is_working(self._calendar.start + timedelta(day)):
            day += 1
            if day > self._most_days:
                self._end_of_time()
            if day > last:
                raise ConfigError("the lab has no working day for more than a year; correct `workdays` or `closures`")
        return day


class EarlyTime(WorkingTime):
    """Working time that begins on a day before day 0, as that of a lab that warms up."""

    def __init__(self, calendar: Calendar, first: int) -> None:
        super().__init__(calendar)
        self._first, self._shift = first, first * DAY
        self._shifted = WorkingTime(calendar.with_(start=calendar.start + timedelta(first)))

    def after(self, minute: int, working: int) -> int:
        return self._shifted.after(minute - self._shift, working) + self._shift

    def elapsed(self, minute: int) -> int:
        """Working minutes from the first day to a minute."""
        return self._shifted.elapsed(minute - self._shift)

    def next_start(self, minute: int, weekdays: tuple[Weekday, ...] = WEEKDAYS, times: tuple[int, ...] = ()) -> int:
        return self._shifted.next_start(minute - self._shift, weekdays, times) + self._shift

    def working_day(self, day: int) -> tuple[int, Weekday]:
        day, weekday = self._shifted.working_day(day - self._first)
        return day + self._first, weekday


@lru_cache(maxsize=64)
def working_time(calendar: Calendar, first: int = 0) -> WorkingTime:
    """The working time of a calendar from the day `first` on. Its days are listed once for all runs."""
    return EarlyTime(calendar, first) if first else WorkingTime(calendar)
