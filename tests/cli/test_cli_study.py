"""The commands of a study, as its user meets them: run, compare, export; and what they say of a mistake."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from designloop.cli.main import app
from designloop.core.errors import ConfigError, StoreError

STUDY = """\
name: two
base:
  oracle: stubs:CountingOracle
  lab: {preset: good, plate_size: 24}
  strategy: random
  scheduler: {kind: rounds, batch_size: 6}
  budget: {designs: 12}
axes:
  strategies:
    a: random
    b: {kind: stubs:Scripted}
seeds: 2
floor: a
threshold: 3
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a study that was run, and what the command printed."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "two.yaml").write_text(STUDY)
    done = CliRunner().invoke(app, ["study", str(folder / "two.yaml"), "--out", str(folder / "out"), "--workers", "1"])
    assert done.exit_code == 0, done.output
    return folder / "out", done.output


def told(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_study_says_how_far_it_is_and_what_comes_next(study: tuple[Path, str]) -> None:
    folder, output = study
    assert "4 of 4 cells" in output
    assert f"designloop compare {folder}" in output
    assert sorted(file.name for file in folder.iterdir()) == ["manifest.json", "study.db", "study.yaml"]


def test_what_is_done_is_not_run_again(study: tuple[Path, str]) -> None:
    folder, _ = study
    facts = json.loads(told("study", str(folder.parent / "two.yaml"), "--out", str(folder), "--json"))
    assert (facts["cells"], facts["recorded_before"], facts["done"], facts["failed"]) == (4, 4, 0, 0)


def test_compare_gives_a_picture_and_no_verdict_where_seeds_are_few(study: tuple[Path, str]) -> None:
    printed = told("compare", str(study[0]))
    assert "No verdict: 2 seeds, but at least 20 are needed" in printed
    assert "recommended at 12 designs" in printed
    assert "true at" in told("compare", str(study[0]), "--trace", "true")
    assert "at 5 weeks" in told("compare", str(study[0]), "--axis", "weeks", "--at", "5")
    assert "share that reached it" in told("compare", str(study[0]), "--all")
    assert "| a | 2 |" in told("compare", str(study[0]), "--markdown")
    assert json.loads(told("compare", str(study[0]), "--json"))["n_done"] == 4


def test_export_writes_tables(study: tuple[Path, str], tmp_path: Path) -> None:
    told("export", str(study[0]), "--out", str(tmp_path), "--format", "csv")
    assert (tmp_path / "cells.csv").read_text().splitlines()[0].startswith("key,strategies,instance,seed,error")
    told("export", str(study[0]), "--out", str(tmp_path))
    assert (tmp_path / "traces.parquet").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--engine", "desk"], r"unknown engine 'desk'. Did you mean 'dask'"),
        (["--engine", "dask"], r"--engine dask requires --address"),
        (["--address", "tcp://127.0.0.1:9"], r"--address requires --engine dask"),
        (["--set", "sceds=3"], r"unknown key 'sceds' \(sceds, from --set sceds=3\)\. Did you mean 'seeds'\?"),
        (
            ["--set", "base.scheduler.bach_size=1"],
            r"unknown key .bach_size..*from --set base\.scheduler.*\. Did you mean .batch_size.\?",
        ),
        (["--set", "budget.designs=6"], r"budget is a campaign key; use --set settings\.budget\.designs=6"),
        (
            ["--set", "compare=strategis"],
            r"`compare`: no axis is called 'strategis' \(.*two\.yaml and --set compare=.*mean 'strategies'\?",
        ),
    ],
)
def test_a_mistake_is_told(words: list[str], sentence: str, study: tuple[Path, str], tmp_path: Path) -> None:
    config = str(study[0].parent / "two.yaml")
    with pytest.raises(ConfigError, match=sentence):
        CliRunner().invoke(app, ["study", config, "--out", str(tmp_path / "x"), *words], catch_exceptions=False)
    assert not (tmp_path / "x").exists()


def test_a_folder_without_a_study_is_named(tmp_path: Path) -> None:
    for verb in ("compare", "export"):
        with pytest.raises(StoreError, match=r"holds no study.*designloop study CONFIG"):
            CliRunner().invoke(app, [verb, str(tmp_path)], catch_exceptions=False)


def test_failed_cells_end_with_an_error_and_what_is_done_is_kept(study: tuple[Path, str], tmp_path: Path) -> None:
    config = tmp_path / "bad.yaml"
    config.write_text(STUDY.replace("{kind: stubs:Scripted}", "{kind: stubs:Scripted, flaw: twice}"))
    done = CliRunner().invoke(app, ["study", str(config), "--out", str(tmp_path / "out"), "--workers", "1"])
    assert done.exit_code == 1
    assert "2 of 4 cells failed" in str(done.exception)
    assert "failed: strategies b, seed 0: strategy 'stubs:Scripted' proposed" in done.output
    assert json.loads(told("compare", str(tmp_path / "out"), "--json"))["n_failed"] == 2
