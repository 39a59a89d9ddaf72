"""Viability is learnt from outcomes that speak of the sequence, and from no others."""

from itertools import pairwise, product

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth
from scipy.sparse import csr_matrix

from designloop.core.alphabet import DNA, PROTEIN, states
from designloop.core.errors import ConvergenceError
from designloop.core.history import History
from designloop.core.records import Start
from designloop.core.spaces import Space
from designloop.surrogates import logistic
from designloop.surrogates.logistic import mode
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


# -- the mode -------------------------------------------------------------------------------------------------------

STATES = Space.of_length(states(32), 32)
LOTS = {"rare": 0.03, "even": 0.5, "common": 0.9}


def by_lot(space: Space, n: int, share: float, *, corpus: bool = False) -> History:
    """n uniform sequences, of which about this share gives a value; with a corpus, some pairs are unseen in nature."""
    sequences, lots = distinct(space, n, seed=n), np.random.default_rng(n).random(n)
    rows = [Told(s, worth(s) if lot < share else "not_expressed") for s, lot in zip(sequences, lots, strict=True)]
    return history_of(space, rows, corpus=distinct(space, 20, seed=9) if corpus else ())


@pytest.mark.parametrize("corpus", [False, True])
@pytest.mark.parametrize("share", LOTS.values(), ids=LOTS)
@pytest.mark.parametrize(("space", "n"), [(STATES, 96), (STATES, 700), (Space.of_length(DNA, 50), 300)])
def test_the_gradient_vanishes_at_the_mode(space: Space, n: int, share: float, corpus: bool):
    """Of the posterior written out by hand, letters, pairs and novelty as dense columns."""
    history = by_lot(space, n, share, corpus=corpus)
    fitted = Viability.fitted(history)
    features = densely(history)
    labels = np.array([outcome.has_value for outcome in history.outcomes], dtype=float)
    residual = labels - fitted(history.sequences)
    weights = features.T @ residual  # what the weights are at the mode, and nowhere else
    np.testing.assert_allclose(fitted(history.sequences), sigmoid(fitted.bias + features @ weights), atol=1e-6)


def densely(history: History) -> np.ndarray:
    """Letters by place, counts of pairs, and three times the number of pairs that the corpus lacks, (n, D)."""
    n_letters = len(history.space.alphabet)
    codes = history.space.padded_codes(history.sequences)
    letters = np.eye(n_letters)[codes].reshape(len(codes), -1)
    pairs = np.zeros((len(codes), n_letters**2))
    for left, right in zip(codes.T[:-1], codes.T[1:], strict=True):
        pairs[np.arange(len(codes)), left * n_letters + right] += 1
    novel = np.zeros(n_letters**2)
    if history.known.corpus:
        natural = {pair for sequence in history.known.corpus for pair in pairwise(sequence)}
        novel = np.array([pair not in natural for pair in product(history.space.alphabet.letters, repeat=2)])
    return np.hstack([letters, pairs, 3.0 * (pairs @ novel)[:, None]])


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-logits))


def test_one_weight_by_hand():
    """One feature, 3 successes of 4: w solves w = 3 - 4 sigmoid(w), which is .4905 (by bisection)."""
    weights = mode(csr_matrix(np.ones((4, 1))), np.array([1.0, 1.0, 1.0, 0.0]), 0.0)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < 3 - 4 * sigmoid(middle) else (low, middle)
    assert weights[0] == pytest.approx(low, abs=1e-8)


def test_the_objective_near_a_sure_answer_is_not_lost_in_rounding():
    """1,000 outcomes of logit ±37: the sum of log(1 + exp(-37)), which a difference of sums of 37 would swamp."""
    labels = (np.arange(1000) % 2).astype(float)
    features = csr_matrix(np.where(labels > 0, 37.0, -37.0)[:, None])
    point = logistic._Posterior(features, features.T.tocsr(), labels).at(np.zeros(1), features.toarray()[:, 0])
    assert point.value == pytest.approx(1000 * np.log1p(np.exp(-37.0)), rel=1e-9)


def test_a_mode_that_is_not_reached_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logistic, "_MAX_STEPS", 2)
    with pytest.raises(ConvergenceError, match="700 outcomes did not converge in 2 Newton steps"):
        Viability.fitted(by_lot(STATES, 700, 0.9))


def test_letters_that_cannot_vary_cost_and_change_nothing():
    """A protein of 286 letters with four free: the model of its four letters, and of the pairs they stand in."""
    parent = "".join(np.random.default_rng(1).choice(list(PROTEIN.letters), 286))
    free = {39, 54, 55, 200}
    whole = Space.of_length(PROTEIN, 286, parent=parent, fixed=tuple(set(range(286)) - free))
    sequences = distinct(whole, 40)
    rows = [Told(s, "not_expressed" if s[54] in "DEKR" else 1.0 + i) for i, s in enumerate(sequences)]
    fitted = Viability.fitted(history_of(whole, rows))
    assert fitted.weights is not None
    assert len(fitted.weights) == 4 * 20 + 20**2 + 3
    assert np.count_nonzero(fitted.weights) < 4 * 20 + 7 * 20
    assert fitted([s for s in sequences if s[54] in "DEKR"]).max() < fitted.background


def test_what_is_known_outside_the_space_teaches():
    """Sequences shorter and longer than today's; where none of theirs was made, G at place 2 is suspect today."""
    outside = [s[:7] for s in SEQUENCES[:40]] + [s + "ACG" for s in SEQUENCES[40:80]]
    starts = [Start(s, outcome="not_expressed") if s[2] == "G" else Start(s, worth(s)) for s in dict.fromkeys(outside)]
    fitted = Viability.fitted(history_of(SPACE, starts=starts))
    suspect = np.array([s[2] == "G" for s in SEQUENCES[80:]])
    found = fitted(SEQUENCES[80:])
    assert found[suspect].max() < found[~suspect].min()
