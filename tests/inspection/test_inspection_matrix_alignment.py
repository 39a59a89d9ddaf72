"""Alignment by a substitution matrix and affine gaps, against values computed by hand."""

import pytest

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.errors import InputError
from designloop.inspection.alignment import Alignment
from designloop.inspection.matrix_alignment import aligned_by

pytest.importorskip("Bio.Align", reason="the extra [search] is not installed")


def test_the_score_is_that_of_the_matrix_and_of_affine_gaps():
    """M, K, L and A score 5 + 5 + 4 + 4; one gap of two letters costs 11 + 2. V opposite I scores 3, and is similar."""
    assert aligned_by("MKVTLA", "MKLA", PROTEIN, "BLOSUM62") == (Alignment("MKVTLA", "MK--LA", "||  ||"), 5.0)
    assert aligned_by("MKV", "MKI", PROTEIN, "BLOSUM62") == (Alignment("MKV", "MKI", "||:"), 13.0)
    assert aligned_by("ACGU", "ACCU", RNA, "NUC.4.4") == (Alignment("ACGU", "ACCU", "|| |"), 11.0)
    assert aligned_by("ACGT", "ACGT", DNA, "NUC.4.4", open_gap=5, extend_gap=2)[1] == 20.0


def test_one_long_gap_is_preferred_to_several_short_ones():
    """The fewest edits scatter the gaps over chance matches; affine costs keep the deletion together."""
    whole, part = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ", "MKTAYIAKQRERLGLIEVQ"
    found, _ = aligned_by(whole, part, PROTEIN, "BLOSUM62")
    assert found.other == "MKTAYIAKQR--------------ERLGLIEVQ"


def test_a_masked_letter_matches_nothing_and_stays_in_its_place():
    found, score = aligned_by("MK_LA", "MKTLA", PROTEIN, "BLOSUM62")
    assert (found.sequence, found.matches) == ("MK_LA", "||?||")
    assert score == 18.0  # X opposite T scores 0


def test_a_matrix_of_another_alphabet_is_refused_and_a_misspelt_one_named():
    with pytest.raises(InputError, match="BLOSUM62 is a matrix of amino acids, but the sequences are dna"):
        aligned_by("ACGT", "ACGT", DNA, "BLOSUM62")
    with pytest.raises(InputError, match=r"NUC\.4\.4 is a matrix of nucleotides, but the sequences are protein"):
        aligned_by("ACGT", "ACGT", PROTEIN, "NUC.4.4")
    with pytest.raises(InputError, match=r"unknown substitution matrix 'BLOSUM26'. Did you mean"):
        aligned_by("ACGT", "ACGT", PROTEIN, "BLOSUM26")
