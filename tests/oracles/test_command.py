"""Any program is an oracle: what it is asked, what it may answer, and what becomes of a run in which it fails."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stubs import CountingOracle, small

from designloop.campaign import Campaign
from designloop.core.config import build, read_text
from designloop.core.errors import ConfigError, OracleError
from designloop.core.lasting import lasting
from designloop.core.parts import Part
from designloop.core.unrecorded import ANSWERS
from designloop.oracles import Command
from designloop.oracles.base import Oracle
from designloop.programs.log import LOG

ASKED = Path(__file__).parent / "asked.py"
SEQUENCES = ["ACGTACGT", "AAAAAAAA", "TTTTTTTT", "CCCCCCCC", "ACACACAC"]
VALUES = [3.0, 9.0, np.nan, 1.0, 5.0]
both_forms = pytest.mark.parametrize("form", ["json", "csv"])


def outside(flaw: str = "none", notes: Path | str = "/dev/null", form: str = "json", **fields: Any) -> Command:
    argv = (sys.executable, "-S", str(ASKED), flaw, str(notes), form)
    fields = {"restarts": 0, "back_off": 0.0, "seconds": 20.0, "alphabet": "dna", "length": 8, **fields}
    return Command(argv=argv, format=form, **fields)


class Holder(Part):
    oracle: Oracle


@both_forms
def test_a_program_answers_in_json_or_in_rows_and_null_is_not_viable(form: str) -> None:
    np.testing.assert_array_equal(outside(form=form)(SEQUENCES), VALUES)
    assert outside(form=form)([]).shape == (0,)


@both_forms
def test_it_is_told_the_alphabet_and_asked_in_groups_whose_division_does_not_depend_on_the_workers(
    form: str, tmp_path: Path
) -> None:
    asked = []
    for workers in (1, 2, 3):
        notes = tmp_path / str(workers)
        oracle = outside("slowly", notes, form, workers=workers, batch_size=2)
        with lasting():
            np.testing.assert_array_equal(oracle(SEQUENCES), VALUES)
            np.testing.assert_array_equal(oracle(SEQUENCES[::-1]), VALUES[::-1])
        lines = [line.split() for line in notes.read_text().splitlines()]
        assert ["alphabet", "ACGT"] in lines
        questions = [line for line in lines if line[0] != "alphabet"]
        asked.append(sorted(line[1:] for line in questions))
        assert len({line[0] for line in questions}) == workers  # processes, and none for each call
    assert asked[0] == asked[1] == asked[2]
    assert max(map(len, asked[0])) == 3  # the number, and two sequences


FAILURES = {
    "crash": "the program ended with exit code 3 before it answered; correct the program; its standard error ends: "
    "segmentation fault in fold()",
    "hang": "the program did not answer within 0.2 s; correct it, or raise `seconds`",
    "few": "the program answered with 4 values for 5 sequences; give one per sequence, in the same order",
    "many": "the program answered with 6 values for 5 sequences",
    "late": "the program answered question 0, expected 1; give the `id` of the question",
}
IN_JSON = {
    "garbage": 'the program expected a JSON object with "type": "values": Invalid JSON',
    "infinity": "the answer `values` is wrong: values.4: Input should be a finite number",
    "text": "values.4: Input should be a valid number",
}
IN_ROWS = {
    "garbage": "the program answered 'folding 16 sequences ...', expected a row that begins with `values`",
    "infinity": "the program answered 'inf' as value 5; write a finite number with a decimal point, or NA for a",
    "text": "the program answered 'high' as value 5; write a finite number",
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "flaw", "what"),
    [("json", *pair) for pair in (FAILURES | IN_JSON).items()]
    + [("csv", *pair) for pair in (FAILURES | IN_ROWS).items()],
)
def test_a_wrong_answer_is_never_a_value(form: str, flaw: str, what: str) -> None:
    with pytest.raises(OracleError) as caught:
        outside(flaw, form=form, seconds=0.2 if flaw == "hang" else 20.0)(SEQUENCES)
    assert what in str(caught.value)


def test_what_is_wrong_in_json_is_told_with_the_mend() -> None:
    with pytest.raises(OracleError, match="give one finite number per sequence, null for a sequence that is not viabl"):
        outside("infinity")(SEQUENCES)


@pytest.mark.parametrize("flaw", ["crash", "hang", "garbage", "few", "infinity"])
def test_a_run_whose_program_fails_names_the_call_and_resumes_as_if_nothing_had_happened(
    flaw: str, tmp_path: Path
) -> None:
    flag = tmp_path / "now.flag"
    campaign = small(oracle=outside(flaw, flag, seconds=0.5 if flaw == "hang" else 20.0, batch_size=3))
    whole = campaign.run(seed=3)
    flag.touch()
    with pytest.raises(OracleError, match=r"^oracle 'command: .*asked.*' in week 3\.\d, expression, .*: the program "):
        campaign.run(seed=3, store=tmp_path / "run")
    log = tmp_path / "run" / LOG
    assert ("segmentation fault" in log.read_text()) if flaw == "crash" else not log.exists()
    flag.unlink()
    assert campaign.resume(tmp_path / "run").event_hash == whole.event_hash
    assert whole.best.value == small().run(seed=3).best.value  # as the same oracle in Python


FRAGILE = """import pathlib, sys
flag, notes = map(pathlib.Path, FILES)
for line in sys.stdin:
    kind, number, *sequences = line.strip().split(",")
    if kind == "hello":
        print("ready,1", flush=True)
        continue
    with notes.open("a") as file:
        print(*sequences, sep="\\n", file=file)
    if flag.exists() and SEQUENCE in sequences:
        sys.exit(1)
    print("values", number, *(one.count("A") + 0.1 for one in sequences), sep=",", flush=True)
"""


@pytest.mark.parametrize(("failing", "workers"), [("TTTTTTTT", 1), ("ACGTACGT", 2)])
def test_what_was_answered_before_a_failure_is_not_asked_again(failing: str, workers: int, tmp_path: Path) -> None:
    """Groups of two: the second fails after the first, or the first beside the second."""
    flag, notes = tmp_path / "flag", tmp_path / "notes"
    text = FRAGILE.replace("SEQUENCE", repr(failing)).replace("FILES", repr([str(flag), str(notes)]))
    (tmp_path / "fragile.py").write_text(text)
    fields = {"format": "csv", "alphabet": "dna", "length": 8, "restarts": 0, "batch_size": 2, "workers": workers}
    oracle = Command(argv=(sys.executable, "-S", str(tmp_path / "fragile.py")), **fields)
    flag.touch()
    with lasting(tmp_path), pytest.raises(OracleError, match="ended with exit code 1"):
        oracle(SEQUENCES)
    kept = (tmp_path / ANSWERS).read_text()
    assert kept
    (tmp_path / ANSWERS).write_text(kept + kept[40:70])  # as a kill in the middle of a line leaves it
    flag.unlink()
    with lasting(tmp_path):
        assert oracle.with_(workers=3, seconds=9.0)(SEQUENCES).tolist() == [2.1, 8.1, 0.1, 0.1, 4.1]
    asked = notes.read_text().split()
    assert {one: asked.count(one) for one in SEQUENCES if asked.count(one) > 1} == {failing: 2, PARTNERS[failing]: 2}
    with lasting(tmp_path):
        assert oracle.with_(batch_size=5)(SEQUENCES[:2]).tolist() == [2.1, 8.1]  # another description
    assert len(notes.read_text().split()) == len(asked) + 2


PARTNERS = {"TTTTTTTT": "CCCCCCCC", "ACGTACGT": "AAAAAAAA"}


def test_limits_may_be_changed_after_a_failure_and_answers_are_forgotten_at_the_end(tmp_path: Path) -> None:
    flag = tmp_path / "now.flag"
    campaign = small(oracle=outside("hang", flag, seconds=0.5, batch_size=3), oracle_seconds=60)
    flag.touch()
    with pytest.raises(OracleError, match="or raise `seconds`"):
        campaign.run(seed=3, store=tmp_path / "run")
    flag.unlink()
    config = tmp_path / "run" / "config.yaml"
    text = config.read_text().replace("seconds: 0.5", "seconds: 50.0").replace("oracle_seconds: 60.0", "")
    config.write_text(text.replace("workers: 1", "workers: 2"))
    resumed = Campaign.read(tmp_path / "run").resume(tmp_path / "run")
    assert resumed.event_hash == campaign.run(seed=3).event_hash
    assert not (tmp_path / "run" / ANSWERS).exists()


def test_a_crash_is_survived_by_a_restart(tmp_path: Path) -> None:
    script = f"""import pathlib, sys
flag = pathlib.Path({str(tmp_path / "crashed")!r})
for line in sys.stdin:
    if "hello" in line:
        print("ready,1", flush=True)
    elif not flag.exists():
        flag.touch()
        sys.exit("out of memory")
    else:
        print("values,1,0.5", flush=True)"""
    fields = {"alphabet": "dna", "length": 8, "format": "csv", "back_off": 0.0}
    oracle = Command(argv=(sys.executable, "-c", script), **fields)
    with pytest.warns(UserWarning, match=r"oracle 'command: .*' ended with exit code 1; .*out of memory; restart 1"):
        assert oracle(["ACGTACGT"]).tolist() == [0.5]


def test_what_is_missing_or_not_ready_is_told_before_anything_is_written(tmp_path: Path) -> None:
    space = {"alphabet": "dna", "length": 8}
    wrong = {
        "no program 'no-such-program' on the PATH": Command(argv="no-such-program", **space),
        "can't open file": Command(argv=(sys.executable, "no_such_file.py"), **space),
        "answered `hello`, expected `ready`": Command(argv="cat", **space),
        "answered 'hello,1,[^']*', expected a row that begins with `ready`": Command(argv="cat", format="csv", **space),
    }
    for what, oracle in wrong.items():
        with pytest.raises(ConfigError, match=what):
            small(oracle=oracle).run(store=tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{kind: command, argv: [python, fold.py]}", "this oracle requires a space: give `alphabet:` with `length:`"),
        (
            "{kind: command, argv: sh, format: csv, length: 3, alphabet: {name: odd, letters: 'A,B'}}",
            "the alphabet has the letter ',', which separates cells; use `format: json`",
        ),
        ("{kind: command, alphabet: dna, length: 3}", "argv"),
    ],
)
def test_a_description_that_lacks_something_is_refused_with_the_mend(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        build(Holder, read_text(f"oracle: {text}", "campaign.yaml"))


def test_the_number_of_workers_is_not_part_of_the_record(tmp_path: Path) -> None:
    """The event hash is the same, and a run may be resumed with more of them."""
    flag = tmp_path / "now.flag"
    one, many = (small(oracle=outside("crash", flag, batch_size=3, workers=n)) for n in (1, 3))
    whole = one.run(seed=1)
    assert many.run(seed=1).event_hash == whole.event_hash
    flag.touch()
    with pytest.raises(OracleError):
        one.run(seed=1, store=tmp_path / "run")
    flag.unlink()
    assert many.resume(tmp_path / "run").event_hash == whole.event_hash


def test_values_are_those_of_the_oracle_in_python() -> None:
    sequences = small().whole_space.sample(50, np.random.default_rng(0))
    np.testing.assert_array_equal(outside()(sequences), CountingOracle()(sequences))
