"""What strategies share: shrunk means, leaders, recommendations, and batches filled up."""

import random

import numpy as np
import pytest
from histories import SPACES, STRATEGIES, Told, busy_history, distinct, events_of, history_of, worth

from designloop.core.errors import ContractError
from designloop.core.notices import heard
from designloop.core.random import stream
from designloop.core.records import Choice, Event, Order, Start
from designloop.core.spaces import Space
from designloop.strategies import Random
from designloop.strategies.base import highest_shrunk_mean, leaders

SPACE = SPACES["one length"]
A, B, C, D = distinct(SPACE, 4)


def test_a_precise_value_is_named_before_a_higher_uncertain_one():
    rows = [Told(A, 5.0, 3.0), Told(B, 4.5, 0.1), Told(C, 0.0, 0.1), Told(D, 1.0, 0.1)]
    named = highest_shrunk_mean(history_of(SPACE, rows))
    assert named is not None
    assert named.sequence == B


def test_of_equal_ones_the_first_is_named():
    named = highest_shrunk_mean(history_of(SPACE, [Told(A, 1.0), Told(B, 2.0), Told(C, 2.0)]))
    assert named is not None
    assert named.id == 1


def test_starting_sequences_are_not_the_campaigns_to_name():
    """They have no design id; of the designs, the best is named."""
    history = history_of(SPACE, [Told(B, 1.0)], starts=[Start(A, 9.0)])
    named = highest_shrunk_mean(history)
    assert named is not None
    assert named.sequence == B


def test_leaders_are_the_best_that_are_not_being_measured_again():
    history = history_of(SPACE, [Told(A, 1.0), Told(B, 4.0), Told(C, 3.0)])
    assert leaders(history, 2) == (1, 2)
    retesting = history.after([Event(20, "submitted", 1, {"round": 2, "retest": True})])
    assert leaders(retesting, 2) == (2, 0)
    assert leaders(history, 9) == (1, 2, 0)
    assert leaders(history, 1, np.array([5.0, 0.0, 1.0])) == (0,)


def test_a_batch_is_filled_up_with_what_is_allowed():
    """What is taken or doubled falls out; the rest comes first, in its order; uniform ones fill up."""
    history = history_of(SPACE, [Told(A, 1.0)])
    chosen = [Choice(A, "x"), Choice(B, "x"), Choice(C, "x"), Choice(B, "x")]
    batch = Random().filled(history, chosen, 5, stream(0, "f"))
    assert [choice.sequence for choice in batch[:2]] == [B, C]
    assert [choice.origin for choice in batch] == ["x", "x", "fill", "fill", "fill"]
    assert len({choice.sequence for choice in batch} - {A}) == 5


def test_more_choices_than_ordered_are_cut():
    assert [
        c.sequence for c in Random().filled(history_of(SPACE), [Choice(B, "x"), Choice(C, "x")], 1, stream(0, "f"))
    ] == [B]


def test_a_space_with_too_few_left_is_told_with_the_mend():
    space = Space.of_pool(SPACE.alphabet, ["AA", "AC", "AG"])
    history = history_of(space, [Told("AA", 1.0)])
    with pytest.raises(
        ContractError, match=r"3 new designs were ordered, but the space has only 2 .* lower the batch size"
    ):
        Random().filled(history, [], 3, stream(0, "f"))


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_what_is_recommended_was_measured(strategy):
    named = strategy.recommend(busy_history(SPACE), stream(0, "r"))
    assert np.isfinite(busy_history(SPACE).rows[named.id].value)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_without_noise_the_common_recommender_names_the_best_measured(strategy):
    sequences = distinct(SPACE, 30)
    history = history_of(SPACE).after(events_of([Told(s, worth(s)) for s in sequences]))
    named = highest_shrunk_mean(history)
    assert named is not None
    assert worth(named.sequence) == max(map(worth, sequences))


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        (lambda rng: rng.random(), ""),
        (lambda _: random.random(), "`random`"),
        (lambda _: np.random.rand(), "`numpy.random`"),  # noqa: NPY002  # what users write
    ],
)
def test_a_strategy_that_draws_from_a_global_generator_is_told_of(draw, named):
    class Drawing(Random):
        def propose(self, history, order, rng):
            draw(rng)
            return super().propose(history, order, rng)

    said = []
    with heard(warn=said.append, wait=None):
        Drawing().answer(history_of(SPACE, []), Order(2), stream(0, "a"))
        Random().answer(history_of(SPACE, []), Order(2), stream(0, "a"))
    assert [named in sentence and "Draw from the argument `rng`" in sentence for sentence in said] == [True] * bool(
        named
    )
