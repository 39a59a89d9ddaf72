"""A space says which sequences may be built: membership, counting, enumeration and sampling agree."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from histories import SPACES
from pydantic import ValidationError
from scipy.stats import chisquare

from designloop.core.alphabet import DNA, PAD, PROTEIN, RNA, states
from designloop.core.errors import ConfigError
from designloop.core.spaces import Narrowing, Space

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
SMALL = Space(alphabet=DNA, min_length=2, max_length=4, parent="ACG", fixed=(1,), allowed={0: "AG"})


def distance(one: str, other: str) -> int:
    """Levenshtein's, by the textbook recursion."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row, above = [i], row
        for j, b in enumerate(other, start=1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (a != b)))
    return row[-1]


@every_space
def test_samples_lie_inside(space: Space):
    rng = np.random.default_rng(0)
    sequences = space.sample(300, rng)
    assert len(sequences) == 300
    assert space.contains(sequences).all()
    assert len(set(sequences)) > 20


@every_space
def test_codes_are_inside_where_their_sequences_are(space: Space):
    rng = np.random.default_rng(0)
    codes = space.padded_codes(space.sample(300, rng))
    near = np.where((codes != PAD) & (rng.random(codes.shape) < 0.2), rng.integers(4, size=codes.shape), codes)
    near = np.concatenate([codes, near, np.where(np.arange(codes.shape[1]) < 3, codes, PAD)]).astype(np.int16)
    inside = space.contains(space.alphabet.decode(near))
    assert inside[:300].all()
    np.testing.assert_array_equal(space.contains_codes(near), inside)
    assert len(space.contains_codes(near[:0])) == 0


@every_space
def test_the_members_are_all_that_is_inside_and_as_many_as_counted(space: Space):
    members = space.enumerate()
    assert len(set(members)) == len(members)
    assert space.contains(members).all()
    assert set(space.sample(200, np.random.default_rng(1))) <= set(members)
    assert space.size == len(members)


def test_enumeration_is_what_going_through_every_string_finds():
    every = ["".join(letters) for n in range(1, 6) for letters in product("ACGT", repeat=n)]
    by_hand = [s for s in every if 2 <= len(s) <= 4 and s[0] in "AG" and s[1] == "C"]
    assert SMALL.enumerate() == by_hand
    assert SMALL.size == len(by_hand) == 2 * (1 + 4 + 16)


def test_an_edit_budget_is_levenshteins():
    """Insertions, deletions and substitutions from the parent are each one edit."""
    space = Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=1)
    every = ["".join(letters) for n in range(3, 6) for letters in product("ACGT", repeat=n)]
    assert space.enumerate() == [s for s in every if distance("ACGT", s) <= 1]
    assert space.edits(["ACGT", "ACG", "TACGT", "TGCA"]).tolist() == [0, 1, 1, distance("ACGT", "TGCA")]


def test_what_breaks_a_rule_is_outside():
    """Length, fixed letter, allowed letter, and a letter of another alphabet."""
    inside = SMALL.contains(["AC", "A", "ACGTA", "AG", "TC", "AC€", "acg", ""])
    assert inside.tolist() == [True] + [False] * 7
    assert SMALL.contains([]).shape == (0,)


def test_a_pool_is_closed_and_keeps_its_order_without_duplicates():
    space = Space.of_pool(RNA, ["GGA", "AAC", "GGA", "AAAU"])
    assert space.enumerate() == ["GGA", "AAC", "AAAU"]
    assert space.size == 3
    assert space.contains(["GGA", "GGG"]).tolist() == [True, False]


def test_free_positions_are_those_with_a_choice():
    assert SPACES["fixed"].free_positions.tolist() == [1, 2, 4, 5, 6]
    assert SPACES["allowed"].free_positions.tolist() == [0, 1, 2, 3, 4, 6, 7]


def test_an_edit_budget_leaves_fixed_letters_and_they_move_with_the_parent():
    """`fixed` follows the parent's letter through insertions and deletions; `allowed` stays with the place."""
    space = Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=1, fixed=(0, 2), allowed={0: "AC"})
    assert space.contains(["CACGT", "AGT", "AACGT", "ACGA"]).all()
    assert not space.contains(["TACGT", "CCGT", "ACT", "CGT", "ACTT"]).any()
    assert space.edits(["ACGT", "AGT", "TACGT"]).tolist() == [0, 1, 1]
    assert (space.edits(["CCGT", "ACT"]) > 1).all()
    absolute = space.with_(max_edits=None)
    assert absolute.contains(["ACGT", "AAG"]).all()
    assert not absolute.contains(["CACGT", "AGT"]).any()


def test_a_letter_can_come_or_go_where_lengths_or_edits_allow():
    one_length = Space.of_length(DNA, 4, parent="ACGT")
    assert not one_length.has_indels
    assert not one_length.with_(max_edits=1).has_indels
    assert one_length.with_(max_edits=2).has_indels
    assert not one_length.with_(max_edits=2, fixed=(0, 1, 2, 3)).has_indels
    assert one_length.with_(max_length=5).has_indels
    assert not one_length.with_(max_length=5, max_edits=0).has_indels
    assert not one_length.with_(min_length=3, max_edits=1, fixed=(0, 1, 2, 3)).has_indels


def test_a_fixed_letter_that_cannot_move_is_the_only_one_allowed_there():
    space = Space.of_length(DNA, 4, parent="ACGT", fixed=(1,), max_edits=1)
    assert space.free_positions.tolist() == [0, 2, 3]
    assert space.with_(max_edits=2).free_positions.tolist() == [0, 1, 2, 3]


def test_all_single_mutants_are_counted_and_listed():
    """11 places of DNA, three other letters each, and the parent."""
    space = Space.of_length(DNA, 11, parent="A" * 11, max_edits=1)
    assert space.size == 34 == len(set(space.enumerate()))
    assert Space.of_length(PROTEIN, 120, parent="ACDEFGHIKLMN" * 10, max_edits=1).size == 120 * 19 + 1


def test_a_budget_too_wide_to_be_counted_says_so():
    space = Space.of_length(PROTEIN, 20, parent=PROTEIN.letters, max_edits=9)
    assert space.size is None
    assert space.contains(space.sample(50, np.random.default_rng(0))).all()
    with pytest.raises(ConfigError, match=r"a space of \S+ \(±\S+%\) sequences is too large to enumerate"):
        space.enumerate()


@pytest.mark.parametrize(
    "space",
    [
        Space(alphabet=DNA, min_length=1, max_length=3),
        Space(alphabet=DNA, min_length=2, max_length=3, allowed={0: "AC", 2: "T"}),
        Space.of_pool(DNA, ["A", "ACG", "TT", "GGGG"]),
        Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=1),
        Space(alphabet=DNA, min_length=2, max_length=4, parent="AAC", max_edits=2, fixed=(2,), allowed={0: "AG"}),
    ],
    ids=["lengths", "allowed", "pool", "edits", "edits and fixed"],
)
def test_draws_are_uniform_over_sequences(space: Space):
    """Chi-square over all members, 50 draws expected of each."""
    members = space.enumerate()
    drawn = space.sample(50 * len(members), np.random.default_rng(7))
    counts = Counter(drawn)
    assert set(counts) <= set(members)
    assert chisquare([counts[member] for member in members]).pvalue > 0.001


def test_sampling_is_uniform_over_letters():
    counts = np.zeros(4)
    for sequence in Space.of_length(DNA, 1).sample(8000, np.random.default_rng(2)):
        counts["ACGT".index(sequence)] += 1
    assert np.abs(counts / 8000 - 0.25).max() < 0.02


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_length": 2}, "max_length 2 is below min_length 3"),
        ({"fixed": (0,)}, "require a parent"),
        ({"max_edits": 2}, "require a parent"),
        ({"allowed": {7: "A"}}, "position 7 is outside"),
        ({"allowed": {0: ""}}, "no letter is allowed at position 0"),
        ({"allowed": {0: "AX"}}, "letter 'X' at position 2 of allowed letters at position 0"),
        ({"parent": "AXGT"}, "letter 'X' at position 2 of the parent"),
        ({"parent": "ACGTACGT"}, "the parent has 8 letters, but 3 to 5 are needed"),
        ({"parent": "ACG", "fixed": (4,)}, "beyond the end of the parent"),
        ({"pool": ()}, "the pool is empty"),
    ],
)
def test_a_space_that_contradicts_itself_is_refused_with_the_reason(fields: dict, message: str):
    with pytest.raises(ValidationError, match=message):
        Space(**{"alphabet": DNA, "min_length": 3, "max_length": 5, **fields})


def test_a_large_space_is_counted_and_not_enumerated():
    space = Space.of_length(states(32), 32)
    assert space.size == 32**32
    with pytest.raises(ConfigError, match=r"too large to enumerate .* narrow it with"):
        space.enumerate()


def test_more_sequences_than_a_float_counts_are_too_many_to_enumerate():
    with pytest.raises(ConfigError, match=r"a space of 2\.58e\+520 sequences is too large to enumerate"):
        Space.of_length(PROTEIN, 400).enumerate()


def test_narrowing_keeps_what_lies_in_both():
    wide = Space.of_length(DNA, 4, allowed={0: "ACG"})
    narrow = wide.narrowed(Narrowing(allowed={0: "GT", 2: "A"}, parent="GCAT", fixed=(3,)))
    assert set(narrow.enumerate()) == {f"G{letter}AT" for letter in "ACGT"}
    assert wide.narrowed(Narrowing()) == wide


def test_a_pool_outside_the_oracles_space_is_refused():
    with pytest.raises(ConfigError, match=r"the campaign's pool: 1 sequence is outside .* 'TTTT'"):
        Space.of_length(DNA, 4, allowed={0: "A"}).narrowed(Narrowing(pool=("AAAA", "TTTT")))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"allowed": {9: "A"}}, "does not fit the oracle's: position 9 is outside 0..3"),
        ({"allowed": {0: "T"}}, "no letter is allowed at position 0"),
        ({"allowed": {1: "AX"}}, "letter 'X' at position 2 of allowed letters at position 1"),
        ({"max_length": 9}, "lengths 4..9 exceed the oracle's 4..4"),
        ({"min_length": 6}, "max_length 4 is below min_length 6"),
        ({"parent": "TTTT"}, "at most 2 edits of AAAA"),
        ({"max_edits": 3}, "at most 2 edits of AAAA"),
        ({"fixed": (7,)}, "position 7 is outside 0..3"),
    ],
)
def test_what_goes_beyond_the_oracles_space_is_refused_with_the_reason(fields: dict, message: str):
    """A campaign narrows; every way of widening, or of leaving nothing, is one of our errors."""
    wide = Space.of_length(DNA, 4, allowed={0: "ACG"}, parent="AAAA", max_edits=2)
    with pytest.raises(ConfigError) as error:
        wide.narrowed(Narrowing(**fields))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("parent", "fields", "message"),
    [
        ("ACGTA", {"length": 4}, "the parent has 5 letters, but 4 are needed"),
        ("A", {"min_length": 2, "max_length": 4}, "the parent has 1 letter, but 2 to 4 are needed"),
        ("ACGT", {"length": 4, "allowed": {1: "AC", 2: "AT"}}, "the parent has G at position 2 (from 0), where AT may"),
    ],
)
def test_a_parent_outside_the_space_is_told_why(parent: str, fields: dict, message: str):
    with pytest.raises(ValidationError) as error:
        Space(alphabet=DNA, parent=parent, **fields)
    assert message in str(error.value)


def test_sequences_of_a_narrowing_are_read_as_those_of_files():
    wide = Space(alphabet=DNA, min_length=1, max_length=4)
    given = {"parent": "ac gu\n", "parents": ("ggta",), "max_edits": 1, "allowed": {0: "ag"}}
    narrow = wide.narrowed(Narrowing(**given, excluded=("acgu",)))
    assert (narrow.parent, narrow.parents, narrow.allowed[0]) == ("ACGT", ("GGTA",), "AG")
    assert narrow.excluded == ("ACGT",)
    assert wide.narrowed(Narrowing(pool=("acg", "uu"))).pool == ("ACG", "TT")


def test_an_edit_budget_narrows_too():
    wide = Space.of_length(DNA, 4, parent="AAAA", max_edits=2)
    assert wide.narrowed(Narrowing(max_edits=1)).max_edits == 1
    assert wide.narrowed(Narrowing(allowed={0: "A"})).max_edits == 2
    assert Space.of_length(DNA, 4).narrowed(Narrowing(parent="AAAA", max_edits=3)).max_edits == 3


@every_space
def test_a_space_reads_back_from_its_description(space: Space):
    assert Space.model_validate(space.describe()) == space


def test_length_is_short_for_both_lengths():
    space = Space(alphabet="dna", length=12, parent="ACGTACGTACGT")
    assert space == Space(alphabet=DNA, min_length=12, max_length=12, parent="ACGTACGTACGT")
    assert space.with_(length=None) == space  # as one that is not given
    assert "length=12, max_length=12" in repr(space)
    assert "length" not in space.describe()
    wide = Space(alphabet=DNA, min_length=2, max_length=6)
    assert wide.narrowed(Narrowing(length=4)) == Space(alphabet=DNA, length=4)


@pytest.mark.parametrize("bound", ["min_length", "max_length"])
def test_length_stands_alone(bound: str):
    for read in (lambda fields: Space(alphabet=DNA, **fields), lambda fields: Narrowing(**fields)):
        with pytest.raises(ValidationError, match="`length` is short for `min_length` and `max_length`; give it alone"):
            read({"length": 4, bound: 4})
