"""A strategy or a scheduler says how many wells a design has, within the wells and the money of the order."""

from dataclasses import replace

import numpy as np
import pytest
from histories import Told, history_of
from stubs import FailingLog, Scripted, played, small

from designloop.core.alphabet import DNA
from designloop.core.contracts import check_proposal
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.scheduling.base import Budget
from designloop.scheduling.rounds import Rounds

SPACE = Space.of_length(DNA, 8)
NEW = [f"ACGTACG{letter}" for letter in "ACGT"]


class Doubting(Scripted):
    """Three wells for the first design and one for the last, and three for the first of two retests."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        proposal = super().propose(history, order, rng)
        if order.n_designs < 2 or order.n_retests == 1:
            return proposal
        first, *middle, last = proposal.choices
        choices = (replace(first, replicates=3), *middle, replace(last, replicates=1))
        return replace(proposal, choices=choices, retest_replicates=(3, 1)[: order.n_retests])


def campaign(**changes):
    lab = Lab.preset("instant", plate_size=24, cost={"per_replicate": 2.0, "per_design": 1.0})
    fields = {"lab": lab, "strategy": Doubting(), "scheduler": Rounds(batch_size=8, replicates=2, n_retests=2)}
    return small(**{**fields, **changes})


def submitted(events, *, retest):
    return [e.data["replicates"] for e in events if e.kind == "submitted" and e.data["retest"] is retest]


def test_the_wells_of_a_strategy_are_submitted_charged_and_counted():
    Scripted.seen.clear()
    events = campaign().run().events
    assert submitted(events, retest=False) == [3, *[2] * 6, 1] * 2 + [3, 2, 2, 1]
    assert sorted(submitted(events, retest=True)) == [1, 1, 3, 3]
    assert [e.data["replicates"] for e in events if e.kind == "charged"] == [32.0, 40.0, 24.0]
    n_first = dict(zip(Scripted.seen[1].ids.tolist(), Scripted.seen[1].n_replicates.tolist(), strict=True))
    assert n_first == {i: n for i, n in enumerate([3, *[2] * 6, 1]) if i in n_first}
    assert len(n_first) > 4


def test_a_run_that_was_interrupted_has_the_same_wells():
    whole = played(campaign())
    for n in (3, 5):
        log = FailingLog(n)
        with pytest.raises(KeyboardInterrupt):
            played(campaign(), log=log)
        log.fails_at = None
        assert played(campaign(), log=log).hash() == whole.hash()


def test_a_scheduler_gives_retests_more_wells():
    scheduler = Rounds(batch_size=8, n_retests=2, retest_replicates=4)
    events = campaign(strategy=Scripted(), scheduler=scheduler).run().events
    assert submitted(events, retest=True) == [4] * 4
    assert set(submitted(events, retest=False)) == {1}
    assert Order(8, 2, 1, retest_replicates=4).wells == 16
    assert (Order(8, 2, 3).wells, Order(8, 0, 1, may_split=True, retest_replicates=4).wells) == (30, 32)


def test_money_is_kept_to_the_cent_whatever_the_wells():
    """Also where the money cuts the last order."""
    for money in (19, 47, 71):
        result = campaign(budget=Budget(cost=money)).run()
        assert sum(sum(e.data.values()) for e in result.events if e.kind == "charged") <= money


@pytest.mark.parametrize(
    ("wells", "again", "message"),
    [
        ([4, 4, 1, 1], (), "proposed 12 wells, but the order has 10; give some designs fewer replicates"),
        ([1, 1, 1, 1], (7,), "proposed 11 wells, but the order has 10"),
        ([0, 1, 1, 1], (), "gave 0 as the replicates of 'ACGTACGA'; give a whole number from 1 to 1,000"),
        ([1.5, 1, 1, 1], (), "gave 1.5 as the replicates"),
        ([True, 1, 1, 1], (), "gave True as the replicates"),
        ([None] * 4, (1, 1), "gave 2 numbers as `retest_replicates` of 1 retest; give one for each, or none"),
        ([None] * 4, (0,), "gave 0 as the replicates of retest 0"),
    ],
)
def test_more_wells_than_ordered_and_none_are_refused(wells, again, message):
    history = history_of(SPACE, [Told("AAAAAAAA", 1.0)])
    choices = tuple(Choice(s, "x", replicates=n) for s, n in zip(NEW, wells, strict=True))
    with pytest.raises(ContractError, match=message):
        check_proposal(Proposal(choices, (0,), retest_replicates=again), Order(4, 1, 2), history, "it")


def test_fewer_wells_than_ordered_may_be_proposed():
    choices = tuple(Choice(s, "x", replicates=1) for s in NEW)
    proposal = Proposal(choices)
    assert check_proposal(proposal, Order(4, 0, 2), History(SPACE), "it").wells(Order(4, 0, 2)) == (1, 1, 1, 1)
