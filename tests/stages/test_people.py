"""People and their shifts: who works when, who is free again when, and labs in which nobody could work."""

import pytest
from lab_stubs import EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError
from test_stations import runs

from designloop.core.clock import DAY
from designloop.core.records import Batch
from designloop.lab.lab import Lab

OFFICE = {"name": "bench", "shifts": [{"hours": ["08:00", "16:00"]}]}


def lab(*stages, people=(OFFICE,), **changes):
    named = [{"name": f"station {i}", "people": "bench", "machines": 9, **stage} for i, stage in enumerate(stages)]
    return Lab.model_validate({"calendar": EVERY_DAY, "people": people, "stages": named, **changes})


def hours(events, stage="station 0"):
    """(begin, end, designs) of each run, in hours; and when people were free."""
    freed = [e.data["freed"] / 60 for e in events if e.kind == "run_ended" and e.data["stage"] == stage]
    return [(begin * 24, end * 24, which) for begin, end, _, which in runs(events, stage)], freed


def test_one_person_loads_and_walks_away():
    """An hour of hands, then three of the machine alone: three machines are loaded before the first is done."""
    events = whole(lab({"days": {"hours": 4}, "hands_on": {"hours": 1}}), 3)
    assert hours(events) == ([(8, 12, [0]), (9, 13, [1]), (10, 14, [2])], [9, 10, 11])


def test_hands_on_until_the_end_is_done_on_shift():
    """Six hours from eight to two; the next begin at two, stop at four, and go on at eight in the morning."""
    events = whole(lab({"days": {"hours": 6}}), 2)
    assert hours(events) == ([(8, 14, [0]), (14, 24 + 12, [1])], [14, 24 + 12])


def test_a_machine_goes_on_when_the_shift_has_ended():
    events = whole(lab({"days": {"hours": 20}, "setup": {"hours": 1}, "hands_on": {"hours": 1}}), 1)
    assert hours(events) == ([(8, 29, [0])], [9])


def test_two_people_are_needed_together():
    two = [{**OFFICE, "number": 2}]
    events = whole(lab({"days": {"hours": 2}, "n_people": 2}, people=two), 2)
    assert [begin for begin, *_ in hours(events)[0]] == [8, 10]
    assert [begin for begin, *_ in hours(whole(lab({"days": {"hours": 2}}, people=two), 2))[0]] == [8, 8]


def test_stations_share_people_and_who_came_first_goes_first():
    """One person: design 1 waits for station 0 longer than design 0 for station 1, although station 1 is free."""
    events = whole(lab({"days": {"hours": 1}}, {"days": {"hours": 1}}), 2)
    assert (hours(events)[0], hours(events, "station 1")[0]) == (
        [(8, 9, [0]), (9, 10, [1])],
        [(10, 11, [0]), (11, 12, [1])],
    )


def test_nobody_works_in_a_closure_on_a_weekend_or_off_shift():
    calendar = {"closures": ["2025-01-08/2025-01-10", "01-13"], "workdays": ["mon", "tue", "wed", "thu", "fri"]}
    shifts = [
        {"days": ["mon", "tue", "wed", "thu"], "hours": ["09:00", "12:00"]},
        {"days": ["tue"], "hours": ["20:00", "24:00"]},
    ]
    the_lab = lab(
        {"days": {"hours": {"uniform": [1, 5]}}}, people=[{"name": "bench", "shifts": shifts}], calendar=calendar
    )
    on = {(day, hour) for day in (0, 1, 8, 9, 10, 14, 15, 16, 17) for hour in (9, 10, 11)} | {
        (day, h) for day in (1, 8, 15) for h in range(20, 24)
    }
    events = [e for e in whole(the_lab, 9) if e.kind in ("run_started", "run_ended")]
    ends = [e.minute - 1 for e in events if e.kind == "run_ended"]
    assert [e.data["freed"] - 1 for e in events if e.kind == "run_ended"] == ends
    begins = [e.minute for e in events if e.kind == "run_started"]
    assert len(begins) == len(ends) == 9
    assert {(minute // DAY, minute % DAY // 60) for minute in begins + ends} <= on


def test_a_round_that_closes_lets_people_go():
    events = whole(lab({"days": {"hours": 6}, "machines": 1}, close_at={"days": 0.5}), 2)
    assert [e.minute for e in events if e.kind == "run_started"] == [8 * 60]
    assert events[-1].minute == DAY // 2


@pytest.mark.parametrize(
    ("stage", "changes", "sentence"),
    [
        ({"people": "bensh"}, {}, "there are no people 'bensh'. Did you mean 'bench'"),
        ({"people": "robots"}, {"people": []}, "add it to `lab.people`"),
        ({"n_people": 2}, {}, "a run needs 2 people, but 'bench' are 1"),
        ({"machines": None}, {}, "`people` needs `machines`"),
        ({"people": None, "hands_on": 1}, {}, "name the group of `people`"),
        ({"start_times": ["07:00", "16:00"]}, {}, "'bench' are not on shift at its `start_days` and `start_times`"),
        ({"start_days": ["mon"]}, {"people": [{"name": "bench", "shifts": [{"days": ["tue"]}]}]}, "not on shift at"),
        ({}, {"people": [OFFICE, OFFICE]}, "different names, got bench, bench"),
        ({}, {"people": [{"name": "bench", "shifts": []}]}, "at least 1 item"),
        ({}, {"people": [{"name": "bench", "number": 0}]}, "greater than or equal to 1"),
        (
            {},
            {"calendar": {}, "people": [{"name": "bench", "shifts": [{"days": ["sun"]}]}]},
            "'bench' are never on shift",
        ),
    ],
)
def test_a_lab_in_which_nobody_could_work_is_refused(stage, changes, sentence):
    with pytest.raises(ValidationError, match=sentence):
        lab({"days": 1, **stage}, **changes)


def again(events):
    """When people were hands-on in second attempts, in hours, for each run; None where they were not."""
    spans = [e.data.get("again") for e in events if e.kind == "run_ended"]
    return [span and [minute / 60 for minute in span[1:]] for span in spans]


def left(events):
    """The hours at which designs leave the stage, or fail there."""
    return sorted(e.minute / 60 for e in events if e.kind == "left" or e.data.get("outcome") == "build_failed")


FAILS = {"load": 4, "days": {"hours": 4}, "failure": 1.0, "rework": {"days": {"hours": 3}}}


def test_a_second_attempt_needs_the_people_of_its_run_again():
    """Four designs fail at 12:00, and are made again until 15:00, with people for the first hour."""
    events = whole(lab({**FAILS, "hands_on": {"hours": 1}}), 4)
    assert again(events) == [[12, 13]]
    assert left(events) == [15] * 4
    assert hours(events) == ([(8, 15, [0, 1, 2, 3])], [9])


def test_a_second_attempt_waits_until_people_are_on_shift_and_free():
    """The first run ends at 13:00, when the only person handles the second until 16:00, the end of the shift."""
    events = whole(lab({**FAILS, "load": 1, "days": {"hours": 5}, "hands_on": {"hours": 4}}), 2)
    assert again(events) == [[24 + 8, 24 + 11], [24 + 11, 24 + 14]]
    assert hours(events) == ([(8, 24 + 11, [0]), (12, 24 + 14, [1])], [12, 16])


def test_without_hands_on_people_stay_until_the_last_second_attempt_ends():
    """The run ends at 12:00; the second attempts end by 15:00."""
    events = whole(lab(FAILS), 4)
    assert again(events) == [[12, 15]]
    assert left(events) == [15] * 4


def test_runs_that_end_together_are_made_again_by_people_of_their_own():
    two = [{**OFFICE, "number": 2}]
    assert again(whole(lab({**FAILS, "load": 2, "hands_on": {"hours": 1}}, people=two), 4)) == [[12, 13]] * 2
    assert sorted(again(whole(lab({**FAILS, "load": 2, "hands_on": {"hours": 1}, "n_people": 2}, people=two), 4))) == [
        [12, 13],
        [13, 14],
    ]


def test_a_round_that_closes_while_its_designs_wait_for_people_lets_the_machine_go():
    """The run ends in the evening, and the round closes at midnight. The person is free for the next in the morning."""
    station = {**FAILS, "machines": 1, "days": {"hours": 9}, "hands_on": {"hours": 1}}
    run = start(lab(station, close_at={"days": 1}))
    events = run.submit(Batch(1, designs(4))) + finish(run) + run.submit(Batch(2, designs(4, first=4, round=2)))
    events += finish(run)
    assert [(e.kind, e.minute / 60) for e in events if e.kind in ("run_started", "run_ended")] == [
        ("run_started", 8), ("run_ended", 24), ("run_started", 24 + 8),
    ]  # fmt: skip
    assert again(events) == [None]
