"""Value per money: the price of a sequence divides its expected improvement."""

from dataclasses import replace

import numpy as np
import pytest
from histories import SPACES, busy_history
from pydantic import ValidationError

from designloop.acquisition import LogEI
from designloop.core.kinds import short_names
from designloop.core.money import Quote, Supply
from designloop.core.parts import find
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.generators import Enumerate
from designloop.strategies import ModelGuided
from designloop.strategies.thrift import thrifty
from designloop.surrogates import BayesianLinear
from designloop.surrogates.base import fit_once

PRICED = Quote(per_bp=1.0, per_design=1.0)
HISTORY = replace(busy_history(SPACES["many lengths"]), quote=PRICED)  # lengths 3 to 6: prices 4 to 7


def picked(weight: float, n: int = 5, quote: Quote = PRICED) -> list[str]:
    strategy = ModelGuided(
        generator=Enumerate(), surrogate=BayesianLinear(), acquisition=LogEI(cost_weight=weight), viability_weight=0
    )
    proposal = strategy.propose(replace(HISTORY, quote=quote), Order(n), stream(0, "s"))
    return [choice.sequence for choice in proposal.choices]


def test_the_share_of_a_design_is_its_own_price_and_a_part_of_the_batch_and_of_full_plates():
    """30 + 2 for DNA, 5 a design, two wells of 1.5, 7 at a stage, a tenth of the round, and of two plates and tips."""
    supplies = (Supply("plates", 40.0, per_plate=1), Supply("tips", 24.0, pack=12, per_well=1, per_plate=2))
    quote = Quote(
        per_bp=2.0, min_bp=15, by_length=((20, 2.0),), per_design=5.0, per_replicate=1.5, per_round=100.0,
        later=(("cloning", 7.0, 3.0),), supplies=supplies, plate_places=10, per_week=999.0,
    )  # fmt: skip
    tips = 24 / 12 * (20 + 2 * 2) / 10
    assert quote.share(4, 10, replicates=2) == pytest.approx(30 + 2 + 5 + 3 + 7 + (100 + 2 * 40) / 10 + tips)


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_the_score_is_divided_by_a_power_of_the_price(weight):
    falls = thrifty(HISTORY, Order(1), weight)(["AAA", "AAAA", "AAAAAA"])
    np.testing.assert_allclose(falls, -weight * np.log([1, 5 / 4, 7 / 4]))


@pytest.mark.parametrize("quote", [Quote(), Quote(per_design=5.0), Quote(per_bp=1.0, min_bp=300)])
def test_where_all_designs_cost_the_same_prices_change_nothing(quote):
    assert thrifty(replace(HISTORY, quote=quote), Order(3), 1.0)(["AAA", "AAAAAA"]).tolist() == [0, 0]
    assert picked(1.0, quote=quote) == picked(0.0, quote=quote)


def test_the_first_choice_has_the_most_improvement_per_money():
    acquisition, posterior = LogEI(), fit_once(BayesianLinear(), HISTORY)
    free = [s for s in HISTORY.space.enumerate() if s not in HISTORY.taken]
    measured = [HISTORY.sequences[i] for i in np.flatnonzero(HISTORY.is_measured)]
    threshold = float(posterior.model_moments(measured)[0].max())
    idle = replace(HISTORY, waiting={})
    strategy = ModelGuided(generator=Enumerate(), surrogate=BayesianLinear(), viability_weight=0)
    gains = acquisition.score(*posterior.model_moments(free), threshold) - np.log([1 + len(s) for s in free])
    best = max(zip(gains, free, strict=True))[1]
    part = strategy.with_(acquisition=LogEI(cost_weight=1.0)).propose(idle, Order(1), stream(0, "s")).choices[0]
    assert part.sequence == best
    assert part.viability == 1


def test_the_higher_the_weight_the_cheaper_the_batch_and_the_currency_does_not_matter():
    lengths = [np.mean([len(s) for s in picked(weight)]) for weight in (0.0, 1.0, 10.0)]
    assert lengths[0] >= lengths[1] >= lengths[2]
    assert lengths[0] > lengths[2]
    assert picked(1.0) == picked(1.0, quote=Quote(per_bp=100.0, per_design=100.0))


def test_only_gains_can_be_divided_by_a_price():
    parts = [find("acquisition", kind)() for kind in short_names("acquisition") if kind != "botorch"]
    gains = [part.kind for part in parts if part.can_weigh_cost]
    for part in parts:
        if part.can_weigh_cost:
            assert part.with_(cost_weight=1.0).cost_weight == 1.0
            continue
        with pytest.raises(ValidationError, match=rf"{part.kind}'? is no gain .* use ei, log-ei, pi, ") as caught:
            part.with_(cost_weight=1.0)
        assert all(kind in str(caught.value) for kind in gains)
