"""`designloop parts` shows what there is: shelves, a part's fields, a lab, a landscape's card."""

import pytest

from designloop.core.kinds import known_kinds
from designloop.core.shelves import SHELVES


def test_all_shelves_are_listed_each_part_with_its_line(designloop):
    lines = designloop("parts").out.splitlines()
    for shelf in SHELVES:
        for kind in known_kinds(shelf):
            assert any(line.startswith(f"{kind} ") and len(line.split()) > 3 for line in lines), kind


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_part_shows_its_fields(designloop, shelf):
    for kind in known_kinds(shelf):
        answer = designloop("parts", shelf, kind)
        assert answer.code == 0, answer.err
        assert f"kind: {kind}" in answer.out
        assert internals_in(answer.out) == [], kind


def test_a_field_is_shown_with_type_default_and_meaning(designloop):
    lines = designloop("parts", "scheduling", "weekly").out.splitlines()
    line = next(line for line in lines if line.startswith("every_weeks"))
    assert " ".join(line.split()) == "every_weeks number from 0.143 to 5,214 1 weeks between two batches"


def test_a_part_that_is_the_default_is_named(designloop):
    """Also one that is made only when it is needed."""
    lines = [" ".join(line.split()) for line in designloop("parts", "strategies", "ensemble-greedy").out.splitlines()]
    assert any(line.startswith("surrogate a part of surrogates dense-ensemble") for line in lines)


@pytest.mark.parametrize("name", ["study", "campaign"])
def test_the_keys_of_a_description_are_shown(designloop, name):
    answer = designloop("parts", name)
    assert answer.code == 0, answer.err
    assert internals_in(answer.out) == []
    shown = {line.split()[0] for line in answer.out.splitlines() if line.strip()}
    expected = {"study": {"compare", "decide.by_weeks", "look.axis"}, "campaign": {"oracle", "lab.stages"}}
    assert expected[name] <= shown


def internals_in(text):
    """What stands in a text that is Python's, and no reader's."""
    words = ("Annotated", "Validator", "<function", "Optional[", "typing.", "NoneType", "lambda", " at 0x", "Literal[",
             "<class", "Union[", "tuple[", "PydanticUndefined")  # fmt: skip
    return [word for word in words if word in text]


def test_a_lab_is_shown_as_its_yaml(designloop):
    assert "typical" in designloop("parts", "lab").out
    assert "noise: enzyme_plate" in designloop("parts", "lab", "good").out
    assert designloop("parts", "lab", "goood").code == 2
    assert "A real lab" in designloop("parts", "lab").out
    real = designloop("parts", "lab", "live").out
    assert {"replicates_together", "results.value", "controls.N.wells"} <= set(real.split())


def test_a_landscape_has_a_card(designloop, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("name,y\nAC,1.0\nAG,2.0\nCC,3.0\nGG,4.5\n")
    card = designloop("parts", "landscape", table, "--sequence", "name", "--value", "y", "--alphabet", "dna").out
    assert "4 sequences of 16 possible" in card
    assert "GG 4.5" in card


def test_a_scan_of_mutants_has_a_card(designloop, tmp_path):
    table = tmp_path / "scan.csv"
    table.write_text("mutant,2500\nK25R,1.5\nT26G:Y28W,2.5\n")
    words = ("parts", "landscape", table, "--mutant", "mutant", "--value", "2500", "--parent", "MKTAY")
    refused = designloop(*words)
    assert refused.code == 2
    assert "every name matches with `first: 24`" in refused.err
    assert "T26G:Y28W 2.5" in designloop(*words, "--first", "24").out
