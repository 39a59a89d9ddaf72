"""How many runs of machines are reserved for a batch: the worst case, and no more."""

from collections import Counter
from typing import Any

import pytest
from lab_stubs import EVERY_DAY, Counting, designs, finish, start
from pydantic import ValidationError
from stubs import CountingOracle, FailingLog, Scripted, played, small

from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.money import Quote
from designloop.core.records import Batch, Event, Order
from designloop.lab.lab import Lab
from designloop.lab.reservations import wide_reservations
from designloop.scheduling.outlook import rounds_left

SPREAD = {"name": "synthesis", "days": {"uniform": [0, 9]}}
HANDLER = {"name": "handler", "machines": 2, "load": 4, "days": 1, "per_run": 10}
READER = {"name": "reader", "machines": 1, "load": 8, "days": {"hours": 3}, "per_run": 1}
FILLED = {"min_fill": 0.75, "wait_days": None}


def lab(*stages: Any, **changes: Any) -> Lab:
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": stages, **changes})


def reserved(of: Lab, n: int, n_retests: int = 0) -> dict[str, float]:
    return of.quote(Counting().space).reserve(n, n_retests, [1] * (n + n_retests))


def n_runs(events: list[Event]) -> Counter[str]:
    return Counter(event.data["stage"] for event in events if event.kind == "run_started")


@pytest.mark.parametrize(
    ("stages", "changes", "runs"),
    [
        ([HANDLER], {}, 3),  # ten that come at once
        ([{**HANDLER, "failure": 0.5, "rework": {"to": "handler", "times": 2}}], {}, 3 + 2 * 10),
        ([SPREAD, HANDLER], {}, 10),
        ([SPREAD, {**HANDLER, "release": "together"}], {}, 3),
        ([SPREAD, {**HANDLER, **FILLED, "mixes": False}], {}, 4),  # three times three, and one
        ([SPREAD, {**HANDLER, **FILLED}], {}, 4),  # 1 + (10 - 1) / 3
        ([{**SPREAD, "per": "batch"}, HANDLER], {}, 3),
        ([{**SPREAD, "days": 2, "capacity": 3}, HANDLER], {}, 10),
        ([{**SPREAD, "days": 2, "failure": 0.1, "rework": {"days": 1}}, HANDLER], {}, 5 + 2),
        ([{**SPREAD, "days": 2, "share": 0.5}, HANDLER], {}, 7 + 1),
        ([HANDLER], {"wip_limit": 5}, 10),
        # Two machines do at most four runs in the day in which the designs come, and one at the end: 5 + (10 - 5) / 4.
        ([{**SPREAD, "days": {"uniform": [3, 3.9]}}, {**HANDLER, "setup": {"hours": 1}}], {}, 2 + 1 + 2),
        ([{**SPREAD, "days": {"uniform": [3, 4]}}, HANDLER], {}, 5 + 2),
        ([{**SPREAD, "days": {"uniform": [3, 4]}}, {**HANDLER, "days": {"uniform": [0.1, 2]}}], {}, 10),
        ([{**SPREAD, "days": {"uniform": [3, 4]}, "clock": "calendar"}, HANDLER], {}, 10),
    ],
)
def test_a_station_reserves_as_many_runs_as_ten_designs_may_need(stages, changes, runs):
    assert reserved(lab(*stages, **changes), 10) == {"handler runs": 10 * runs}


@pytest.mark.parametrize(
    ("between", "reader", "runs"),
    [
        ([], {}, 3),  # a run of the handler brings at most four designs, which fit in a run of the reader
        ([{"name": "growth", "days": 1}], {}, 3),
        ([], {"load": 3}, 3 + 3),  # three arrivals with 10 designs: 3 + (10 - 3) / 3
        ([], {"mixes": False}, 10),  # a run of the handler may bring designs of several batches
        ([SPREAD], {}, 10),
        ([], {"share": 0.5}, 10),
    ],
)
def test_a_station_behind_another_needs_a_run_for_each_of_its_runs(between, reader, runs):
    of = lab(HANDLER, *between, {**READER, **reader})
    assert reserved(of, 10) == {"handler runs": 30, "reader runs": runs}


def test_retests_are_a_group_of_their_own():
    of = lab(HANDLER, {**READER, "retest_from": True})
    assert reserved(of, 8, n_retests=9) == {"handler runs": 20, "reader runs": 2 + 2}


def test_two_batches_that_mix_may_need_a_run_more_than_each_by_itself():
    """Runs of four take two of each, and then the rest of the first batch, and the rest of the second: three runs."""
    of = lab(SPREAD, {**HANDLER, "machines": 9, "load": 8, "min_fill": 0.5, "wait_days": None})
    most = 0
    for seed in range(40):
        run = start(of, seed)
        events = run.submit(Batch(1, designs(4))) + run.submit(Batch(2, designs(4, first=4, round=2)))
        most = max(most, n_runs(events + finish(run, 2))["handler"])
    assert most == 3
    assert reserved(of, 4) == {"handler runs": 20}


@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_is_not_filled_waits_for_the_last_of_its_batch(seed):
    """Some designs fail on the way. One run takes the others, when the last of the six has come or failed."""
    early = {"name": "early", "days": {"uniform": [0, 4]}, "failure": 0.4}
    run = start(lab(early, {**HANDLER, "load": 8, "min_fill": 1.0, "wait_days": None}), seed)
    events = run.submit(Batch(1, designs(6))) + finish(run)
    ended = [e for e in events if e.data.get("stage") == "early" and e.kind in ("left", "failed")]
    passed = sorted(e.design for e in ended if e.kind == "left")
    assert 0 < len(passed) < 6
    runs = [(e.minute, sorted(e.data["designs"])) for e in events if e.kind == "run_started"]
    assert runs == [(max(e.minute for e in ended), passed)]


def test_runs_wait_for_one_another_without_a_deadlock():
    """Both stations wait to be filled, and the second one sends designs back to the first."""
    back = {"failure": 0.6, "rework": {"to": "handler", "times": 3}}
    of = lab(SPREAD, {**HANDLER, **FILLED}, {**READER, **FILLED, **back})
    for seed in range(5):
        run = start(of, seed)
        events = run.submit(Batch(1, designs(10))) + finish(run)
        assert sum(event.kind in ("observed", "failed") for event in events) == 10


def test_what_a_batch_does_not_need_is_released_when_its_last_design_starts():
    """Of four runs that are reserved, three start; the fourth is released with the last design."""
    of = lab(SPREAD, {**HANDLER, **FILLED, "min_fill": 1.0})
    run = start(of)
    events = run.submit(Batch(1, designs(12))) + finish(run)
    money = [dict(e.data)["handler runs"] for e in events if e.kind == "reserved"]
    assert (money[0], n_runs(events)["handler"]) == (40, 3)
    last = max(e.minute for e in events if e.kind == "run_started")
    at_last = [e.data["handler runs"] for e in events if e.kind == "reserved" and e.minute == last]
    in_progress = sum(e.kind == "run_started" for e in events if e.minute <= last) - sum(
        e.kind == "run_ended" for e in events if e.minute <= last
    )
    assert at_last == [10 * in_progress]


@pytest.mark.parametrize(
    ("stage", "changes", "says"),
    [
        ({"min_fill": 0.2}, {}, "a run waits for `min_fill` of its load; set it above 0.25"),
        ({}, {}, "a run waits for `min_fill`"),
        ({"min_fill": 1.0}, {"wip_limit": 3}, "`wip_limit` may keep outside; set a number of days"),
        ({"machines": None, "load": 1, "per_run": 0.0}, {}, "`wait_days` needs `machines`"),
    ],
)
def test_a_run_that_would_not_wait_or_would_wait_for_ever_is_refused(stage, changes, says):
    with pytest.raises(ValidationError, match=says):
        lab({**HANDLER, "wait_days": None, **stage}, **changes)


def test_a_price_list_is_read_back_from_its_event():
    quote = lab(HANDLER, {**READER, "retest_from": True}).quote(Counting().space)
    assert Quote.of(quote.facts()) == quote
    assert "runs" not in lab(SPREAD).quote(Counting().space).facts()


def test_rounds_left_are_those_that_are_expected():
    """At the worst case of 10 runs, 300 pay for 3 batches; 3 runs are expected, so that 10 may follow."""
    of = lab(SPREAD, HANDLER)
    quote = of.quote(Counting().space)
    assert (quote.price([8] * 10), quote.expected([8] * 10, 0, [1] * 10)) == (100, 30)
    assert Quote(per_design=10, urgent=0.5).expected([8, 8], 0, [1, 1], urgent=True) == 30
    campaign = small(oracle=CountingOracle.fresh(), lab=of, budget={"cost": 300})
    log = FailingLog()
    played(campaign.with_(strategy=Scripted()), log=log)
    history = History.opening(campaign.whole_space, Known(), log.events()[0])
    assert rounds_left(Order(10), history, None, None) == 10


def test_wide_reservations_are_told_with_the_key_that_narrows_them():
    def told(*stages: Any, **changes: Any) -> list[str]:
        of = lab(*stages, **changes)
        return list(wide_reservations(of, of.quote(Counting().space), 10, 1))

    wide = "for 10 designs, 100.00 is reserved for 10 runs of 'handler', of which about 30.00 will fall due: "
    both = "`release: together`, or `min_fill` with `wait_days: null`, so that runs wait for the batch"
    alone = f"{wide}designs may come one by one and start runs; "
    assert told(SPREAD, HANDLER) == [f"{alone}set {both}"]
    assert told(HANDLER, wip_limit=9) == [f"{alone}remove `wip_limit`, and then set {both}"]
    assert told(HANDLER) == []
    assert told(SPREAD, {**HANDLER, "consumables": [{"name": "kit", "price": 9}]}) == [f"{alone}set {both}"]
    others = [{"name": "others", "rate": 1, "size": 4, "stages": ["handler"]}]
    assert told(HANDLER, background=others)[0].endswith("may be in a run of its own; set `mixes: false`")
    assert told({**HANDLER, "mixes": False}, background=others) == []
    assert told(SPREAD, HANDLER, {**READER, "per_run": 8})[1].endswith(
        "start one for each run of the station before it"
    )
    again = {"failure": 0.5, "rework": {"to": "handler"}}
    assert told({**HANDLER, **again})[0].endswith("each further try may need a run of its own; lower `rework.times`")
    assert told(cost={"per_plate": 5}, stages=[SPREAD])[0].startswith(
        "for 10 designs, 10 plates are reserved, of which"
    )


def test_a_campaign_that_ends_for_want_of_money_says_what_is_reserved():
    of = lab(SPREAD, {**HANDLER, "per_run": 500}, cost={"per_design": 1})
    log = FailingLog()
    played(small(oracle=CountingOracle.fresh(), strategy=Scripted(), lab=of, budget={"cost": 120.5}), log=log)
    assert log.events()[-1].data["reason"] == (
        "the money for another design is reserved: 120.50 is left, and 500.00 may fall due after its order, most of it "
        "for 'handler runs'"
    )


def test_the_lab_of_the_manual_reserves_what_the_manual_says():
    """Each of 96 runs might take 4 days and 2 hours of a person: 80 + 96 × 3 + 2 × 45 = 458, and 96 or 2 runs."""
    shifts = [{"days": ["mon", "tue", "wed", "thu", "fri"], "hours": ["08:00", "17:00"]}]
    bench = {"name": "bench", "number": 2, "per_hour": 45, "shifts": shifts}
    cloning = {
        "machines": 1, "load": 48, "days": {"uniform": [2, 4]}, "people": "bench", "hands_on": {"hours": 2},
        "per_run": 80, "per_hour": 3, "rework": None,
    }  # fmt: skip
    for change, most in (({}, 43_968), ({"release": "together"}, 916)):
        of = Lab.preset("good", people=[bench], stages={"cloning": {**cloning, **change}})
        quote = of.quote(Counting().space)
        assert sum(quote.reserve(96, 0, [1] * 96).values()) == most
        assert quote.runs[0].expected(96, 0) == 2 * (80 + 72 * 3 + 90) == 772
