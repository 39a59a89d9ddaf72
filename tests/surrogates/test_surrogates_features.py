"""Features by hand."""

import numpy as np

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.surrogates.features import differing_positions, one_hot, pair_places

SPACE = Space(alphabet=DNA, min_length=1, max_length=3)


def test_one_hot_letters_stand_at_their_position_and_padding_is_zero():
    hot = one_hot(SPACE.padded_codes(["ACG", "T"]), 4).reshape(2, 3, 4)
    np.testing.assert_array_equal(hot[0], np.eye(4)[:3])
    np.testing.assert_array_equal(hot[1], [[0, 0, 0, 1], [0] * 4, [0] * 4])


def test_pairs_are_numbered_in_order_and_not_over_the_end():
    """A pair's number is left * 4 + right; 16 where there is none."""
    pairs = pair_places(SPACE.padded_codes(["AAA", "AC", "T"]), 4)
    assert pairs.tolist() == [[0, 0], [1, 16], [16, 16]]


def test_no_sequence_has_no_row():
    assert one_hot(SPACE.padded_codes([]), 4).shape == (0, 12)
    assert pair_places(SPACE.padded_codes([]), 4).shape == (0, 2)


def test_sequences_differ_where_letters_are_free_and_where_the_shorter_have_ended():
    space = Space(alphabet=DNA, min_length=4, max_length=6, parent="ACGT", fixed=(0, 3), allowed={1: "C", 5: "T"})
    assert differing_positions(space).tolist() == [2, 4, 5]
