"""The laws that every strategy keeps, over every registered one and every kind of space."""

from itertools import cycle

import numpy as np
import pytest
from histories import (
    GENERATORS,
    HAS_BOTORCH,
    PENDING_RULES,
    SPACES,
    STRATEGIES,
    SURROGATES,
    Told,
    busy_history,
    distinct,
    history_of,
    picks,
    worth,
)

from designloop.core.alphabet import DNA
from designloop.core.contracts import check_proposal
from designloop.core.kinds import short_names
from designloop.core.parts import find
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.core.spaces import Space
from designloop.strategies import ModelGuided
from designloop.strategies.base import Strategy
from designloop.testing import StrategyContract

ACQUISITIONS = {kind: find("acquisition", kind)() for kind in short_names("acquisition") if kind != "botorch"}
_PARTS = zip(ACQUISITIONS, cycle(SURROGATES), cycle(GENERATORS), cycle(PENDING_RULES), strict=False)
GUIDED = {
    f"{acquisition} of {surrogate} by {generator} with {rule}": ModelGuided(
        generator=GENERATORS[generator],
        surrogate=SURROGATES[surrogate],
        acquisition=ACQUISITIONS[acquisition].with_(pending=PENDING_RULES[rule]),
    )
    for acquisition, surrogate, generator, rule in _PARTS
}
"""Each part of a guided strategy, in some company: the rooms of the parts have laws of their own."""
EVERY = {**STRATEGIES, **GUIDED}


class TestEveryStrategy(StrategyContract):
    """The suite that authors run on their own strategies."""

    @pytest.fixture(params=list(EVERY), autouse=True)
    def strategy(self, request: pytest.FixtureRequest) -> Strategy:
        return EVERY[request.param]

    test_another_process_gives_the_same_batch = None  # tests/test_laws.py: one process for all of them


every_strategy = pytest.mark.parametrize("strategy", EVERY.values(), ids=EVERY)
every_registered = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def test_these_laws_are_stated_of_every_registered_part():
    assert set(STRATEGIES) == set(short_names("strategies"))
    assert set(GENERATORS) == set(short_names("generators"))
    lacks = set() if HAS_BOTORCH else {"gaussian-process"}
    assert {part.kind for part in SURROGATES.values()} | lacks == set(short_names("surrogates"))
    assert {*ACQUISITIONS, "botorch"} == set(short_names("acquisition"))  # that of BoTorch needs an extra
    assert set(PENDING_RULES) == set(short_names("pending_rules"))


FOR_GUIDED = ("one length", "edits and lengths", "pool of lengths")
"""Spaces for guided strategies, whose generators have laws about every kind of space."""
PAIRS = [(name, space) for name in EVERY for space in SPACES if name in STRATEGIES or space in FOR_GUIDED]


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_batch_is_exactly_so_many_new_sequences_inside_the_space(name: str, kind: str):
    """A batch has exactly n distinct sequences inside the space, and nothing measured, pending or unmeasurable."""
    strategy, space = EVERY[name], SPACES[kind]
    history = busy_history(space)
    order = Order(7, n_retests=3)
    proposal = strategy.propose(history, order, stream(0, "strategy", "", 1))
    check_proposal(proposal, order, history, strategy.kind)
    sequences = [choice.sequence for choice in proposal.choices]
    assert len(set(sequences)) == 7
    assert space.contains(sequences).all()
    assert not history.taken.intersection(sequences)
    assert len(set(proposal.retests)) == 3


@every_space
@every_registered
def test_the_first_batch_needs_no_value(strategy: Strategy, space: Space):
    """With nothing measured yet, and with or without a corpus, a batch is still exact."""
    for corpus in ([], distinct(space, 30, seed=2)):
        history = history_of(space, corpus=corpus)
        check_proposal(strategy.propose(history, Order(9), stream(1, "s")), Order(9), history, strategy.kind)


@every_strategy
def test_fantasies_never_reach_the_history(strategy: Strategy):
    """What is believed of pending designs leaves no value, no row and no outcome behind."""
    history = busy_history(SPACES["one length"])
    values, pending = history.values.copy(), list(history.pending_sequences)
    picks(strategy, history)
    strategy.recommend(history, stream(0, "r"))
    again = busy_history(SPACES["one length"])
    np.testing.assert_array_equal(history.values, values)
    assert history.pending_sequences == pending
    assert history.rows == again.rows
    assert not set(history.sequences) & set(pending)


REACHED = {
    "lengths": Space(alphabet=DNA, min_length=2, max_length=3, parent="ACG", allowed={0: "AC", 2: "GT"}),
    "edits between lengths": Space(alphabet=DNA, min_length=2, max_length=4, parent="ACG", max_edits=1, fixed=(1,)),
    "edits that shift": Space.of_length(DNA, 3, parent="ACG", max_edits=2, fixed=(1, 2)),
}


@pytest.mark.parametrize("space", REACHED.values(), ids=REACHED)
@every_registered
def test_every_sequence_of_a_small_space_is_reached_from_the_parent(strategy: Strategy, space: Space):
    """Without any fill: insertions, deletions and substitutions of the strategy's own moves find them all."""
    quick = {"surrogate": SURROGATES["bayesian-linear"]} if "surrogate" in type(strategy).model_fields else {}
    strategy = strategy.with_(fill="short", **quick)
    told = [Told(space.parent or "", 1.0)]
    lacking = set(space.enumerate()) - {space.parent}
    for attempt in range(40):
        if not lacking:
            return
        found = picks(strategy, history_of(space, told), n=min(8, len(lacking)), seed=attempt)
        lacking -= set(found)
        told += [Told(sequence, worth(sequence)) for sequence in found]
    raise AssertionError(f"{sorted(lacking)} are never proposed")
