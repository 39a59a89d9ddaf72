"""PEX takes the proximal frontier of its candidates off, layer by layer, as the authors' program does."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, picks, worth

from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.language_models import Markov
from designloop.strategies import PEX
from designloop.strategies.frontier import frontier, near_frontier, peeled
from designloop.surrogates.base import Surrogate

SPACE = SPACES["one length"]
WILD_TYPE = "ACGTACGT"


def distance(sequence: str) -> int:
    return sum(a != b for a, b in zip(sequence, WILD_TYPE, strict=True))


class Asked(Surrogate):
    """Believes what `thinks` says, and that all is viable; keeps what it was asked about."""

    seen: ClassVar[list[str]] = []
    thinks: ClassVar[Callable[[str], float]] = worth

    def fit(self, history: History, rng: np.random.Generator) -> Any:
        self.seen.clear()
        return self

    def model_moments(self, sequences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        self.seen.extend(sequences)
        values = np.array([type(self).thinks(s) for s in sequences])
        return values, np.ones_like(values)

    def moments(self, sequences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        values = np.array([type(self).thinks(s) for s in sequences])
        return values, np.ones_like(values)

    def viability(self, sequences: Sequence[str]) -> np.ndarray:
        return np.ones(len(sequences))


class Weary(Asked):
    """Finds that no mutation helps, and that each costs a little."""

    thinks: ClassVar[Callable[[str], float]] = lambda s: -1e-6 * distance(s)


def test_layers_are_those_of_the_authors_program():
    """Distances and scores drawn once, and what `algorithm/pex.py` of HeliXonProtein/proximal-exploration (commit
    9ed7a81) chose of them.
    """
    distances = np.array([4, 5, 1, 5, 3, 3, 4, 2, 5, 1, 2, 2, 3, 3, 1, 1, 1, 1, 1, 5, 1, 4, 4, 2])
    tenths = [2, 31, 5, -2, 8, -3, 6, 1, 8, 9, 5, 0, 13, 17, -13, 0, -7, 1, -10, 15, 3, 9, 2, 2]
    scores = np.array(tenths) / 10
    assert peeled(distances, scores, 12) == [9, 1, 2, 13, 20, 12, 19, 17, 10, 4, 21, 15]


@pytest.mark.parametrize("seed", range(5))
def test_the_frontier_is_best_for_some_price_of_a_mutation(seed: int):
    """Each point wins for some price of at least 0, and every winner is on it: by trying many prices."""
    rng = np.random.default_rng(seed)
    distances = rng.integers(0, 9, 40)
    scores = rng.normal(size=40) + np.sqrt(distances)
    prices = [0.0, *np.geomspace(1e-3, 1e3, 20_000)]
    winners = {int(np.argmax(scores - price * distances)) for price in prices}
    assert set(frontier(distances, scores)) == winners


def test_everything_is_taken_once_in_the_end():
    rng = np.random.default_rng(0)
    distances, scores = rng.integers(0, 9, 40), rng.normal(size=40)
    assert sorted(peeled(distances, scores, 99)) == list(range(40))
    assert peeled(distances[:0], scores[:0], 5) == []
    assert peeled(distances, scores, 0) == []


def test_shift_and_stretch_of_scores_leave_the_layers_as_they_are():
    rng = np.random.default_rng(1)
    distances, scores = rng.integers(0, 9, 40), rng.normal(size=40)
    assert peeled(distances, 64.0 * scores - 512.0, 20) == peeled(distances, scores, 20)


def test_parents_are_better_than_every_nearer_design():
    """At distance 2 the best falls short of 1.0, at 3 the two best of three exceed it."""
    distances = np.array([0, 1, 1, 2, 3, 3, 3])
    values = np.array([0.5, 1.0, 0.4, 0.9, 1.5, 1.2, 1.1])
    assert near_frontier(distances, values, 2) == [0, 1, 4, 5]
    assert near_frontier(distances, values, 1) == [0, 1, 4]


def test_where_mutations_do_not_help_the_nearest_are_built_first():
    """Single mutants before double ones, and double ones before others."""
    history = history_of(SPACES["fixed"], [Told(WILD_TYPE, 1.0)])
    batch = picks(PEX(surrogate=Weary(), model=None), history, n=60)
    away = [distance(sequence) for sequence in batch]
    assert away == sorted(away)
    assert away[0] == 1
    assert away.count(1) == sum(distance(s) == 1 for s in set(Weary.seen))


def test_the_batch_is_what_is_peeled_of_what_was_asked():
    rows = [Told(s, worth(s)) for s in (WILD_TYPE, "ACGTACGG", "TCGTACGT", "ACTTAGGT")]
    history = history_of(SPACE.with_(parent=WILD_TYPE), rows)
    batch = picks(PEX(surrogate=Asked(), model=None, model_queries=150), history, n=12)
    seen = list(Asked.seen[:150])
    assert len(set(seen)) == len(seen) == 150
    scores = np.array([worth(s) for s in seen])
    assert batch == [seen[i] for i in peeled(np.array([distance(s) for s in seen]), scores, 12)]


def test_only_designs_near_the_frontier_have_children():
    """A design further off and worse than a nearer one has none."""
    rows = [Told(WILD_TYPE, 1.0), Told("ACGTACGG", 2.0), Told("TTTTTTTT", 1.5)]
    history = history_of(SPACE.with_(parent=WILD_TYPE), rows)
    picks(PEX(surrogate=Asked(), model=None, mutations=1e-9), history, n=5)
    near = {min(sum(a != b for a, b in zip(s, p, strict=True)) for p in (WILD_TYPE, "ACGTACGG")) for s in Asked.seen}
    assert near == {1}


def test_it_finds_as_good_designs_with_fewer_mutations_than_greed():
    """The paper's claim, on an additive landscape: six rounds from a wild type, against the highest predictions."""
    from designloop.acquisition import Greedy
    from designloop.generators import Mutation
    from designloop.strategies import ModelGuided

    found = {}
    greedy = ModelGuided(generator=Mutation(), acquisition=Greedy(), viability_weight=0)
    for name, strategy in {"pex": PEX(model=None), "greedy": greedy}.items():
        told = [Told(WILD_TYPE, worth(WILD_TYPE))]
        for seed in range(5):
            batch = picks(strategy, history_of(SPACE.with_(parent=WILD_TYPE), told), n=12, seed=seed)
            told += [Told(s, worth(s)) for s in batch]
        found[name] = (max(row.ending for row in told), np.mean([distance(row.sequence) for row in told]))
    assert found["pex"][0] >= 0.95 * found["greedy"][0]
    assert found["pex"][1] < found["greedy"][1] - 1.0


def test_its_predictions_are_recorded():
    history = history_of(SPACE, [Told(s, worth(s)) for s in distinct(SPACE, 20)])
    choices = PEX(model=None).propose(history, Order(5), stream(0, "s")).choices
    assert all(c.mean is not None and c.std is not None and 0 <= (c.viability or 0) <= 1 for c in choices)


def test_it_keeps_to_what_looks_viable():
    """Where only sequences without GG are natural, and outcomes bear it out, the filter keeps GG out."""
    natural = [s for s in distinct(SPACE, 400, seed=3) if "GG" not in s]
    told = [Told(s, "not_expressed" if "GG" in s else 5.0 + s.count("G")) for s in distinct(SPACE, 120)]
    history = history_of(SPACE, told, corpus=natural)
    lent = PEX(model=Markov())
    filtered = sum("GG" in s for s in picks(lent, history, n=16))
    free = sum("GG" in s for s in picks(PEX(surrogate=Asked(), model=None), history, n=16))
    assert filtered < free


def test_the_members_of_a_pool_are_its_candidates():
    space = SPACES["pool"]
    history = history_of(space, [Told(s, worth(s)) for s in distinct(space, 10)])
    picks(PEX(surrogate=Asked(), model=None), history, n=5)
    assert set(Asked.seen) == set(space.enumerate()) - history.taken
