"""Ensemble-greedy is ALDE's loop: all of the space is scored, and the best are taken."""

import numpy as np
from histories import SPACES, Told, distinct, history_of, picks, worth

from designloop.acquisition import Thompson
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.generators import Enumerate, Mutation
from designloop.language_models import Markov
from designloop.strategies import EnsembleGreedy, Random, RandomViable
from designloop.surrogates import DenseEnsemble
from designloop.surrogates.base import fit_once

SPACE = SPACES["pool"]
QUICK = DenseEnsemble(hidden=(8, 8), steps=40, learning_rate=0.01)
GREEDY = EnsembleGreedy(generator=Enumerate(), surrogate=QUICK)
HISTORY = history_of(SPACE, [Told(s, worth(s)) for s in distinct(SPACE, 40)])
LEFT = [s for s in SPACE.enumerate() if s not in HISTORY.taken]


def test_the_highest_means_of_the_whole_space_are_taken():
    """Exactly those, the best first, and the record holds what was predicted."""
    proposal = GREEDY.propose(HISTORY, Order(12), stream(0, "s"))
    posterior = fit_once(QUICK, HISTORY)
    ranked = sorted(LEFT, key=lambda s: -posterior.moments([s])[0][0])
    assert [choice.sequence for choice in proposal.choices] == ranked[:12]
    np.testing.assert_allclose([c.mean for c in proposal.choices], posterior.moments(ranked[:12])[0], rtol=1e-5)


def test_by_thompson_each_pick_is_the_best_of_a_member():
    """Of those that no earlier pick took; and more than one member has its say."""
    chosen = picks(GREEDY.with_(acquisition=Thompson(scale=1.0)), HISTORY, n=20)
    members = fit_once(QUICK, HISTORY).networks(LEFT)
    open_, sayers = np.ones(len(LEFT), dtype=bool), []
    for sequence in chosen:
        best = [LEFT[int(np.where(open_, values, -np.inf).argmax())] for values in members]
        assert sequence in best
        sayers.append(best.index(sequence))
        open_[LEFT.index(sequence)] = False
    assert len(set(sayers)) > 2
    assert set(chosen) != set(picks(GREEDY, HISTORY, n=20))


def test_the_first_batch_is_random_and_random_viables_where_there_is_a_corpus():
    assert picks(GREEDY, history_of(SPACE)) == picks(Random(), history_of(SPACE))
    natural = history_of(SPACE, corpus=SPACE.enumerate()[:60])
    viable = GREEDY.with_(generator=Enumerate(model=Markov()))
    assert picks(viable, natural) == picks(RandomViable(model=Markov()), natural)
    assert picks(GREEDY, natural) == picks(RandomViable(model=None), natural)


def test_it_has_the_view_of_viability_that_others_have():
    """Where only sequences without GG are natural, and outcomes bear it out, the filter keeps GG out."""
    space = SPACES["one length"]
    sequences = distinct(space, 120)
    natural = [s for s in distinct(space, 400, seed=3) if "GG" not in s]
    told = [Told(s, "not_expressed" if "GG" in s else 5.0 + s.count("G")) for s in sequences]
    history = history_of(space, told, corpus=natural)
    lent, bare = (
        GREEDY.with_(generator=Enumerate(model=m), viability_weight=w) for m, w in ((Markov(), 1.0), (None, 0))
    )
    filtered, free = (sum("GG" in s for s in picks(strategy, history, n=16)) for strategy in (lent, bare))
    assert filtered < free


def test_a_large_space_is_climbed_by_another_generator():
    space = SPACES["one length"]
    history = history_of(space, [Told(s, worth(s)) for s in distinct(space, 60)])
    batch = picks(GREEDY.with_(generator=Mutation()), history, n=10)
    assert np.mean([worth(s) for s in batch]) > np.quantile([worth(s) for s in history.sequences], 0.75)
