"""The default strategy: which generator it takes, and what it records."""

import numpy as np
import pytest
from histories import QUICK, SPACES, busy_history, history_of
from stubs import played, small

from designloop import Campaign
from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.core.spaces import Space
from designloop.generators import Enumerate, LanguageModel, Mutation
from designloop.generators.climbing import Climb
from designloop.strategies import Auto, Genetic
from designloop.strategies.base import Strategy
from designloop.surrogates import Auto as Weighed
from designloop.surrogates import BayesianLinear, RandomForest

PARTS = {"letters": BayesianLinear(), "forest": RandomForest(trees=5)}
QUICKLY = Auto(climb=QUICK, surrogate=Weighed(candidates=PARTS))
LONG = Space.of_length(DNA, 12)


def test_it_is_the_strategy_of_a_campaign_that_names_none():
    described = {"oracle": "nk", "lab": "instant", "scheduler": "rounds", "budget": {"designs": 10}}
    assert isinstance(Campaign.model_validate(described).strategy, Auto)


@pytest.mark.parametrize(
    ("space", "corpus", "kind"),
    [
        (SPACES["states"], (), Enumerate),
        (SPACES["pool"], ("ACGTAC",), Enumerate),
        (LONG, (), Mutation),
        (LONG, ("ACGTACGTACGT",) * 3, LanguageModel),
    ],
)
def test_the_generator_suits_the_space_and_the_corpus(space: Space, corpus: tuple[str, ...], kind: type):
    assert type(Auto().guided(history_of(space, corpus=corpus)).generator) is kind


def test_a_generator_that_is_given_is_taken():
    part = Mutation(climb=QUICK)
    assert Auto(generator=part).guided(history_of(SPACES["states"])).generator is part


def test_a_setting_of_the_search_leaves_the_others_thorough():
    described = {"kind": "auto", "climb": {"generations": 10}}
    assert Strategy._read(described).climb == Climb.thorough().with_(generations=10)


def test_predictions_of_every_candidate_and_weights_are_recorded():
    history = busy_history(LONG)
    proposal = QUICKLY.propose(history, Order(6), stream(0, "s"))
    assert proposal.notes is not None
    assert set(proposal.notes) == {"weights", "out_of_fold"}
    names = set(proposal.notes["weights"])
    assert sum(proposal.notes["weights"].values()) == pytest.approx(1.0)
    guided = [choice for choice in proposal.choices if choice.mean is not None]
    assert guided
    for choice in guided:
        assert choice.predictions is not None
        assert set(choice.predictions) == names
        each = np.array([choice.predictions[name][0] for name in names])
        assert each.min() - 1e-9 <= choice.mean <= each.max() + 1e-9


def test_a_campaign_keeps_what_was_believed():
    """With each batch that a surrogate chose; a strategy without surrogates records nothing."""
    log = played(small(strategy=QUICKLY, budget={"designs": 48}))
    believed = [event for event in log.events() if event.kind == "believed"]
    assert believed
    assert all(event.data["notes"]["weights"] for event in believed)
    assert not [e for e in played(small(strategy=Genetic(model="markov"))).events() if e.kind == "believed"]
