"""A warm-up: the lab is busy at week 0, what began before is said, and nothing before is recorded."""

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError

from designloop.core.calendar import Calendar, working_time
from designloop.core.records import Batch
from designloop.lab.lab import Lab
from designloop.lab.load import loads

HALF_PAST = {"name": "others", "calendar": {"days": ["sun"], "times": ["12:00"]}, "size": 3}


def lab(stage, **changes):
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": [{"name": "s", **stage}], **changes})


def at_machines(events):
    return [(e.minute / DAY, e.kind, e.data) for e in events if e.kind in ("run_started", "run_ended", "machine_down")]


def test_the_whole_log_of_a_machine_that_was_busy_before_week_0():
    """Three items came on Sunday at noon. Two leave on Monday at noon, and one waits until then."""
    busy = lab({"days": 1, "machines": 1, "load": 2}, background=[HALF_PAST], warm_up_weeks=1)
    events = whole(busy, 1)
    first = {"stage": "s", "run": 1, "machine": 1}
    then = {"stage": "s", "run": 2, "machine": 1}
    assert at_machines(events)[:4] == [
        (0, "run_started", {**first, "designs": [], "background": {"others": 2}, "began": -DAY // 2}),
        (0.5, "run_ended", first),
        (0.5, "run_started", {**then, "designs": [0], "background": {"others": 1}}),
        (1.5, "run_ended", then),
    ]
    assert events[0].kind == "run_started"
    assert min(e.minute for e in events) == 0


def test_a_breakdown_that_began_before_week_0_is_going_on():
    """On a clock of working days from the first: breakdowns begin after 3, 7, 11, ... days, and last a day."""
    broken = {"days": 2, "machines": 1, "breakdown": {"between": 3, "repair": 1}}
    events = whole(lab(broken, warm_up_weeks=1), 1)  # the second one is on day 0
    assert at_machines(events)[0][:2] == (1, "run_started")
    held = whole(lab(broken, background=[{**HALF_PAST, "size": 1}], warm_up_weeks=1), 1)
    down = {"stage": "s", "machine": 1, "until": DAY, "why": "breakdown"}
    assert (0, "machine_down", down) in at_machines(held)
    calendar_days = lab({**broken, "clock": "calendar"}, warm_up_weeks=1, calendar={})
    assert at_machines(whole(calendar_days, 1))[0][:2] == (1, "run_started")


def test_a_warm_up_without_breakdowns_and_other_work_changes_nothing():
    stage = {"days": {"uniform": [0.5, 3]}, "machines": 2, "failure": 0.2, "start_times": ["09:00"]}
    plain, warm = (
        Lab.model_validate({"stages": [{"name": "s", **stage}], "calendar": {"closures": ["2025-01-08"]}, **changes})
        for changes in ({}, {"warm_up_weeks": 5.3})
    )
    assert whole(plain, 20) == whole(warm, 20)


def test_working_time_before_week_0_is_that_after_it_shifted():
    """Two weeks before a Monday are as two weeks from it, where no closure tells them apart."""
    late, early = working_time(Calendar()), working_time(Calendar(), -14)
    shift = 14 * DAY
    for minute in range(0, 10 * DAY, 1237):
        assert early.after(minute - shift, 3 * DAY) == late.after(minute, 3 * DAY) - shift
        assert early.elapsed(minute - shift) == late.elapsed(minute)
        assert early.next_start(minute - shift, ("tue",), (540,)) == late.next_start(minute, ("tue",), (540,)) - shift


def test_the_load_of_other_work_is_the_share_of_time_in_which_machines_are_busy():
    """With breakdowns, shifts and a clock: 30 weeks without a campaign, against the load that is told before."""
    people = {"name": "p", "shifts": [{"hours": ["08:00", "20:00"]}]}
    stage = {"days": {"uniform": [0.1, 0.5]}, "setup": 0.05, "machines": 2, "people": "p"}
    busy = lab(stage, people=[{**people, "number": 2}], background=[{"name": "others", "rate": 14, "size": [1, 2]}])
    run, weeks = start(busy, seed=2), 150
    events = run.run(until=weeks * 7 * DAY)
    started = {e.data["run"]: e.minute for e in events if e.kind == "run_started"}
    hours = [(started[e.data["run"]], e.minute) for e in events if e.kind == "run_ended"]
    on_shift = sum(_on_shift(begin, end) for begin, end in hours) / DAY
    of_machines, of_people = (load.share for load in loads(busy))
    assert of_machines == pytest.approx(of_people) == pytest.approx(14 * 1.5 * 0.35 / (2 * 7 / 2), rel=0.03)
    assert on_shift / (2 * weeks * 7 / 2) == pytest.approx(of_machines, rel=0.06)


def _on_shift(begin, end):
    """Minutes from 8:00 to 20:00 in a span."""
    days = range(begin // DAY, end // DAY + 1)
    return sum(max(min(end, day * DAY + 1200) - max(begin, day * DAY + 480), 0) for day in days)


@pytest.mark.parametrize(
    ("stage", "rate", "share"),
    [
        ({"days": 2, "machines": 2, "load": 4}, 7, 7 * 2 / (2 * 4 * 7 / 2)),
        ({"days": 1, "capacity": 3}, 7, 7 * 2 / (3 * 7)),
        ({"days": 0.1, "machines": 1, "start_times": ["09:00", "14:00"]}, 7, 14 / 14),
        ({"days": 2, "machines": 1, "load": 16, "start_days": ["mon", "tue"]}, 7, 14 / 16),
        ({"days": 1, "machines": 1, "breakdown": {"between": 3, "repair": 1}}, 7, 14 / (7 * 0.75)),
    ],
)
def test_the_load_of_a_station_by_hand(stage, rate, share):
    busy = lab(stage, background=[{"name": "others", "rate": rate, "size": 2}])
    assert [load.share for load in loads(busy)] == [pytest.approx(share)]
    assert bool(busy.remarks) == (share >= 1)


def test_too_much_other_work_is_told_with_its_load():
    (remark,) = lab({"days": 2, "machines": 1}, background=[{"name": "others", "rate": 7, "size": 1}]).remarks
    assert remark.startswith("other people's work is 2.00 times what station 's' can do at the most")
    standing = {"name": "others", "calendar": {"days": ["mon", "sun"], "times": ["09:00", "10:00"]}, "size": 1}
    by_order = lab({"days": 1, "machines": 1}, calendar={}, background=[standing])
    assert [load.share for load in loads(by_order)] == [2 / 5]


def test_a_warm_up_is_no_longer_than_ten_years():
    with pytest.raises(ValidationError, match="warm_up_weeks"):
        lab({"days": 1}, warm_up_weeks=521)


def test_retests_and_batches_follow_a_warm_up():
    busy = lab({"days": 1, "machines": 1, "retest_from": True}, background=[HALF_PAST], warm_up_weeks=3)
    run = start(busy)
    events = [*run.submit(Batch(1, designs(3))), *finish(run)]
    events += [*run.submit(Batch(2, (), designs(2))), *finish(run)]
    assert sum(e.kind == "observed" for e in events) == 5
