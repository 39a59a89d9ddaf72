"""Designs that fail and go back, stages that only a share passes, and what further tries cost."""

from collections import Counter

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, log, start, whole
from own_stages import Dialysis
from pydantic import ValidationError
from test_stations import runs

from designloop.core.records import Batch
from designloop.lab.lab import Lab


def lab(*stages, **changes):
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": stages, **changes})


BUILD = {"name": "build", "days": 2}


def test_the_whole_log_of_a_design_that_goes_back_twice_and_fails():
    check = {"name": "check", "days": 1, "failure": 1, "rework": {"to": "build", "times": 2}}
    assert log(whole(lab(BUILD, check), 1)) == [
        (0, "submitted", 0),
        *((day, kind, 0) for start in (0, 3, 6) for day, kind in _try(start)),
        (9, "failed", 0),
        (9, "round_closed", None),
    ]


def _try(day):
    again = [(day + 3, "went_back")] if day < 6 else []
    return [(day, "build"), (day + 2, "left"), (day + 2, "check"), *again]


def test_a_stage_may_be_passed_again_by_itself_in_another_run():
    stage = {"name": "pcr", "machines": 1, "load": 4, "days": 1, "failure": 0.5, "rework": {"to": "pcr", "times": 9}}
    events = whole(lab(stage), 8)
    assert sum(e.kind == "failed" for e in events) == 0
    n_back = Counter(e.design for e in events if e.kind == "went_back")
    assert sum(len(which) for *_, which in runs(events, "pcr")) == 8 + n_back.total()


def test_each_try_is_drawn_anew_and_is_the_same_for_every_strategy():
    stages = (
        {**BUILD, "days": {"uniform": [1, 3]}},
        {"name": "check", "days": 1, "failure": 0.5, "rework": {"to": "build", "times": 5}},
    )
    few, many = (whole(lab(*stages), n) for n in (5, 50))

    def of_five(events):
        return [
            e
            for e in events
            if e.kind in ("entered", "left", "went_back") and e.design < 5 and e.data["stage"] != "assay"
        ]

    assert of_five(few) == of_five(many)
    n_back = sum(e.kind == "went_back" for e in many)
    assert 30 < n_back < 75  # 50 · (1/2 + 1/4 + ...) = 48 of 50
    spent = {}
    for e in of_five(many):
        if e.data["stage"] == "build" and e.kind != "went_back":
            spent.setdefault(e.design, []).append(e.minute)
    assert all(len(set(times)) == len(times) for times in spent.values())


def test_a_retest_goes_back_no_further_than_where_it_began():
    stages = (BUILD, {"name": "grow", "days": 1, "retest_from": True, "failure": 1, "rework": {"to": "build"}})
    run = start(lab(*stages))
    run.submit(Batch(1, (), designs(1)))
    assert log(finish(run))[:3] == [(0, "grow", 0), (1, "went_back", 0), (1, "grow", 0)]


def test_a_design_that_is_not_viable_goes_back_as_often_as_it_may():
    stages = (
        BUILD,
        {
            "name": "grow",
            "days": 1,
            "expresses": True,
            "outcome": "not_expressed",
            "rework": {"to": "build", "times": 2},
        },
    )
    run = start(lab(*stages))
    run.submit(Batch(1, designs(1, letter="T")))
    events = finish(run)
    assert [e.kind for e in events].count("went_back") == 2
    assert events[-2].data["outcome"] == "not_expressed"


def test_designs_that_went_back_wait_for_nobody_and_nobody_waits_twice():
    """A batch gathers once; one that comes again goes on at once."""
    ship = {"name": "ship", "days": 1, "release": "together", "per": "batch"}
    check = {"name": "check", "days": 0, "failure": 0.5, "rework": {"to": "ship", "times": 20}}
    events = whole(lab({**BUILD, "days": {"uniform": [1, 5]}}, ship, check), 12)
    assert sum(e.kind == "failed" for e in events) == 0
    first = min(e.minute for e in events if e.kind == "entered" and e.data["stage"] == "ship")
    assert first == max(e.minute for e in events if e.kind == "left" and e.data["stage"] == "build")


def test_a_stage_of_ones_own_is_passed_again_with_other_draws():
    stages = (
        Dialysis(name="dialysis", leaks=0.5, cassettes=99),
        {"name": "check", "days": 0, "failure": 1, "rework": {"to": "dialysis", "times": 6}},
    )
    events = whole(lab(*stages), 1)
    times = [e.minute for e in events if e.data.get("stage") == "dialysis"]
    assert {(end - begin) // DAY for begin, end in zip(times[::2], times[1::2], strict=True)} == {1, 2}


def test_work_that_a_breakdown_destroyed_may_be_done_again():
    breakdown = {"between": 5, "repair": 1, "work": "lost"}
    stage = {
        "name": "grow",
        "machines": 1,
        "days": 3,
        "breakdown": breakdown,
        "rework": {"to": "grow"},
        "failure": 1e-9,
    }
    events = whole(lab(stage), 2)
    assert [run[:2] for run in runs(events, "grow")] == [(0, 3), (3, 5), (6, 9)]


def test_a_share_of_designs_passes_a_stage():
    stages = (
        BUILD,
        {"name": "sequencing", "days": 3, "share": 0.3, "cost": 5, "due": "entered"},
        {"name": "ship", "days": 1},
    )
    events = whole(lab(*stages), 300)
    n = sum(e.kind == "entered" and e.data["stage"] == "sequencing" for e in events)
    assert 65 < n < 115
    assert sum(e.kind == "observed" for e in events) == 300
    assert sum(e.data.get("sequencing", 0) for e in events if e.kind == "charged") == 5 * n
    assert lab(*stages).shortest_days == 3


def test_a_batch_does_not_wait_for_designs_that_skip_the_stage():
    """Nor for those that were built again in between."""
    build = {**BUILD, "failure": 0.5, "rework": {"to": "build", "times": 9}}
    ship = {"name": "ship", "days": 1, "release": "together", "share": 0.5}
    assert sum(e.kind == "observed" for e in whole(lab(build, ship), 20)) == 20


def test_further_tries_are_paid_each_and_their_worst_case_is_reserved():
    build = {**BUILD, "cost": 10, "due": "entered"}
    check = {
        "name": "check",
        "days": 1,
        "cost": 3,
        "due": "passed",
        "failure": 0.5,
        "rework": {"to": "build", "times": 3, "cost": 7},
    }
    the_lab = lab(build, check)
    run = start(the_lab)
    events = run.submit(Batch(1, designs(40)))
    assert [e.data for e in events if e.kind == "reserved"] == [{"build": 400.0, "check": 40 * (3.0 + 3 * 7)}]
    events += finish(run)
    n_back, n_failed = (sum(e.kind == kind for e in events) for kind in ("went_back", "failed"))
    charged = Counter()
    reserved = {}
    for e in events:
        if e.kind == "charged":
            charged.update(e.data)
        if e.kind == "reserved":
            reserved |= e.data
    assert charged == {"build": 400, "check": 7 * n_back + 3 * (40 - n_failed)}
    assert reserved == {"build": 0, "check": 0}


@pytest.mark.parametrize(
    ("rework", "sentence"),
    [
        ({}, "give either `days`, for an attempt in place, or `to`"),
        ({"days": 1, "to": "build"}, "give either `days`"),
        ({"to": "later"}, "rework.to is 'later', which is neither this stage nor one before it"),
        ({"to": "biuld"}, "Did you mean 'build'"),
        ({"to": "build", "times": 0}, "greater than or equal to 1"),
        ({"to": "build", "times": 2000}, "less than or equal to 1000"),
        ({"to": "build", "failure": 0.1}, "stages passed again fail as they do"),
        ({"days": 1, "times": 2}, "an attempt in place is made once"),
    ],
)
def test_rework_that_cannot_be_is_refused(rework, sentence):
    with pytest.raises(ValidationError, match=sentence):
        lab(BUILD, {"name": "check", "days": 1, "failure": 0.1, "rework": rework}, {"name": "later", "days": 1})


def test_a_share_that_pays_with_the_order_is_refused():
    with pytest.raises(ValidationError, match="only a share of designs pays its `cost`; set `due: entered`"):
        lab({"name": "sequencing", "days": 1, "share": 0.5, "cost": 3})
