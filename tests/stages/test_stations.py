"""Stations with machines: whole logs of runs by hand, rules of starting and queueing, and their errors."""

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError

from designloop.core.records import Batch
from designloop.lab.lab import Lab


def lab(*stages, **changes):
    named = [{"name": f"station {i}", **stage} for i, stage in enumerate(stages)]
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": named, **changes})


def runs(events, stage="station 0"):
    """(start, end, machine, designs) of each run of a station, in days."""
    at = [e for e in events if e.data.get("stage") == stage]
    ends = {e.data["run"]: e.minute / DAY for e in at if e.kind == "run_ended"}
    started = [e for e in at if e.kind == "run_started"]
    return [(e.minute / DAY, ends[e.data["run"]], e.data["machine"], e.data["designs"]) for e in started]


def entries(events, stage="station 0"):
    return {e.design: e.minute / DAY for e in events if e.kind == "entered" and e.data["stage"] == stage}


def test_two_machines_of_three_take_what_is_there():
    events = whole(lab({"days": 2, "setup": 0.5, "machines": 2, "load": 3}), 8)
    assert runs(events) == [(0, 2.5, 1, [0, 1, 2]), (0, 2.5, 2, [3, 4, 5]), (2.5, 5, 1, [6, 7])]
    assert [e.minute / DAY for e in events if e.kind == "left"] == [2.5] * 6 + [5] * 2
    assert lab({"days": 2, "setup": 0.5, "machines": 2}).shortest_days == 2.5


def test_the_duration_of_a_run_depends_on_how_many_it_takes():
    events = whole(lab({"days": {"by_size": [[1, 1], [2, 2], [4, 4]]}, "machines": 1, "load": 4}), 6)
    assert runs(events) == [(0, 4, 1, [0, 1, 2, 3]), (4, 6, 1, [4, 5])]


def test_machines_for_single_designs_have_the_durations_of_a_capacity():
    """The same streams: what is drawn for a design does not depend on how its place is called."""
    times = [whole(lab({"days": {"exponential": 1}, "failure": 0.2, name: 3}), 30) for name in ("capacity", "machines")]
    assert entries(times[0]) == entries(times[1])


def test_a_share_of_a_load_is_not_rounded_up_by_an_error_of_floats():
    """0.55 · 20 is 11.000000000000002."""
    stage = {"days": 1, "machines": 1, "load": 20, "min_fill": 0.55}
    assert runs(whole(lab(stage), 11))[0][0] == 0


def submitted_on(the_lab, *days, seed=0):
    """Events of designs that are submitted one by one on these days, each in a round of its own."""
    run, events = start(the_lab, seed), []
    for i, day in enumerate(days):
        while run.now < day * DAY:
            events += run.run(until=int(day * DAY))
        events += run.submit(Batch(i + 1, designs(1, first=i, round=i + 1)))
    return events + finish(run, len(days) - sum(e.kind == "round_closed" for e in events))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"min_fill": 0.0}, [(0, 1, [0]), (1, 2, [1, 2]), (7, 8, [3])]),
        ({"min_fill": 1.0}, [(0.75, 1.75, [0, 1, 2]), (12, 13, [3])]),
        ({"min_fill": 0.6}, [(0.5, 1.5, [0, 1]), (5.75, 6.75, [2]), (12, 13, [3])]),
        ({"min_fill": 1.0, "wait_days": 0.25}, [(0.25, 1.25, [0]), (1.25, 2.25, [1, 2]), (7.25, 8.25, [3])]),
    ],
    ids=["any", "full, or five days", "two of three", "full, or a quarter of a day"],
)
def test_a_run_starts_when_enough_wait_or_one_has_waited_long(rule, expected):
    events = submitted_on(lab({"days": 1, "machines": 1, "load": 3, **rule}), 0, 0.5, 0.75, 7)
    assert [(begin, end, which) for begin, end, _, which in runs(events)] == expected


def test_runs_start_on_the_clock():
    clocked = {"days": {"hours": 3}, "machines": 1, "load": 2, "start_times": ["14:00", "09:00"]}
    assert [round(begin * 24, 6) for begin, *_ in runs(whole(lab(clocked), 5))] == [9, 14, 33]
    on_days = lab({**clocked, "start_days": ["tue"], "start_times": ["09:00"]}, calendar={})
    assert [begin * 24 for begin, *_ in runs(whole(on_days, 3))] == [33, 7 * 24 + 33]


def test_a_stage_without_machines_starts_on_the_clock_too():
    assert set(entries(whole(lab({"days": 1, "start_times": ["12:00"]}), 2)).values()) == {0.5}


@pytest.mark.parametrize(
    ("queue", "order"),
    [("first-come", [0, 1, 2, 3]), ("priority", [0, 2, 3, 1]), ("by-batch", [0, 1, 2, 3])],
)
def test_retests_may_go_first(queue, order):
    """Design 0 is in the machine when 1 comes, and then the retests 2 and 3."""
    run = start(lab({"days": 1, "machines": 1, "queue": queue, "retest_from": True}))
    events = run.submit(Batch(1, designs(2))) + run.run(until=DAY // 2)
    events += run.submit(Batch(2, (), designs(2, first=2))) + finish(run, 2)
    assert list(entries(events)) == order


def test_earlier_batches_may_go_first():
    """A second station at which the first batch, which was slower before, overtakes the second."""
    slow = {"days": {"by_size": [[3, 2], [4, 1]]}}
    order = {}
    for queue in ("first-come", "by-batch"):
        run = start(lab(slow, {"days": 2, "machines": 1, "queue": queue}))
        events = run.submit(Batch(1, designs(3))) + run.run(until=1)
        events += run.submit(Batch(2, designs(4, first=3, round=2))) + finish(run, 2)
        order[queue] = list(entries(events, "station 1"))
    assert order == {"first-come": [3, 4, 5, 6, 0, 1, 2], "by-batch": [3, 0, 1, 2, 4, 5, 6]}


def test_a_run_may_hold_one_batch_only():
    events = submitted_on(lab({"days": 1, "machines": 1, "load": 4, "mixes": False}), 0, 0.25, 0.5)
    assert [which for *_, which in runs(events)] == [[0], [1], [2]]
    full = {"days": 1, "machines": 1, "load": 2, "mixes": False, "min_fill": 1, "wait_days": 9}
    run = start(lab(full))
    events = run.submit(Batch(1, designs(1))) + run.run(until=60)
    events += run.submit(Batch(2, designs(2, first=1, round=2))) + finish(run, 2)
    assert [(begin, which) for begin, _, _, which in runs(events)] == [(1 / 24, [1, 2]), (9, [0])]


def test_the_order_within_a_minute_does_not_matter():
    """The design that comes in the minute in which the machine is free waits no longer than others of that minute."""
    run = start(lab({"days": 1, "machines": 1, "queue": "priority", "retest_from": True}))
    events = run.submit(Batch(1, designs(2))) + run.run(until=DAY)
    assert list(entries(events)) == [0, 1]
    late = start(lab({"days": 1}, {"days": 1, "machines": 1, "queue": "priority", "retest_from": True}))
    events = late.submit(Batch(1, designs(2))) + late.run(until=DAY - 1)
    late.submit(Batch(2, (), designs(1, first=9)))
    assert list(entries(finish(late, 2), "station 1")) == [9, 0, 1]


def test_a_limit_lets_few_designs_into_the_stages():
    the_lab = lab({"days": 1, "failure": 1e-9}, {"days": 2}, wip_limit=2)
    assert list(entries(whole(the_lab, 5)).values()) == [0, 0, 3, 3, 6]
    run = start(lab({"days": 3, "clock": "calendar"}, wip_limit=1, close_at={"days": 1}))
    events = run.submit(Batch(1, designs(2))) + finish(run)
    events += run.submit(Batch(2, designs(1, first=2, round=2))) + finish(run)
    assert entries(events) == {0: 0}  # the first holds its place until day 3, after its round has closed


def test_designs_that_wait_for_their_batch_take_no_place_in_a_limited_lab():
    """Two work at a time. All four are ready on day 2, and are shipped before the next batch begins."""
    the_lab = lab({"days": 1}, {"days": 1, "release": "together"}, wip_limit=2)
    run = start(the_lab)
    events = [*run.submit(Batch(1, designs(4))), *run.submit(Batch(2, designs(2, first=4, round=2)))]
    events += finish(run, 2)
    assert entries(events) == {0: 0, 1: 0, 2: 1, 3: 1, 4: 4, 5: 4}
    assert entries(events, "station 1") == {0: 2, 1: 2, 2: 3, 3: 3, 4: 5, 5: 5}


def test_a_batch_that_gathers_twice_passes_a_lab_for_one_at_a_time():
    """With failures on the way, a closed round, and retests that begin at the second gathering."""
    shipped = {"days": 0.5, "release": "together", "failure": 0.3}
    the_lab = lab(shipped, {"days": 1, "failure": 0.3}, {**shipped, "retest_from": True}, wip_limit=1)
    run = start(the_lab)
    events = [*run.submit(Batch(1, designs(6))), *finish(run)]
    events += [*run.submit(Batch(2, designs(6, first=6, round=2), designs(2))), *finish(run)]
    assert sum(e.kind in ("observed", "failed") for e in events) == 14


def test_machines_are_given_back_when_a_round_closes():
    stage = {"days": 3, "clock": "calendar", "machines": 1, "load": 2}
    run = start(lab(stage, close_at={"days": 2}))
    events = run.submit(Batch(1, designs(5))) + finish(run)
    events += run.submit(Batch(2, designs(1, first=5, round=2))) + finish(run)
    assert [(e.minute / DAY, e.kind, e.data["designs"]) for e in events if e.kind == "run_started"] == [
        (0, "run_started", [0, 1]),
        (3, "run_started", [5]),
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"machines": 2, "capacity": 3}, "remove `capacity`"),
        ({"load": 4}, "`load` needs `machines`"),
        ({"capacity": 2, "setup": 1}, "`setup` needs `machines`"),
        ({"min_fill": 0.5}, "`min_fill` needs `machines`"),
        ({"queue": "priority"}, "`queue` has no effect"),
        ({"machines": 1, "load": 2, "per": "batch"}, "remove `per: batch`"),
        ({"machines": 0}, "greater than or equal to 1"),
        ({"machines": 1, "load": 0}, "greater than or equal to 1"),
        ({"start_times": ["9"]}, r"expected a time of day, such as '09:30', got '9'"),
        ({"start_times": ["24:00"]}, "expected a time of day"),
        ({"start_times": []}, "at least 1 item"),
    ],
)
def test_a_station_that_cannot_be_is_refused(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        lab({"days": 1, **fields})
