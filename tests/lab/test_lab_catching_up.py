"""A lab catches up with the past of a real one: what is in it comes back after the time that is left."""

from dataclasses import replace
from typing import Any

import pytest
from lab_stubs import DAY, EVERY_DAY, Counting, designs

from designloop.core.past import InLab, Past
from designloop.core.records import Batch, Event
from designloop.lab.catching_up import CaughtUp
from designloop.lab.lab import Lab

OPENED = Event(0, "opened", None, {"starts": []})


def lab(days: Any = 5, **changes: Any) -> Lab:
    return Lab.model_validate(
        {"calendar": EVERY_DAY, "stages": [{"name": "build", "days": days}], "cost": {"per_round": 100}, **changes}
    )


def past(now: int, n: int = 2, since: int = 0) -> Past:
    """Some designs that were submitted `since`, and are in the lab at the minute `now`."""
    events = [Event(0, "chosen", d.id, {"sequence": d.sequence, "round": 1, "origin": "x"}) for d in designs(n)]
    in_lab = tuple(InLab(d.id, d.sequence, 1, 1, since, 1) for d in designs(n))
    return Past(now, OPENED, tuple(events), {}, in_lab)


def begun(its: Lab, before: Past, seed: int = 0) -> CaughtUp:
    run = its.begin(Counting(), seed, before, space=Counting().space)
    assert isinstance(run, CaughtUp)
    return run


def log(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(event.minute / DAY, event.kind, event.design) for event in events]


def test_what_is_in_the_lab_comes_back_after_the_time_that_is_left():
    """Submitted on day 0, five days of work, and day 3 today; what it cost before is not charged."""
    run = begun(lab(), past(3 * DAY))
    assert log(run.past) == [
        (0, "chosen", 0),
        (0, "chosen", 1),
        (0, "entered", 0),
        (0, "entered", 1),
        (3, "waited", None),
    ]
    assert (run.now, run.n_early, run.n_ended) == (3 * DAY, 0, 0)
    back = [
        (day, kind, design) for day, kind, design in log(run.run()) if kind in ("observed", "round_closed", "charged")
    ]
    assert back == [(5, "observed", 0), (5, "observed", 1), (5, "round_closed", None)]


def test_the_calendar_knows_the_time_of_day_at_which_the_campaign_began():
    """Begun on a Friday at 23:00, submitted on Saturday at 12:00, two working days: back on Wednesday at 0:00."""
    its = lab(2, calendar={"start": "2025-01-10"})
    friday = replace(past(14 * 60, since=13 * 60), time_of_day=23 * 60)
    run = begun(its, friday)
    assert run.now == 14 * 60
    assert [event.minute for event in run.past if event.kind == "entered"] == [13 * 60] * 2
    assert {event.minute for event in run.submit(Batch(2, designs(1, first=2, round=2)))} == {14 * 60}
    back = [event.minute for event in run.run() if event.kind == "observed"]
    assert back == [4 * DAY + 60] * len(back) != []
    assert run.now == 4 * DAY + 60
    assert {truth.minute for truth in run.truths()} == {14 * 60, 4 * DAY + 60}
    late = begun(its, replace(friday, now=5 * DAY))
    assert log(late.run())[0] == (6.0, "observed", 0), "overdue, so a working day later"


def test_overdue_values_come_a_working_day_later():
    run = begun(lab(), past(8 * DAY))
    assert (run.n_early, run.n_ended) == (2, 2)
    assert log(run.run(until=round(8.5 * DAY))) == []
    assert log(run.run()) == [(9, "observed", 0), (9, "observed", 1), (9, "round_closed", None)]
    assert run.held == []


def test_overdue_values_come_with_an_earlier_result():
    run = begun(lab(0.5), past(8 * DAY))
    run.submit(Batch(2, designs(1, first=2, round=2)))
    back = [event for event in log(run.run()) if event[1] in ("observed", "round_closed")]
    assert back == [
        (8.5, "observed", 0),
        (8.5, "observed", 1),
        (8.5, "round_closed", None),
        (8.5, "observed", 2),
        (8.5, "round_closed", None),
    ]


def test_the_time_is_drawn_given_what_has_passed():
    """Half of all take one day, the others ten; on day 5, only the second kind can still be in the lab."""
    times = lab({"mixture": [[0.5, 1], [0.5, 10]]})
    for seed in range(8):
        run = begun(times, past(5 * DAY, n=1), seed)
        assert [day for day, kind, _ in log(run.run()) if kind == "observed"] == [10]


def test_a_course_in_which_everything_was_lost_does_not_explain_the_delay():
    """Overdue by far: nine courses in ten have values early, the others lost them all."""
    times = lab(stages=[{"name": "build", "days": 1, "failure": 0.1}])
    assert sum(begun(times, past(9 * DAY, n=1), seed).n_early for seed in range(6)) > 3


def test_a_batch_begins_when_it_was_submitted_and_keeps_its_wells():
    before = past(6 * DAY, since=4 * DAY)
    some = Past(6 * DAY, OPENED, before.events, {}, (InLab(0, before.in_lab[0].sequence, 1, 1, 4 * DAY, 3),))
    run = begun(lab(), some)
    observed = [event for event in run.run() if event.kind == "observed"]
    assert [(event.minute / DAY, event.data["replicate"]) for event in observed] == [(9, 1), (9, 2), (9, 3)]


def test_without_anything_in_the_lab_it_only_gets_later():
    run = begun(lab(), Past(7 * DAY, OPENED, (), {}))
    assert log(run.past) == [(7, "waited", None)]
    run.submit(Batch(1, designs(1)))
    assert log([event for event in run.run() if event.kind == "observed"]) == [(12, "observed", 0)]


@pytest.mark.parametrize("at", [0, 3 * DAY])
def test_the_same_past_has_the_same_future(at: int):
    runs = [begun(Lab.preset("good"), past(at, n=6), seed=4) for _ in range(2)]
    first, second = (log(run.past + run.run()) for run in runs)
    assert first == second
