"""Nature's n-gram model: counts by hand, probabilities that sum to one, and scores that hang on nothing else."""

from itertools import product

import numpy as np
import pytest

from designloop.core.alphabet import DNA, states
from designloop.core.errors import ConfigError
from designloop.core.random import stream
from designloop.oracles.ngram import NGram, Standard

TWO = states(2)


def test_a_bigram_model_by_hand():
    """After the beginning 0 twice and 1 once; after 0: 0 once, 1 twice; after 1: 1 once. With 1/2 lent to each."""
    model = NGram.counted(["001", "01", "11"], TWO, 1)
    expected = [[1.5 / 4, 2.5 / 4], [0.5 / 2, 1.5 / 2], [2.5 / 4, 1.5 / 4]]
    np.testing.assert_allclose(np.exp(model.log_p), expected)


def test_the_score_is_the_mean_log_probability_of_letters():
    model = NGram.counted(["001", "01", "11"], TWO, 1)
    by_hand = [np.log([2.5 / 4, 2.5 / 4]).mean(), np.log([1.5 / 4, 1.5 / 2, 1.5 / 2]).mean()]
    np.testing.assert_allclose(model.score(["01", "111"]), by_hand)


@pytest.mark.parametrize("order", [0, 1, 2, 4])
@pytest.mark.parametrize("kind", ["counted", "drawn"])
def test_probabilities_of_all_sequences_sum_to_one(order, kind):
    every = ["".join(letters) for letters in product(DNA.letters, repeat=4)]
    corpus = ["ACGT", "AAGT", "AC", "GGTA"]
    rng = stream(0, "model")
    model = NGram.counted(corpus, DNA, order) if kind == "counted" else NGram.drawn(DNA, order, rng)
    assert np.exp(4 * model.score(every)).sum() == pytest.approx(1)


@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_a_score_hangs_on_nothing_but_the_sequence(order):
    rng = stream(1, "sequences")
    sequences = ["".join(rng.choice(list("ACGT"), size=n)) for n in rng.integers(1, 40, size=60)]
    model = NGram.drawn(DNA, order, rng)
    alone = [float(model.score([sequence])[0]) for sequence in sequences]
    assert model.score(sequences).tolist() == alone


def test_natural_sequences_have_mean_0_and_sd_1():
    rng = stream(2, "sequences")
    natural = ["".join(rng.choice(list("ACGT"), size=12, p=[0.5, 0.3, 0.1, 0.1])) for _ in range(200)]
    standard = Standard.over(natural, NGram.counted(natural, DNA, 1))
    z = standard.z(natural)
    assert (z.mean(), z.std()) == (pytest.approx(0), pytest.approx(1))
    assert standard.z(["ACAACAAACACA"])[0] > 0 > standard.z(["GTTGGTTTGTGG"])[0]


def test_a_corpus_that_does_not_vary_cannot_judge():
    with pytest.raises(ConfigError, match=r"4 natural sequences have equal scores .* of order 0.*increase `order`"):
        Standard.over(["ACGT", "GCAT", "TACG", "CATG"], NGram.counted(["ACGT"], DNA, 0))


def test_a_table_too_large_is_refused_with_the_mend():
    with pytest.raises(ConfigError, match=r"order 4 over 32 letters needs 37,949,472 parameters .*; reduce `order`"):
        NGram.counted(["0"], states(32), 4)
