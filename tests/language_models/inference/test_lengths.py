"""How likely lengths are: the corpus' own, and a thin tail that reaches every other."""

from math import log

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.language_models.inference.lengths import Lengths


def test_a_corpus_of_single_letters_leaves_other_lengths_a_chance():
    lengths = Lengths.of(DNA.encode(["A", "C"]), Space.of_length(DNA, 1))
    wanted = [log(0.99 + 0.01 / 2), log(0.01 / 4), log(0.01 / 8), log(0.01) - 5000 * log(2)]
    assert lengths.log_probability(np.array([1, 2, 3, 5000])) == pytest.approx(wanted)
    assert lengths.log_probability(np.array([0])) == [-np.inf]


def test_the_tail_does_not_end_where_its_numbers_do():
    lengths = Lengths.of(DNA.encode(["ACGT", "ACGTAC"]), Space.of_length(DNA, 6))
    found = lengths.log_probability(np.array([10, 4_000, 40_000]))
    assert found == pytest.approx([log(0.01 / 5) + (n - 1) * log(0.8) for n in (10, 4_000, 40_000)])
