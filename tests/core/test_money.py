"""Money: a batch costs what its own sequences cost, and what is proposed is cut where the money ends."""

import json
from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from math import floor, inf, sqrt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from stubs import FailingLog, played

import designloop as dl
from designloop.cli.shared.summaries import lines_of
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.money import Quote, cents, less, n_times, pays, total, whole_cents
from designloop.core.paid_for import cut, paid_for
from designloop.core.records import Choice, Event, Order, Proposal
from designloop.core.spaces import Space
from designloop.storage.log import MemoryLog
from designloop.storage.summary import summarise
from designloop.strategies.base import Strategy


def proposal(*lengths: int, retests: tuple[int, ...] = ()) -> Proposal:
    return Proposal(tuple(Choice("A" * n, "test") for n in lengths), retests)


def kept(whole: Proposal, money: float, **quote: Any) -> tuple[list[int], tuple[int, ...]]:
    part = paid_for(whole, Order(len(whole.choices), len(whole.retests), money=money), Quote(**quote))
    return [len(choice.sequence) for choice in part.choices], part.retests


def test_a_price_is_the_sum_of_its_parts():
    """Round, designs, retests, and a well for each replicate; nothing for nothing."""
    quote = Quote(per_round=100.0, per_design=10.0, per_retest=3.0, per_replicate=1.0)
    assert quote.price([8] * 5, n_retests=2, replicates=3) == 100 + 50 + 6 + 21
    assert quote.price([]) == 0.0


def test_a_price_between_brackets_is_interpolated_on_logarithms_and_the_total_grows():
    quote = Quote(brackets=((10.0, 100.0), (1000.0, 10.0)))
    assert quote.price_per_design(100) == pytest.approx(sqrt(1000))
    assert quote.price_per_design(5) == pytest.approx(100)
    totals = [quote.price([8] * n) for n in range(1, 1200)]
    assert (np.diff(totals) > 0).all()


def test_a_design_costs_its_own_letters_and_no_less_than_the_least():
    quote = Quote(per_bp=0.09, min_bp=300, bp_per_letter=3)
    assert quote.price([50, 100, 200]) == pytest.approx(0.09 * (300 + 300 + 600))


def test_what_the_money_pays_for_is_kept_best_first():
    assert kept(proposal(5, 3, 4), 12, per_bp=1) == ([5, 3, 4], ())
    assert kept(proposal(5, 3, 4), 11.9, per_bp=1) == ([5, 3], ())
    assert kept(proposal(5, 3, 4), 5, per_bp=1) == ([5], ())


def test_where_the_best_is_too_dear_the_first_that_can_be_paid_is_kept():
    assert kept(proposal(9, 5, 3), 5, per_bp=1) == ([5], ())
    assert kept(proposal(9, 5, 3), 2.9, per_bp=1) == ([], ())


def test_designs_go_before_retests():
    whole = proposal(5, 5, retests=(7, 8, 9))
    assert kept(whole, 16, per_bp=1, per_retest=2) == ([5, 5], (7, 8, 9))
    assert kept(whole, 13, per_bp=1, per_retest=2) == ([5, 5], (7,))
    assert kept(whole, 9.9, per_bp=1, per_retest=2) == ([5], (7, 8))


def test_a_large_batch_may_be_cheaper_than_a_smaller_one():
    """With brackets that fall faster than sizes grow, 4 designs cost 40 and 2 of them 100."""
    assert kept(proposal(1, 1, 1, 1), 50, brackets=((2.0, 50.0), (4.0, 10.0))) == ([1] * 4, ())


def test_the_event_says_what_was_left_out_and_nothing_where_all_was_kept():
    whole = proposal(5, 3, 4, retests=(0,))
    facts = {"round": 2, "money": 8.0, "kept": 2, "designs": 1, "retests": 1}
    assert cut(whole, proposal(5, 3), 8.0, 60, 2) == [Event(60, "cut", None, facts)]
    assert cut(whole, whole, 8.0, 60, 2) == []


class Long(Strategy):
    """The longest sequences of a space first; of those that can be paid, where it is thrifty."""

    thrifty: bool = False

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        free = [s for s in history.space.enumerate() if s not in history.taken]
        ranked = sorted(free, key=len, reverse=True)
        if self.thrifty:
            ranked.sort(key=lambda s: history.quote.price([len(s)]) > order.money)
        return Proposal(tuple(Choice(s, "long") for s in ranked[: order.n_designs]))


class Drawn(Strategy):
    """Any free sequences."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        free = [s for s in history.space.enumerate() if s not in history.taken]
        return Proposal(tuple(Choice(free[i], "drawn") for i in rng.permutation(len(free))[: order.n_designs]))


LETTERS = dl.core.alphabet.Alphabet(name="one", letters="A")


def priced(cost: float, scheduler: dl.scheduling.base.Scheduler | None = None, **changes: Any) -> dl.Campaign:
    """Sequences of 1 to 30 letters at a coin a letter, in a lab that takes a day."""
    space = Space(alphabet=LETTERS, min_length=1, max_length=30)
    prices = {"per_bp": 1.0, "min_bp": 0, **changes.pop("prices", {})}
    return dl.Campaign(
        oracle=dl.oracles.FunctionOracle(function=_length, space=space),
        lab=dl.Lab.model_validate({"assay": {"days": 1}, "cost": prices}),
        strategy=changes.pop("strategy", Long()),
        scheduler=scheduler or dl.scheduling.Rounds(batch_size=8),
        budget=dl.Budget(cost=cost),
    )


def _length(sequences: list[str]) -> list[float]:
    return [float(len(sequence)) for sequence in sequences]


def spent(log: MemoryLog) -> list[float]:
    charges = [sum(event.data.values()) for event in log.events() if event.kind == "charged"]
    return list(accumulate(charges))


def test_eight_short_designs_are_charged_for_their_own_letters():
    """Eight of 320 in a space of 300 to 1,500 letters at .09 a letter: 230.40, where the longest would be 1,080."""
    quote = dl.Lab.model_validate({"cost": {"per_bp": 0.09}}).quote(
        Space(alphabet=dl.DNA, min_length=300, max_length=1500)
    )
    assert quote.price([320] * 8) == pytest.approx(230.40)


@pytest.mark.parametrize("scheduler", [dl.scheduling.Rounds(batch_size=8), dl.scheduling.Overlapping(batch_size=8)])
@pytest.mark.parametrize("cost", [1, 30, 100, 234.5, 300, 465])
@pytest.mark.parametrize("prices", [{}, {"per_round": 7, "per_replicate": 0.5, "per_week": 3}])
def test_the_budget_is_kept_and_nothing_it_pays_for_is_refused(scheduler, cost, prices):
    """At the end no free sequence could have been paid: all 30 cost 465."""
    log = played(priced(cost, scheduler, prices=prices, strategy=Long(thrifty=True)))
    quote = priced(cost, scheduler, prices=prices).lab.quote(Space(alphabet=LETTERS, min_length=1, max_length=30))
    assert all(total <= cost for total in spent(log))
    chosen = {event.data["sequence"] for event in log.events() if event.kind == "chosen"}
    left = cost - (spent(log) or [0.0])[-1]
    if log.events()[-1].data["reason"] != "the money for the next lab week is spent":
        assert all(quote.price([n]) > left for n in range(1, 31) if "A" * n not in chosen)


def in_cents(amount: float) -> int:
    """Half up, by decimal arithmetic: independent of the code."""
    return int((Decimal(f"{amount:.10f}") * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def price_list(rng: np.random.Generator) -> dict[str, Any]:
    """Prices of at most four decimals; some are nothing."""
    prices = {
        name: float(np.round(rng.uniform(0, most) * (rng.random() < 0.7), int(rng.integers(0, 5))))
        for name, most in (("per_bp", 2), ("per_design", 9), ("per_replicate", 3), ("per_round", 20), ("per_week", 9))
    }
    points = [[int(most), float(np.round(rng.uniform(0, 9), 3))] for most in (5, 17, 40)]
    return {**prices, "min_bp": int(rng.integers(0, 12)), "by_length": points if rng.random() < 0.5 else []}


@pytest.mark.parametrize("seed", range(12))
def test_money_adds_up_to_the_cent_for_random_price_lists(seed):
    """What is left after each event is the budget less every charge, in whole cents, and never below zero."""
    rng = np.random.default_rng(seed)
    budget = float(np.round(rng.uniform(50, 400), 3))
    scheduler = dl.scheduling.Overlapping(batch_size=int(rng.integers(1, 6)), gap_days=0.3, replicates=2)
    campaign = priced(budget, scheduler, prices=price_list(rng), strategy=Drawn())
    log = played(campaign)
    left = floor(Decimal(str(budget)) * 100)
    history = History.opening(campaign.whole_space, Known(), log.events()[0])
    for event in log.events()[1:]:
        history = history.after([event])
        left -= sum(map(in_cents, event.data.values())) if event.kind == "charged" else 0
        assert history.left.cost == left / 100 >= 0
    assert in_cents(summarise(log).cost) == floor(Decimal(str(budget)) * 100) - left


def test_a_supplier_may_price_dna_by_its_length():
    """Up to 300 base pairs, then 500, then 1,000; what is shorter than the least counts as the least."""
    cost = {"by_length": [[300, 29], [500, 39], [1000, 69.5]], "min_bp": 100}
    space = Space(alphabet=dl.DNA, min_length=10, max_length=1000)
    quote = dl.Lab.model_validate({"cost": cost}).quote(space)
    assert [quote.price([n]) for n in (10, 300, 301, 500, 1000)] == [29, 29, 39, 39, 69.5]
    assert Quote.of(json.loads(json.dumps(asdict(quote)))) == quote
    with pytest.raises(ConfigError, match=r"lab.cost.by_length ends at 1,000 base pairs, .* 1,500; add a point"):
        dl.Lab.model_validate({"cost": cost}).quote(Space.of_length(dl.PROTEIN, 500))
    with pytest.raises(ConfigError, match="by_length ends at 10 base pairs"):
        priced(100, prices={"by_length": [[10, 1]]}).known()
    with pytest.raises(ValidationError, match="by_length: expected"):
        dl.Lab.model_validate({"cost": {"by_length": [[500, 39], [300, 29]]}})


def test_an_amount_in_cents_is_rounded_half_up_without_the_noise_of_arithmetic():
    assert [cents(x) for x in (0.045 * 301, 0.09 * 960, 1.005, 0.1 + 0.2, 0.29, 1e13)] == [
        1355,
        8640,
        101,
        30,
        29,
        10**15,
    ]
    assert [whole_cents(x) for x in (0.29, 1.999, 0.1 + 0.2, inf)] == [0.29, 1.99, 0.3, inf]
    assert (less(1.0, 0.333, 0.333, 0.333), less(inf, 1), total([0.333] * 3)) == (0.01, inf, 0.99)
    assert (pays(29.0, 29.000000001), pays(29.0, 29.01), pays(inf, 1e9)) == (True, False, True)
    assert (n_times(100.0, 33.333), n_times(-5.0, 1.0), n_times(5.0, 0.0), n_times(inf, 1.0)) == (3, 0, inf, inf)


def test_bills_charges_and_the_summary_agree():
    campaign = priced(100)
    log = played(campaign)
    quote = campaign.lab.quote(campaign.whole_space)
    chosen: dict[int, list[int]] = {}
    for event in log.events():
        if event.kind == "chosen":
            chosen.setdefault(event.data["round"], []).append(len(event.data["sequence"]))
    assert spent(log)[-1] == pytest.approx(sum(map(quote.price, chosen.values())), abs=1e-9)
    assert campaign.run().cost == spent(log)[-1]


def test_a_proposal_is_cut_where_the_money_ends_and_the_cut_is_an_event():
    log = played(priced(100))
    cuts = [event.data for event in log.events() if event.kind == "cut"]
    assert cuts[0] == {"round": 1, "money": 100.0, "kept": 3, "designs": 5, "retests": 0}  # 30 + 29 + 28
    assert (cuts[1]["money"], cuts[1]["kept"]) == (13.0, 0)  # 27 and shorter: and none as short as 13
    summary = summarise(log)
    assert summary.n_cut == sum(cut["designs"] for cut in cuts)
    assert f"  cut          {summary.n_cut} designs proposed, but not affordable" in lines_of(summary)


@pytest.mark.parametrize(("cost", "cut"), [(160, "2 designs and 2 retests"), (200, "2 retests")])
def test_retests_that_are_cut_are_told_too(cost: int, cut: str):
    scheduler, prices = dl.scheduling.Rounds(batch_size=4, n_retests=2), {"per_replicate": 6}
    log = played(priced(cost, scheduler, strategy=dl.strategies.Random(), prices=prices))
    assert f"  cut          {cut} proposed, but not affordable" in lines_of(summarise(log))


def test_a_strategy_that_proposes_only_what_is_too_dear_ends_the_campaign():
    campaign = priced(29.5, scheduler=dl.scheduling.Rounds(batch_size=1))
    log = played(campaign)
    assert [dict(event.data)["kept"] for event in log.events() if event.kind == "cut"] == [0]
    assert log.events()[-1].data["reason"] == "the money pays for none of the designs that the strategy proposes"


@pytest.mark.parametrize("thrifty", [False, True])
def test_a_run_cut_off_anywhere_goes_on_to_the_same_events(thrifty):
    """Cut off at each of its transactions, a cut to nothing among them."""
    campaign = priced(
        100, strategy=Long(thrifty=thrifty), scheduler=dl.scheduling.Overlapping(batch_size=3, gap_days=0.5)
    )
    whole = played(campaign)
    assert any(event.kind == "cut" for event in whole.events())
    for fails_at in range(100):
        log = FailingLog(fails_at)
        try:
            played(campaign, log=log)
        except KeyboardInterrupt:
            log.fails_at = None
            assert played(campaign, log=log).hash() == whole.hash()
        else:
            break
    assert fails_at > 3
