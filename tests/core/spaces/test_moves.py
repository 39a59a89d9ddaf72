"""Moves: letters written anew, inserted and deleted, and what is left alone."""

import numpy as np
import pytest
from test_edit_ball import random_space

from designloop.core.alphabet import DNA, PAD
from designloop.core.spaces import Space
from designloop.core.spaces.moves import Random, _Editor, moved

RNG = np.random.default_rng


def test_a_script_makes_its_sequence_and_touches_no_fixed_letter():
    """Of every member of many small spaces, also where a shortest script of Levenshtein's would touch one."""
    rng = RNG(1)
    for _ in range(60):
        space = random_space(rng)
        assert space.edit_budget is not None
        editor = _Editor(space, space.edit_budget, Random(0))
        for sequence in space.enumerate()[:60]:
            script = editor.script(sequence)
            made = space.alphabet.decode(np.array([script.made(space.edit_budget.parent.tolist())]))
            assert made == [sequence], (space, sequence)
            assert not {*script.written, *script.deleted} & set(space.fixed)
            assert len(script) == space.edits([sequence])[0]


@pytest.mark.parametrize("n_edits", [1, 2, 9])
def test_within_a_budget_every_move_stays_inside_whatever_is_written(n_edits: int):
    """Any allowed letter at a missing place gives a member; of a sequence outside the budget, too."""
    rng = RNG(2)
    for _ in range(40):
        space = random_space(rng)
        starts = space.padded_codes([*space.sample(5, rng), *space.with_(max_edits=None, fixed=()).sample(5, rng)])
        codes, missing = moved(starts, np.full(10, n_edits), space, rng)
        rows, places = np.nonzero(missing)
        assert (codes[rows, places] != PAD).all()
        for _ in range(5):
            letters = rng.random((len(rows), len(space.alphabet))) * space.letters_allowed[places]
            codes[rows, places] = letters.argmax(axis=1)
            assert space.contains(space.alphabet.decode(codes)).all(), space


@pytest.mark.parametrize("n_edits", [1, 3])
def test_between_lengths_every_move_stays_inside_whatever_is_written(n_edits: int):
    """Letters that moved to where they may not stand are to be written anew; absolute fixed letters are put back."""
    space = Space(alphabet=DNA, min_length=3, max_length=6, parent="ACGT", fixed=(1, 3), allowed={0: "AG", 4: "CT"})
    rng = RNG(3)
    codes, missing = moved(space.padded_codes(space.sample(400, rng)), np.full(400, n_edits), space, rng)
    rows, places = np.nonzero(missing)
    codes[rows, places] = (rng.random((len(rows), 4)) * space.letters_allowed[places]).argmax(axis=1)
    assert space.contains(space.alphabet.decode(codes)).all()
    assert set((codes != PAD).sum(axis=1).tolist()) == {3, 4, 5, 6}


def test_what_is_to_be_written_besides_moves_along_with_its_letter():
    """A marked letter is still marked behind a deletion or an insertion, unless it is deleted itself."""
    space = Space(alphabet=DNA, min_length=1, max_length=8)
    codes = space.padded_codes(["AAAATAA"] * 300)
    marked = np.zeros((300, 8), dtype=bool)
    marked[:, 4] = True
    after, missing = moved(codes, np.full(300, 2), space, RNG(4), also=marked)
    letters = np.where(missing, -2, after)
    assert not (letters == DNA.letters.index("T")).any()


def test_without_indels_nothing_comes_or_goes():
    space = Space.of_length(DNA, 6, parent="ACGTAC", max_edits=1)
    codes, missing = moved(space.padded_codes(["ACGTAC"] * 50), np.full(50, 3), space, RNG(5))
    assert (missing.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(
        np.where(missing, 0, codes), np.where(missing, 0, space.padded_codes(["ACGTAC"] * 50))
    )
