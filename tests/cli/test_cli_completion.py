"""The shell completes what exists: by the protocol that typer's bash script speaks."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from designloop.cli.main import app
from designloop.core.kinds import known_kinds
from designloop.core.shelves import SHELVES


def answered(**environment):
    done = CliRunner().invoke(app, [], prog_name="designloop", env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def completed(*words):
    """What bash is offered: `completed("parts", "ora")`, the last word being typed."""
    typed = {"COMP_WORDS": " ".join(["designloop", *words]), "COMP_CWORD": str(len(words))}
    return answered(_DESIGNLOOP_COMPLETE="complete_bash", **typed).split()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with configs, a run, a study and what is neither."""
    runs = ("runs/a/seed-0/campaign.db", "runs/a/seed-1/campaign.db", "runs/b/study/study.db")
    others = ("configs/a.yaml", "configs/studies/deep.yaml", "configs/t.csv", "one.yml", "data/x.csv", ".hid/no.yaml")
    for name in (*runs, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_verbs_and_options_are_completed():
    assert completed("st") == ["study"]
    assert "--workers" in completed("study", "--w")


def test_shelves_and_their_parts_are_completed():
    assert set(completed("parts", "")) == {*SHELVES, "lab", "campaign", "live", "study", "landscape"}
    assert completed("parts", "acquisition", "") == list(known_kinds("acquisition"))
    assert completed("parts", "acquisition", "log") == ["log-ei"]
    assert completed("parts", "lab", "t") == ["typical"]
    assert completed("parts", "lab", "l") == ["live"]
    assert completed("parts", "landscape", "x") == []
    assert completed("schema", "s") == ["study"]
    assert "studies" in completed("guide", "st")


def test_configs_are_completed_and_folders_lead_on(folder):
    assert completed("run", "") == ["configs/", "data/", "one.yml", "runs/"]
    assert completed("run", "configs/") == ["configs/a.yaml", "configs/studies/"]
    assert completed("study", "configs/studies/d") == ["configs/studies/deep.yaml"]
    assert completed("validate", f"{folder}/o") == [f"{folder}/one.yml"]
    assert completed("run", "nowhere/") == []


def test_runs_are_completed_for_a_run_and_studies_for_a_study(folder):
    assert completed("resume", "") == ["runs/a/seed-0", "runs/a/seed-1"]
    assert completed("show", "runs/a/seed-1") == ["runs/a/seed-1"]
    assert completed("compare", "ru") == ["runs/b/study"]
    assert completed("report", "runs/") == ["runs/a/seed-0", "runs/a/seed-1", "runs/b/study"]
    assert completed("extend", f"{folder}/runs/a/") == [f"{folder}/runs/a/seed-0", f"{folder}/runs/a/seed-1"]


def test_bash_takes_the_script():
    """The script that `--show-completion` prints is bash, and calls this program."""
    script = answered(_DESIGNLOOP_COMPLETE="source_bash")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "_DESIGNLOOP_COMPLETE=complete_bash" in script
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout


def test_completing_a_config_loads_nothing_heavy():
    code = """
import os, sys
os.environ.update({"_DESIGNLOOP_COMPLETE": "complete_bash", "COMP_WORDS": "designloop run ", "COMP_CWORD": "2"})
from designloop.cli.main import main
sys.argv = ["designloop"]
try:
    main()
except SystemExit:
    pass
print("loaded:", sorted({"torch", "scipy", "polars", "numpy"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"
