"""Five working days are one week; weekends, holidays and closures pass without work."""

from datetime import date

import pytest
from pydantic import ValidationError

from designloop.core.clock import DAY, WEEK
from designloop.core.errors import ConfigError
from designloop.lab.calendar import Calendar, WorkingTime


def test_five_working_days_from_monday_are_one_week():
    assert WorkingTime(Calendar()).after(0, 5 * DAY) == WEEK


@pytest.mark.parametrize(
    ("minute", "working", "expected"),
    [
        (0, 0, 0),
        (5 * DAY + 7, 0, 5 * DAY + 7),  # nothing takes no time, also on a Saturday
        (0, DAY + 5, DAY + 5),
        (4 * DAY + 60, DAY, WEEK + 60),  # Friday 1:00 and a day: Monday 1:00
        (5 * DAY + 60, DAY, WEEK + DAY),  # begun on a Saturday: counted from Monday 0:00
        (2 * WEEK + DAY, 10 * DAY, 4 * WEEK + DAY),
    ],
)
def test_working_minutes_pass_on_working_days(minute, working, expected):
    assert WorkingTime(Calendar()).after(minute, working) == expected


def test_working_time_adds_up():
    time = WorkingTime(Calendar(country="DE", closure=("12-24", "01-01")))
    for minute in range(0, 60 * WEEK, 7919):
        assert time.after(time.after(minute, 1000), 2345) == time.after(minute, 3345)


def test_public_holidays_and_the_closure_are_kept():
    calendar = Calendar(country="DE", closure=("12-24", "01-01"))
    assert not calendar.is_working(date(2025, 5, 1))
    assert not calendar.is_working(date(2025, 12, 29))
    assert not calendar.is_working(date(2026, 1, 1))
    assert calendar.is_working(date(2026, 1, 2))
    assert Calendar().is_working(date(2025, 5, 1))


def test_a_start_waits_for_its_weekday():
    time = WorkingTime(Calendar())
    assert time.next_start(DAY + 5, ("mon", "tue")) == DAY + 5
    assert time.next_start(3 * DAY + 5, ("mon", "tue")) == WEEK


def test_a_wrong_calendar_says_so():
    with pytest.raises(ValidationError, match="month-day"):
        Calendar(closure=("24.12.", "01-01"))
    with pytest.raises(ConfigError, match="public holidays are not available"):
        Calendar(country="XX").is_working(date(2025, 1, 6))
    with pytest.raises(ConfigError, match="no working day"):
        WorkingTime(Calendar(closure=("01-01", "12-31"))).after(0, 1)
