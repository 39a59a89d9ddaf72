"""Schedulers: when a batch leaves, how large it is, and what the budget does to both. Numbers by hand."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from pydantic import ValidationError

import designloop as dl
from designloop.core.clock import DAY, WEEK
from designloop.core.history import History, Left, Row
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.money import Quote
from designloop.core.records import Design, Event, Order, Outcome, Pending, Stop, Wait
from designloop.core.spaces import Space

SPACE = Space.of_length(dl.DNA, 6)
LAB = LabCard((StationCard("bench", 10, per_week=70),))
SIZED = [kind for kind in dl.scheduling.PARTS if kind != "fill"]
WAITING = {0: Pending(Design(0, "ACGTAC", 1), "submitted", 0)}
MEASURED = {i: Row(Design(i, f"AAAAA{'ACGT'[i]}", 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,)) for i in range(3)}


def at(**changes: Any) -> History:
    return replace(History(SPACE), **changes)


def test_rounds_waits_for_the_open_round() -> None:
    rounds = dl.scheduling.Rounds(batch_size=96, replicates=2)
    assert rounds.next(at()) == Order(96, 0, 2)
    assert rounds.next(at(open_rounds={1: 0}, round=1)) == Wait()
    assert rounds.next(at(round=1, now=5 * WEEK)) == Order(96, 0, 2)


def test_overlapping_fills_the_flight_and_keeps_the_gap() -> None:
    two = dl.scheduling.Overlapping(batch_size=10, in_flight=2, gap_days=7)
    one_open = {"open_rounds": {1: 0}, "last_submitted_at": 0, "round": 1}
    assert two.next(at()) == Order(10)
    assert two.next(at(**one_open)) == Wait(until=7 * DAY)
    assert two.next(at(**one_open, now=7 * DAY)) == Order(10)
    assert two.next(at(**{**one_open, "open_rounds": {1: 0, 2: 9}}, now=8 * DAY)) == Wait()


def test_weekly_keeps_to_its_weeks_whatever_is_back() -> None:
    weekly = dl.scheduling.Weekly(batch_size=10, every_weeks=2)
    assert weekly.next(at()) == Order(10)
    assert weekly.next(at(last_submitted_at=0, now=3 * DAY)) == Wait(until=2 * WEEK)
    assert weekly.next(at(last_submitted_at=0, now=2 * WEEK, open_rounds={1: 0})) == Order(10)
    assert weekly.next(at(last_submitted_at=2 * WEEK, now=3 * WEEK)) == Wait(until=4 * WEEK)


def test_the_last_order_shrinks_to_the_designs_left_and_pending_ones_are_awaited() -> None:
    rounds = dl.scheduling.Rounds(batch_size=96)
    assert rounds.next(at(left=Left(designs=7))) == Order(7)
    assert rounds.next(at(left=Left(designs=0), waiting=WAITING, open_rounds={1: 0})) == Wait()
    assert rounds.next(at(left=Left(designs=0))) == Stop("the designs are spent")
    assert dl.scheduling.Weekly().next(at(left=Left(designs=0), last_submitted_at=0)) == Stop("the designs are spent")


def test_only_what_is_taken_inside_the_space_is_subtracted_from_it() -> None:
    """Four sequences, two of them taken, and one more taken outside (known of another space): two are left."""
    space = Space.of_length(dl.DNA, 6, parent="AAAAAA", allowed=dict.fromkeys(range(5), "A"))
    outside = {9: Row(Design(9, "CCCCCC", 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,))}
    rows = {i: MEASURED[i] for i in range(2)}
    history = replace(History(space), rows={**rows, **outside})
    assert history.n_taken_inside == 2
    rounds = dl.scheduling.Rounds(batch_size=96)
    assert rounds.next(history) == Order(2)
    whole = {i: Row(Design(i, f"AAAAA{'ACGT'[i]}", 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,)) for i in range(4)}
    assert rounds.next(replace(history, rows={**whole, **outside})) == Stop("every sequence of the space is measured")


def test_a_ball_of_edits_is_counted_to_its_end() -> None:
    """34 sequences: the last order is what is left of them, and then the campaign ends."""
    space = Space.of_length(dl.DNA, 11, parent="A" * 11, max_edits=1)
    rounds, members = dl.scheduling.Rounds(batch_size=96), space.enumerate()
    rows = {i: Row(Design(i, s, 1), Outcome.OBSERVED, 5, "p", (1.0,), (0.1,)) for i, s in enumerate(members)}
    assert rounds.next(History(space)) == Order(34)
    assert rounds.next(replace(History(space), rows={i: rows[i] for i in range(30)})) == Order(4)
    assert rounds.next(replace(History(space), rows=rows)) == Stop("every sequence of the space is measured")


def test_no_order_follows_a_strategy_without_a_new_design_until_a_round_closes() -> None:
    rounds = dl.scheduling.Overlapping(batch_size=5)
    assert rounds.next(at(has_nothing_new=True)) == Stop("the strategy has no new design to propose")
    assert rounds.next(at(has_nothing_new=True, waiting=WAITING, open_rounds={1: 0})) == Wait()
    closed = at(has_nothing_new=True).after([Event(9, "round_closed", None, {"round": 1})])
    assert rounds.next(closed) == Order(5)


def test_weeks_end_the_campaign_at_their_last_minute() -> None:
    rounds = dl.scheduling.Rounds()
    assert rounds.next(at(left=Left(weeks=2.0), open_rounds={1: 0})) == Wait(until=2 * WEEK)
    assert rounds.next(at(left=Left(weeks=1 / WEEK), now=2 * WEEK - 1)) == Order(96)
    assert rounds.next(at(left=Left(weeks=0.0), now=2 * WEEK)) == Stop("the weeks are over")


@pytest.mark.parametrize(("cost", "n"), [(119.9, None), (120.0, 1), (300.0, 10), (319.9, 10), (320.0, 11), (1e6, 96)])
def test_an_order_is_as_large_as_the_money_allows(cost: float, n: int | None) -> None:
    history = at(quote=Quote(per_round=100, per_design=20), left=Left(cost=cost))
    step = dl.scheduling.Rounds(batch_size=96).next(history)
    assert step == (Stop("the money for another design is spent") if n is None else Order(n, money=cost))


def test_an_order_is_as_large_as_the_shortest_designs_allow() -> None:
    """What is proposed may be longer: then the campaign cuts it to the money that the order carries."""
    quote, rounds = Quote(per_bp=1, min_bp=4), dl.scheduling.Rounds(batch_size=96)
    space = Space(alphabet=dl.DNA, min_length=8, max_length=50)
    assert rounds.next(at(space=space, quote=quote, left=Left(cost=80))) == Order(10, money=80)
    edited = Space(alphabet=dl.DNA, min_length=2, max_length=50, parent="A" * 20, max_edits=4)
    assert rounds.next(at(space=edited, quote=quote, left=Left(cost=80))) == Order(5, money=80)


def test_no_order_follows_a_proposal_too_dear_until_something_comes_back() -> None:
    rounds = dl.scheduling.Overlapping(batch_size=4)
    reason = "the money pays for none of the designs that the strategy proposes"
    assert rounds.next(at(is_too_dear=True)) == Stop(reason)
    assert rounds.next(at(is_too_dear=True, waiting=WAITING, open_rounds={1: 0})) == Wait()
    assert rounds.next(at(waiting=WAITING, open_rounds={1: 0})) == Order(4)


def test_designs_go_before_retests_and_there_are_no_more_retests_than_measured_designs() -> None:
    scheduler = dl.scheduling.Rounds(batch_size=5, n_retests=4)
    quote = Quote(per_design=10, per_retest=4)
    assert scheduler.next(at()) == Order(5, 0)
    assert scheduler.next(at(rows=MEASURED, quote=quote, left=Left(cost=1000))) == Order(5, 3, money=1000)
    again = {1: Pending(Design(1, "AAAAAC", 1), "submitted", 0)}
    assert dl.scheduling.Overlapping(batch_size=5, n_retests=4).next(at(rows=MEASURED, retesting=again)) == Order(5, 2)
    assert scheduler.next(at(rows=MEASURED, quote=quote, left=Left(cost=58))) == Order(5, 2, money=58)
    assert scheduler.next(at(rows=MEASURED, quote=quote, left=Left(cost=49))) == Order(4, 2, money=49)


def test_the_campaign_ends_where_a_lab_week_cannot_be_paid() -> None:
    rounds, quote = dl.scheduling.Rounds(), Quote(per_week=100, per_design=1)
    open_ = {"open_rounds": {1: 0}, "quote": quote}
    assert rounds.next(at(**open_, left=Left(cost=250))) == Wait(until=2 * WEEK)
    assert rounds.next(at(**open_, left=Left(cost=50), now=DAY)) == Wait(until=WEEK)
    assert rounds.next(at(**open_, left=Left(cost=50), now=WEEK)) == Stop("the money for the next lab week is spent")
    held = at(**open_, left=Left(cost=50), now=WEEK, reserved={"plates": 90.0})
    assert rounds.next(held) == Stop("the money for the next lab week is spent or reserved")
    assert rounds.next(at(quote=quote, left=Left(cost=50), now=DAY)) == Order(50, money=50)


def test_the_rent_until_the_results_is_kept_back() -> None:
    """Until a round has closed, that of the mean time of the stages: 2.5 weeks, and one for half of the designs."""
    stations = (StationCard("build", weeks=2.5), StationCard("sequencing", weeks=1.0, share=0.5))
    rounds, lab, quote = dl.scheduling.Rounds(), LabCard(stations), Quote(per_week=100, per_design=10)
    new = {"lab": lab, "quote": quote}
    assert rounds.next(at(**new, left=Left(cost=350))) == Order(5, money=50)
    assert rounds.next(at(**new, left=Left(cost=350), now=WEEK - 1)) == Order(5, money=50)
    assert rounds.next(at(**new, left=Left(cost=350), now=1)) == Order(5, money=50)
    closed = at(**new, left=Left(cost=350), closed_rounds={1: WEEK, 2: 2 * WEEK, 3: 3 * WEEK})
    assert rounds.next(closed) == Order(15, money=150, rounds_left=1)
    assert rounds.next(at(**new, left=Left(cost=309.99))) == Stop(
        "the money for another design and the rent until its result is spent: 309.99 is left, and the rent is 300.00"
    )
    assert rounds.next(at(**new, left=Left(cost=309.99), open_rounds={1: 0})) == Wait(until=3 * WEEK)


def test_a_small_space_shrinks_the_batch_and_ends_the_campaign() -> None:
    pool = Space.of_pool(dl.DNA, ["AAAAAA", "AAAAAC", "AAAAAG", "AAAAAT", "CCCCCC"])
    rounds = dl.scheduling.Rounds(batch_size=4)
    assert rounds.next(History(pool, rows=MEASURED)) == Order(2)
    everything = dict(enumerate(replace(MEASURED[0], design=Design(i, s, 1)) for i, s in enumerate(pool.pool or ())))
    assert rounds.next(History(pool, rows=everything)) == Stop("every sequence of the space is measured")


@pytest.mark.parametrize("kind", SIZED)
def test_batches_may_differ_in_size_and_the_last_size_goes_on(kind: str) -> None:
    """Front-loaded, back-loaded or equal, as van Lent et al. (2023) plan the cycles of strain design."""
    scheduler = dl.scheduling.base.Scheduler._read({"kind": kind, "batch_sizes": [60, 30, 10], "replicates": 2})
    orders = [scheduler.next(at(round=round_, now=100 * WEEK, lab=LAB)) for round_ in range(5)]
    assert orders == [Order(n, 0, 2) for n in (60, 30, 10, 10, 10)]


def test_the_budget_holds_whatever_the_sizes() -> None:
    """The last order shrinks to what is left, and a batch of no design is no batch."""
    scheduler = dl.scheduling.Rounds(batch_sizes=(10, 50), max_rounds=2)
    assert scheduler.next(at(left=Left(designs=55))) == Order(10)
    assert scheduler.next(at(round=1, left=Left(designs=45))) == Order(45)
    assert scheduler.next(at(round=2, left=Left(designs=5))) == Stop("the rounds are done")
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        dl.scheduling.Rounds(batch_sizes=(10, 0))


def test_max_rounds() -> None:
    scheduler = dl.scheduling.Rounds(batch_size=4, max_rounds=2)
    assert scheduler.next(at(round=1)) == Order(4)
    assert scheduler.next(at(round=2, open_rounds={2: 0})) == Wait()
    assert scheduler.next(at(round=2)) == Stop("the rounds are done")


@pytest.mark.parametrize("kind", dl.scheduling.PARTS)
def test_a_scheduler_reads_back_from_its_description(kind: str) -> None:
    size = {"plates": 4, "when": {"kind": "weekly", "every_weeks": 2}} if kind == "fill" else {"batch_size": 7}
    part = dl.scheduling.base.Scheduler._read({"kind": kind, **size, "replicates": 2})
    assert dl.scheduling.base.Scheduler._read(part.describe()) == part
    assert Left().cost == inf


def test_a_budget_wants_positive_limits() -> None:
    with pytest.raises(ValidationError):
        dl.Budget(designs=0)
    assert not dl.Budget().is_limited


def test_weeks_alone_cannot_run_for_ever_in_a_lab_that_takes_no_time() -> None:
    """After a hundred batches at the first minute the campaign ends, and says what to limit."""
    step = dl.scheduling.Rounds(batch_size=4).next(at(now=0, round=100, left=Left(weeks=10)))
    assert step == Stop("100 batches took no time; in such a lab, limit budget.designs or scheduler.max_rounds")
