"""Urgent batches: they go first where a queue knows urgency, cost more, and stay urgent in a resumed run."""

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, start
from pydantic import ValidationError
from stubs import FailingLog, played, small

from designloop.core.history import History
from designloop.core.money import Quote
from designloop.core.paid_for import paid_for
from designloop.core.records import Batch, Choice, Order, Proposal
from designloop.lab.lab import Lab
from designloop.scheduling.rounds import Rounds

QUEUE = {"name": "s", "days": 1, "machines": 1, "queue": "priority", "retest_from": True}


def lab(stage, **changes):
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": [stage], **changes})


def entries(events):
    """(day, design, round) of each design that enters the stage."""
    at = [e for e in events if e.kind == "entered" and e.data["stage"] == "s"]
    return [(e.minute / DAY, e.design, e.data["round"]) for e in at]


def three_batches(the_lab):
    """Two designs on day 0; then a batch with a retest, and an urgent one with a retest."""
    run = start(the_lab)
    events = run.submit(Batch(1, designs(3)))
    events += run.submit(Batch(2, designs(1, first=3, round=2), designs(1, first=50)))
    events += run.submit(Batch(3, designs(1, first=4, round=3), designs(1, first=51), urgent=True))
    return events + finish(run, 3)


def test_urgent_designs_go_first_and_retests_first_among_them():
    order = [(51, 3), (4, 3), (50, 2), (0, 1), (1, 1), (2, 1), (3, 2)]
    assert entries(three_batches(lab(QUEUE))) == [(float(day), *which) for day, which in enumerate(order)]
    assert [which for _, which, _ in entries(three_batches(lab({**QUEUE, "queue": "first-come"})))] == [
        *(0, 1, 2, 3, 4, 50, 51)
    ]


def test_an_urgent_batch_is_let_in_first():
    free = {"name": "s", "days": 1, "retest_from": True}
    assert [which for _, which, _ in entries(three_batches(lab(free, wip_limit=1)))][:2] == [4, 51]


def test_other_peoples_work_in_turn_waits_for_urgent_designs_and_first_work_does_not():
    job = {"name": "others", "calendar": {"days": ["mon"], "times": ["12:00"]}, "size": 1}
    for priority, expected in (("first-come", [[0], [1], []]), ("first", [[0], [], [1]])):
        run = start(lab(QUEUE, background=[{**job, "priority": priority}]))
        events = run.submit(Batch(1, designs(1)))
        while run.now < 0.75 * DAY:
            events += run.run(until=int(0.75 * DAY))
        events += [*run.submit(Batch(2, designs(1, first=1, round=2), urgent=True)), *finish(run, 2)]
        while run.now < 4 * DAY:
            events += run.run(until=4 * DAY)
        assert [e.data["designs"] for e in events if e.kind == "run_started"] == expected


def test_it_costs_a_factor_more_to_the_cent():
    priced = lab({**QUEUE, "cost": 10}, cost={"per_round": 5, "per_replicate": 0.333, "urgent": 1.5})
    run = start(priced)
    events = [*run.submit(Batch(1, designs(3))), *run.submit(Batch(2, designs(3, first=3), urgent=True))]
    bills = [e.data for e in events if e.kind == "charged"]
    assert bills[0] == {"round": 5, "designs": 30, "replicates": pytest.approx(0.999)}
    assert bills[1] == {**bills[0], "urgent": 18}
    submitted = [e.data for e in events if e.kind == "submitted"]
    assert [data.get("urgent") for data in submitted] == [None] * 3 + [True] * 3


def test_the_money_of_an_order_pays_the_surcharge():
    quote = Quote(per_design=10, urgent=0.5)
    assert quote.price([8] * 4) == 40
    assert quote.price([8] * 4, urgent=True) == 60
    assert Quote.of(quote.facts()) == quote
    assert "urgent" not in Quote(per_design=10).facts()
    proposal = Proposal(tuple(Choice("ACGTACGT") for _ in range(4)))
    assert len(paid_for(proposal, Order(4, money=50), quote).choices) == 4
    assert len(paid_for(proposal, Order(4, money=50, urgent=True), quote).choices) == 3


def campaign(**cost):
    priced = lab(QUEUE, cost={"per_round": 10, "urgent": 2, **cost})
    scheduler = Rounds(batch_size=4, urgent=(2, 3), max_rounds=3)
    return small(lab=priced, scheduler=scheduler, budget={"designs": 99, "cost": 49})


def test_the_scheduler_says_which_batches_are_urgent_and_the_budget_holds():
    """10 for the first batch, and 20 for each urgent one; the third would exceed 49."""
    events = played(campaign()).events()
    urgent = {e.data["round"]: e.data.get("urgent", False) for e in events if e.kind == "submitted"}
    assert urgent == {1: False, 2: True}
    assert sum(sum(e.data.values()) for e in events if e.kind == "charged") == 30


def test_a_resumed_run_remembers_what_was_urgent():
    whole = FailingLog()
    played(campaign(), log=whole)
    for fails_at in range(1, whole.n_appends, 2):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign(), log=log)
        log.fails_at = None
        assert played(campaign(), log=log).hash() == whole.hash()


def test_urgency_without_effect_is_refused():
    with pytest.raises(ValidationError, match="urgent: no batch goes first in this lab; set `queue: priority` at a"):
        small(lab="instant", scheduler=Rounds(urgent=(1,)))
    with pytest.raises(ValidationError, match=r"urgent.0"):
        Rounds(urgent=(0,))


def test_a_full_order_knows_its_round():
    space = small().whole_space
    assert [Rounds(urgent=(1, 3)).full_order(History(space, round=n)).urgent for n in range(4)] == [1, 0, 1, 0]
