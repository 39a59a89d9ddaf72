"""The documentation is true and readable: what exists is documented, links lead somewhere, sentences are short."""

import re
import statistics
import subprocess
from pathlib import Path

import pytest
from documentation import GUIDE, PAGES, ROOT, anchors, blocks, links, matches, sentences
from typer.testing import CliRunner

from designloop.campaign import Campaign
from designloop.cli import reference
from designloop.cli.main import app
from designloop.cli.shared.campaigns import read_campaign
from designloop.core.config import build, read_text, to_yaml
from designloop.guide import topics
from designloop.study.description import Study
from designloop.study.plan import plan_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
HOUSE = (ROOT / "designloop" / "README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
MANUAL = {topic: (GUIDE / f"{topic}.md").read_text(encoding="utf-8") for topic in topics()}
STUDIES = sorted(file for file in (ROOT / "configs" / "studies").glob("*.yaml") if file.stem != "guided")
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
GROUPS = {str(group.name): group.typer_instance for group in app.registered_groups}
VERBS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
COMMANDS = sorted([*VERBS, *GROUPS])
READ_BY_USERS = [ROOT / "README.md", *sorted(GUIDE.glob("*.md"))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 200
    assert len(README.encode()) <= 14_000


def test_examples_in_the_readme_are_short():
    for block in blocks(ROOT / "README.md"):
        if block.language in ("python", "yaml"):
            assert len(block.text.splitlines()) <= 15, block


def test_the_contents_page_lists_every_page_and_no_other():
    assert {file.stem for file in GUIDE.glob("*.md")} - {"README"} == set(topics())


@pytest.mark.parametrize("page", READ_BY_USERS, ids=name)
def test_sentences_are_short(page):
    words = [(len(sentence.split()), sentence) for sentence in sentences(page)]
    assert max(words)[0] <= 40, max(words)
    assert statistics.mean(length for length, _ in words) <= 20


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in links(page):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{name(page)} links to {link}"
        assert not anchor or anchor in anchors(file), f"{name(page)} links to {link}, which has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_names_its_language_and_says_why_it_is_not_run(page):
    for block in blocks(page):
        assert block.language, block
        assert block.note("skip") != "", f"{block}: say why it is not run"


def test_the_house_names_every_room_and_no_other():
    tree = re.search(r"```text\n(designloop/\n.*?)```", HOUSE, flags=re.DOTALL)
    assert tree
    folders, found = list[str](), set()
    for line in tree[1].splitlines():
        depth, word = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        folders = [*folders[:depth], word]
        found.add("".join(folders))
    package = {
        f"{folder.relative_to(ROOT)}/"
        for folder in (ROOT / "designloop").rglob("*")
        if folder.is_dir() and folder.name != "__pycache__"
    }
    rooms = {path for path in found if path.endswith("/") and path.startswith("designloop/")} - {"designloop/"}
    assert rooms == package
    assert all((ROOT / path).exists() for path in found)


def test_every_benchmark_has_its_result_written_down():
    programs = {file.name for file in (ROOT / "benchmarks").glob("*.py") if "__main__" in file.read_text("utf-8")}
    assert set(re.findall(r"benchmarks/(\w+\.py)", MEASURED)) == programs


def test_every_finding_has_its_line():
    index = (ROOT / "findings" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(\w+\.sh)`|\[(\w+\.sh)\]", index)) != set()
    for script in (ROOT / "findings").glob("*.sh"):
        assert script.name in index


def test_the_reference_is_what_the_descriptions_say():
    assert MANUAL["reference"] == reference.page(), "python -m designloop.cli.reference > designloop/guide/reference.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("page", READ_BY_USERS, ids=name)
def test_no_command_is_documented_that_does_not_exist(page):
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|^)designloop ([a-z]+)", text, flags=re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_every_config_is_documented_and_validates(config):
    assert f"configs/{config.name}" in MANUAL["campaigns"]
    campaign = read_campaign(config, [])
    assert build(Campaign, read_text(to_yaml(campaign.describe()), "described")) == campaign


@pytest.mark.parametrize("config", STUDIES, ids=lambda config: config.stem)
def test_every_study_is_documented_asks_something_and_can_be_planned(config):
    assert f"configs/studies/{config.name}" in MANUAL["studies"]
    study = Study.read(config, ["instances=1", "seeds=1"])
    assert study.question.endswith("?")
    if config.stem != "ninety_six_or_twenty_four":  # it asks about a lab, which has its own assay
        assert set(plan_of(study).axes["reliability"]) == {"0.4", "0.8", "1"}
    assert {"ehrlich", "nk"} <= set(plan_of(study).axes["landscapes"])


def test_the_words_are_explained():
    for word in ("candidate", "design", "batch", "turnaround", "outcome", "pending", "threshold", "regret"):
        assert word in HOUSE


def test_the_part_that_the_manual_shows_is_the_part_that_is_there():
    shown = (ROOT / "designloop" / "acquisition" / "greedy.py").read_text(encoding="utf-8")
    assert f"```python\n{shown}```" in MANUAL["parts"]


@pytest.mark.parametrize("topic", ["", *topics()])
def test_guide_prints_a_page_in_the_terminal(topic):
    done = CliRunner().invoke(app, ["guide", *topic.split()])
    assert done.exit_code == 0
    assert "docs:" not in done.output
    for word in topics() if not topic else [MANUAL[topic].split("\n")[0].removeprefix("# ")]:
        assert word in done.output
    whole = set(done.output.splitlines())
    for block in blocks(GUIDE / f"{topic or 'README'}.md"):
        assert {line for line in block.text.splitlines() if line.strip()} <= whole, "code is wrapped"


def test_guide_prints_markdown_as_it_is_written():
    done = CliRunner().invoke(app, ["guide", "labs", "--raw"])
    assert done.output.startswith("# Labs\n")


def test_an_output_is_compared_but_for_its_numbers():
    assert matches("best 0.42 (design 7)\n...\nend", "best  0.9 (design 12)\n\nmore\nand more\nend\n")
    assert not matches("best 0.42", "worst 0.42")
    assert not matches("best 0.42", "best 0.42\nmore")


def test_the_ci_script_is_a_valid_one():
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_numbers_are_compared_only_where_they_are_the_same_machines() -> None:
    assert matches("Design 3 · week 2.5\n...", "Design 4 · week 30.1\nmore")
    assert not matches("Design 3 · week 2.5", "Design 4 · week 2.5", exactly=True)
    assert matches("...\nDesign 3 · week 2.5", "first\nDesign 3 · week 2.5", exactly=True)
