"""Features by hand."""

import numpy as np

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.surrogates.features import one_hot, pair_counts

SPACE = Space(alphabet=DNA, min_length=1, max_length=3)


def test_one_hot_letters_stand_at_their_position_and_padding_is_zero():
    hot = one_hot(SPACE.padded_codes(["ACG", "T"]), 4).reshape(2, 3, 4)
    np.testing.assert_array_equal(hot[0], np.eye(4)[:3])
    np.testing.assert_array_equal(hot[1], [[0, 0, 0, 1], [0] * 4, [0] * 4])


def test_pairs_are_counted_in_order_and_not_over_the_end():
    counts = pair_counts(SPACE.padded_codes(["AAA", "AC", "T"]), 4).reshape(3, 4, 4)
    assert counts[0, 0, 0] == 2
    assert counts[1, 0, 1] == 1
    assert counts.sum(axis=(1, 2)).tolist() == [2, 1, 0]


def test_no_sequence_has_no_row():
    assert one_hot(SPACE.padded_codes([]), 4).shape == (0, 12)
    assert pair_counts(SPACE.padded_codes([]), 4).shape == (0, 16)
