"""Logos: letter shares and bits, by closed form."""

from math import log

import numpy as np
import pytest

from designloop.core.errors import InputError
from designloop.inspection.logo import information, letter_frequencies, logo, small_sample_correction


def test_shares_are_counted_at_each_position():
    shares = letter_frequencies(["AC", "AG", "AT", "AC"], "ACGT")
    assert shares.tolist() == [[1, 0, 0, 0], [0, 0.5, 0.25, 0.25]]


def test_bits_are_those_of_schneider_and_stephens():
    shares = letter_frequencies(["AC", "AG", "AT", "AC"] * 250, "ACGT")
    chance = 3 / (2 * 1000 * log(2))
    assert information(shares, 1000) == pytest.approx([2 - chance, 0.5 - chance])


def test_by_chance_few_sequences_seem_to_say_something():
    assert small_sample_correction(10, 4) == pytest.approx(0.21640, abs=1e-5)
    assert small_sample_correction(10, 20) == pytest.approx(1.37056, abs=1e-5)
    assert information(np.full((3, 4), 0.25), 4).tolist() == [0, 0, 0]


def test_what_equals_its_background_says_nothing_and_what_leaves_it_does():
    background = [0.5, 0.5, 0.0, 0.0]
    shares = np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0]])
    assert information(shares, 10**9, background) == pytest.approx([0, 1], abs=1e-6)


def test_letters_share_the_height_of_their_position():
    found = logo(["AC", "AG", "AT", "AC"] * 100, "ACGT")
    assert found.heights.sum(axis=1) == pytest.approx(found.information)
    assert found.heights[1, 1] == pytest.approx(found.information[1] / 2)


@pytest.mark.parametrize(
    ("sequences", "background", "sentence"),
    [
        ([], None, "at least one sequence"),
        (["AC", "A"], None, "have 1 to 2 letters"),
        (["AX"], None, "letter 'X' is not in the logo's alphabet"),
        (["AC"], [1, 0, 0, 0], "has background frequency 0"),
    ],
)
def test_what_makes_no_logo_is_refused(sequences, background, sentence):
    with pytest.raises(InputError, match=sentence):
        logo(sequences, "ACGT", background)


def test_one_wrong_letter_among_very_many_sequences_is_refused():
    """One in 120,000 is less than the tolerance of a comparison of shares."""
    with pytest.raises(InputError, match="letter 'X' is not in the logo's alphabet"):
        letter_frequencies(["AC"] * 120_000 + ["AX"], "ACGT")


def test_a_background_of_another_length_is_refused():
    with pytest.raises(InputError, match=r"expected a frequency for each of 4 letters, got shape \(1,\)"):
        information(letter_frequencies(["AC"], "ACGT"), 1, [0.25])


def test_gaps_are_not_counted_and_lower_their_position():
    """Three of four rows have a letter: 2 bits less the correction of three rows, times three quarters."""
    found = logo(["AC", "A-", "AN", "-C"], "ACGT", unknown="-N")
    assert found.frequencies.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    shares = [(2 - small_sample_correction(3, 4)) * 0.75, (2 - small_sample_correction(2, 4)) * 0.5]
    assert found.information == pytest.approx(shares)
    assert logo(["-"], "ACGT", unknown="-").information.tolist() == [0]
    with pytest.raises(InputError, match="letter '-' is not in the logo's alphabet"):
        logo(["A-"], "ACGT")
