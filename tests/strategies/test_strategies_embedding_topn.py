"""Embedding-topn is EVOLVEpro's loop: every candidate is scored, and the top n are built."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, picks, worth

from designloop.core.random import stream
from designloop.core.records import Order
from designloop.language_models import Markov
from designloop.strategies import EmbeddingTopN
from designloop.strategies.mutants import single_mutants
from designloop.surrogates import BayesianLinear, RandomForest

POOL = SPACES["pool"]
SPACE = SPACES["one length"]
RNG = np.random.default_rng(0)
PARENT = "ACGTACGT"
ROOTED = SPACE.with_(parent=PARENT)
LINEAR = EmbeddingTopN(model=None, surrogate=BayesianLinear())
MUTANTS = LINEAR.with_(most=1)
"""Scores single mutants, however small the space is."""


def ranked(candidates: set[str], history) -> list[str]:
    """Candidates by the surrogate's mean (all viable), the best first."""
    means = BayesianLinear().fit(history, stream(0, "s")).moments(sorted(candidates))[0]
    return [sequence for _, sequence in sorted(zip(-means, sorted(candidates), strict=True))]


def test_the_top_n_of_a_table_are_taken():
    """Of all members of the pool that are not measured; the record holds what was predicted."""
    history = history_of(POOL, [Told(s, worth(s)) for s in distinct(POOL, 40)])
    choices = LINEAR.propose(history, Order(12), stream(0, "s")).choices
    best = ranked(set(POOL.enumerate()) - history.taken, history)[:12]
    assert [choice.sequence for choice in choices] == best
    means = BayesianLinear().fit(history, stream(0, "s")).moments(best)[0]
    np.testing.assert_allclose([choice.mean for choice in choices], means)


def test_the_candidates_are_single_mutants_of_the_parent_and_of_the_best():
    rows = [Told(PARENT, 1.0), Told("TTTTTTTT", 5.0), Told("GGGGGGGG", 4.0)]
    history = history_of(ROOTED, rows)
    batch = picks(MUTANTS, history, n=20)
    near = {m for root in (PARENT, "TTTTTTTT") for m in single_mutants(root, ROOTED, RNG)} - history.taken
    assert set(batch) <= near
    assert set(batch) == set(ranked(near, history)[:20])


def test_parents_of_0_stay_at_the_single_mutants_of_the_parent():
    """As in EVOLVEpro's simulations on deep mutational scans; when these are too few, those of the best are added."""
    history = history_of(ROOTED, [Told(PARENT, 1.0), Told("TTTTTTTT", 5.0)])
    near = set(single_mutants(PARENT, ROOTED, RNG))
    assert set(picks(MUTANTS.with_(parents=0), history, n=10)) < near
    more = picks(MUTANTS.with_(parents=0), history, n=30)
    assert set(more) <= near | set(single_mutants("TTTTTTTT", ROOTED, RNG))
    assert len(set(more)) == 30


def test_the_first_round_is_random():
    """Another seed, another batch: single mutants of the parent, or members of a pool."""
    for strategy, history, candidates in (
        (MUTANTS, history_of(ROOTED), set(single_mutants(PARENT, ROOTED, RNG))),
        (LINEAR, history_of(POOL.with_(parent=POOL.enumerate()[0])), set(POOL.enumerate())),
    ):
        batches = [picks(strategy, history, n=8, seed=seed) for seed in (0, 1)]
        assert all(set(batch) <= candidates for batch in batches)
        assert set(batches[0]) != set(batches[1])


def test_equal_predictions_are_drawn_at_random():
    """A constant landscape: which candidates come first is chance, not the alphabet's order."""
    history = history_of(POOL, [Told(s, 1.0) for s in distinct(POOL, 40)])
    batches = [picks(LINEAR, history, n=8, seed=seed) for seed in (0, 1)]
    assert len({*batches[0], *batches[1]}) > 12


def test_rounds_combine_the_mutations_that_helped():
    """On an additive landscape from a wild type, it reaches the best of 65,536 in twelve rounds of eight."""
    best = max(worth(letter * 8) for letter in "ACGT")
    told = [Told(PARENT, worth(PARENT))]
    for seed in range(12):
        told += [Told(s, worth(s)) for s in picks(MUTANTS, history_of(ROOTED, told), n=8, seed=seed)]
    assert max(row.ending for row in told) == pytest.approx(best)


def test_it_keeps_to_what_looks_viable():
    """Where only sequences without GG are natural, and outcomes bear it out, the filter keeps GG out."""
    natural = [s for s in distinct(SPACE, 400, seed=3) if "GG" not in s]
    told = [Told(s, "not_expressed" if "GG" in s else 5.0 + s.count("G")) for s in distinct(SPACE, 120)]
    filtered = picks(LINEAR.with_(model=Markov()), history_of(SPACE, told, corpus=natural), n=16)
    values_alone = [Told(row.sequence, row.ending) for row in told if row.ending != "not_expressed"]
    free = picks(LINEAR, history_of(SPACE, values_alone), n=16)
    assert sum("GG" in s for s in filtered) < sum("GG" in s for s in free)


def test_by_default_it_is_a_random_forest_on_letters_or_on_an_embedding():
    """The top n of a table by scikit-learn's trees, and other ones by the embedding of a language model."""
    history = history_of(POOL, [Told(s, worth(s)) for s in distinct(POOL, 40)], corpus=POOL.enumerate()[:60])
    forest = RandomForest(trees=20)
    strategy = EmbeddingTopN(model=None, surrogate=forest)
    assert EmbeddingTopN().surrogate == RandomForest()
    chosen = picks(strategy, history, n=12)
    left = [s for s in POOL.enumerate() if s not in history.taken]
    means = forest.fit(history, stream(0, "s")).moments(left)[0]
    assert sorted(means[[left.index(s) for s in chosen]]) == pytest.approx(sorted(means)[-12:])
    assert set(picks(strategy.with_(surrogate=forest.with_(embedding=Markov())), history, n=12)) != set(chosen)
