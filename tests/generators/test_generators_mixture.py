"""A mixture: shares, and one generator standing in for another."""

import numpy as np
import pytest
from histories import SPACES, busy_history
from pydantic import ValidationError

from designloop.core.history import History
from designloop.core.random import stream
from designloop.generators import Enumerate, LanguageModel, Mixture, Mutation
from designloop.generators.base import Generator, Score
from designloop.language_models import Markov

SPACE = SPACES["one length"]


class Constant(Generator):
    """Always the same few sequences."""

    sequences: tuple[str, ...]

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        return list(self.sequences[:n])


A = Constant(sequences=tuple(f"AAAAAA{x}{y}" for x in "ACGT" for y in "ACGT"))
C = Constant(sequences=tuple(f"CCCCCC{x}{y}" for x in "ACGT" for y in "ACGT"))


def test_each_proposes_its_share():
    found = Mixture(generators=(A, C), weights=(3, 1)).propose(busy_history(SPACE), 12, stream(0, "g"))
    assert [s[0] for s in found].count("A") == 9
    assert [s[0] for s in found].count("C") == 3


def test_the_heaviest_stands_in_where_another_falls_short():
    short = Constant(sequences=("GGGGGGGG",))
    found = Mixture(generators=(short, A), weights=(1, 2)).propose(busy_history(SPACE), 12, stream(0, "g"))
    assert len(found) == len(set(found)) == 12


def test_a_weight_of_nothing_proposes_nothing():
    found = Mixture(generators=(A, C), weights=(1, 0)).propose(busy_history(SPACE), 12, stream(0, "g"))
    assert {s[0] for s in found} == {"A"}


def test_it_shares_the_first_language_model_it_has():
    markov = Markov(order=2)
    assert Mixture(generators=(Mutation(), LanguageModel(model=markov))).language_model() == markov
    assert Mixture(generators=(Mutation(), Enumerate())).language_model() is None


@pytest.mark.parametrize(
    ("weights", "message"),
    [((1,), "1 weights for 2 generators"), ((0, 0), "above 0"), ((2, -1), "greater than or equal to 0")],
)
def test_weights_that_do_not_fit_are_refused(weights: tuple[float, ...], message: str):
    with pytest.raises(ValidationError, match=message):
        Mixture(generators=(A, C), weights=weights)
