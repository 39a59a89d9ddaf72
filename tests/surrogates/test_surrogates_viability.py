"""Viability is learnt from outcomes that speak of the sequence, and from no others."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.surrogates.viability import Viability

SPACE = SPACES["one length"]
SEQUENCES = distinct(SPACE, 160, seed=2)


def ending(sequence: str) -> float | str:
    """A landscape on which a sequence with the pair GG is not expressed."""
    return "not_expressed" if "GG" in sequence else worth(sequence)


def test_sequences_like_those_not_expressed_are_less_viable():
    """What failed by a pair of letters is told from what did not, on sequences never built."""
    history = history_of(SPACE, [Told(s, ending(s)) for s in SEQUENCES[:100]])
    held_out = SEQUENCES[100:]
    found = Viability.fitted(history)(held_out)
    dead = np.array(["GG" in s for s in held_out])
    assert dead.any()
    assert found[dead].max() < 0.5
    assert found[~dead].mean() > found[dead].mean() + 0.4


@pytest.mark.parametrize("word", ["lost", "synthesis_failed", "build_failed", "unmeasured"])
def test_outcomes_that_do_not_speak_of_the_sequence_teach_nothing(word: str):
    told = [Told(s, ending(s)) for s in SEQUENCES[:60]]
    silent = [Told(s, word) for s in SEQUENCES[60:120]]
    plain, other = (Viability.fitted(history_of(SPACE, rows))(SEQUENCES) for rows in (told, [*told, *silent]))
    np.testing.assert_array_equal(plain, other)


def test_without_outcomes_every_sequence_is_as_likely_as_not():
    np.testing.assert_allclose(Viability.fitted(history_of(SPACE))(SEQUENCES[:3]), 0.5)


def test_the_rate_follows_the_rule_of_succession():
    """Eight values and no failure: (8 + 1) / (8 + 2) for every sequence, never 1."""
    history = history_of(SPACE, [Told(s, worth(s)) for s in SEQUENCES[:8]])
    assert Viability.fitted(history).background == pytest.approx(0.9)
    np.testing.assert_allclose(Viability.fitted(history)(SEQUENCES), 0.9)


def test_pairs_that_nature_does_not_show_are_suspect_after_few_failures():
    """With a corpus, the number of unseen pairs tells more than any one pair: another unseen pair is suspect too."""
    space = Space.of_length(DNA, 6)
    natural = ["ACACAC", "CACACA", "ATATAT", "TATATA", "CTCTCT", "TCTCTC"]
    rows = [Told("AGGAGG", "not_expressed"), Told("GAGGAG", "not_expressed"), Told("ACATAT", 1.0), Told("CTATAC", 1.2)]
    with_corpus = Viability.fitted(history_of(space, rows, corpus=natural))(["TTCCTT", "TACTCA"])
    assert with_corpus[0] < with_corpus[1]
    assert with_corpus[0] < 0.5


def test_the_order_of_rows_is_nothing():
    rows = [Told(s, ending(s)) for s in SEQUENCES[:50]]
    one, other = (Viability.fitted(history_of(SPACE, told))(SEQUENCES) for told in (rows, rows[::-1]))
    np.testing.assert_array_equal(one, other)
