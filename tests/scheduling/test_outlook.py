"""The outlook of an order: how many more of its size the budget allows. Numbers by hand."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

import designloop as dl
from designloop.core.clock import WEEK
from designloop.core.history import History, Left
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.money import Quote
from designloop.core.records import Design, Event, Order, Outcome
from designloop.core.rows import Row
from designloop.core.spaces import Space

SPACE = Space.of_length(dl.DNA, 6)
LAB = LabCard((StationCard("bench", 10, per_week=70),))
CLOSED = {1: 4 * WEEK, 2: 6 * WEEK, 3: 5 * WEEK}
MEASURED = {i: Row(Design(i, f"AAAAA{'ACGT'[i]}", 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,)) for i in range(3)}


def order(scheduler: Any = None, **changes: Any) -> Order:
    step = (scheduler or dl.scheduling.Rounds(batch_size=10)).next(replace(History(SPACE), **changes))
    assert isinstance(step, Order)
    return step


def test_the_expected_turnaround_is_the_median_of_the_closed_rounds() -> None:
    history = History(SPACE, designs={0: Design(0, "AAAAAA", 1)})
    assert history.expected_turnaround is None
    submitted = [Event(WEEK, "submitted", 0, {"round": round_}) for round_ in (1, 2)]
    opened = history.after([*submitted, Event(3 * WEEK, "submitted", 0, {"round": 3})])
    assert opened.expected_turnaround is None
    first = opened.after([Event(5 * WEEK, "round_closed", None, {"round": 1})])
    assert (first.closed_rounds, first.expected_turnaround) == ({1: 4 * WEEK}, 4.0)
    rest = [Event(9 * WEEK, "round_closed", None, {"round": 3}), Event(9 * WEEK, "round_closed", None, {"round": 2})]
    assert first.after(rest).closed_rounds == {1: 4 * WEEK, 2: 8 * WEEK, 3: 6 * WEEK}
    assert first.after(rest).expected_turnaround == 6.0


def test_wells_count_replicates_and_retests() -> None:
    assert (Order(96).wells, Order(8, 2, 3).wells) == (96, 30)


def test_nothing_limits_an_unlimited_budget() -> None:
    assert order().rounds_left == inf


@pytest.mark.parametrize(("left", "n"), [(100, 10), (91, 10), (10, 1), (7, 1)])
def test_designs_are_divided_by_the_size_of_the_order(left: int, n: int) -> None:
    assert order(left=Left(designs=left)).rounds_left == n


def test_the_rounds_allowed_include_this_one() -> None:
    scheduler = dl.scheduling.Rounds(batch_size=10, max_rounds=5)
    assert order(scheduler, round=2).rounds_left == 3
    assert order(scheduler, round=2, left=Left(designs=15)).rounds_left == 2


def test_weeks_count_once_a_round_has_closed() -> None:
    """Five weeks each: in 24 weeks four batches come back one after another."""
    assert order(left=Left(weeks=24)).rounds_left == inf
    assert order(left=Left(weeks=24), closed_rounds=CLOSED).rounds_left == 4
    assert order(left=Left(weeks=25), closed_rounds=CLOSED).rounds_left == 5
    assert order(left=Left(weeks=3), closed_rounds=CLOSED).rounds_left == 1


def test_weeks_are_shared_by_batches_in_flight_and_by_a_standing_interval() -> None:
    """Two in flight: an order each 2.5 weeks, the last five weeks before the end. Weekly: 20 weeks and the first."""
    two = dl.scheduling.Overlapping(batch_size=10, in_flight=2)
    assert order(two, left=Left(weeks=25), closed_rounds=CLOSED).rounds_left == 9
    apart = dl.scheduling.Overlapping(batch_size=10, in_flight=2, gap_days=28)
    assert order(apart, left=Left(weeks=25), closed_rounds=CLOSED).rounds_left == 6
    weekly = dl.scheduling.Weekly(batch_size=10, every_weeks=1)
    assert order(weekly, left=Left(weeks=25), closed_rounds=CLOSED).rounds_left == 21


def test_money_pays_for_batches_and_for_the_rent_between_them() -> None:
    """A batch costs 100 + 10 · 10 + 6 letters · 10 · 1 = 260; with five weeks of rent, 310."""
    quote = Quote(per_round=100, per_design=10, per_bp=1, per_week=10)
    assert order(quote=quote, left=Left(cost=1300)).rounds_left == 5
    assert order(quote=quote, left=Left(cost=1300), closed_rounds=CLOSED).rounds_left == 4


def test_money_counts_the_length_of_the_designs_so_far() -> None:
    space, quote = Space(alphabet=dl.DNA, min_length=4, max_length=12), Quote(per_bp=1)
    assert order(space=space, quote=quote, left=Left(cost=800)).rounds_left == 10  # 8 letters
    longer = {0: Design(0, "A" * 10, 1), 1: Design(1, "A" * 10, 1)}
    assert order(space=space, quote=quote, left=Left(cost=800), designs=longer).rounds_left == 8


def test_a_lab_that_takes_no_time_leaves_the_weeks_out() -> None:
    assert order(left=Left(weeks=3), closed_rounds={1: 0}).rounds_left == inf


def test_a_schedulers_own_order_has_an_outlook_too() -> None:
    class Own(dl.Scheduler):
        def wish(self, history: History) -> Order:
            return Order(7)

    assert order(Own(), left=Left(designs=20)).rounds_left == 3


@pytest.mark.parametrize("kind", [kind for kind in dl.scheduling.PARTS if kind != "fill"])
def test_auto_orders_a_full_batch_that_may_be_split(kind: str) -> None:
    scheduler = dl.scheduling.base.Scheduler._read({"kind": kind, "batch_size": 5, "n_retests": "auto"})
    assert dl.scheduling.base.Scheduler._read(scheduler.describe()) == scheduler
    assert order(scheduler, rows=MEASURED, lab=LAB) == Order(5, 0, may_split=True)


def test_where_too_few_designs_are_left_there_is_room_for_retests() -> None:
    scheduler = dl.scheduling.Rounds(batch_size=5, n_retests="auto")
    assert order(scheduler, rows=MEASURED, left=Left(designs=4)) == Order(4, 1, may_split=True)
    assert order(scheduler, rows=MEASURED, left=Left(designs=1)) == Order(1, 3, may_split=True)
    quote, left = Quote(per_design=10, per_retest=4), Left(designs=1, cost=20)
    assert order(scheduler, rows=MEASURED, left=left, quote=quote) == Order(1, 2, money=20, may_split=True)


@pytest.mark.parametrize("wrong", ["many", -1, 2.5, 100_001, None])
def test_a_wrong_number_of_retests_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"expected a whole number from 0 to 100,000, or auto; got " + repr(wrong)):
        dl.scheduling.Rounds(n_retests=wrong)
