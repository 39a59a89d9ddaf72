"""The calendar maps working days to calendar minutes: a working day is 24 hours of a date on which the lab works."""

from datetime import date, timedelta
from typing import NoReturn

from pydantic import Field, field_validator

from designloop.core.clock import DAY, WEEKDAYS, Weekday
from designloop.core.errors import ConfigError
from designloop.core.parts import Part

_FORWARD = 366  # a calendar that stays closed for longer never opens


class Calendar(Part):
    """The dates on which the lab works. Minute 0 is 0:00 of `start`; five working days are one week by default."""

    start: date = Field(date(2025, 1, 6), description="date of minute 0, usually a Monday")
    workdays: tuple[Weekday, ...] = Field(WEEKDAYS[:5], min_length=1, description="weekdays on which the lab works")
    country: str | None = Field(None, description="country whose public holidays apply, as a two-letter code")
    subdivision: str | None = Field(None, description="state or province of that country")
    closure: tuple[str, str] | None = Field(
        None, description="first and last day of an annual closure, such as ['12-24', '01-01']"
    )

    @field_validator("closure")
    @classmethod
    def _closure_is_dates(cls, value: tuple[str, str] | None) -> tuple[str, str] | None:
        for day in value or ():
            try:
                date.fromisoformat(f"2024-{day}")
            except ValueError as error:
                raise ValueError(f"closure: expected 'month-day', as in '12-24', got {day!r}") from error
        return value

    def is_working(self, day: date) -> bool:
        """True where the lab works on that date."""
        if WEEKDAYS[day.weekday()] not in self.workdays or self._is_closed(day):
            return False
        return self.country is None or day not in _public_holidays(self.country, self.subdivision, day.year)

    def _is_closed(self, day: date) -> bool:
        if self.closure is None:
            return False
        first, last = self.closure
        today = f"{day:%m-%d}"
        return first <= today <= last if first <= last else today >= first or today <= last


_HOLIDAYS: dict[tuple[str, str | None, int], frozenset[date]] = {}


def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    key = (country, subdivision, year)
    if key not in _HOLIDAYS:
        from holidays import country_holidays

        try:
            _HOLIDAYS[key] = frozenset(country_holidays(country, subdiv=subdivision, years=year))
        except NotImplementedError as error:
            raise ConfigError(f"public holidays are not available: {error}; give another country, or none") from error
    return _HOLIDAYS[key]


class WorkingTime:
    """Arithmetic on working minutes. The working days of the calendar are listed as far as they are needed."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: list[int] = []  # ordinals of working days, from the start
        self._most_days = date.max.toordinal() - calendar.start.toordinal() - 1
        self._listed = 0  # days listed so far
        self._next: list[int] = []  # day: place in the list of the first working day from it on

    def after(self, minute: int, working: int) -> int:
        """The calendar minute at which `working` working minutes have passed since `minute`.

        Work that ends with a working day is done when the next begins: five days from Monday 0:00 end on Monday 0:00.
        """
        if working == 0:
            return minute
        day, past = divmod(minute, DAY)
        if day + working // DAY > self._most_days:
            self._end_of_time()
        index = self._next[day] if day < len(self._next) else self._index(day)
        begun = index * DAY + (past if self._days[index] == day else 0)
        whole, rest = divmod(begun + working, DAY)
        return (self._days[whole] if whole < len(self._days) else self._day(whole)) * DAY + rest

    def _end_of_time(self) -> NoReturn:
        """Raises ConfigError for a day beyond the calendar, before all the days up to it are listed."""
        raise ConfigError("the lab's calendar ends in the year 9999; reduce durations, or limit budget.weeks")

    def next_start(self, minute: int, weekdays: tuple[Weekday, ...] = WEEKDAYS, times: tuple[int, ...] = ()) -> int:
        """The first minute, from `minute` on, of a working day that is one of `weekdays`, at one of `times`.

        `times` are minutes of the day in increasing order; none means any time.
        """
        today, time = divmod(minute, DAY)
        if today > self._most_days:
            self._end_of_time()
        if times and time > times[-1]:  # too late for today
            today += 1
        index = self._index(today)
        while WEEKDAYS[(self._calendar.start + timedelta(self._day(index))).weekday()] not in weekdays:
            index += 1
        day = self._day(index)
        past = time if day == minute // DAY else 0
        return day * DAY + (next(one for one in times if one >= past) if times else past)

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
        start, last = self._calendar.start, self._listed + _FORWARD
        while not self._calendar.is_working(start + timedelta(self._listed)):
            self._listed += 1
            if self._listed > self._most_days:
                self._end_of_time()
            if self._listed > last:
                raise ConfigError("the lab's calendar has no working day; correct `workdays` or `closure`")
        self._next += [len(self._days)] * (self._listed + 1 - len(self._next))
        self._days.append(self._listed)
        self._listed += 1
