"""Retests where the scheduler says `auto`: as many as noise makes worth their wells, and none without noise."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from histories import SPACES, STRATEGIES, Told, busy_history, distinct, events_of, history_of, observed
from stubs import FailingLog, Scripted, played, small

import designloop as dl
from designloop.core.contracts import check_proposal
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import Choice, Event, Order, Outcome, Pending, Proposal
from designloop.lab.noise import Noise
from designloop.strategies.base import highest_shrunk_mean
from designloop.strategies.retesting import divided, n_worth_retesting

SPACE = SPACES["one length"]
OPEN = Order(24, may_split=True)
AUTO = dl.scheduling.Rounds(batch_size=8, n_retests="auto", max_rounds=4)


def measured(values: Sequence[float], errors: float | Sequence[float] | None = 0.5) -> History:
    its = [errors] * len(values) if errors is None or isinstance(errors, float) else list(errors)
    names = distinct(SPACE, len(values))
    return history_of(SPACE, [Told(*row) for row in zip(names, map(float, values), its, strict=True)])


SPREAD = [*np.linspace(-3.0, 1.0, 17), 3.0, 3.0]
"""A spread of values, of which two lead together."""


def test_the_leader_and_whatever_may_be_better_is_worth_another_measurement() -> None:
    assert n_worth_retesting(measured(SPREAD)) == 2
    assert n_worth_retesting(measured([*SPREAD, 2.9, 2.8])) == 4


def test_a_contender_is_better_with_a_probability_of_a_tenth() -> None:
    """Of values 0 … 9 the variance is 8.25, of which 8 is between designs and .25 is error: v = 8 · .25 / 8.25.

    Two posteriors differ by (8 / 8.25) · gap ± √(2 v), and Φ(-1.2816) = .1: contenders are within .920 of the leader.
    """
    contending = 1.2816 * np.sqrt(2 * 8.0 * 0.25 / 8.25) / (8.0 / 8.25)
    base = np.arange(10.0)
    scale = np.sqrt(8.25 / np.var([*base, 9 - contending]))
    assert scale == pytest.approx(1.0, abs=0.07)  # one more value hardly moves the variance
    assert n_worth_retesting(measured([*base, 9 - 0.9 * contending])) == 2
    assert n_worth_retesting(measured([*base, 9 - 1.1 * contending])) == 0


@pytest.mark.parametrize(
    "history",
    [
        measured([]),
        measured([1.0]),
        measured(SPREAD, 0.0),
        measured(SPREAD, None),
        measured(SPREAD, 1e-3),
        measured([*SPREAD[:-1], 9.0]),
        measured([2.0] * 9, 0.0),
    ],
    ids=["nothing", "one design", "exact", "unknown error", "negligible error", "a clear leader", "a flat landscape"],
)
def test_nothing_is_measured_again_where_that_says_nothing(history: History) -> None:
    assert n_worth_retesting(history) == 0
    assert divided(OPEN, history) == Order(24)


def test_a_design_in_the_lab_for_a_retest_is_not_counted_again() -> None:
    history = measured(SPREAD)
    again = Pending(history.designs[17], "submitted", 10)
    assert n_worth_retesting(replace(history, retesting={17: again})) == 1


def test_above_an_upper_limit_more_wells_say_nothing() -> None:
    history = measured(SPREAD[:-2])
    top = distinct(SPACE, len(SPREAD))[-1]
    limit = {"outcome": str(Outcome.ABOVE_DETECTION)}
    more = [
        Event(1, "chosen", 30, {"sequence": top, "round": 1}),
        Event(1, "submitted", 30, {"round": 1}),
        observed(30, 3.0, 0.5, **limit),
    ]
    assert n_worth_retesting(history.after(more)) == 0


@pytest.mark.parametrize(("shift", "stretch"), [(100.0, 1.0), (-3.0, 1e6), (0.0, 1e-6)])
def test_neither_units_nor_the_order_of_rows_matter(shift: float, stretch: float) -> None:
    values = [*SPREAD, 2.9, 2.8, 2.0]
    for rows in (values, values[::-1]):
        moved = [shift + stretch * value for value in rows]
        assert n_worth_retesting(measured(moved, 0.5 * stretch)) == n_worth_retesting(measured(values))


@pytest.mark.parametrize(("rounds_left", "n"), [(np.inf, 3), (3, 3), (2, 8), (1, 8)])
def test_the_last_two_orders_may_spend_a_third_and_earlier_ones_an_eighth(rounds_left: float, n: int) -> None:
    crowd = measured([*np.linspace(-3, 1, 17), *[3.0] * 20])
    assert divided(replace(OPEN, rounds_left=rounds_left), crowd) == Order(24 - n, n)


def test_places_without_a_new_design_are_free_for_retests() -> None:
    crowd = measured([*np.linspace(-3, 1, 17), *[3.0] * 20])
    assert divided(Order(4, 20, may_split=True), crowd) == Order(4, 20)
    assert divided(Order(4, 20, may_split=True), measured(SPREAD)) == Order(4, 2)
    assert divided(Order(1, may_split=True, rounds_left=1), crowd) == Order(1)


def test_an_order_that_the_scheduler_has_divided_is_left_alone() -> None:
    assert divided(Order(8, 2), measured(SPREAD)) == Order(8, 2)


def proposal(history: History, n_new: int, n_again: int) -> Proposal:
    new = [s for s in distinct(SPACE, 80, seed=9) if s not in history.taken][:n_new]
    return Proposal(tuple(Choice(s, "x") for s in new), tuple(range(n_again)))


@pytest.mark.parametrize(("n_new", "n_again"), [(6, 0), (4, 2), (1, 5)])
def test_any_split_of_the_wells_is_accepted(n_new: int, n_again: int) -> None:
    history = measured(SPREAD)
    split = proposal(history, n_new, n_again)
    assert check_proposal(split, Order(6, may_split=True), history, "it") == split


@pytest.mark.parametrize(
    ("n_new", "n_again", "said"),
    [
        (4, 1, "proposed 4 designs, expected 5"),
        (7, 0, "proposed 7 designs, expected 6"),
        (4, 3, "expected at most 2 distinct retests"),
        (0, 6, "proposed 0 designs, expected 1"),
    ],
)
def test_more_or_fewer_wells_than_ordered_are_refused(n_new: int, n_again: int, said: str) -> None:
    history = measured(SPREAD)
    with pytest.raises(ContractError, match=said):
        check_proposal(proposal(history, n_new, n_again), Order(6, may_split=True), history, "it")


def test_only_measured_designs_are_measured_again_and_each_once() -> None:
    history = measured(SPREAD)
    for again, said in (((99, 1), "retests design 99, which has no value"), ((1, 1), "2 distinct retests")):
        split = replace(proposal(history, 4, 0), retests=again)
        with pytest.raises(ContractError, match=said):
            check_proposal(split, Order(6, may_split=True), history, "it")


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_every_strategy_splits_an_order(strategy: Any) -> None:
    history = busy_history(SPACE, n_measured=40, stretch=1.0)
    noisy = replace(
        history, rows={k: replace(row, std_errors=(2.0,) * len(row.values)) for k, row in history.rows.items()}
    )
    order = Order(12, may_split=True, rounds_left=1)
    answer = strategy.answer(noisy, order, stream(0, "s"))
    assert (len(answer.choices), len(answer.retests)) == (8, 4)


def without_noise(n_retests: Any) -> dl.Campaign:
    exact = dl.Lab.preset("good", plate_size=24, assay={"noise": Noise()})
    return small(lab=exact, scheduler=AUTO.with_(n_retests=n_retests), budget={"designs": 40})


def test_without_noise_the_campaign_is_that_without_retests() -> None:
    assert played(without_noise("auto")).events()[1:] == played(without_noise(0)).events()[1:]


def noisy(**changes: Any) -> dl.Campaign:
    lab = dl.Lab.preset("good", plate_size=24, assay={"noise": Noise(eps=0.5)})
    return small(**{"lab": lab, "scheduler": AUTO, "budget": {"designs": 40}, **changes})


def counts(events: Sequence[Event]) -> list[tuple[int, int]]:
    """(new designs, retests) of each round."""
    rounds = sorted({e.data["round"] for e in events if e.kind == "submitted"})
    told = [[e.data["retest"] for e in events if e.kind == "submitted" and e.data["round"] == r] for r in rounds]
    return [(is_retest.count(False), is_retest.count(True)) for is_retest in told]


def test_with_noise_each_order_keeps_its_wells_and_the_last_two_retest_most() -> None:
    told = counts(played(noisy()).events())
    assert [sum(pair) for pair in told] == [8, 8, 8, 8]
    assert told[0] == (8, 0)
    assert told[1][1] <= 1
    assert [n_again for _, n_again in told[2:]] == [2, 2]


def test_where_designs_are_the_limit_all_of_them_are_built_and_the_last_batch_is_topped_up_with_retests() -> None:
    told = counts(played(noisy(scheduler=AUTO.with_(max_rounds=None), budget={"designs": 20})).events())
    assert sum(n_new for n_new, _ in told) == 20
    assert all(sum(pair) == 8 for pair in told[:-1])
    assert told[-1][1] > 0
    assert sum(told[-1]) <= 8


def test_stopped_at_every_transaction_and_resumed_a_split_campaign_is_the_same() -> None:
    campaign, whole = noisy(), FailingLog()
    played(campaign, log=whole)
    for fails_at in range(0, whole.n_appends, 5):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        assert played(campaign, log=log).hash() == whole.hash()


class Splitting(Scripted):
    """Scripted; divides the order itself, half and half."""

    def divide(self, order: Order, history: History) -> Order:
        n = min(order.n_designs // 2, int(history.is_measured.sum()))
        return replace(order, n_designs=order.n_designs - n, n_retests=n)


def test_a_strategy_of_ones_own_may_divide_the_order_by_its_own_rule() -> None:
    assert counts(played(noisy(strategy=Splitting())).events()) == [(8, 0), (4, 4), (4, 4), (4, 4)]


def recommended(true: dict[str, float], history: History, order: Order, sd: float, rng: np.random.Generator) -> float:
    """The true value of the recommended design once this order is back; a design's wells have the error `sd`."""
    again = sorted(history.ids, key=lambda i: -history.values[i])[: order.n_retests]
    new = [s for s in true if s not in history.taken][: order.n_designs]
    rows = [Told(s, true[s] + sd * rng.normal(), sd, round=2) for s in new]
    after = history_of(SPACE, [Told(s, v, sd) for s, v in zip(history.sequences, history.values, strict=True)])
    events = [observed(int(i), true[history.sequences[i]] + sd * rng.normal(), sd, retest=True) for i in again]
    best = highest_shrunk_mean(after.after([*events, *events_of(rows, first=len(history.ids))]))
    assert best is not None
    return true[best.sequence]


@pytest.mark.parametrize("sd", [0.0, 1.0])
def test_in_a_simulation_retests_gain_under_noise_and_are_not_made_without(sd: float) -> None:
    """The last order of 24 after 72 designs, all of one population: split, or all of it new designs."""
    gains, spent = [], []
    for seed in range(240 if sd else 20):
        rng = np.random.default_rng(seed)
        true = dict(zip(distinct(SPACE, 96), rng.normal(size=96).tolist(), strict=True))
        first = list(true)[:72]
        history = history_of(SPACE, [Told(s, true[s] + sd * rng.normal(), sd) for s in first])
        split = divided(replace(OPEN, rounds_left=1), history)
        spent.append(split.n_retests)
        one, other = (
            recommended(true, history, order, sd, np.random.default_rng(seed)) for order in (split, Order(24))
        )
        gains.append(one - other)
    if sd == 0.0:
        assert (set(spent), set(gains)) == ({0}, {0.0})
    else:
        assert np.mean(spent) > 4
        assert np.mean(gains) > 2 * np.std(gains) / np.sqrt(len(gains))
