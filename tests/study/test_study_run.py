"""A study: its cells, each played once and recorded as it ends, whatever plays them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stubs import CountingOracle
from study_stubs import BASE, Here, small_study

from designloop.campaign import Campaign
from designloop.core.config import to_yaml
from designloop.core.errors import ConfigError, StoreError
from designloop.extension import extend
from designloop.storage.cells import CellStore
from designloop.study.description import Study
from designloop.study.engines import Dask, Processes
from designloop.study.look import Look
from designloop.study.plan import plan_of
from designloop.study.recorded import results_of
from designloop.study.results import StudyResults
from designloop.study.run import Progress, run_study
from designloop.study.tables import markdown, warnings_table
from designloop.study.telling import warnings_in
from designloop.study.verdict import assess

ROOT = Path(__file__).parent.parent.parent
HEAD = "import designloop as dl\n\n@dl.oracle(alphabet=dl.DNA, length=8)\ndef f(sequences):\n"
KILL = "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n"


@pytest.fixture(autouse=True)
def _unbroken_oracle() -> None:
    CountingOracle.fresh()


def facts(results: StudyResults) -> list[Any]:
    """What must not depend on how a study was run: all but the time it took."""
    return [
        (cell.key, dict(cell.labels), cell.seed, cell.event_hash, cell.error, cell.traces["true"].values.tolist())
        for cell in results.cells
    ]


def test_every_combination_is_a_cell_for_each_seed() -> None:
    plan = plan_of(small_study())
    assert len(plan.cells) == len({cell.key for cell in plan.cells}) == 12
    assert plan.axes == {"strategies": ("a", "b"), "scheduler.batch_size": ("4", "6")}
    assert {cell.seed for cell in plan.cells} == {0, 1, 2}


def test_an_ehrlich_function_has_instances_and_each_its_own_seeds() -> None:
    oracle = {"kind": "ehrlich", "num_states": 16, "length": 16, "num_motifs": 2, "motif_length": 4}
    study = small_study(base={**BASE, "oracle": oracle}, instances=2, seeds=2, axes={"strategies": {"a": "random"}})
    cells = plan_of(study).cells
    assert [cell.seed for cell in cells] == [0, 1, 2, 3]
    assert len({cell.instance for cell in cells}) == 2
    assert cells[0].instance == cells[1].instance


def test_what_is_put_around_an_ehrlich_function_is_drawn_with_it() -> None:
    """Each instance has a function, natural sequences and a naturalness of its own."""
    ehrlich = {"kind": "ehrlich", "num_states": 16, "length": 16, "num_motifs": 2, "motif_length": 4}
    oracle = {"kind": "expression", "oracle": {"kind": "evolved", "oracle": ehrlich}}
    study = small_study(base={**BASE, "oracle": oracle}, instances=3, seeds=1, axes={"strategies": {"a": "random"}})
    drawn = [(cell.instance, json.loads(cell.config)["oracle"]) for cell in plan_of(study).cells]
    assert len({instance for instance, _ in drawn}) == 3
    assert all(one["seed"] == one["oracle"]["oracle"]["seed"] == instance for instance, one in drawn)


def test_instances_begin_at_the_seed_that_is_described_wherever_it_stands() -> None:
    ehrlich = {"kind": "ehrlich", "num_states": 16, "length": 16, "num_motifs": 2, "motif_length": 4, "seed": 5}
    evolved = {"kind": "evolved", "oracle": ehrlich}
    drawn = []
    for oracle in (ehrlich, evolved, {"kind": "expression", "oracle": evolved}):
        study = small_study(base={**BASE, "oracle": oracle}, instances=2, seeds=1, axes={"strategies": {"a": "random"}})
        drawn.append([cell.instance for cell in plan_of(study).cells])
    assert drawn[0][0] >= 5
    assert drawn == [drawn[0]] * 3


def test_a_table_has_as_many_cells_as_a_landscape_with_instances() -> None:
    cells = plan_of(small_study(instances=2, seeds=2, axes={"strategies": {"a": "random"}})).cells
    assert [(cell.instance, cell.seed) for cell in cells] == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_adding_a_strategy_plays_only_what_is_new(tmp_path: Path) -> None:
    run_study(small_study(), tmp_path / "study", Here())
    again, wider = Here(), Here()
    assert run_study(small_study(), tmp_path / "study", again).n_found == 12
    assert again.played == []
    axes = {**small_study().axes, "strategies": {"a": "random", "b": {"kind": "stubs:Scripted"}, "c": "random"}}
    progress = run_study(small_study(axes=axes), tmp_path / "study", wider)
    assert (progress.n_found, progress.n_done, len(wider.played)) == (12, 6, 6)
    assert len(results_of(tmp_path / "study").cells) == 18


def test_a_key_follows_the_settings_the_seed_the_label_and_the_files(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    code = f"{HEAD}    return [{{}}] * len(sequences)\n"
    file.write_text(code.format("1.0"))
    base = {**BASE, "oracle": f"{file}:f"}
    study = small_study(base=base, axes={"strategies": {"a": "random"}}, seeds=1)
    (cell,) = plan_of(study).cells
    assert plan_of(study).cells[0].key == cell.key
    other = small_study(base=base, axes={"strategies": {"z": "random"}}, seeds=1, floor=None)
    assert plan_of(other).cells[0].key != cell.key
    file.write_text(code.format("2.00"))
    assert plan_of(study).cells[0].key != cell.key


def test_a_key_follows_the_model_that_stands_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "esm").mkdir()
    weights = tmp_path / "esm" / "model.safetensors"
    weights.write_bytes(b"weights")
    model = {"kind": "huggingface", "path": str(tmp_path / "esm")}
    guided = {"kind": "model-guided", "generator": {"kind": "language-model", "model": model}}
    options = {"a": {"needs": str(tmp_path / "esm"), "strategy": guided}}
    study = small_study(axes={"models": options}, compare="models", floor=None, seeds=1)
    (cell,) = plan_of(study).cells
    assert plan_of(study).cells[0].key == cell.key
    weights.write_bytes(b"others!")
    assert plan_of(study).cells[0].key != cell.key


def test_results_do_not_depend_on_the_order_of_cells(tmp_path: Path) -> None:
    run_study(small_study(), tmp_path / "one", Here())
    run_study(small_study(), tmp_path / "other", Here(shuffle=lambda tasks: tasks[::-1]))
    assert facts(results_of(tmp_path / "one")) == facts(results_of(tmp_path / "other"))


def test_results_do_not_depend_on_the_engine(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    run_study(small_study(), tmp_path / "one", Here())
    run_study(small_study(), tmp_path / "processes", Processes(2))
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False
    ) as cluster:
        run_study(small_study(), tmp_path / "dask", Dask(cluster.scheduler_address))
    expected = facts(results_of(tmp_path / "one"))
    assert facts(results_of(tmp_path / "processes")) == facts(results_of(tmp_path / "dask")) == expected


def test_an_interrupted_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first, second = Here(stops_at=5), Here()
    with pytest.raises(KeyboardInterrupt):
        run_study(small_study(), tmp_path / "study", first)
    run_study(small_study(), tmp_path / "study", second)
    assert len(first.played) == 5
    assert not set(first.played) & set(second.played)
    run_study(small_study(), tmp_path / "whole", Here())
    assert facts(results_of(tmp_path / "study")) == facts(results_of(tmp_path / "whole"))


def test_a_killed_study_keeps_what_was_recorded_and_its_workers_end_with_it(tmp_path: Path) -> None:
    config = tmp_path / "study.yaml"
    config.write_text(to_yaml(small_study(seeds=200).describe()))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [
        sys.executable,
        "-m",
        "designloop.cli.main",
        "study",
        str(config),
        "--out",
        str(tmp_path / "out"),
        "--quiet",
    ]
    running = subprocess.Popen(command, env=env, start_new_session=True)
    database = tmp_path / "out" / "study.db"
    while _n_recorded(database) < 3:
        assert running.poll() is None, "the study ended before it could be killed"
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    _wait_until_alone(running.pid)
    kept = _n_recorded(database)
    assert 3 <= kept < 800
    assert run_study(small_study(seeds=1), tmp_path / "out", Here(), change_plan=True).n_found > 0
    assert _n_recorded(database) >= kept


def _n_recorded(database: Path) -> int:
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return int(connection.execute("select count(*) from cells").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _wait_until_alone(session: int) -> None:
    """Wait for every process of a session to end; a worker that outlives its study would keep this waiting for ever."""
    import psutil

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        left = [p for p in psutil.process_iter() if _session_of(p.pid) == session and p.status() != "zombie"]
        if not left:
            return
        time.sleep(0.05)
    pytest.fail(f"workers outlive their study: {left}")


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def test_a_failed_cell_is_recorded_stops_no_other_and_is_played_again(tmp_path: Path) -> None:
    broken = {"kind": "stubs:Scripted", "flaw": "twice"}
    study = small_study(axes={"strategies": {"a": "random", "bad": broken}}, seeds=2)
    progress = run_study(study, tmp_path, Here())
    assert (progress.n_done, len(progress.failures)) == (2, 2)
    assert "proposed" in progress.failures[0][1]
    results = results_of(tmp_path)
    assert [cell.labels["strategies"] for cell in results.cells if cell.error] == ["bad", "bad"]
    assert len(results.done) == 2
    again = Here()
    run_study(study, tmp_path, again)
    assert len(again.played) == 2


def test_a_worker_that_dies_costs_its_cells_only(tmp_path: Path) -> None:
    marker = tmp_path / "died"
    file = tmp_path / "deadly.py"
    once = (
        f"    from pathlib import Path\n    if Path({str(marker)!r}).exists():\n        return [1.0] * len(sequences)\n"
    )
    file.write_text(f"{HEAD}{once}    Path({str(marker)!r}).touch()\n{KILL}")
    study = small_study(base={**BASE, "oracle": f"{file}:f"}, axes={"strategies": {"a": "random"}}, seeds=4)
    progress = run_study(study, tmp_path / "study", Processes(2))
    assert marker.exists()
    assert (progress.n_done, progress.failures) == (4, [])
    with sqlite3.connect(tmp_path / "study" / "study.db") as connection:
        assert connection.execute("select count(*), count(distinct key) from cells").fetchone() == (4, 4)


def test_a_cell_whose_worker_always_dies_is_given_up_after_three_times(tmp_path: Path) -> None:
    file = tmp_path / "deadly.py"
    file.write_text(HEAD + KILL)
    study = small_study(base={**BASE, "oracle": f"{file}:f"}, axes={"strategies": {"a": "random"}}, seeds=1)
    progress = run_study(study, tmp_path / "study", Processes(1))
    assert [failure.cause for failure in progress.failures] == ["the worker died 3 times in this cell (out of memory?)"]


def test_cells_of_one_lab_and_seed_meet_the_same_luck(tmp_path: Path) -> None:
    study = small_study(axes={"strategies": {"a": "random", "b": "random"}}, seeds=2, keep_events=True)
    run_study(study, tmp_path, Here())
    results = results_of(tmp_path)
    outcomes = {(cell.labels["strategies"], cell.seed): dict(cell.outcomes) for cell in results.cells}
    assert outcomes["a", 0].get("synthesis_failed", 0) == outcomes["b", 0].get("synthesis_failed", 0)
    first = {(cell.labels["strategies"], cell.seed): cell.traces["true"] for cell in results.cells}
    assert first["a", 0].weeks[0] == first["b", 0].weeks[0]
    assert not np.array_equal(first["a", 0].values, first["b", 0].values), "copies of a strategy are independent"
    assert len(list((tmp_path / "cells").iterdir())) == 4


def test_a_cell_that_was_extended_is_no_result_of_the_study(tmp_path: Path) -> None:
    study = small_study(axes={"strategies": {"a": "random"}}, seeds=2, keep_events=True)
    run_study(study, tmp_path, Here())
    place = min((tmp_path / "cells").iterdir())
    extend(place, {"budget.designs": 30})
    (tmp_path / "study.db").unlink()
    failures = run_study(study, tmp_path, Here()).failures
    assert len(failures) == 1
    assert f"{place} was extended" in failures[0].cause


def test_closed_rounds_at_equal_designs_do_not_feel_the_delay(tmp_path: Path) -> None:
    turnaround = {f"{weeks} weeks": {"lab.stages.0.days": 5 * weeks} for weeks in (0, 1, 8)}
    lab = {"stages": [{"name": "all", "days": 0}], "assay": {"noise": {"eps": 0.2}}}
    guided = {"kind": "model-guided", "generator": {"kind": "mutation", "climb": {"generations": 2, "children": 30}}}
    study = small_study(
        base={**BASE, "lab": lab, "strategy": guided}, axes={"turnaround": turnaround}, compare="turnaround", floor=None
    )
    run_study(study, tmp_path, Here())
    for seed in range(3):
        values = {cell.traces["true"].values.tobytes() for cell in results_of(tmp_path).cells if cell.seed == seed}
        assert len(values) == 1


def test_an_option_whose_file_is_missing_is_left_out_and_said(tmp_path: Path) -> None:
    landscapes = {
        "mine": {"oracle": "stubs:CountingOracle"},
        "table": {"needs": "$NO_SUCH_FOLDER/table.csv", "oracle": {"kind": "landscape", "path": "table.csv"}},
    }
    plan = plan_of(small_study(axes={"landscapes": landscapes}, compare="landscapes", floor=None))
    assert plan.axes == {"landscapes": ("mine",)}
    assert plan.left_out == ("landscapes: table (no file $NO_SUCH_FOLDER/table.csv)",)


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        (
            {"strategies": {"a": "random"}, "scheduler.bach_size": [1]},
            r"unknown key 'bach_size' \(scheduler.bach_size, option '1' of study 'small'\). Did you mean 'batch_s",
        ),
        (
            {"strategies": ["random"], "strategis": ["random"]},
            r"axis 'strategis' .* is not a campaign key. Did you mean 'strategies'\?",
        ),
        ({"strategies": {"a": "random"}, "scheduler.batch_size": [4, 4]}, r"two options called '4'"),
        (
            {"strategies": {"a": "random"}, "size": {"x": {"lab.plate_size": 24}, "y": {"lab.plate_size": 24}}},
            r"two cells are the same",
        ),
        (
            {"strategies": {"a": "random"}, "price": {"dear": {"lab.cost.per_week": 7, 500: None}}},
            r"option 'dear' of the axis 'price' has the key 500, which is not a dotted campaign key",
        ),
        (
            {"strategies": {"a": "random"}, "practice": {"rounds": {None: None}}},
            r"option 'rounds' of the axis 'practice' has the key None, which is not a dotted campaign key",
        ),
    ],
    ids=["unknown key", "unknown axis", "one label twice", "two cells of one key", "7,500 in a mapping", "no key"],
)
def test_a_mistake_in_the_axes_is_told_before_any_work(axes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    engine = Here()
    with pytest.raises(ConfigError, match=sentence):
        run_study(small_study(axes=axes), tmp_path / "study", engine)
    assert engine.played == []
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"floor": "c"}, r"`floor` names 'c', which is not a label of axis 'strategies'"),
        ({"threshold": {"gb-1": 4.0}, "axes": {"strategies": {"a": "random"}, "oracles": ["stubs:CountingOracle"]}},
         r"`threshold` names 'gb-1', which is not a label of axis 'oracles'"),
    ],
    ids=["floor", "threshold"],
)  # fmt: skip
def test_a_label_that_is_none_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        plan_of(small_study(**changes))


def test_whole_parts_are_set_before_their_keys() -> None:
    axes = {"noise": {"poor": {"lab.assay.lost_wells": 0.5}}, "labs": {"good": "good"}, "strategies": {"a": "random"}}
    (cell,) = plan_of(small_study(axes=axes, seeds=1)).cells
    assert '"lost_wells": 0.5' in cell.config


def test_a_module_of_the_users_own_is_in_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_landscape.py").write_text(f"{HEAD}    return [1.0] * len(sequences)\n")
    study = small_study(base={**BASE, "oracle": "my_landscape:f"}, axes={"strategies": {"a": "random"}}, seeds=1)
    before = plan_of(study).cells[0].key
    (tmp_path / "my_landscape.py").write_text(f"{HEAD}    return [2.00] * len(sequences)\n")
    assert plan_of(study).cells[0].key != before


def test_another_study_does_not_take_over_a_folder(tmp_path: Path) -> None:
    run_study(small_study(seeds=1), tmp_path, Here())
    with pytest.raises(StoreError, match=r"holds the study 'small', not 'other'"):
        run_study(small_study(seeds=1, name="other"), tmp_path, Here())


def test_settings_from_the_command_line_are_dotted_keys(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(to_yaml(small_study(settings={"budget.designs": 6}).describe()))
    study = Study.read(file, ["settings.budget.weeks=26", "axes.scheduler.batch_size=[2, 3]", "seeds=1"])
    cells = plan_of(study).cells
    assert len(cells) == 4
    assert all('"designs": 6, "weeks": 26' in cell.config for cell in cells)


def test_an_unreachable_scheduler_is_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    with pytest.raises(ConfigError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*`dask scheduler`"):
        run_study(small_study(), tmp_path, Dask("tcp://127.0.0.1:9", patience=1.0))


def test_a_store_of_an_older_schema_is_refused_with_the_way_out(tmp_path: Path) -> None:
    run_study(small_study(seeds=1), tmp_path, Here())
    with sqlite3.connect(tmp_path / "study.db") as connection:
        connection.execute("update about set value = '0' where key = 'version'")
    with pytest.raises(StoreError, match=r"\(schema 0\).*move the study's folder elsewhere"):
        run_study(small_study(seeds=1), tmp_path, Here())


def test_a_folder_that_a_kill_left_half_made_is_begun_again(tmp_path: Path) -> None:
    """A manifest that never took its place, or took it before there was a store."""
    (tmp_path / ".manifest.json-0a1b2c3d").write_text('{"pyth')
    with pytest.raises(StoreError, match=r"holds no study"):
        results_of(tmp_path)
    assert run_study(small_study(seeds=1), tmp_path, Here()).n_left == 0
    for name in ("study.db", "study.yaml"):
        (tmp_path / name).unlink()
    assert run_study(small_study(seeds=1), tmp_path, Here()).n_left == 0


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("do not lose me")
    with pytest.raises(StoreError, match=r"holds something other than a study.*--out"):
        run_study(small_study(), tmp_path, Here())
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(StoreError, match=r"holds no study"):
        results_of(tmp_path)


def test_a_plan_changed_after_cells_were_recorded_is_remembered(tmp_path: Path) -> None:
    run_study(small_study(seeds=1), tmp_path, Here())
    run_study(small_study(seeds=2), tmp_path, Here())
    run_study(small_study(seeds=2), tmp_path, Here())
    plans = results_of(tmp_path).description["plans"]
    assert [(n_recorded, plan["seeds"]) for n_recorded, plan in plans] == [(0, 1), (4, 2)]


AXES = small_study().axes
OTHER = {**BASE, "budget": {"designs": 6}}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"look": {"trace": "true"}}, r'look\.trace: "recommended" became "true"'),
        ({"seeds": 1}, r"seeds: 2 became 1"),
        ({"axes": {"strategies": AXES["strategies"]}}, r"axes: .* became \[\"strategies\"\]"),
        ({"axes": {**AXES, "strategies": {**AXES["strategies"], "a": "genetic"}}}, r'axes\.strategies\.a: "random"'),
        ({"base": OTHER, "threshold": 0.5}, r"threshold: none became 0\.5; base\.budget\.designs: 12 became 6"),
    ],
)
def test_another_plan_under_the_same_name_is_refused_until_it_is_asked_for(
    changes: dict[str, Any], named: str, tmp_path: Path
) -> None:
    before = small_study(seeds=2)
    with CellStore.open(_planned(tmp_path, before)) as store:
        store.record(plan_of(before).cells[0].key, {"seconds": 0.0, "error": None})
    after = small_study(**{"seeds": 2, **changes})
    kept = (tmp_path / "study.yaml").read_text()
    with pytest.raises(StoreError, match=rf"holds 1 cell of another plan .*\({named}.*store=.*change_plan=True"):
        run_study(after, tmp_path, Silent())
    assert (tmp_path / "study.yaml").read_text() == kept
    run_study(after, tmp_path, Silent(), change_plan=True)
    with CellStore.open(tmp_path / "study.db") as store:
        assert "; ".join(store.plans()[-1][1]["changed"]).startswith(named[:4])


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": 3, "question": "Which one?"},
        {"axes": {**AXES, "strategies": {"a": "random", "c": "genetic"}}},
        {"base": {**BASE, "strategy": {"kind": "stubs:Scripted"}, "budget": {"designs": 12, "weeks": None}}},
    ],
    ids=["more seeds", "other labels", "another spelling"],
)
def test_what_changes_no_recorded_cell_is_no_other_plan(changes: dict[str, Any], tmp_path: Path) -> None:
    before = small_study(seeds=2)
    with CellStore.open(_planned(tmp_path, before)) as store:
        store.record(plan_of(before).cells[0].key, {"seconds": 0.0, "error": None})
    run_study(small_study(**{"seeds": 2, **changes}), tmp_path, Silent())


def test_a_plan_without_a_finished_cell_may_be_corrected(tmp_path: Path) -> None:
    _planned(tmp_path, small_study())
    run_study(small_study(look={"trace": True}), tmp_path, Silent())
    assert Study.read(tmp_path / "study.yaml").look.trace == "true"


class Silent:
    """Plays nothing."""

    def outcomes(self, tasks: list[Any]) -> Iterator[Any]:
        return (_ for _ in ())


def _planned(place: Path, study: Study) -> Path:
    """The database of a study that was planned and not run."""
    run_study(study, place, Silent())
    return place / "study.db"


def test_the_warnings_of_cells_are_kept_counted_and_not_printed(tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "odd.py").write_text(f"{HEAD}    odd.append(0)\n    return [len(odd) / 9] * len(sequences)\nodd = []\n")
    base = {**BASE, "oracle": f"{tmp_path / 'odd.py'}:f"}
    done = run_study(small_study(base=base, axes={"strategies": {"a": "random"}}, seeds=2), tmp_path / "s", Here())
    assert "".join(capfd.readouterr()) == ""
    assert [line.partition("; the first: strategies a, seed 0: oracle ")[0] for line in warnings_in(done)] == [
        "2 cells with unreliable results"
    ]
    results = results_of(tmp_path / "s")
    verdict = assess(results)
    assert verdict.caveats == (
        "The results rest on unreliable runs: 2 of 2 finished cells are unreliable: oracle 'odd.py:f' is not "
        "deterministic.",
    )
    assert verdict.settings[0].sentence.endswith(
        "2 of 2 finished cells are unreliable: oracle 'odd.py:f' is not deterministic."
    )
    assert warnings_table(results).rows[0][:2] == ("a", "0, 1")
    assert markdown(verdict).splitlines()[2] == verdict.caveats[0]


def test_a_verdict_on_another_look_than_the_planned_one_is_exploratory(tmp_path: Path) -> None:
    results = results_of(_planned(tmp_path, small_study(seeds=1)).parent)
    assert assess(results).caveats == ()
    assert assess(results, Look(trace="true", at={"designs": 6})).caveats == (
        "Exploratory: this compares true at 6 designs; the plan of the study compares recommended at equal designs.",
    )


def test_a_smoke_study_is_small() -> None:
    study = small_study(seeds=50, instances=3, axes={**small_study().axes, "budget.designs": [6, 12, 18, 24]}).smoked()
    plan = plan_of(study)
    assert len(plan.cells) == 2 * 2 * 2
    assert all('"max_rounds": 2' in cell.config for cell in plan.cells)


def test_a_changed_data_file_runs_its_cells_again_and_no_others(tmp_path: Path) -> None:
    table = tmp_path / "table[1].csv"
    other = tmp_path / "other.csv"
    for file in (table, other):
        file.write_text(
            "sequence,value\n" + "".join(f"{a}{b}CGT,{i}.5\n" for i, (a, b) in enumerate(["AA", "AC", "CA"]))
        )
    oracles = {file.name: {"kind": "landscape", "path": str(file)} for file in (table, other)}
    base = {**BASE, "strategy": "random", "scheduler": {"kind": "rounds", "batch_size": 1}, "budget": {"designs": 2}}
    study = small_study(base=base, axes={"oracles": oracles}, compare="oracles", floor=None, seeds=2)
    run_study(study, tmp_path / "study", Here())
    table.write_text(table.read_text().replace("2.5", "9.5"))
    again = Here()
    progress = run_study(study, tmp_path / "study", again)
    assert (progress.n_found, progress.n_done, progress.failures) == (2, 2, [])
    assert len(again.played) == 2


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({}, (20, 1)),
        ({"instances": 30}, (30, 1)),
        ({"instances": 1}, (1, 20)),
        ({"seeds": 5}, (1, 5)),
        ({"instances": 2, "seeds": 5}, (2, 5)),
    ],
)
def test_a_study_that_names_no_number_has_twenty_units(given: dict[str, int], numbers: tuple[int, int]) -> None:
    study = Study(base=BASE, axes={"strategies": {"a": "random"}}, **given)
    assert (study.instances, study.seeds) == numbers
    assert study.with_(name="other").describe() == {**study.describe(), "name": "other"}


def test_three_contestants_on_two_landscapes_are_120_cells_and_the_plan_says_so() -> None:
    """Of a landscape that is drawn 20 instances with one seed; of a table 20 seeds."""
    ehrlich = {"kind": "ehrlich", "num_states": 16, "length": 16, "num_motifs": 2, "motif_length": 4}
    strategies = {"a": "random", "b": {"kind": "stubs:Scripted"}, "c": "genetic"}
    drawn = {"ehrlich": ehrlich, "nk": {"kind": "nk", "length": 8}}
    plan = plan_of(Study(base=BASE, axes={"strategies": strategies, "oracles": drawn}))
    assert str(plan) == "strategies (3) × oracles (2) × instances (20) = 120 cells"
    assert len({(cell.labels["oracles"], cell.instance) for cell in plan.cells}) == 40
    table = plan_of(Study(base=BASE, axes={"strategies": strategies}))
    assert str(table) == "strategies (3) × seeds (20) = 60 cells"
    both = plan_of(Study(base=BASE, axes={"strategies": strategies, "oracles": {**drawn, "table": BASE["oracle"]}}))
    assert (
        str(both)
        == "strategies (3) × oracles (3) × instances (20) = 180 cells; a measured table has seeds instead of instances"
    )
    assert {cell.seed for cell in both.cells if cell.labels["oracles"] == "table"} == set(range(20))


def test_how_long_the_rest_will_take_is_known_from_what_is_recorded(tmp_path: Path) -> None:
    """Each cell as long as those of its labels, or as all: here 1 s for a, 3 s for b, so 2 s for c."""
    study = small_study(axes={"strategies": {"a": "random", "b": {"kind": "stubs:Scripted"}}}, seeds=3)
    seen: list[Progress] = []

    def see(progress: Progress) -> None:
        seen.append(replace(progress, failures=[]))

    run_study(study, tmp_path / "study", Processes(2), see)
    assert seen[0].seconds_ahead is None
    assert (seen[0].plan, seen[0].n_workers) == ("strategies (2) × seeds (3) = 6 cells", 2)
    for labels, seconds in (("a", 1.0), ("b", 3.0)):
        with closing(sqlite3.connect(tmp_path / "study" / "study.db")) as store, store:
            named = [key for key, cell in store.execute('SELECT "key", cell FROM planned') if f'"{labels}"' in cell]
            store.executemany('UPDATE cells SET seconds = ? WHERE "key" = ?', [(seconds, key) for key in named])
    seen.clear()
    more = small_study(axes={"strategies": {**study.axes["strategies"], "c": "genetic"}}, seeds=4)
    run_study(more, tmp_path / "study", Processes(2), see)
    assert seen[0].seconds_ahead == pytest.approx((1.0 + 3.0 + 4 * 2.0) / 2)


def test_the_only_axis_is_compared():
    study = small_study(axes={"schedulers": {"a": "rounds", "b": "weekly"}}, floor="a")
    assert study.compare == "schedulers"


def test_an_infinite_limit_of_an_oracles_time_is_none():
    assert Campaign(**BASE, oracle_seconds=float("inf")).oracle_seconds is None
