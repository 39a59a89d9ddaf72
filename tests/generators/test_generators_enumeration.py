"""Enumeration: exact where a space is small."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth

from designloop.core.notices import Notice
from designloop.core.random import stream
from designloop.generators import Enumerate
from designloop.generators.base import Score
from designloop.language_models import Markov

SPACE = SPACES["pool"]


def both_ways(sequences) -> np.ndarray:
    up = np.array([worth(s) for s in sequences])
    return np.vstack([up, -up])


def test_the_best_of_each_function_are_the_best_of_all():
    history = history_of(SPACE, [Told(s, worth(s)) for s in distinct(SPACE, 30)])
    found = Enumerate().propose(history, 8, stream(0, "g"), score=Score(both_ways, 2))
    left = sorted((s for s in SPACE.enumerate() if s not in history.taken), key=worth)
    assert worth(found[0]) == worth(left[-1])
    assert worth(found[1]) == worth(left[0])
    assert len(found) >= 8


def test_as_many_as_are_asked_for_are_the_best_of_each_function():
    """So that draws that are alike, as of few members, do not run out of candidates."""
    values = sorted(map(worth, SPACE.enumerate()))
    found = Enumerate().propose(history_of(SPACE), 20, stream(0, "g"), score=Score(both_ways, 2))
    np.testing.assert_allclose(sorted(map(worth, found)), values[:20] + values[-20:])


def test_it_lends_its_language_model_and_proposes_without():
    history = history_of(SPACE, corpus=SPACE.enumerate()[:30])
    bare, lending = Enumerate(), Enumerate(model=Markov())
    assert (bare.language_model(), lending.language_model()) == (None, Markov())
    assert bare.propose(history, 9, stream(0, "g")) == lending.propose(history, 9, stream(0, "g"))


def test_a_space_too_large_to_score_whole_is_sampled_and_it_is_said():
    asked = []

    def counted(sequences) -> np.ndarray:
        asked.append(len(sequences))
        return both_ways(sequences)

    with pytest.warns(Notice, match=r"scores 50 of 384 sequences, drawn at random; raise `most`"):
        Enumerate(most=50).propose(history_of(SPACE), 4, stream(0, "g"), score=Score(counted, 2))
    assert sum(asked) == 50
