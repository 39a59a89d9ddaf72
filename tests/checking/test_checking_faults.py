"""The check finds each planted fault with what to change, and passes sound oracles."""

import shutil
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import designloop as dl
from designloop.checking import check, check_oracle
from designloop.checking.asking import Here
from designloop.checking.bench import Held
from designloop.checking.speed import Speed
from designloop.core.config import Document, build

HERE = Path(__file__).parent
FAULTS = {
    "gives_texts": ("answers", "returned text, '0."),
    "gives_one_text": ("answers", "convert it to numbers with float()"),
    "gives_a_column": ("answers", "returned shape (4, 1) for 4 sequences. return one value"),
    "gives_one_number": ("answers", "returned the single number 0."),
    "gives_a_dict": ("answers", "return [values[sequence] for sequence in sequences]"),
    "gives_nothing": ("answers", "returned None"),
    "gives_a_generator": ("answers", "returned a generator"),
    "gives_a_coroutine": ("answers", "define it with `def`, not `async def`"),
    "drops_duplicates": ("duplicates", "for 48 sequences"),
    "wraps_around": ("type", "holds -128 to 127 only: larger values wrap around without an error"),
    "is_infinite": ("finite", "an infinite value for"),
    "is_never_viable": ("viable", "every value is NaN, for 1000 random sequences"),
    "needs_one": ("empty", "for an empty list the oracle raised ValueError"),
    "answers_in_reverse": ("order", "(they come in reverse order)"),
    "sorts_in_place": ("input", "changes the list of sequences in place"),
    "normalises": ("company", "do not normalise"),
    "gives_up_after_256": ("company", "depends on the size of the batch, here"),
    "is_noisy": ("again", "it draws from the global generator of random"),
    "is_noisy_from_the_global_seed": ("randomness", "depend on the global generator"),
    "hashes": ("process", "do not use hash()"),
    "is_right_once": ("again", "other values when it is asked again"),
    "scales_by_the_first_plate": ("plates", "if its plate is the second, and not the first"),
    "remembers_too_little": ("plates", "if its plate is the second, and not the first"),
    "kills_its_process": ("company", "its process ended with exit code 3"),
    "crashes": ("answers", "was ended by SIGABRT"),
    "exits": ("answers", "raised SystemExit: no licence"),
    "knows_three_letters": ("answers", "raised KeyError: 'U'"),
    "needs_six_letters": ("letters", "3 letters, which is in its space"),
    "exceeds_its_optimum": ("optimum", "exceeds the optimum 0.3"),
    "never_reaches_its_optimum": ("optimum", "the highest of all 64 values is 1"),
    "is_bound_to_its_thread": ("threads", "in another thread the oracle raised ProgrammingError"),
    "ForgetsItsSetting": ("copies", "the description gives a different oracle when it is read back"),
    "goes_elsewhere": ("tidy", "changes the current folder"),
}
DOUBTS = {
    "prints": ("quiet", "the first 'scoring "),
    "seeds_the_global_generator": ("randomness", "seeds or moves the global generator of random"),
    "says_minus_999": ("viable", "of the values are -999, far below all others"),
    "expects_dna": ("spread", "(T and U, lower case)"),
    "KeepsAConnection": ("copies", "cannot be pickled: cannot pickle 'sqlite3.Connection' object"),
    "leaves_files_open": ("tidy", "8 more files are open"),
    "is_negative": ("scale", "declare scale='log'"),
    "is_of_single_precision": ("company", "compute in float64"),
}


IN_ANOTHER_PROCESS = {
    *("gives_a_coroutine", "hashes", "scales_by_the_first_plate", "remembers_too_little", "kills_its_process"),
    *("crashes", "exits", "is_bound_to_its_thread", "goes_elsewhere", "leaves_files_open", "network"),
}
"""Those that only a process of its own shows, or that this one would not survive, and a sound one. All others are
checked in this process, which is quicker."""


class Beside(Here):
    """An oracle in this process, opened once more where the check asks for another process."""

    def __init__(self, target: Any, seconds: float) -> None:
        super().__init__(build(Held, Document({"oracle": target}, "the test")).oracle, seconds)
        self._target = target

    def elsewhere(self, *, same_hash: bool) -> Here:
        return Beside(self._target, self.seconds)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_its_mend_told(name, monkeypatch):
    if name not in IN_ANOTHER_PROCESS:
        monkeypatch.setattr(check, "asker_of", Beside)
    report = check_oracle(f"{HERE / 'flawed.py'}:{name}")
    law, sentence = FAULTS[name]
    assert sentence in " ".join(str(fault) for fault in report.faults if fault.law == law), str(report)
    assert all(fault.change for fault in report.faults)
    assert not report.is_sound


@pytest.mark.parametrize("name", DOUBTS)
def test_what_is_not_wrong_yet_is_a_doubt_and_no_fault(name, monkeypatch):
    if name not in IN_ANOTHER_PROCESS:
        monkeypatch.setattr(check, "asker_of", Beside)
    report = check_oracle(f"{HERE / 'flawed.py'}:{name}")
    law, sentence = DOUBTS[name]
    assert sentence in " ".join(str(one) for one in report.of_level("doubt") if one.law == law), str(report)
    assert report.is_sound


def test_one_exception_is_one_fault_that_names_the_laws_it_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "asker_of", Beside)
    text = "import designloop as dl\n\n@dl.oracle(alphabet=dl.RNA, length=6)\ndef f(sequences):\n"
    text += "    return [1 / (not s.endswith('GG')) for s in sequences]\n"
    (tmp_path / "raising.py").write_text(text)
    report = check_oracle(f"{tmp_path / 'raising.py'}:f")
    (fault,) = report.faults
    assert "ZeroDivisionError" in fault.what
    assert "this also blocks the laws finite, input, " in fault.what
    assert "return NaN instead of raising an error" in fault.change
    assert {"finite", "input", "order"} <= set(report.skipped)
    assert len(set(report.skipped)) == len(report.skipped)


def test_calls_without_sequences_tell_no_speed():
    assert Speed.of([(0, 0.1)]) is None
    assert Speed.of([(0, 0.1), (4, 0.4)]) == Speed(0.4, 0.0, 0.1)


PROGRAM = """
import json, os, sys, time

flaw, notes, n_asked = sys.argv[1], sys.argv[2], 0
for line in sys.stdin:
    asked = json.loads(line)
    if asked["type"] == "hello":
        print(json.dumps({"type": "ready", "protocol": 1}), flush=True)
        continue
    n_asked += 1
    print("asked", file=open(notes, "a"))
    if flaw == "hang":
        time.sleep(600)
    if flaw == "crash":
        os._exit(3)
    if flaw == "garbage":
        print("folding", flush=True)
    values = [s.count("G") + (n_asked if flaw == "state" else 0) for s in asked["sequences"]]
    print(json.dumps({"type": "values", "id": asked["id"], "values": values}), flush=True)
"""
OF_PROGRAMS = {
    "hang": ("answers", "did not answer within 0.3 s"),
    "crash": ("answers", "ended with exit code 3"),
    "garbage": ("answers", "folding"),
    "state": ("again", "other values when it is asked again"),
}


@pytest.mark.parametrize("flaw", OF_PROGRAMS)
def test_a_fault_of_a_program_is_found(flaw, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    argv, notes = [sys.executable, "-S", str(tmp_path / "program.py"), flaw], tmp_path / "notes"
    limits = {"seconds": 0.3 if flaw == "hang" else 20, "restarts": 1, "back_off": 0}
    report = check_oracle({"kind": "command", "argv": [*argv, notes], "alphabet": "rna", "length": 6, **limits})
    law, sentence = OF_PROGRAMS[flaw]
    assert (report.faults[0].law, report.is_sound) == (law, False)
    assert sentence in report.faults[0].what
    assert flaw != "hang" or notes.read_text().count("asked") == 1  # each further question would take as long


@pytest.mark.parametrize(("name", "law"), [("hangs", "answers"), ("hangs_on_the_second_call", "again")])
def test_an_oracle_that_hangs_does_not_hang_the_check(name, law):
    report = check_oracle(f"{HERE / 'flawed.py'}:{name}", seconds=0.3)
    assert report.faults[0].law == law
    assert len(report.faults) <= 2  # no further law is judged then
    assert "did not answer within 0.3 s (" in report.faults[0].what
    assert "flawed.py, line" in report.faults[0].what


@pytest.mark.parametrize("name", ["integers", "remembers", "network", "Tabled", "{kind: Tabled, bonus: 2}", "nk"])
def test_a_sound_oracle_has_no_faults_and_no_doubts(name, tmp_path, monkeypatch):
    if name not in IN_ANOTHER_PROCESS:
        monkeypatch.setattr(check, "asker_of", Beside)
    shutil.copy(HERE / "sound.py", tmp_path)
    rows = ["".join(letters) for letters in product("ACGT", repeat=4)][::2]
    (tmp_path / "table.txt").write_text("".join(f"{s} {s.count('G') / 2}\n" for s in [*rows, "GGGG"]))
    file = tmp_path / "sound.py"
    targets = {"nk": "nk", "{kind: Tabled, bonus: 2}": {"kind": f"{file}:Tabled", "bonus": 2}}
    target = targets.get(name, f"{file}:{name}")
    report = check_oracle(target)
    assert [one for one in report.findings if one.level != "note"] == []
    assert report.skipped == ()


def test_an_oracle_of_this_process_only_is_checked_here():
    report = check_oracle(dl.oracle(alphabet=dl.RNA, length=6)(lambda sequences: [s.count("G") for s in sequences]))
    assert [one.law for one in report.of_level("doubt")] == ["copies"]
    assert "exists in this process only" in report.of_level("doubt")[0].what
    assert report.is_sound


def test_what_is_no_oracle_is_an_error_that_says_what_to_do():
    def plain(sequences):
        return [0.0 for _ in sequences]

    with pytest.raises(dl.DesignloopError, match="decorate it with @designloop"):
        check_oracle(plain)
    with pytest.raises(dl.DesignloopError, match="no sequence of the 1 given is in the oracle's space"):
        check_oracle("nk", sequences=["ZZZ"])
