"""An edit ball holds what trying every string finds: each sequence once, with a rank."""

from itertools import product

import numpy as np
import pytest

from designloop.core.alphabet import PAD, PROTEIN, Alphabet
from designloop.core.spaces import Space
from designloop.core.spaces.edit_ball import _below

N_SPACES = 120


def random_space(rng: np.random.Generator) -> Space:
    """A small space with an edit budget: 2 to 4 letters, up to 6 long, up to 3 edits, some letters fixed or allowed."""
    letters = "ACGT"[: rng.integers(2, 5)]
    longest = int(rng.integers(1, 7 if len(letters) < 4 else 6))
    shortest = int(rng.integers(1, longest + 1))
    parent = "".join(rng.choice(list(letters), rng.integers(shortest, longest + 1)))
    allowed = {}
    for place in np.flatnonzero(rng.random(longest) < 0.3).tolist():
        others = [letter for letter in letters if rng.random() < 0.6]
        allowed[place] = "".join(sorted({*others, *parent[place : place + 1]})) or letters
    return Space(
        alphabet=Alphabet(name="few", letters=letters),
        min_length=shortest,
        max_length=longest,
        parent=parent,
        max_edits=int(rng.integers(0, 4)),
        fixed=tuple(np.flatnonzero(rng.random(len(parent)) < 0.3).tolist()),
        allowed=allowed,
    )


def fewest_edits(parent: str, fixed: tuple[int, ...], sequence: str) -> float:
    """The textbook table, in which a fixed letter costs any number to touch."""
    touching = [float("inf") if place in fixed else 1.0 for place in range(len(parent))]
    row = [sum(touching[:place]) for place in range(len(parent) + 1)]
    for letter in sequence:
        above, row = row, [row[0] + 1]
        for place, old in enumerate(parent):
            written = above[place] + (0 if old == letter else touching[place])
            row.append(min(written, above[place + 1] + 1, row[-1] + touching[place]))
    return row[-1]


def by_hand(space: Space) -> list[str]:
    """Every string that keeps the rules, by length and then in the alphabet's order."""
    lengths = range(space.min_length, space.max_length + 1)
    every = ("".join(letters) for length in lengths for letters in product(space.alphabet.letters, repeat=length))
    return [
        sequence
        for sequence in every
        if all(letter in space.allowed.get(place, letter) for place, letter in enumerate(sequence))
        and fewest_edits(space.parent or "", space.fixed, sequence) <= (space.max_edits or 0)
    ]


def test_counting_listing_membership_and_draws_agree_with_trying_every_string():
    rng = np.random.default_rng(0)
    for _ in range(N_SPACES):
        space = random_space(rng)
        members = by_hand(space)
        assert space.size == len(members), space
        assert space.enumerate() == members, space
        lengths = range(1, space.max_length + 1)
        every = ["".join(letters) for n in lengths for letters in product(space.alphabet.letters, repeat=n)]
        inside = {sequence for sequence, is_in in zip(every, space.contains(every), strict=True) if is_in}
        assert inside == set(members), space
        assert set(space.sample(40, rng)) <= inside
        assert space.fits(space.padded_codes(members)).all(), space


@pytest.mark.parametrize(("max_edits", "size"), [(1, 286 * 19 + 1), (2, None), (3, None)])
def test_the_ball_of_a_protein_is_counted_and_drawn(max_edits: int, size: int | None):
    """Without indels, so many substitutions; with them, at least those. 10,000 draws are all inside."""
    parent = "".join(np.random.default_rng(1).choice(list(PROTEIN.letters), 286))
    space = Space.of_length(PROTEIN, 286, parent=parent, max_edits=max_edits)
    assert space.size is not None
    assert space.size == size or space.size > 19**max_edits * 286 * 285 // 2
    assert space.contains(space.sample(1000, np.random.default_rng(2))).all()


def test_ranks_beyond_a_machine_integer_are_drawn_too(monkeypatch: pytest.MonkeyPatch):
    """Big integers: every rank gives the sequence that it gives as a machine integer, and all are drawn."""
    drawn = _below(3 * 2**70, 4000, np.random.default_rng(0))
    assert all(0 <= rank < 3 * 2**70 for rank in drawn)
    assert abs(np.mean([float(rank) for rank in drawn]) / (1.5 * 2**70) - 1) < 0.05
    space = Space(alphabet=PROTEIN, min_length=2, max_length=4, parent="ACD", max_edits=1, fixed=(1,))
    members = space.enumerate()
    monkeypatch.setattr("designloop.core.spaces.edit_ball._SMALL", 2)
    again = space.with_(max_edits=1)
    assert again.enumerate() == members
    assert set(again.sample(20 * len(members), np.random.default_rng(1))) == set(members)


def test_a_rank_is_a_sequence_and_every_sequence_has_one():
    space = Space(alphabet=PROTEIN, min_length=2, max_length=4, parent="ACD", max_edits=1)
    ball = space._ball
    assert ball is not None
    codes = ball.at(np.arange(ball.size))
    assert len({tuple(row) for row in codes.tolist()}) == ball.size == space.size
    assert set((codes != PAD).sum(axis=1).tolist()) == {2, 3, 4}
