"""Alignments: as few edits as Levenshtein counts, gaps together, masks that may be any letter, positions carried."""

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from designloop.core.errors import InputError
from designloop.inspection.alignment import Alignment, aligned
from designloop.inspection.neighbours import identity


def pairs(seed: int, letters: str = "ACG") -> list[tuple[str, str]]:
    """Sequences and others, half of them fragments, some empty."""
    rng = np.random.default_rng(seed)
    found = []
    for place in range(300):
        first, second = ("".join(rng.choice(list(letters), rng.integers(0, 20))) for _ in range(2))
        start, stop = sorted(rng.integers(0, len(second) + 1, 2))
        found.append((second[start:stop] if place % 2 else first, second))
    return found


def wildcard_distance(sequence: str, other: str) -> int:
    """Edits where `_` opposite a letter is none, by the plain recurrence."""
    table = np.zeros((len(sequence) + 1, len(other) + 1), dtype=int)
    table[:, 0], table[0] = range(len(sequence) + 1), range(len(other) + 1)
    for i, letter in enumerate(sequence):
        for j, opposite in enumerate(other):
            change = table[i, j] + (letter not in ("_", opposite))
            table[i + 1, j + 1] = min(change, table[i, j + 1] + 1, table[i + 1, j] + 1)
    return int(table[-1, -1])


@pytest.mark.parametrize(
    ("sequence", "other", "rows"),
    [
        ("ACGT", "ACGT", ("ACGT", "||||", "ACGT")),
        ("ACGT", "AGGT", ("ACGT", "| ||", "AGGT")),
        ("ACT", "ACGT", ("AC-T", "|| |", "ACGT")),
        ("ACGT", "ACT", ("ACGT", "|| |", "AC-T")),
        ("AC", "", ("AC", "  ", "--")),
        ("", "", ("", "", "")),
        ("CGGAAUUC", "CAGCGUUCGACGGAAUUC", ("----------CGGAAUUC", "          ||||||||", "CAGCGUUCGACGGAAUUC")),
    ],
)
def test_rows_and_matches_stand_below_one_another(sequence, other, rows):
    found = aligned(sequence, other)
    assert (found.sequence, found.matches, found.other) == rows


def test_an_alignment_holds_both_sequences_with_the_fewest_edits_and_the_identity_of_neighbours():
    for sequence, other in pairs(0):
        found = aligned(sequence, other)
        assert found.sequence.replace("-", "") == sequence
        assert found.other.replace("-", "") == other
        columns = list(zip(found.sequence, found.other, strict=True))
        assert ("-", "-") not in columns
        assert sum(a != b for a, b in columns) == Levenshtein.distance(sequence, other)
        assert found.identity == identity(sequence, other)


def test_from_either_side_it_is_the_same_alignment():
    for sequence, other in pairs(3):
        one, another = aligned(sequence, other), aligned(other, sequence)
        assert (one.sequence, one.other, one.matches) == (another.other, another.sequence, another.matches)
        assert identity(sequence, other) == identity(other, sequence)


def test_steps_lead_from_the_other_to_the_sequence():
    for sequence, other in pairs(1):
        made, place = "", 0
        for start, before, after in aligned(sequence, other).steps():
            assert other[start : start + len(before)] == before
            made += other[place:start] + after
            place = start + len(before)
        assert made + other[place:] == sequence


def test_a_mask_opposite_a_letter_is_neither_match_nor_mismatch():
    found = aligned("AC_T", "ACGT")
    assert (found.matches, found.identity) == ("||?|", 1.0)
    assert aligned("AC_A", "ACGT").identity == 2 / 3
    assert aligned("___", "ACG").identity == 1.0


def test_a_mask_opposite_a_gap_is_a_difference():
    found = aligned("ACG_T", "ACGT")
    assert (found.other, found.matches, found.identity) == ("ACG-T", "||| |", 0.8)


def test_one_masked_letter_takes_the_place_that_needs_the_fewest_edits():
    """Plain edits would as soon put it in a gap: `A_GT` is one substitution from `AGTT`."""
    assert aligned("A_GT", "AGTT").matches == "|? |"
    rng = np.random.default_rng(2)
    for sequence, other in pairs(2):
        if sequence:
            place = rng.integers(len(sequence))
            masked = sequence[:place] + "_" + sequence[place + 1 :]
            matches = aligned(masked, other).matches
            assert len(matches) - matches.count("|") - matches.count("?") == wildcard_distance(masked, other)


def test_any_letter_may_be_the_mask():
    assert aligned("ANGT", "ACGT", mask="NX").matches == "|?||"
    assert aligned("ANGT", "ACGT").matches == "| ||"


def test_a_position_leads_to_the_one_opposite_and_a_gap_to_none():
    found = aligned("ACGCT", "TTACGT")
    assert (found.sequence, found.other) == ("--ACGCT", "TTACG-T")
    assert [found.opposite(position) for position in range(5)] == [2, 3, 4, None, 5]
    for position in (-1, 5):
        with pytest.raises(InputError, match=f"expected a position from 0 to 4, got {position}"):
            found.opposite(position)


def test_the_overlap_leaves_out_what_stands_before_and_behind():
    found = aligned("CGA", "TTTCTATTT")
    assert (found.identity, found.overlap) == (2 / 9, Alignment("CGA", "CTA", "| |"))
    assert aligned("AC", "").overlap.matches == ""


def test_blocks_bear_the_positions_of_their_ends():
    text = aligned("ACGTACG_", "ACGTTTACGG").blocks(4, ("seq", "nearest"))
    assert text.splitlines() == [
        "seq       1 ACGT 4",
        "            ||||",
        "nearest   1 ACGT 4",
        "",
        "seq       5 --AC 6",
        "              ||",
        "nearest   5 TTAC 8",
        "",
        "seq       7 G_ 8",
        "            |?",
        "nearest   9 GG 10",
    ]


def test_a_row_that_is_all_gaps_bears_the_position_of_the_letter_before():
    text = aligned("ACGTAA", "ACGT").blocks(4)
    assert text.splitlines()[-3:] == ["sequence  5 AA 6", "", "other     4 -- 4"]
