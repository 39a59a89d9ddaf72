"""Structures in dot-bracket notation: every mistake is named by its position."""

import pytest

from designloop.oracles.structures import can_pair, check_structure, pairs_of


def test_pairs_are_those_of_nested_brackets():
    assert pairs_of("((..)).(...)") == ((0, 5), (1, 4), (7, 11))
    assert pairs_of("...") == ()
    check_structure("...")  # puzzle 22 of Eterna100 asks for an RNA that does not fold


@pytest.mark.parametrize(
    ("structure", "sentence"),
    [
        ("", "the structure is empty"),
        ("((...)", r"position 1: '\(' is not closed, in \(\(\.\.\.\)"),
        ("(...)..)", r"position 8: '\)' closes no '\(', in "),
        ("((..x..))", "position 5: expected .*, got 'x'; pseudoknots are not in the energy model"),
        ("((..[...))..]", r"position 5: expected .*, got '\['; pseudoknots"),
        ("((... ))", "position 6: expected .*, got ' '; remove it"),
        ("((..))", "positions 2 to 5: a pair encloses 2 letters; a hairpin loop needs at least 3"),
        ("." * 40 + "(" + "." * 40, r"position 41: '\(' is not closed, in \.\.\.\.{12}\(\.{12}\.\.\."),
    ],
)
def test_a_mistake_is_named_by_its_position(structure, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_structure(structure)


def test_letters_pair_as_watson_and_crick_said_and_g_with_u():
    pairs = pairs_of("((...))")
    assert can_pair("GAAAAUC", pairs)
    assert can_pair("GGAAAUU", pairs)
    assert not can_pair("GAAAAAC", pairs)
    assert not can_pair("AAAAAAA", pairs)
