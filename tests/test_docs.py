"""What is written is true: the README's programs run, and every file, command, part, config and word stands in it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from designloop.campaign import Campaign
from designloop.cli.main import app
from designloop.cli.shared.campaigns import read_campaign
from designloop.core.config import build, read_text, to_yaml
from designloop.core.parts import SHELVES, known_kinds
from designloop.study.description import Study
from designloop.study.plan import plan_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
STUDIES = sorted(file for file in (ROOT / "configs" / "studies").glob("*.yaml") if file.stem != "guided")
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands if command.callback)


def section(title: str) -> str:
    """The README's text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, flags=re.MULTILINE | re.DOTALL)
    assert found, f"README has no section '{title}'"
    return found[1]


def blocks(title: str) -> list[str]:
    """The Python blocks of a section."""
    return re.findall(r"^```python\n(.*?)^```", section(title), flags=re.MULTILINE | re.DOTALL)


def programs() -> list[str]:
    """The Python blocks of the whole README."""
    return re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def files_of(tree: str) -> set[str]:
    """Paths that a captioned tree names: two spaces of indentation a level, folders end with a slash."""
    folders: list[str] = []
    paths = set()
    for line in tree.splitlines():
        name = line.split()[0] if line.split() else ""
        depth = (len(line) - len(line.lstrip())) // 2
        if not name:
            continue
        folders = folders[:depth]
        if name.endswith("/"):
            folders.append(name)
        else:
            paths.add("".join(folders) + name)
    return paths


def test_the_tree_names_every_file_and_no_other():
    tree = re.search(r"```text\n(designloop/ .*?)```", section("What is where"), flags=re.DOTALL)
    assert tree, "the section has no tree"
    folders = ("designloop", "configs", "benchmarks")
    there = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.name not in ("__init__.py", "py.typed")
    }
    assert {path for path in files_of(tree[1]) if path.split("/")[0] in folders} == there


def test_every_benchmark_has_what_it_measured_written_down():
    programs = {file.name for file in (ROOT / "benchmarks").glob("*.py") if "__main__" in file.read_text("utf-8")}
    assert set(re.findall(r"benchmarks/(\w+\.py)", MEASURED)) == programs


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_and_has_help(command):
    assert f"`designloop {command}" in section("Commands")
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_no_command_is_documented_that_does_not_exist():
    assert set(re.findall(r"`designloop (\w+)", README)) <= set(COMMANDS)


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_part_is_documented(shelf):
    missing = [kind for kind in known_kinds(shelf) if f"`{kind}`" not in section("Parts")]
    assert missing == []


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_every_config_is_documented_and_validates(config):
    assert f"configs/{config.name}" in section("Commands")
    campaign = read_campaign(config, [])
    assert build(Campaign, read_text(to_yaml(campaign.describe()), "described")) == campaign


@pytest.mark.parametrize("config", STUDIES, ids=lambda config: config.stem)
def test_every_study_is_documented_asks_something_and_can_be_planned(config):
    assert f"configs/studies/{config.name}" in section("Studies")
    study = Study.read(config, ["instances=1", "seeds=1"])
    assert study.question.endswith("?")
    assert set(plan_of(study).axes["reliability"]) == {"0.4", "0.8", "1"}
    assert {"ehrlich", "nk"} <= set(plan_of(study).axes["landscapes"])


def test_the_study_in_the_readme_can_be_planned(tmp_path):
    (text,) = re.findall(r"^```yaml\n(.*?)^```", section("Studies"), flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "readme.yaml").write_text(text)
    (tmp_path / "guided.yaml").write_text((ROOT / "configs" / "studies" / "guided.yaml").read_text())
    assert len(plan_of(Study.read(tmp_path / "readme.yaml")).cells) == 2 * 2 * 2 * 20


def test_the_first_program_has_its_printed_output_below_it():
    assert re.search(r"print\(result.best\)\n```\n\n```text\nDesign \d+ · value \d\.\d\d · week \d+\.\d\n```", README)


def test_the_words_are_explained():
    for word in ("candidate", "design", "batch", "turnaround", "outcome", "pending", "threshold", "regret"):
        assert word in section("Words")


def test_the_first_program_runs_and_prints_its_best(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(quick(programs()[0]), "README.md", "exec"), {"__name__": "readme"})
    assert re.fullmatch(r"Design \d+ · value \d\.\d\d · week \d+\.\d\n", capsys.readouterr().out)


def quick(program: str) -> str:
    """The same program with two batches of 8, so that the suite stays quick."""
    changes = {"designs=960": "designs=16", "batch_size=96": "batch_size=8"}
    for long, short in changes.items():
        assert long in program
        program = program.replace(long, short)
    return program


def test_an_oracle_of_ones_own_keeps_its_contract_and_runs_a_campaign(tmp_path):
    oracle, contract = blocks("Your own oracle")
    (tmp_path / "my_oracle.py").write_text(oracle)
    (tmp_path / "test_my_oracle.py").write_text(contract)
    (tmp_path / "mine.yaml").write_text(
        "oracle: my_oracle.py:gc_content\nlab: instant\nstrategy: random\nscheduler: rounds\nbudget: {designs: 8}\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    for words in (["pytest", "-q", "-p", "no:cacheprovider"], ["designloop.cli.main", "run", "mine.yaml", "--json"]):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["designs"] == 8


def test_the_part_that_is_shown_is_the_part_that_is_there():
    part, line = blocks("Adding a part")
    assert (ROOT / "designloop" / "acquisition" / "greedy.py").read_text(encoding="utf-8") == part
    shelf = (ROOT / "designloop" / "acquisition" / "__init__.py").read_text(encoding="utf-8")
    assert line.splitlines()[1] in shelf


def test_the_ci_script_is_a_valid_one():
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
