"""Evolved corpora: each sequence as frequent as selection says, values untouched."""

import numpy as np
import pytest
from scipy.stats import chisquare

from designloop.core.alphabet import DNA, states
from designloop.core.errors import ConfigError
from designloop.core.notices import Notice
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles import NK, Ehrlich, Evolved
from designloop.oracles.function import oracle
from designloop.testing import OracleContract

SMALL = Ehrlich(num_states=16, length=16, num_motifs=2, motif_length=4)
N = 8000


class TestOverEhrlich(OracleContract):
    oracle = Evolved(oracle=SMALL, generations=5)


class TestOverNK(OracleContract):
    oracle = Evolved(oracle=NK(length=8), strength=2, generations=5)


@oracle(alphabet=states(2), length=4)
def picky(sequences):
    """Worth its ones; not viable where it begins 00. All else can be reached."""
    return [float("nan") if s.startswith("00") else s.count("1") for s in sequences]


@oracle(alphabet=DNA, min_length=1, max_length=3)
def lengths(sequences):
    return [s.count("A") for s in sequences]


@oracle(space=Space.of_pool(states(2), ["0000", "0001", "0011", "1111"]))
def pool(sequences):
    return [{"0000": 0.0, "0001": 1.0, "0011": 2.0, "1111": 9.0}[s] for s in sequences]


@oracle(space=Space.of_length(DNA, 6, parent="ACGTAC", fixed=(0,), allowed={1: "CT"}, max_edits=2))
def narrow(sequences):
    assert narrow.space.contains(sequences).all()
    return [s.count("G") for s in sequences]


def counts(evolved, n=N):
    """How often each sequence of the space is in a corpus of `n`."""
    every = evolved.space.enumerate()
    corpus = evolved.corpus(n, stream(0, "corpus"))
    return np.array([corpus.count(sequence) for sequence in every])


def p_value(observed, log_weights):
    """Of a chi-square test of counts against exp(log_weights), those of weight 0 left out."""
    weights = np.exp(log_weights[~np.isnan(log_weights)])
    kept = observed[~np.isnan(log_weights)]
    assert kept.sum() == observed.sum()
    return chisquare(kept, kept.sum() * weights / weights.sum()).pvalue


BINARY = NK(alphabet="states-2", length=4, neighbours=1)


@pytest.mark.parametrize(
    ("wrapped", "strength"), [(BINARY, 0), (BINARY, 0.7), (BINARY, 1.5), (NK(length=3), 0.7), (picky, 1.5)]
)
def test_a_sequence_is_as_frequent_as_selection_says(wrapped, strength):
    """exp(strength · value / sd) over viable sequences (chi-square, 8,000 chains), and no other strength's."""
    evolved = Evolved(oracle=wrapped, strength=strength, generations=60)
    observed, values = counts(evolved), wrapped(wrapped.space.enumerate()) / evolved.sd
    assert p_value(observed, strength * values) > 0.001
    assert p_value(observed, (strength + 0.25) * values) < 1e-6


def test_each_length_keeps_its_share_and_is_selected_within():
    """Lengths are kept, and each position of a sequence is free: shares by length are those of the ancestors."""
    evolved = Evolved(oracle=lengths, strength=1, generations=15)
    corpus = evolved.corpus(N, stream(0, "corpus"))
    n_by_length = [sum(len(s) == n for s in corpus) for n in (1, 2, 3)]
    assert chisquare(n_by_length, N * np.array([4, 16, 64]) / 84).pvalue > 0.001  # uniform over sequences
    share = np.exp(1 / evolved.sd) / (3 + np.exp(1 / evolved.sd))  # of As at each position, for As add up
    for length in (1, 2, 3):
        letters = "".join(s for s in corpus if len(s) == length)
        n_as = letters.count("A")
        expected = len(letters) * np.array([share, 1 - share])
        assert chisquare([n_as, len(letters) - n_as], expected).pvalue > 0.001


def test_of_a_pool_only_members_are_reached_and_step_by_step():
    """1111 is two letters from any other member: chains stay where they began, there and among the other three."""
    evolved = Evolved(oracle=pool, strength=1, generations=30)
    n_0000, n_0001, n_0011, n_1111 = counts(evolved)
    assert chisquare([n_1111, N - n_1111], [N / 4, 3 * N / 4]).pvalue > 0.001
    weights = np.exp(np.arange(3) / evolved.sd)
    assert chisquare([n_0000, n_0001, n_0011], (N - n_1111) * weights / weights.sum()).pvalue > 0.001


def test_fixed_letters_allowed_letters_and_the_edit_budget_hold():
    corpus = Evolved(oracle=narrow, generations=10).corpus(300, stream(0, "corpus"))
    assert narrow.space.contains(corpus).all()
    assert len(set(corpus)) > 50


def test_the_mean_value_rises_with_the_strength():
    means = [
        np.mean(SMALL(Evolved(oracle=SMALL, strength=strength, generations=10).corpus(400, stream(0, "corpus"))))
        for strength in (0, 1, 2, 4)
    ]
    assert means == sorted(means)
    assert means[-1] > 2 * means[0]


def test_without_generations_the_corpus_is_the_ancestors():
    evolved = Evolved(oracle=SMALL, generations=0)
    assert evolved.corpus(40, stream(3, "corpus")) == SMALL.corpus(40, stream(3, "corpus"))


def test_a_corpus_is_viable_and_values_pass_unchanged():
    evolved = Evolved(oracle=SMALL, generations=5)
    corpus = evolved.corpus(200, stream(0, "corpus"))
    assert np.isfinite(SMALL(corpus)).all()
    np.testing.assert_array_equal(evolved(corpus), SMALL(corpus))
    assert (evolved.space, evolved.scale, evolved.floor, evolved.optimum) == (SMALL.space, "linear", 0.0, 1.0)
    assert evolved.optimal_solution() == SMALL.optimal_solution()


def test_encoded_or_written_out_evolution_is_the_same():
    """A wrapper in between is asked for strings; Ehrlich itself reads codes."""
    codes, strings = (Evolved(oracle=o, generations=3) for o in (SMALL, Evolved(oracle=SMALL, generations=0)))
    assert codes.corpus(50, stream(0, "corpus")) == strings.corpus(50, stream(0, "corpus"))


@oracle(alphabet=DNA, length=8)
def barren(sequences):
    return np.full(len(sequences), np.nan)


@oracle(alphabet=DNA, length=8)
def flat(sequences):
    return np.full(len(sequences), 3.0)


@pytest.mark.parametrize(
    ("evolved", "sentence"),
    [
        (Evolved(oracle=barren, strength=0), "none of 2,000 sequences of '.*' is viable, so evolution has no start"),
        (Evolved(oracle=flat), "5,000 sequences of '.*' all have the value 3, so selection has no effect"),
    ],
)
def test_where_there_is_nothing_to_evolve_it_is_said(evolved, sentence):
    with pytest.raises(ConfigError, match=sentence):
        evolved.corpus(10, stream(0, "corpus"))


def test_a_flat_landscape_drifts():
    assert len(set(Evolved(oracle=flat, strength=0, generations=2).corpus(50, stream(0, "corpus")))) == 50


@oracle(alphabet=DNA, length=4)
def nearly_barren(sequences):
    """One sequence in 256 is viable."""
    return [1.0 if s == "ACGT" else float("nan") for s in sequences]


def test_ancestors_that_are_repeated_are_told_of():
    """Of 200 draws of 100 sequences about 78 are viable: the chains begin alike, and it is said."""
    evolved = Evolved(oracle=nearly_barren, strength=0, generations=0)
    with pytest.warns(Notice, match=r"only \d\d viable sequences of '.*' found in 20,000 draws; they are repeated"):
        assert evolved.corpus(100, stream(1, "corpus")) == ["ACGT"] * 100
