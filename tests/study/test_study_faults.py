"""A part of the user's own that fails in a study: told by the part, the line and the cell, also from a worker."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from study_stubs import BASE, Here, small_study
from typer.testing import CliRunner

from designloop.campaign import Campaign
from designloop.cli.main import app
from designloop.core.config import to_yaml
from designloop.core.errors import PartError
from designloop.study.description import Study
from designloop.study.engines import Dask, Engine, Processes
from designloop.study.recorded import results_of
from designloop.study.run import run_study

THEIRS = '''"""Parts of the user's own; each fails in its own way."""

import designloop as dl


def helper():
    raise ValueError("cannot reshape array of size 0")


class Forest(dl.surrogates.BayesianLinear):
    def fit(self, history, rng):
        helper()


class Picky(dl.acquisition.Greedy):
    def choose(self, *args, **kwargs):
        return {}["nothing"]


class Maker(dl.generators.Mutation):
    def propose(self, history, n, rng, *, score=None):
        return history.nowhere


class Planner(dl.scheduling.Rounds):
    def wish(self, history):
        return 1 / 0


class Chooser(dl.strategies.Random):
    def propose(self, history, order, rng):
        raise SystemExit(3)


class Silent(dl.strategies.Random):
    def propose(self, history, order, rng):
        return dl.Proposal(tuple(dl.Choice(number, "no sequence") for number in range(order.n_designs)))
'''
GUIDED = {"kind": "model-guided", "generator": {"kind": "mutation", "climb": {"generations": 1, "children": 8}}}
FAULTS = {
    "surrogate": (
        {"strategy": {**GUIDED, "surrogate": "{file}:Forest"}},
        "surrogate 'theirs.py:Forest' raised ValueError: cannot reshape array of size 0 ({file}, line 7, in helper: ",
    ),
    "acquisition": (
        {"strategy": {**GUIDED, "acquisition": "{file}:Picky"}},
        "acquisition function 'theirs.py:Picky' raised KeyError: 'nothing' ({file}, line 17, in choose: ",
    ),
    "generator": (
        {"strategy": {**GUIDED, "generator": "{file}:Maker"}},
        "generator 'theirs.py:Maker' raised AttributeError: 'History' object has no attribute 'nowhere' "
        "({file}, line 22, in propose: ",
    ),
    "scheduler": (
        {"scheduler": {"kind": "{file}:Planner", "batch_size": 4}},
        "scheduler 'theirs.py:Planner' raised ZeroDivisionError: division by zero ({file}, line 27, in wish: ",
    ),
    "strategy": (
        {"strategy": "{file}:Chooser"},
        "strategy 'theirs.py:Chooser' raised SystemExit: 3 ({file}, line 32, in propose: ",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "theirs.py"
    file.write_text(THEIRS)
    return file


def filled(node: Any, file: Path) -> Any:
    return json.loads(json.dumps(node).replace("{file}", str(file)))


def study_of(file: Path, *kinds: str) -> Study:
    """A study of one seed, an option for each kind of fault."""
    options = {kind: filled(FAULTS[kind][0], file) for kind in kinds}
    return small_study(axes={"flaw": options}, compare="flaw", floor=None, seeds=1)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_campaign_names_the_part_and_the_line(kind: str, file: Path) -> None:
    changes, sentence = filled(FAULTS[kind], file)
    with pytest.raises(PartError) as caught:
        Campaign.model_validate({**BASE, **changes}).run()
    assert str(caught.value).startswith(sentence)


def test_what_a_part_returned_is_named_where_no_line_of_theirs_was_running(file: Path) -> None:
    with pytest.raises(TypeError, match="int") as caught:
        Campaign.model_validate({**BASE, "strategy": f"{file}:Silent"}).run()
    assert caught.value.__notes__ == [
        "in week 0.0, while round 1 was chosen",
        "the error was not raised in your code; the result of your part may be the cause: "
        "oracle 'stubs:CountingOracle', strategy 'theirs.py:Silent'",
    ]


def test_a_study_tells_the_cell_the_part_and_the_line(file: Path, tmp_path: Path) -> None:
    progress = run_study(study_of(file, *FAULTS), tmp_path / "study", Here())
    told = {failure.cell: failure.cause for failure in progress.failures}
    assert told.keys() == {f"flaw {kind}, seed 0" for kind in FAULTS}
    for kind in FAULTS:
        assert told[f"flaw {kind}, seed 0"].startswith(filled(FAULTS[kind][1], file))


def engines() -> Any:
    yield Processes(1)
    distributed = pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False
    ) as cluster:
        yield Dask(cluster.scheduler_address)


def test_the_traceback_comes_back_from_a_worker_and_is_kept(file: Path, tmp_path: Path) -> None:
    for ordinal, engine in enumerate(engines()):
        _check_kept(engine, study_of(file, "surrogate"), tmp_path / str(ordinal))


def _check_kept(engine: Engine, study: Study, place: Path) -> None:
    (failure,) = run_study(study, place, engine).failures
    (cell,) = results_of(place).cells
    assert cell.traceback == failure.traceback
    assert 'theirs.py", line 12, in fit\n    helper()\n' in cell.traceback
    with sqlite3.connect(place / "study.db") as connection:
        (kept,) = connection.execute("select outcome from cells").fetchone()
    assert json.loads(kept)["traceback"] == failure.traceback


@pytest.mark.parametrize("debug", [False, True])
def test_the_command_line_shows_the_traceback_where_it_is_asked_for(
    debug: bool, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESIGNLOOP_DEBUG", "1") if debug else monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)
    (tmp_path / "s.yaml").write_text(to_yaml(study_of(file, "surrogate").describe()))
    out = str(tmp_path / "out")
    done = CliRunner().invoke(app, ["study", str(tmp_path / "s.yaml"), "--out", out, "--workers", "1"])
    compared = CliRunner().invoke(app, ["compare", out])
    facts = json.loads(CliRunner().invoke(app, ["compare", out, "--json"]).output)
    assert done.exit_code == 1
    assert compared.exit_code == 0
    for output in (done.output, compared.output):
        assert "surrogate 'theirs.py:Forest' raised" in output
        assert ('theirs.py", line 12, in fit' in output) == debug
    assert facts["failures"][0]["labels"] == {"flaw": "surrogate"}
    assert 'theirs.py", line 12, in fit' in facts["failures"][0]["traceback"]
