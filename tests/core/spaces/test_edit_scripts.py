"""Where sequences are too many to be counted, scripts are drawn, and what several make is kept less often."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from designloop.core.alphabet import DNA, states
from designloop.core.errors import ConfigError
from designloop.core.spaces import Space
from designloop.core.spaces.edit_scripts import EditScripts

SMALL = {
    "one edit": Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=1),
    "repeats": Space(alphabet=DNA, min_length=2, max_length=4, parent="AAA", max_edits=2),
    "fixed and allowed": Space(
        alphabet=DNA, min_length=2, max_length=4, parent="AACG", max_edits=2, fixed=(1,), allowed={0: "AG", 2: "ACT"}
    ),
}


@pytest.mark.parametrize("narrowest", [1, 4])
@pytest.mark.parametrize("space", SMALL.values(), ids=SMALL)
def test_sequences_of_many_scripts_are_drawn_no_more_often(
    space: Space, narrowest: int, monkeypatch: pytest.MonkeyPatch
):
    """Chi-square over all members, 50 draws expected of each; whichever count decides, and in blocks of one."""
    monkeypatch.setattr("designloop.core.spaces.edit_scripts._NARROWEST", narrowest)
    monkeypatch.setattr("designloop.core.spaces.edit_scripts._MOST_COUNTED", 1000)
    members, rng = space.enumerate(), np.random.default_rng(3)
    scripts = EditScripts(space.edit_budget, space._box)
    drawn = Counter(space.alphabet.decode(scripts._by_script(150 * len(members), rng)))
    assert set(drawn) == set(members)
    assert chisquare([drawn[member] for member in members]).pvalue > 0.001


def test_a_budget_that_nearly_every_sequence_keeps_is_drawn_from_all_of_them():
    space = Space.of_length(DNA, 20, parent="ACGT" * 5, max_edits=13)
    assert space.size is None
    assert EditScripts(space.edit_budget, space._box)._is_wide
    assert space.contains(space.sample(100, np.random.default_rng(0))).all()


def test_where_too_few_draws_are_kept_the_error_names_the_mend(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("designloop.core.spaces.edit_scripts._LEAST_KEPT", 1.0)
    space = SMALL["repeats"]
    with pytest.raises(ConfigError, match=r"within 2 edits of a parent of 3 letters: .* reduce `max_edits`"):
        EditScripts(space.edit_budget, space._box).sample(50_000, np.random.default_rng(0))


def test_more_scripts_than_a_float_counts_are_too_many_to_draw_from():
    """C(140, 120) · 249^120 substitutions alone are above 10^308."""
    alphabet = states(250)
    space = Space.of_length(alphabet, 140, parent=alphabet.letters[:140], max_edits=120)
    with pytest.raises(ConfigError, match=r"within 120 edits of a parent of 140 letters: .* reduce `max_edits`"):
        EditScripts(space.edit_budget, space._box)._by_script(1, np.random.default_rng(0))


def test_a_budget_of_which_hardly_a_draw_is_kept_is_refused_before_any_is_made():
    """20 edits of 50 bases: about a hundred million scripts make each sequence. The campaign's stream is untouched."""
    space = Space.of_length(DNA, 50, parent="ACGTTGCATC" * 5, max_edits=20)
    assert space.size is None
    rng = np.random.default_rng(4)
    with pytest.raises(ConfigError, match=r"within 20 edits of a parent of 50 letters: .* reduce `max_edits`"):
        space.sample(3, rng)
    assert rng.random() == np.random.default_rng(4).random()


def test_a_table_of_scripts_that_no_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("designloop.core.spaces.edit_scripts._MOST_WAYS", 100)
    space = SMALL["repeats"]
    with pytest.raises(ConfigError, match=r"within 2 edits of a parent of 3 letters: .* reduce `max_edits`"):
        EditScripts(space.edit_budget, space._box)._made(1, np.random.default_rng(0))


def test_the_table_of_scripts_grows_with_the_parent_and_not_with_its_square():
    space = Space.of_length(DNA, 400, parent="ACGT" * 100, max_edits=3)
    assert EditScripts(space.edit_budget, space._box)._ways.shape == (402, 9, 5)
