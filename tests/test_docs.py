"""What is written is true: the README's programs run, and every file, command, part, config and word stands in it."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from designloop.cli.main import app
from designloop.cli.run import read_campaign
from designloop.core.parts import SHELVES, known_kinds

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands if command.callback)


def section(title: str) -> str:
    """The README's text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, flags=re.MULTILINE | re.DOTALL)
    assert found, f"README has no section '{title}'"
    return found[1]


def programs() -> list[str]:
    """Every Python block of the README that is a whole program: it imports designloop."""
    blocks = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    return [block for block in blocks if "import designloop as dl" in block]


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
    tree = re.search(r"```text\n(designloop/\n.*?)```", section("What is where"), flags=re.DOTALL)
    assert tree, "the section has no tree"
    folders = ("designloop", "configs", "benchmarks")
    there = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.name not in ("__init__.py", "py.typed")
    }
    assert {path for path in files_of(tree[1]) if path.split("/")[0] in folders} == there


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
    assert read_campaign(config, []).name


def test_the_words_are_explained():
    for word in ("candidate", "design", "batch", "turnaround", "outcome", "pending", "threshold", "regret"):
        assert word in section("Words")


@pytest.mark.parametrize("program", programs(), ids=lambda program: program.split("\n")[2][:30])
def test_a_program_of_the_readme_runs(program, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(quick(program), "README.md", "exec"), {"__name__": "readme"})
    assert re.search(r"Design \d+ · value", capsys.readouterr().out)


def quick(program: str) -> str:
    """The same program with an n-gram model and two batches of 24, so that the suite stays quick."""
    small = program.replace('objective="any-order"', 'model="markov"').replace("designs=960", "designs=48")
    return small.replace("batch_size=96", "batch_size=24")


def test_the_ci_script_is_a_valid_one():
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
