"""Any program is a strategy: what it is asked, what it may answer, and what becomes of a run in which it fails."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from histories import PROGRAMS, Told, busy_history, history_of
from process_stubs import is_alive
from stubs import small
from study_stubs import small_study

import designloop as dl
from designloop.core.alphabet import DNA, states
from designloop.core.errors import ConfigError, ContractError, Notice, ProgramError
from designloop.core.records import Order, Start
from designloop.core.spaces import Space
from designloop.programs.log import LOG
from designloop.strategies import Command
from designloop.strategies.base import leaders
from designloop.strategies.question import question
from designloop.study.engines import Processes
from designloop.study.plan import plan_of
from designloop.study.recorded import results_of
from designloop.study.run import run_study


def outside(flaw: str = "none", *words: Any, **fields: Any) -> Command:
    argv = (sys.executable, "-S", str(PROGRAMS / "flawed.py"), flaw, *map(str, words))
    return Command(argv=argv, **{"restarts": 0, "back_off": 0.0, **fields})


def test_a_question_holds_everything() -> None:
    space = Space(alphabet=DNA, min_length=3, max_length=4, parent="ACG", fixed=(0,), allowed={1: "CG"})
    rows = [Told("AGG", 2.5, 0.5), Told("ACG", "lost"), Told("ACGT", None, round=2), Told("ACC", 1.0, None)]
    starts = [Start("AGT", 0.5, 0.0), Start("ACT")]
    budget = {"designs": 20, "weeks": None, "cost": 1000.0}
    history = history_of(space, rows, corpus=["ACG", "AGA"], starts=starts, budget=budget, scale="log")
    asked = question(history, Order(2, 1, replicates=3), np.random.default_rng(0))
    assert asked == {
        "type": "propose",
        "seed": 1826701615,
        "order": {
            "n_designs": 2, "n_retests": 1, "replicates": 3, "retest_replicates": 3, "wells": 9, "money": None,
            "rounds_left": None,
        },
        "space": {
            "alphabet": "ACGT", "min_length": 3, "max_length": 4, "letters": ["A", "CG", "ACGT", "ACGT"],
            "parent": "ACG", "parents": [], "fixed": [0], "max_edits": None, "rules": [], "excluded": [],
            "shared": None, "pool": None, "size": 40,
        },
        "known": {"corpus": ["ACG", "AGA"], "starts": ["ACT"]},
        "history": {
            "id": [-1, 3, 1, 0],
            "sequence": ["AGT", "ACC", "ACG", "AGG"],
            "value": [0.5, 1.0, None, 2.5],
            "std_error": [0.0, None, None, 0.5],
            "outcome": ["observed", "observed", "lost", "observed"],
            "round": [0, 1, 1, 1],
            "n_replicates": [1, 1, 0, 1],
        },
        "pending": {"id": [2], "sequence": ["ACGT"], "round": [2]},
        "retesting": [],
        "taken": ["ACC", "ACGT", "AGG", "AGT"],
        "round": 2,
        "week": pytest.approx(9 / 60 / 24 / 7),
        "left": {"designs": 16, "weeks": None, "cost": 1000.0},
        "scale": "log",
    }  # fmt: skip


def test_a_question_is_the_same_whatever_the_order_of_submission() -> None:
    space = Space.of_length(DNA, 8)
    rows = [int(i) for i in np.random.default_rng(8).permutation(38)]
    one, other = (
        question(busy_history(space, order=order), Order(4), np.random.default_rng(1)) for order in (None, rows)
    )
    assert one["history"].pop("id") != other["history"].pop("id")
    assert one["pending"].pop("id") != other["pending"].pop("id")
    assert one == other


def test_a_pool_is_told_whole_and_a_size_beyond_exact_floats_is_not() -> None:
    def space_in(space: Space) -> dict[str, Any]:
        found: dict[str, Any] = question(history_of(space), Order(1), np.random.default_rng(0))["space"]
        return found

    pool = space_in(Space.of_pool(DNA, ["ACGT", "TTTT"]))
    assert (pool["pool"], pool["size"]) == (["ACGT", "TTTT"], 2)
    assert space_in(Space.of_length(DNA, 26))["size"] == 4**26
    assert space_in(Space.of_length(DNA, 27))["size"] is None
    assert json.loads(json.dumps(space_in(Space.of_length(states(80), 2))))["alphabet"][70] == states(80).letters[70]


@pytest.mark.parametrize(
    ("flaw", "what"),
    [
        ("few", "found 1 of 8 new designs ordered; let it propose more"),
        ("many", "proposed 9 designs, expected 8"),
        ("twice", "proposed 'AAAAAAAC' twice"),
        ("taken", "proposed 1 taken sequence, first 'AAAAAAAA' (measured)"),
        (
            "outside",
            "proposed 1 sequence outside the space, first 'ĀĀĀĀĀĀĀĀ'; propose sequences that `space` in the question",
        ),
        ("retests", "retests design 999, which has no value"),
    ],
)
def test_a_wrong_answer_is_refused_in_the_name_of_the_program(flaw: str, what: str) -> None:
    name = f"strategy 'command: {Path(sys.executable).name} -S flawed.py {flaw}' "
    with pytest.raises(ContractError) as caught:
        small(strategy=outside(flaw)).run()
    assert f"{name}{what}" in str(caught.value)
    assert "while round " in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("flaw", "what"),
    [
        ("infinite", "the answer `proposal` is wrong: choices.0.mean: Input should be a finite number"),
        ("narrow", "choices.0.std: Input should be greater than or equal to 0"),
    ],
)
def test_a_prediction_that_is_none_is_refused(flaw: str, what: str) -> None:
    with pytest.raises(ProgramError) as caught:
        small(strategy=outside(flaw)).run()
    assert what in str(caught.value)


def test_too_few_choices_are_filled_only_where_the_strategy_says_so() -> None:
    order, history = Order(4), history_of(Space.of_length(DNA, 8))
    filled, short = (
        outside("few", fill=fill).answer(history, order, np.random.default_rng(0)) for fill in ("uniform", "short")
    )
    assert [choice.origin for choice in filled.choices] == ["program", "fill", "fill", "fill"]
    assert [choice.sequence for choice in short.choices] == ["AAAAAAAA"]


def test_a_mistake_is_not_hidden_by_a_fill() -> None:
    history = busy_history(Space.of_length(DNA, 8))
    with pytest.raises(ContractError, match="taken sequence"):
        outside("taken", fill="uniform").answer(history, Order(4), np.random.default_rng(0))


def test_a_program_that_names_no_retests_has_the_leaders_measured_again() -> None:
    history = busy_history(Space.of_length(DNA, 8))
    assert outside().answer(history, Order(2, 3), np.random.default_rng(0)).retests == leaders(history, 3)


def test_what_is_missing_or_not_ready_is_told_before_anything_is_written(tmp_path: Path) -> None:
    wrong = {
        "no program 'no-such-program' on the PATH": Command(argv="no-such-program"),
        "can't open file": Command(argv=(sys.executable, "no_such_file.py")),
        "answered `hello`, expected `ready`": Command(argv="cat"),
    }
    for what, strategy in wrong.items():
        with pytest.raises(ConfigError, match=what):
            small(strategy=strategy).run(store=tmp_path / "run")
        assert not (tmp_path / "run").exists()


def test_after_a_crash_a_resumed_run_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    campaign = small(strategy=outside("crash later", flag))
    whole = campaign.run(seed=3)
    flag.touch()
    with pytest.raises(ProgramError, match=r"ended with exit code 1 .* the disk is full .*program\.log\)") as caught:
        campaign.run(seed=3, store=tmp_path / "run")
    assert str(tmp_path / "run" / LOG) in str(caught.value)
    flag.unlink()
    assert campaign.resume(tmp_path / "run").event_hash == whole.event_hash
    log = (tmp_path / "run" / LOG).read_text()
    assert log.count("# ") == 2  # started twice
    assert log.count("round 0") == 1  # and not asked again for what is recorded
    assert log.count("round 1") == 2


def test_a_mended_program_goes_on_with_a_notice(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    text = (PROGRAMS / "flawed.py").read_text()
    mine.write_text(text.replace("message['round']", "message['rounds']"))
    campaign = small(strategy=Command(argv=(sys.executable, str(mine), "none"), restarts=0))
    with pytest.raises(ProgramError, match="KeyError: 'rounds'"):
        campaign.run(store=tmp_path / "run")
    mine.write_text(text)
    with pytest.warns(Notice, match=r"mine\.py changed since the run began\. The run continues with the new code"):
        result = campaign.resume(tmp_path / "run")
    assert result.stop == "the designs are spent"


def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    script = 'read h; echo \'{"type":"ready","protocol":1}\'; read q; sleep 60 & echo $$ $! > pids; wait'
    campaign = small(strategy=Command(argv=("bash", "-c", script), folder=str(tmp_path)))
    (tmp_path / "campaign.yaml").write_text(dl.core.config.to_yaml(campaign.describe()))
    command = [sys.executable, "-m", "designloop", "run", "campaign.yaml", "--quiet", "--out", "run"]
    paths = os.pathsep.join(map(str, (PROGRAMS.parents[1], PROGRAMS.parent)))
    run = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    for _ in range(400):
        if (pids := tmp_path / "pids").exists() and pids.read_text().endswith("\n"):
            break
        time.sleep(0.05)
    program, child = map(int, pids.read_text().split())
    assert is_alive(program)
    assert is_alive(child)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert run.returncode == 130, said
    assert not is_alive(program)
    assert not is_alive(child)


def test_a_program_races_others_in_a_study(tmp_path: Path) -> None:
    mutants = {"kind": "command", "argv": [sys.executable, "-S", str(PROGRAMS / "mutants.py")]}
    study = small_study(
        axes={"strategies": {"outside": mutants, "at random": "random-viable", "genetic": "genetic"}},
        seeds=2, floor="at random",
    )  # fmt: skip
    run_study(study, tmp_path, engine=Processes(2))
    results = results_of(tmp_path)
    assert [cell.error for cell in results.cells] == [None] * 6
    assert len({cell.event_hash for cell in results.cells}) == 6


def test_a_study_tells_of_a_missing_program_before_any_work(tmp_path: Path) -> None:
    study = small_study(axes={"strategies": {"a": "random", "outside": {"kind": "command", "argv": "no-such-program"}}})
    with pytest.raises(ConfigError, match="no program 'no-such-program'"):
        run_study(study, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_study_plays_the_cells_of_a_changed_program_again(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    keys = []
    for text, helper in (("import helper_of_mine", ""), ("import helper_of_mine", "x = 1"), ("import json", "x = 1")):
        mine.write_text(text)
        (tmp_path / "helper_of_mine.py").write_text(helper)
        options = {"a": "random", "outside": {"kind": "command", "argv": ["python", str(mine)]}}
        keys.append([cell.key for cell in plan_of(small_study(axes={"strategies": options})).cells])
    assert keys[0] != keys[1] != keys[2]
    assert keys[0][::2] == keys[1][::2]
