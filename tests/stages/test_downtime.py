"""Breakdowns and maintenance by hand, what they do to runs, and failures that a run or a batch shares."""

import numpy as np
import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start, whole
from pydantic import ValidationError
from test_stations import lab, runs

from designloop.core.errors import ConfigError
from designloop.core.records import Batch
from designloop.lab.downtime import Downtime
from designloop.lab.lab import Lab
from designloop.stages.station import Breakdown, Maintenance

EVERY_FIVE = {"between": 5, "repair": 1}


def downtime(breakdown=None, maintenance=None):
    parts = breakdown and Breakdown.model_validate(breakdown), maintenance and Maintenance.model_validate(maintenance)
    return Downtime(*parts, lambda _: np.random.default_rng(0))


def test_a_machine_is_up_between_repairs():
    machine = downtime(EVERY_FIVE)
    assert [machine.up_from(day * DAY) / DAY for day in (0, 4.9, 5, 5.5, 6, 11, 11.5)] == [0, 4.9, 6, 6, 6, 12, 12]


def test_downtimes_may_overlap():
    machine = downtime(EVERY_FIVE, {"every": 5.5, "days": 1})
    assert [machine.up_from(day * DAY) / DAY for day in (5, 5.9, 6.4)] == [6.5, 6.5, 6.5]
    assert machine.plan(7 * DAY, 5 * DAY).end == 13 * DAY  # both from 11 to 12


@pytest.mark.parametrize(("work", "end"), [("kept", 7), ("restarted", 9), ("lost", 5)])
def test_what_a_breakdown_does_to_a_run(work, end):
    found = downtime({**EVERY_FIVE, "work": work}).plan(3 * DAY, 3 * DAY)
    assert (found.end / DAY, found.is_lost) == (end, work == "lost")
    assert [(down.start / DAY, down.end / DAY) for down in found.met] == [(5, 6)]


def test_a_run_that_ends_with_the_breakdown_meets_none():
    plan = downtime({**EVERY_FIVE, "work": "lost"}).plan(2 * DAY, 3 * DAY)
    assert (plan.end, plan.met) == (5 * DAY, ())


def test_a_run_that_is_restarted_for_ever_is_told():
    breaking = {"between": {"uniform": [0.9, 1]}, "repair": 0.1, "work": "restarted"}
    with pytest.raises(ConfigError, match="restarted 1001 times"):
        downtime(breaking).plan(0, 2 * DAY)


def events_of(stage, n=4, **changes):
    return whole(lab({"machines": 1, **stage}, **changes), n)


def downs(events):
    return [(e.minute / DAY, e.data["until"] / DAY, e.data["why"]) for e in events if e.kind == "machine_down"]


def test_the_whole_log_of_a_machine_that_breaks_down_and_is_maintained():
    events = events_of({"days": 2, "breakdown": EVERY_FIVE, "maintenance": {"every": 7.5, "days": 0.5}})
    assert [run[:2] for run in runs(events)] == [(0, 2), (2, 4), (4, 7), (7, 9.5)]
    assert downs(events) == [(5, 6, "breakdown"), (7.5, 8, "maintenance")]


def test_a_run_waits_for_the_repair_and_another_machine_does_not():
    """Design 1 comes to a machine that is down from day 5 to 6."""
    for n_machines, begin in ((1, 6), (2, 5)):
        run = start(lab({"days": 1, "machines": n_machines, "breakdown": EVERY_FIVE}, {"days": 0}))
        events = run.submit(Batch(1, designs(1))) + finish(run)
        events += run.run(until=5 * DAY) + run.submit(Batch(2, designs(1, first=1, round=2))) + finish(run)
        assert [b for b, *_ in runs(events)][1] == (begin if n_machines == 1 else 6)


def test_work_that_is_lost_says_nothing_about_its_designs():
    stage = {"days": 3, "load": 2, "outcome": "synthesis_failed", "breakdown": {**EVERY_FIVE, "work": "lost"}}
    events = events_of(stage)
    failed = [(e.minute / DAY, e.design, e.data["outcome"]) for e in events if e.kind == "failed"]
    assert failed == [(5, 2, "lost"), (5, 3, "lost")]
    assert runs(events) == [(0, 3, 1, [0, 1]), (3, 5, 1, [2, 3])]


def test_downtime_counts_working_days():
    events = events_of({"days": 3, "breakdown": {"between": 4, "repair": 2}}, n=2, calendar={})
    assert [run[:2] for run in runs(events)] == [(0, 3), (3, 10)]  # down on Friday and Monday
    assert downs(events) == [(4, 8, "breakdown")]


def test_people_load_a_machine_and_breakdowns_meet_the_rest():
    people = [{"name": "bench", "shifts": [{"hours": ["08:00", "16:00"]}]}]
    stage = {
        "days": {"hours": 24},
        "people": "bench",
        "hands_on": {"hours": 8},
        "breakdown": {"between": 1, "repair": 1},
    }
    events = events_of(stage, n=1, people=people)
    assert [(b * 24, e * 24) for b, e, *_ in runs(events)] == [
        (8, 56)
    ]  # eight hours of hands, eight alone, down from 24 to 48, eight alone


def test_each_machine_has_its_own_breakdowns_the_same_for_every_strategy():
    stage = {"days": 1, "machines": 3, "breakdown": {"between": {"exponential": 3}, "repair": {"exponential": 1}}}
    few, many = (whole(lab(stage), n) for n in (6, 30))
    those = [{(e.minute, e.data["machine"]) for e in events if e.kind == "machine_down"} for events in (few, many)]
    assert those[0] <= those[1]
    assert len({machine for _, machine in those[1]}) == 3


def test_a_run_or_a_batch_may_fail_as_a_whole():
    events = whole(lab({"days": 1, "machines": 2, "load": 10, "run_failure": 0.5}), 200)
    failed = {e.design for e in events if e.kind == "failed"}
    shares = {len(failed & set(which)) / len(which) for *_, which in runs(events)}
    assert shares == {0.0, 1.0}
    assert 50 < len(failed) < 150
    run = start(lab({"days": 1, "batch_failure": 0.5}))
    ends = []
    for round_ in range(1, 21):
        run.submit(Batch(round_, designs(3, first=3 * round_, round=round_)))
        ends.append(sum(e.kind == "failed" for e in finish(run)))
    assert set(ends) == {0, 3}


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ({"machines": None, "breakdown": EVERY_FIVE}, "`breakdown` needs `machines`"),
        ({"machines": None, "maintenance": {"every": 9, "days": 1}}, "`maintenance` needs `machines`"),
        ({"machines": None, "run_failure": 0.1}, "`run_failure` needs `machines`"),
        ({"breakdown": {"between": 0, "repair": 1}}, "between: expected more than 0 days"),
        ({"breakdown": {"between": 1, "repair": 1, "work": "lost"}}, "hardly any run ends between two breakdowns"),
        ({"breakdown": {"between": 2, "repair": 1, "work": "restarted"}, "setup": 1}, "hardly any run ends between"),
        ({"maintenance": {"every": 2, "days": 2}}, "due again before it ends"),
        ({"maintenance": {"every": 0, "days": 0}}, "greater than or equal to 0.01"),
        ({"failure": 0.1, "rework": {"days": 1}, "breakdown": EVERY_FIVE}, "knows no `breakdown`"),
    ],
)
def test_machines_that_could_never_work_are_refused(stage, sentence):
    with pytest.raises(ValidationError, match=sentence):
        lab({"days": 1, "machines": 1, **stage})


def test_people_who_stay_and_a_breakdown_are_refused_together():
    stage = {"name": "a", "days": 1, "machines": 1, "people": "bench", "breakdown": EVERY_FIVE}
    with pytest.raises(ValidationError, match="say how long people are `hands_on`"):
        Lab.model_validate({"calendar": EVERY_DAY, "people": [{"name": "bench"}], "stages": [stage]})
