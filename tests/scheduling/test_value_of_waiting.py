"""Value of waiting: a round is left when further results would come more slowly than those so far. By hand."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from stubs import CountingOracle, played, small

import designloop as dl
from designloop.core.clock import DAY, WEEK
from designloop.core.history import History
from designloop.core.known import Left
from designloop.core.money import Quote
from designloop.core.records import Design, Event, Order, Outcome, Pending, Wait
from designloop.core.rows import Row
from designloop.core.spaces import Space
from designloop.scheduling.value_of_waiting import remaining

SPACE = Space.of_length(dl.DNA, 6)
LETTERS = SPACE.sample(200, np.random.default_rng(0))


def after(leads: Sequence[int | None], age: int, first: Sequence[int] = (10, 10, 10, 30), **changes: object) -> History:
    """A closed round whose designs took `first` days, and one of this age; `leads` are days, None is missing."""
    rows, waiting = {}, {}
    for i, lead in enumerate([*first, *leads]):
        design = Design(i, LETTERS[i], 1 + (i >= len(first)))
        since = 100 * DAY * (i >= len(first))
        if lead is None:
            waiting[i] = Pending(design, "making", since)
        else:
            rows[i] = Row(design, Outcome.OBSERVED, since + lead * DAY, "p", (1.0,), (0.1,))
    rounds = {"open_rounds": {2: 100 * DAY}, "closed_rounds": {1: 30 * DAY}, "submitted_at": {1: 0, 2: 100 * DAY}}
    history = replace(History(SPACE), rows=rows, waiting=waiting, now=(100 + age) * DAY, round=2, **rounds)
    designs = {i: Design(i, LETTERS[i], 2) for i in range(len(first), len(first) + len(leads))}
    return replace(history, designs=designs, **changes)


WAITS = dl.scheduling.ValueOfWaiting(batch_size=8)


def test_a_round_is_left_when_the_missing_results_come_too_slowly() -> None:
    """Three of four after ten days; the last one comes with the rest at day 30, at a twentieth a day, not .3."""
    assert WAITS.next(after([10, 10, 10, None], age=10)) == Order(8)
    assert WAITS.next(after([None] * 4, age=10)) == Wait(until=111 * DAY)
    soon = after([10, 10, 10, None], age=10, first=(10, 10, 10, 12))
    assert WAITS.next(soon) == Wait(until=111 * DAY)  # one in two days, not three in ten
    assert WAITS.next(after([10, 10, 10, None], age=10, first=(10, 10, 10, 14))) == Order(8)


def test_patience_waits_for_slower_results() -> None:
    """One in twenty days is a sixth of three in ten."""
    history = after([10, 10, 10, None], age=10)
    assert dl.scheduling.ValueOfWaiting(patience=5.9).next(history) == Order(96)
    assert dl.scheduling.ValueOfWaiting(patience=6.1).next(history) == Wait(until=111 * DAY)


def test_the_first_round_is_awaited_to_its_end_and_a_closed_one_is_left() -> None:
    assert WAITS.next(History(SPACE)) == Order(8)
    first = after([10, 10, 10, None], age=10)
    assert WAITS.next(replace(first, closed_rounds={})) == Wait()
    assert WAITS.next(replace(first, open_rounds={1: 0})) == Order(8)


def test_without_a_lead_time_as_long_as_this_nothing_is_expected() -> None:
    assert WAITS.next(after([10, None, None, None], age=31)) == Order(8)


def test_rent_counts_where_money_is_the_limit() -> None:
    """A batch of four costs 400, at 10 a day 40 days of rent: three results cost 500, and one more 200."""
    quote = Quote(per_design=100, per_week=70)
    history = after([10, 10, 10, None], age=10, quote=quote)
    assert WAITS.next(replace(history, left=Left(weeks=90, cost=9000))) == Order(8, money=8720)  # four weeks of rent
    assert WAITS.next(replace(history, left=Left(cost=9000))) == Order(8, money=8720)
    assert WAITS.next(replace(history, left=Left(cost=9000), quote=Quote(per_design=200, per_week=70))) == Wait(
        until=111 * DAY
    )
    free = replace(history, left=Left(cost=9000), quote=Quote(per_design=100))
    assert WAITS.next(free) == Wait(until=111 * DAY)


def test_lead_times_are_the_kaplan_meier_estimate_beyond_the_age_of_a_round() -> None:
    """Leads of 12, 20 and 30 beyond 10; one design is 15 days old. At risk: 4 (2 of 12), then 2 and 1."""
    history = after([None, None], age=10, first=(5, 12, 20, 30))
    older = {9: Pending(Design(9, "A" * 6, 1), "making", 95 * DAY)}
    times, chances = remaining(replace(history, waiting={**history.waiting, **older}), 10 * DAY)
    assert (times / DAY).tolist() == [12, 20, 30]
    assert chances == pytest.approx([1 / 4, 1 - 3 / 4 * 1 / 2, 1])


def test_weeks_between_batches_are_those_so_far() -> None:
    history = after([None], age=1)
    assert WAITS.weeks_between(history, 7.0) == 7.0
    assert WAITS.weeks_between(replace(history, submitted_at={1: 0, 2: WEEK, 3: 5 * WEEK}), 7.0) == 2.5
    assert history.left.cost == inf


def test_late_results_are_known_later_and_nothing_is_lost() -> None:
    """One design in ten takes forty days and not five."""
    stages = [{"name": "all", "days": {"mixture": [[0.9, 5], [0.1, 40]]}}]
    counts = {}
    for scheduler in (WAITS.with_(batch_size=20), dl.scheduling.Rounds(batch_size=20)):
        lab = {"stages": stages}
        events = played(small(lab=lab, scheduler=scheduler, oracle=CountingOracle(), budget={"designs": 100})).events()
        late = {e.data["round"] for e in events if e.kind == "observed" and e.minute > _left(events, e.data["round"])}
        counts[scheduler.kind] = (sum(e.kind == "observed" for e in events), len(late), events[-1].minute / WEEK)
    assert counts["rounds"][0] + 5 >= counts["value-of-waiting"][0] >= counts["rounds"][0] - 5
    assert counts["rounds"][1] == 0 < counts["value-of-waiting"][1]
    assert counts["value-of-waiting"][2] < counts["rounds"][2] * 2 / 3


def _left(events: list[Event], round_: int) -> float:
    """The minute of the next batch."""
    return min((e.minute for e in events if e.kind == "submitted" and e.data["round"] == round_ + 1), default=inf)
