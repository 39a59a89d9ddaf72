"""Pictures of sequences: every column of an alignment stands somewhere, and what differs in it is marked."""

import numpy as np
import pytest

from designloop.inspection.alignment import aligned
from designloop.inspection.logo import Logo
from designloop.report.marks import Bars, Figure, Text
from designloop.report.sequences import alignment_figure, logo_figure, unconserved


def marked(panel):
    """How many columns are marked as what."""
    return {mark.name: len(np.asarray(mark.at)) for mark in panel.marks if isinstance(mark, Bars)}


def test_what_differs_is_marked_by_its_kind_and_every_letter_is_written():
    figure = alignment_figure({"1 against 7": aligned("AAGG_TA", "AACGGTATT")})
    (panel,) = figure.panels
    assert marked(panel) == {"substitution": 1, "gap": 2, "masked": 1}
    assert ["".join(mark.words) for mark in panel.marks if isinstance(mark, Text)] == ["AAGG_TA--", "AACGGTATT"]
    assert panel.title == "1 against 7: identity 62%, 9 columns"


def test_long_alignments_go_on_in_blocks_that_bear_their_positions():
    (panel,) = alignment_figure({"long": aligned("ACGT" * 40, "ACGT" * 40)}, ("mine", "natural")).panels
    assert [word for _, word in panel.y.ticks] == [
        *("mine 1", "natural 1", "mine 61", "natural 61", "mine 121", "natural 121")
    ]
    (above, _) = (mark for mark in panel.marks if isinstance(mark, Text))
    assert set(map(float, above.y)) == {0.0, 3.0, 6.0}
    assert max(map(float, above.x)) == 59.0


def test_a_logo_stands_under_that_of_the_corpus_of_its_length():
    figure = logo_figure(["ACG", "ACC", "ACT"], ["ACG", "ACG", "GGG", "AAAA"], "ACGT")
    assert isinstance(figure, Figure)
    assert [panel.title for panel in figure.panels] == ["Corpus (n = 3)", "Sequences (n = 3)"]
    alone = logo_figure(["ACG", "ACC", "ACT"], ["AAAA"], "ACGT")
    assert isinstance(alone, Figure)
    assert [panel.title for panel in alone.panels] == ["Sequences (n = 3)"]


def test_a_logo_unconserved_if_its_letters_are_too_low_beside_others():
    """Half a bit shared by 32 letters: 0.016 bits each, visible alone but not on an axis of 5 bits."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    low = Logo(letters, 5000, np.full((1, 32), 1 / 32), np.array([0.5]))
    high = Logo(letters, 50, np.eye(32)[:1], np.array([5.0]))
    assert [unconserved(low, [low]), unconserved(high, [low, high])] == ["", ""]
    assert unconserved(low, [low, high]).startswith("Its letters are too low to be drawn, because no position is")
    faint = Logo("ACGT", 5000, np.eye(4)[:1], np.array([0.15]))
    assert unconserved(faint, [faint]).startswith("Its letters are hardly visible, because no position is conserved: ")


@pytest.mark.parametrize(
    ("sequences", "reason"),
    [(["ACG", "AC", "ACT"], "differ in length"), (["ACG", "ACC"], "at least 3 sequences"), (["A_G"] * 3, "'_' stands")],
)
def test_why_there_is_no_logo_is_told(sequences, reason):
    assert reason in str(logo_figure(sequences, [], "ACGT"))
