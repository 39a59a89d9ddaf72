"""Neighbours: the nearest one is found, the first of several, and the edits lead from it to the sequence."""

import numpy as np
import pytest

from designloop.inspection import neighbours
from designloop.inspection.neighbours import edits_between, identity, nearest


@pytest.mark.parametrize(
    ("origin", "sequence", "edits"),
    [
        ("ACGT", "ACGT", ""),
        ("ACGT", "AGGT", "C2G"),
        ("ACGT", "GGGT", "A1G C2G"),
        ("ACGTT", "ACTT", "G3del"),
        ("AACCGGTT", "AATT", "C3_G6del"),
        ("AAAA", "CCAAAA", "0insCC"),
        ("ACGT", "ACGGAT", "3insGA"),
        ("", "AC", "0insAC"),
        ("0123", "0723", "2:1>7"),
        ("0123", "01AB23", "2:insAB"),
        ("012345", "0145", "3:del23"),
    ],
)
def test_edits_are_written_as_biologists_write_them(origin, sequence, edits):
    assert edits_between(origin, sequence) == edits


def test_identity_is_the_share_of_equal_columns():
    assert identity("ACGT", "ACGT") == 1.0
    assert identity("ACGT", "AGGT") == 0.75
    assert identity("ACGGT", "ACGT") == 0.8  # 4 equal letters in 5 columns
    assert identity("ACGT", "ACGGT") == 0.8
    assert identity("", "") == 1.0


def test_the_nearest_is_found_and_of_several_the_first():
    (found,) = nearest(["ACGT"], ["TTTT", "ACGA", "ACCT", "GGGG"])
    assert found is not None
    assert (found.index, found.sequence, found.distance, found.edits) == (1, "ACGA", 1, "A4T")
    assert nearest(["ACGT"], []) == [None]
    assert nearest([], ["ACGT"]) == []


@pytest.mark.parametrize(("letters", "length"), [("ACGT", 40), ("ACDEFGHIKLMNPQRSTVWY", 30)])
def test_the_prefilter_changes_no_answer(monkeypatch, letters, length):
    rng = np.random.default_rng(0)
    corpus = ["".join(rng.choice(list(letters), size=length - i % 3)) for i in range(300)]
    near = [corpus[250][:10] + letters[:2] + corpus[250][11:], corpus[7], corpus[123][4:]]
    far = ["".join(rng.choice(list(letters), size=length)) for _ in range(3)]
    plain = nearest([*near, *far], corpus)
    monkeypatch.setattr(neighbours, "PREFILTER_ABOVE", 64)
    monkeypatch.setattr(neighbours, "_FIRST_LOOKED_AT", 2)
    assert nearest([*near, *far], corpus) == plain


def test_few_are_compared_where_kmers_tell_them_apart(monkeypatch):
    rng = np.random.default_rng(1)
    corpus = ["".join(rng.choice(list("ACGT"), size=60)) for _ in range(300)]
    compared: list[int] = []
    best = neighbours._best
    monkeypatch.setattr(neighbours, "PREFILTER_ABOVE", 200)
    monkeypatch.setattr(neighbours, "_FIRST_LOOKED_AT", 5)
    monkeypatch.setattr(
        neighbours, "_best", lambda s, c, places, d: compared.append(len(places)) or best(s, c, places, d)
    )
    (found,) = nearest([corpus[150][:30] + "A" + corpus[150][31:]], corpus)
    assert found is not None
    assert found.index == 150
    assert sum(compared) < 20


def test_an_equal_sequence_is_its_own_nearest_the_first_of_them():
    found = nearest(["ACGT", "GG"], ["TTTT", "ACGT", "ACGT", "GGG"])
    assert [(each.index, each.distance) for each in found if each] == [(1, 0), (3, 1)]


def test_edits_of_one_length_are_substitutions_where_these_are_as_few() -> None:
    """Two substitutions rather than a deletion and an insertion; a shift by one letter has fewer edits than those."""
    assert edits_between("UGAGGAGUC", "UGAGGAGCU") == "U8C C9U"
    assert edits_between("ACGUACGU", "CGUACGUA") == "A1del 8insA"
