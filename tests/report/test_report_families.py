"""The natural family of each of the best designs."""

import numpy as np
import pytest

from designloop.core.alphabet import PROTEIN, RNA, states
from designloop.report import families as module
from designloop.report.families import families


def drawn(n: int, length: int, seed: int) -> list[str]:
    return ["".join(row) for row in np.random.default_rng(seed).choice(list(PROTEIN.letters), (n, length))]


PARENTS = drawn(2, 60, 0)
CORPUS = [*drawn(30, 60, 1), PARENTS[0][2:], PARENTS[0][:50] + "WW", PARENTS[1][3:]]
NAMES = [*[""] * 30, "one family=globin", "two family=globin", "three"]


def test_a_design_has_the_family_that_its_homologs_are_called_by():
    pytest.importorskip("pyhmmer", reason="the extra [search] is not installed")
    found = families([*PARENTS, drawn(1, 60, 9)[0]], CORPUS, NAMES, PROTEIN)
    assert found.of(0).startswith("2 homologs: globin, E = ")
    assert found.of(1).startswith("1 homolog: three, E = ")
    assert found.of(2) == "none"
    assert found.note == "Family: homologs in the corpus with an E-value of 0.001 or less, by HMMER."
    assert families(PARENTS, CORPUS, (), PROTEIN).of(1).startswith("1 homolog: #33, E = ")


def test_a_long_search_is_shortened_and_says_so(monkeypatch):
    pytest.importorskip("pyhmmer", reason="the extra [search] is not installed")
    monkeypatch.setattr(module, "_MOST_LETTERS", 1)
    found = families(PARENTS, CORPUS, NAMES, PROTEIN)
    assert found.note.startswith("Family of the first 1 design: ")
    assert found.of(1) == "–"


def test_why_no_family_is_searched_is_told(monkeypatch):
    assert "at least 20 letters" in families(["ACGU"], ["ACGU"], (), RNA).note
    assert families(["0101"], ["0101"], (), states(2)).note == families(PARENTS, [], (), PROTEIN).note == ""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert "the extra [search]" in families(PARENTS, CORPUS, NAMES, PROTEIN).note
