"""A fault in a part of the user's own is named: the part, the file, the line."""

from pathlib import Path

import pytest
from stubs import CountingOracle, Scripted

import designloop as dl
from designloop.core.alphabet import DNA
from designloop.core.errors import InputError, OracleError, PartError
from designloop.core.faults import blaming, called
from designloop.core.parts import find
from designloop.core.places import place_of, raised

THEIRS = '''"""A file of the user's own."""

import json

import designloop as dl
from designloop.core.records import Proposal


class Broken(dl.strategies.Random):
    flaw: str = "plain"

    def propose(self, history, order, rng):
        return helper(self.flaw)


def helper(flaw):
    if flaw == "plain":
        return 1 / 0
    if flaw == "library":
        return json.loads("{")
    if flaw == "exit":
        raise SystemExit
    dl.DNA.encode(["AXA"])
'''


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    file = tmp_path / "my_parts.py"
    file.write_text(THEIRS)
    return file


def fault_of(theirs: Path, flaw: str) -> str:
    part = find("strategies", f"{theirs}:Broken")(flaw=flaw)
    with pytest.raises(PartError) as caught, blaming(part):
        part.propose(None, None, None)
    return str(caught.value)


def test_the_sentence_names_the_part_the_file_the_line_and_the_code(theirs):
    assert fault_of(theirs, "plain") == (
        "strategy 'my_parts.py:Broken' raised ZeroDivisionError: division by zero "
        f"({theirs}, line 18, in helper: return 1 / 0)"
    )


def raising_with_a_note(part, note: str) -> None:
    try:
        part.propose(None, None, None)
    except ZeroDivisionError as error:
        error.add_note(note)
        raise


def test_notes_of_the_error_are_kept(theirs):
    part = find("strategies", f"{theirs}:Broken")()
    with pytest.raises(PartError) as caught, blaming(part):
        raising_with_a_note(part, "in the second of them")
    assert caught.value.__notes__ == ["in the second of them"]


def test_a_library_that_raises_is_told_by_the_line_that_called_it(theirs):
    assert f'{theirs}, line 20, in helper: return json.loads("{{")' in fault_of(theirs, "library")


def test_a_part_that_ends_the_program_is_told_too(theirs):
    assert fault_of(theirs, "exit").startswith("strategy 'my_parts.py:Broken' raised SystemExit (")


def test_what_designloop_refuses_in_their_code_is_their_fault_and_not_the_descriptions(theirs):
    assert "raised InputError: " in fault_of(theirs, "letters")


def test_a_fault_of_our_own_stays_what_it_is():
    with pytest.raises(InputError, match="letter"):
        blaming(Scripted())(DNA.encode)(["AXA"])


def test_what_was_told_already_is_told_as_it_was():
    with pytest.raises(OracleError, match=r"^as it was$"), blaming(Scripted()):
        raise OracleError("as it was")


def test_the_place_of_an_error_that_was_told_is_that_of_its_cause(theirs):
    part = find("strategies", f"{theirs}:Broken")()
    with pytest.raises(PartError) as caught, blaming(part):
        part.propose(None, None, None)
    place = place_of(caught.value)
    assert place is not None
    assert (place.file, place.line, place.function, place.code) == (str(theirs), 18, "helper", "return 1 / 0")


def test_a_text_that_is_no_python_is_told_by_its_own_line(tmp_path):
    file = tmp_path / "slip.py"
    file.write_text("x = 1\ndef f(:\n")
    with pytest.raises(SyntaxError) as caught:
        compile(file.read_text(), str(file), "exec")
    assert f"({file}, line 2, in its text: def f(:)" in raised(caught.value)


def test_a_part_is_called_by_its_shelf_and_its_name(theirs):
    assert called(dl.strategies.Random()) == "strategy 'random'"
    assert called(dl.scheduling.Rounds()) == "scheduler 'rounds'"
    assert called(find("strategies", f"{theirs}:Broken")()) == "strategy 'my_parts.py:Broken'"


def test_what_a_watcher_raises_is_no_parts_fault():
    """As a program that looks for its answer in the progress, and ends the campaign there."""
    campaign = dl.Campaign.model_validate(
        {
            "oracle": CountingOracle(),
            "lab": "instant",
            "strategy": "random",
            "scheduler": "rounds",
            "budget": {"designs": 8},
        }
    )

    def found(*_):
        raise LookupError("enough")

    with pytest.raises(LookupError, match=r"^enough$"):
        campaign.run(progress=found)
