"""Sets of sequences: counts and shares by hand."""

import pytest

from designloop.core.errors import InputError
from designloop.inspection.neighbours import nearest
from designloop.inspection.sets import (
    Leakage,
    Lengths,
    composition,
    duplicates,
    identities,
    leakage,
    lengths,
    novelty,
)


def against(sequences, corpus):
    neighbours = [found for found in nearest(sequences, corpus) if found is not None]
    return neighbours, identities(sequences, neighbours)


def test_lengths_are_counted():
    assert lengths(["A", "ACG", "AC", "ACGT"]) == Lengths(4, 1, 2.5, 4)


def test_shares_of_letters_sum_to_one_and_masked_letters_do_not_count():
    assert composition(["AAC", "_G", "_"], "ACGT").tolist() == [0.5, 0.25, 0.25, 0]
    assert composition([], "ACGT").tolist() == [0, 0, 0, 0]


def test_equal_rows_are_found_together():
    assert duplicates(["A", "C", "A", "G", "C", "A"]) == [(0, 2, 5), (1, 4)]
    assert duplicates(["A", "C"]) == []


def test_leaks_are_told_apart_as_exact_and_near():
    corpus = ["TTTTTTTTTT", "ACGTACGTAC"]
    neighbours, alike = against(["ACGTACGTAC", "ACGTACGTAG", "ACGTACGTGG", "TTTTTTTTTT"], corpus)
    assert alike == [1.0, 0.9, 0.8, 1.0]
    assert leakage(neighbours, alike, 0.9) == Leakage(((0, 1), (3, 0)), ((1, 1),))
    assert leakage(neighbours, alike, 0.95).near == ()


def test_a_masked_letter_makes_a_sequence_no_less_alike():
    neighbours, alike = against(["ACGT_CGTAC"], ["ACGTACGTAC"])
    assert alike == [1.0]
    assert leakage(neighbours, alike, 0.9) == Leakage((), ((0, 0),))


def test_novelty_counts_each_identity_in_one_stratum_its_lower_end_in_it():
    found = novelty([1.0, 0.9, 0.89, 0.6, 0.59, 0.0])
    assert (found.lowest, found.median, found.highest) == (0.0, pytest.approx(0.745), 1.0)
    assert found.counts == (2, 1, 0, 1, 1, 1)


def test_nothing_has_neither_lengths_nor_novelty():
    for function in (lengths, novelty):
        with pytest.raises(InputError, match=r"requires? at least one sequence"):
            function([])
