"""Five working days are one week; weekends, holidays and closures pass without work."""

import random
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.clock import DAY, WEEK, WEEKDAYS
from designloop.core.errors import ConfigError
from designloop.core.people import People, Shift, ShiftTime


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
    time = WorkingTime(Calendar(country="DE", closures=("12-24/01-01",)))
    for minute in range(0, 60 * WEEK, 7919):
        assert time.after(time.after(minute, 1000), 2345) == time.after(minute, 3345)


def test_days_that_were_listed_before_give_the_same_minutes():
    calendar = Calendar(closures=("2025-01-09/2025-01-14",))
    listed = WorkingTime(calendar)
    listed.after(0, 60 * DAY)
    rng = random.Random(0)
    for _ in range(200):
        minute, working = rng.randrange(30 * DAY), rng.randrange(10 * DAY)
        opens = [day for day in range(minute // DAY, 60) if calendar.is_working(calendar.start + timedelta(day))]
        end = WorkingTime(calendar).after(minute, working)
        on_the_way = sum(max(min(end, (day + 1) * DAY) - max(minute, day * DAY), 0) for day in opens)
        assert on_the_way == working
        assert listed.after(minute, working) == end


def test_public_holidays_and_the_closure_are_kept():
    calendar = Calendar(country="DE", closures=("12-24/01-01",))
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
    with pytest.raises(ConfigError, match="public holidays are not available"):
        Calendar(country="XX").is_working(date(2025, 1, 6))


@pytest.mark.parametrize(
    ("calendar", "sentence"),
    [
        ({"closures": ["2025-01-01/9999-12-31"]}, "no working day in its first year"),
        ({"closures": ["2026-01-01/9999-12-31"]}, "no working day in the year from 2026-01-01; shorten `closures`"),
        ({"closures": ["2026-01-01/2026-12-30", "2026-12-31/2027-02-01"]}, "in the year from 2026-01-01"),
        (
            {"closures": ["01-02/12-31"]},
            "no working day in the year from 2027-01-02",
        ),  # the first of January is a Friday
        ({"closures": ["01-01/02-28", "03-01/12-31"]}, "no working day in its first year"),
        ({"subdivision": "BY"}, "subdivision: name the `country` too"),
        ({"start": "9999-12-30"}, "expected a date from 1900-01-01 to 9000-01-01"),
        ({"start": "0001-01-05"}, "expected a date from 1900-01-01"),
    ],
)
def test_a_lab_that_never_opens_again_is_refused(calendar, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Calendar(**calendar)


def test_long_closures_after_which_a_lab_works_again_are_allowed():
    for closures in (["2026-01-01/2026-12-31"], ["01-05/12-31"], ["02-01/12-31", "2025-03-01/2026-01-10"]):
        assert Calendar(closures=closures).opens_on(("mon", "fri"))
    assert not Calendar(closures=["01-06/12-31"], start="2025-01-02").opens_on(("tue",))


@pytest.mark.parametrize(
    ("closure", "closed", "open_"),
    [
        ("12-24/01-01", ["2025-12-24", "2026-01-01", "2030-12-31"], ["2025-12-23", "2026-01-02"]),
        ("05-02", ["2025-05-02", "2028-05-02"], ["2025-05-01", "2025-05-05"]),
        ("2025-05-02", ["2025-05-02"], ["2028-05-02"]),
        ("2025-08-04/2025-08-15", ["2025-08-04", "2025-08-15"], ["2025-08-01", "2025-08-18", "2026-08-10"]),
        ("02-29", ["2028-02-29"], ["2028-03-01"]),
    ],
)
def test_a_closure_is_a_day_or_a_period_once_or_every_year(closure, closed, open_):
    calendar = Calendar(closures=(closure,), workdays=WEEKDAYS)
    assert [calendar.is_working(date.fromisoformat(day)) for day in closed + open_] == [False] * len(closed) + [
        True
    ] * len(open_)
    assert Calendar.model_validate(calendar.describe()) == calendar


@pytest.mark.parametrize(
    ("closures", "sentence"),
    [
        (["24.12."], "expected '12-24' for every year"),
        (["2025-02-30"], "expected '12-24' for every year"),
        (["20250804"], "'2025-08-04' for one date, .*, got '20250804'"),
        ([20250804], "'2025-08-04' for one date, .*, got 20250804"),
        (["2025-W32-1"], "'2025-08-04' for one date, .*, got '2025-W32-1'"),
        (["20250804/20250815"], "'2025-08-04' for one date, .*, got '20250804/20250815'"),
        (["W32-1"], "expected '12-24' for every year"),
        (["2025-08-04/"], "'first/last' for a period, got '2025-08-04/'"),
        (["2025-08-15/2025-08-04"], "does not end after its beginning"),
        (["12-24/2026-01-01"], "does not end after its beginning"),
        (["01-01/12-31"], "no working day in its first year"),
        (["01-01/06-30", "07-01/12-31"], "no working day in its first year"),
    ],
)
def test_a_wrong_closure_is_refused_before_anything_runs(closures, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Calendar(closures=closures)


@pytest.mark.parametrize("start", ["20250804", 20250804, 1735776000, "1735776000", "2025-W32-1"])
def test_a_start_in_another_form_is_refused(start):
    """Seconds since 1970 would be a date too."""
    with pytest.raises(ValidationError, match=f"expected a date such as '2025-01-06', got {start!r}"):
        Calendar(start=start)
    assert Calendar(start=date(2025, 8, 4)) == Calendar(start="2025-08-04")


def test_a_start_waits_for_its_time_of_day():
    time = WorkingTime(Calendar(closures=("2025-01-07",)))
    nine, two = 9 * 60, 14 * 60
    assert [time.next_start(at, times=(nine, two)) for at in (0, nine, nine + 1, two + 1)] == [
        nine, nine, two, 2 * DAY + nine,
    ]  # fmt: skip
    assert time.next_start(5 * DAY, ("mon",), (nine,)) == WEEK + nine


def shift_time(*shifts, **calendar):
    return ShiftTime(People(name="p", shifts=shifts), WorkingTime(Calendar(**calendar)))


def test_people_work_on_shift():
    hours = {"hours": ("08:00", "16:00")}
    time = shift_time({"days": ("mon", "tue"), **hours}, closures=("2025-01-13",))
    eight, four = 8 * 60, 16 * 60
    assert [time.next_on(at) for at in (0, eight + 5, four, DAY + four)] == [
        eight, eight + 5, DAY + eight, 8 * DAY + eight,
    ]  # fmt: skip
    assert [time.after(0, worked) for worked in (0, 1, 480, 481, 961)] == [
        0, eight + 1, four, DAY + eight + 1, 8 * DAY + eight + 1,
    ]  # fmt: skip
    assert time.after(eight + 60, 480) == DAY + eight + 60


def test_shifts_of_a_day_may_overlap_and_are_one():
    time = shift_time({"hours": ("06:00", "14:00")}, {"hours": ("13:00", "22:00")}, {"hours": ("22:00", "24:00")})
    assert time.after(0, 18 * 60) == DAY
    assert time.after(0, 18 * 60 + 1) == DAY + 6 * 60 + 1


@pytest.mark.parametrize("hours", [("16:00", "08:00"), ("08:00", "08:00"), ("8", "9")])
def test_a_wrong_shift_is_refused(hours):
    with pytest.raises(ValidationError, match=r"split it at midnight|expected a time of day"):
        Shift(hours=hours)
