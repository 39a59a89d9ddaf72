"""Schedulers that see the lab: when-idle and fill. Numbers by hand, and what a lab does under them."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from stubs import CountingOracle, played, small

import designloop as dl
from designloop.core.clock import DAY, WEEK
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.parts import find
from designloop.core.records import Design, Event, Order, Outcome, Pending, Wait
from designloop.core.rows import Row
from designloop.core.spaces import Space
from designloop.lab.lab import Lab

SPACE = Space.of_length(dl.DNA, 6)
MAKING, ROBOT, ELISA = (
    StationCard("making", weeks=1.0, takes_retests=False),
    StationCard("robot", load=12, per_week=35, weeks=0.2),
    StationCard("elisa", load=88, per_week=88, weeks=0.4, takes_wells=True),
)
CARD = LabCard((MAKING, ROBOT, ELISA), places=88)
MEASURED = {i: Row(Design(i, f"AAAAA{'ACGT'[i]}", 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,)) for i in range(3)}


def at(n_making: int = 0, n_done: int = 0, **changes: Any) -> History:
    """A history with so many designs at the first station, and beyond the robot."""
    stages = ["making"] * n_making + ["elisa"] * n_done
    waiting = {i: Pending(Design(i, "ACGTAC", 1), stage, 0) for i, stage in enumerate(stages)}
    return replace(History(SPACE), lab=CARD, waiting=waiting, **changes)


# What the history knows of the lab


def test_designs_before_a_station_are_counted_also_when_they_go_back() -> None:
    """Of four designs and a retest: 0 is submitted, 1 in the robot, 2 was in it and goes back, 3 is read."""
    told = [Event(0, "chosen", i, {"sequence": "ACGTAC", "round": 1}) for i in range(5)]
    told += [Event(0, "submitted", i, {"round": 1, "retest": i == 4}) for i in range(5)]
    told += [Event(9, "entered", i, {"stage": "making", "round": 1}) for i in (1, 2, 3)]
    told += [Event(9 + i, "left", i, {"stage": "making", "round": 1}) for i in (1, 2, 3)]
    told += [Event(20, "entered", i, {"stage": "robot", "round": 1}) for i in (1, 2, 3)]
    told += [Event(30, "entered", 3, {"stage": "elisa", "round": 1})]
    history = replace(History(SPACE), lab=CARD).after(told)
    assert [history.n_before(name) for name in CARD.names] == [1, 2, 4]
    assert history.weeks_to_leave("making") == pytest.approx(11 / WEEK)
    assert history.weeks_to_leave("robot") is None
    back = history.after([Event(40, "went_back", 2, {"stage": "robot", "to": "robot", "round": 1})])
    assert [back.n_before(name) for name in CARD.names] == [1, 3, 4]
    farther = history.after([Event(40, "went_back", 2, {"stage": "robot", "to": "making", "round": 1})])
    assert [farther.n_before(name) for name in CARD.names] == [2, 3, 4]
    again = farther.after([Event(50, "entered", 2, {"stage": "making", "round": 1})])
    assert [again.n_before(name) for name in CARD.names] == [1, 3, 4]


# When idle


def test_a_batch_leaves_when_the_bottleneck_would_starve_before_it_comes() -> None:
    """35 a week, one week to reach it, and a day until the next look: below 35 + 5 designs."""
    idle = dl.scheduling.WhenIdle(batch_size=10)
    assert idle.next(at()) == Order(10)
    assert idle.next(at(n_making=39, n_done=99)) == Order(10)
    assert idle.next(at(n_making=40)) == Wait(until=DAY)
    assert idle.next(at(n_making=40, now=3 * DAY + 7)) == Wait(until=4 * DAY)
    assert dl.scheduling.WhenIdle(batch_size=10, safety=0.5).next(at(n_making=20)) == Wait(until=DAY)


def test_the_way_to_the_bottleneck_takes_as_long_as_it_took_so_far() -> None:
    """Two weeks: below 70 + 5 designs."""
    idle, passed = dl.scheduling.WhenIdle(batch_size=10), {"making": (3, 6 * WEEK)}
    assert idle.next(at(n_making=74, passed=passed)) == Order(10)
    assert idle.next(at(n_making=75, passed=passed)) == Wait(until=DAY)


def test_at_most_one_batch_leaves_a_day() -> None:
    idle = dl.scheduling.WhenIdle(batch_size=10)
    assert idle.next(at(n_making=10, now=9, last_submitted_at=0)) == Wait(until=DAY)
    assert idle.next(at(n_making=10, now=DAY, last_submitted_at=9)) == Order(10)


def test_the_bottleneck_may_be_named_and_replicates_take_its_wells() -> None:
    """The assay takes 88 a week, 44 in two replicates; 1.2 weeks to reach it, and a day: below 59.1 designs."""
    idle = dl.scheduling.WhenIdle(batch_size=10, station="elisa", replicates=2)
    assert idle.next(at(n_making=59)) == Order(10, 0, 2)
    assert idle.next(at(n_making=60)) == Wait(until=DAY)
    assert idle.weeks_between(at(), 9.0) == pytest.approx(10 / 44)


def test_a_lab_whose_stations_have_no_limit_has_none_that_starves() -> None:
    with pytest.raises(ConfigError, match="no station of this lab has a limit, so none can starve; use `overlapping`"):
        small(lab="instant", scheduler=dl.scheduling.WhenIdle()).known()
    with pytest.raises(ConfigError, match=r"'cloning' has no limit, so it cannot starve; name one that has: assay"):
        small(scheduler=dl.scheduling.WhenIdle(station="cloning")).known()
    with pytest.raises(ConfigError, match=r"scheduler.station: the lab has no station 'clonning'. Did you mean 'cl"):
        small(scheduler=dl.scheduling.WhenIdle(station="clonning")).known()


ROBOT_LAB = {
    "plate_size": 24,
    "stages": [
        {"name": "making", "days": 10},
        {"name": "robot", "machines": 1, "load": 8, "days": 1},
        {"name": "culture", "days": 10},
    ],
}


def test_the_bottleneck_does_not_starve_after_the_first_batch() -> None:
    """The robot does 8 a day; with rounds it works for three days in 23."""
    for scheduler, n_days in ((dl.scheduling.WhenIdle(batch_size=24), 21), (dl.scheduling.Rounds(batch_size=24), 141)):
        campaign = small(lab=ROBOT_LAB, scheduler=scheduler, oracle=CountingOracle(), budget={"designs": 168})
        starts = [e.minute // DAY for e in played(campaign).events() if e.kind == "run_started"]
        assert len(starts) == 21
        working = [day - 2 * (day // 7) for day in (starts[0], starts[-1])]
        assert working[1] - working[0] + 1 == n_days


# Fill


def test_a_batch_fills_plates_with_its_retests_and_replicates() -> None:
    plate = dl.scheduling.Fill(plates=1)
    assert plate.next(at()) == Order(88)
    assert dl.scheduling.Fill(plates=2).next(at()) == Order(176)
    retests = dl.scheduling.Fill(plates=1, n_retests=5)
    assert retests.next(at()) == Order(88)
    assert retests.next(at(rows=MEASURED)) == Order(85, 3)
    assert dl.scheduling.Fill(plates=1, n_retests="auto").next(at(rows=MEASURED)) == Order(88, 0, may_split=True)
    apart = dl.scheduling.Fill(plates=4, replicates=2)
    assert apart.next(at()) == Order(176, 0, 2)
    three = dl.scheduling.Fill(plates=3, n_retests=2, retest_replicates=3)
    assert three.next(at(rows=MEASURED)) == Order(86, 2, retest_replicates=3)


def test_replicates_on_one_plate_share_its_wells() -> None:
    """Of 88 wells, 29 designs have three each; a retest in six wells takes the place of two."""
    together = replace(CARD, replicates_together=True)
    fill = dl.scheduling.Fill(plates=3, replicates=3, n_retests=1, retest_replicates=3)
    assert fill.next(replace(at(), lab=together)) == Order(87, 0, 3, retest_replicates=3)
    six = dl.scheduling.Fill(plates=6, replicates=3, n_retests=1, retest_replicates=6)
    assert six.next(replace(at(rows=MEASURED), lab=together)) == Order(172, 1, 3, retest_replicates=6)
    assert dl.scheduling.Fill(plates=1, replicates=3).next(replace(at(), lab=together)) == Order(29, 0, 3)


def test_a_batch_fills_runs_of_a_machine() -> None:
    assert dl.scheduling.Fill(loads=2).next(at()) == Order(24)
    assert dl.scheduling.Fill(loads=2, n_retests=2).next(at(rows=MEASURED)) == Order(22, 2)
    assert dl.scheduling.Fill(loads=1, station="elisa").next(at()) == Order(88)
    assert dl.scheduling.Fill(loads=20, plates=1).next(at()) == Order(88)
    assert dl.scheduling.Fill(loads=3, plates=1).next(at()) == Order(36)


def test_a_run_of_an_alternative_is_filled_by_the_share_of_the_batch_that_passes_it() -> None:
    """A third of 36 designs fills a run of 12; 3 at a share of .3 need 10, however 3 / .3 is rounded."""
    for load, share, n in ((12, 1 / 3, 36), (3, 0.3, 10), (7, 0.7, 10), (5, 0.3, 16)):
        card = LabCard((MAKING, replace(ROBOT, load=load, share=share), ELISA), places=88)
        fill = dl.scheduling.Fill(loads=1, station="robot")
        assert fill.next(replace(at(), lab=card)) == Order(n)
        assert fill.with_(n_retests=2).next(replace(at(rows=MEASURED), lab=card)) == Order(n - 2, 2)


def test_another_scheduler_says_when() -> None:
    weekly = dl.scheduling.Fill(plates=1, when=dl.scheduling.Weekly(every_weeks=2))
    assert weekly.next(at(now=DAY, last_submitted_at=0)) == Wait(until=2 * WEEK)
    assert weekly.next(at(now=2 * WEEK, last_submitted_at=0, n_making=88)) == Order(88)
    assert weekly.weeks_between(at(), 9.0) == 2
    idle = dl.scheduling.Fill(loads=1, replicates=2, when=dl.scheduling.WhenIdle(station="elisa"))
    assert idle.next(at(n_making=59)) == Order(12, 0, 2)
    assert idle.next(at(n_making=60)) == Wait(until=DAY)
    assert dl.scheduling.Fill(plates=1, max_rounds=1).next(at(round=1)).reason == "the rounds are done"


def test_plates_of_a_campaign_are_full() -> None:
    """Nothing fails, and designs are made in ten days: each plate holds 20 designs and retests, and 4 controls."""
    lab = Lab.model_validate({"plate_size": 24, "stages": [{"name": "all", "days": 10}], "assay": {"lost_wells": 0}})
    lab = lab.with_(assay=lab.assay.with_(wells_per_control=12, min_fill=1))
    scheduler = dl.scheduling.Fill(plates=2, n_retests=3)
    events = played(small(lab=lab, scheduler=scheduler, oracle=CountingOracle(), budget={"designs": 150})).events()
    controls = [e.data["plate"] for e in events if e.kind == "control"]
    sizes = Counter(e.data["round"] for e in events if e.kind == "submitted")
    assert list(sizes.values())[:3] == [40, 40, 40]
    assert Counter(controls)[controls[0]] == 4


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give `plates`, the plates of a batch, or `loads`, the runs that it fills"),
        ({"plates": 1, "batch_size": 24}, "remove `batch_size`: plates and loads decide how large a batch is"),
        ({"plates": 1, "when": {"kind": "weekly", "n_retests": 2}}, "remove `n_retests` of `when`, which only says"),
        ({"plates": 1, "when": {"kind": "fill", "loads": 1}}, "when: `fill` does not say when a batch leaves"),
        ({"plates": 1, "every_weeks": 2}, r"leaves: when: \{kind: weekly, every_weeks: ...\}"),
        ({"plates": 1, "patience": 2}, r"leaves: when: \{kind: value-of-waiting, patience: ...\}"),
    ],
)
def test_a_size_is_said_once(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        dl.scheduling.Fill(**fields)


def test_a_key_that_says_when_is_one_of_its_scheduler() -> None:
    for key, message in dl.scheduling.Fill.belongs.items():
        kind = message.partition("kind: ")[2].partition(",")[0]
        assert key in find("scheduling", kind).model_fields


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"plates": 1, "n_retests": 20}, "scheduler.n_retests: 20 retests leave no place for a new design; give fewer"),
        ({"loads": 1, "station": "clonning"}, "the lab has no station 'clonning'. Did you mean 'cloning'"),
        ({"loads": 1, "station": "cloning"}, "no run of that station has a limit; name a `station` that has machines"),
        ({"plates": 1, "when": {"kind": "when-idle", "station": "x"}}, "the lab has no station 'x'"),
        ({"plates": 3, "replicates": 2}, "2 replicates stand on as many plates; give a multiple of 2, not 3"),
    ],
)
def test_a_lab_that_does_not_suit_is_an_error_before_anything_runs(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        small(scheduler=dl.scheduling.Fill(**fields)).known()


def test_a_batch_has_a_largest_size() -> None:
    with pytest.raises(ConfigError, match="a batch would have 1,536,000 designs; give fewer, at most 100,000"):
        small(lab={"plate_size": 1536}, scheduler=dl.scheduling.Fill(plates=1000)).known()


@pytest.mark.parametrize(
    ("scheduler", "plan", "most"),
    [
        (dl.scheduling.Rounds(batch_sizes=(9, 30)), None, 30),
        (
            dl.scheduling.WhenIdle(replicates=2, station="elisa"),
            "keeps 'elisa' busy, which can take 44 designs a week",
            96,
        ),
        (dl.scheduling.Fill(plates=1, n_retests=4), "a batch has 84 designs and 4 retests", 88),
        (
            dl.scheduling.Fill(loads=1, n_retests="auto", when=dl.scheduling.WhenIdle()),
            "a batch has 12 designs; keeps 'robot' busy, which can take 35 designs a week",
            12,
        ),
    ],
)
def test_a_scheduler_says_what_it_makes_of_a_lab(scheduler: Any, plan: str | None, most: int) -> None:
    assert (scheduler.plan(CARD), scheduler.most_designs(CARD)) == (plan, most)
