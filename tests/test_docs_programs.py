"""Every program of the documentation runs, page by page, and prints what the page shows. `pytest -m docs` runs them."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from documentation import PAGES, ROOT, Block, blocks, machine, matches

from designloop.campaign import Campaign
from designloop.core.config import build, read_text
from designloop.live.campaign import LiveCampaign
from designloop.study.description import Study

pytestmark = pytest.mark.docs
RUN = ("python", "bash")
BASE = {"oracle": "{kind: nk, length: 8, neighbours: 1}", "lab": "instant", "strategy": "random", "scheduler": "rounds",
        "budget": "{designs: 8}"}  # fmt: skip


class Desk:
    """A folder in which a page's programs are run, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__docs__"}
        (folder / "configs").symlink_to(ROOT / "configs")
        (folder / "bin").mkdir()
        command = folder / "bin" / "designloop"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m designloop "$@"\n')
        command.chmod(0o755)

    def keep(self, block: Block) -> None:
        assert block.file
        is_code = block.file.endswith((".py", ".yaml"))  # elsewhere the line that names the file is not part of it
        text = block.quick if is_code else block.quick.partition("\n")[2]
        (self.folder / block.file).write_text(text, encoding="utf-8")

    def run(self, block: Block) -> str:
        """What a program prints."""
        return self.bash(block) if block.language == "bash" else self.python(block)

    def bash(self, block: Block) -> str:
        path = [str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": os.pathsep.join([str(ROOT), "."])}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.quick],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == int(block.note("exit") or 0), f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if block.note("exit") else "")

    def python(self, block: Block) -> str:
        code = compile("\n" * block.line + block.quick, str(block.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, self.names)
        return printed.getvalue()


def check_fragment(block: Block) -> None:
    """A piece of YAML without a file's name: keys of a campaign or of a study, read with the rest filled in."""
    given = read_text(block.quick, str(block)).data
    assert isinstance(given, dict), f"{block}: not a mapping"
    known = set(Campaign.model_fields) | set(Study.model_fields)
    assert set(given) <= known, f"{block}: no key {set(given) - known}"
    if set(given) <= set(Campaign.model_fields):
        rest = "".join(f"{key}: {value}\n" for key, value in BASE.items() if key not in given)
        model = LiveCampaign if "preset: live" in block.quick else Campaign
        build(model, read_text(block.quick + rest, str(block)))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Desk(tmp_path)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_programs_of_a_page_run_and_print_what_it_shows(page: Path, desk: Desk) -> None:
    printed: tuple[Block, str] | None = None
    lacking = []
    for block in blocks(page):
        if block.note("skip") is not None:
            printed = None
        elif block.lacks:
            printed = None
            lacking.append(f"{block} needs {block.lacks}")
        elif block.file:
            desk.keep(block)
        elif block.language in RUN:
            printed = block, desk.run(block)
        elif block.language == "yaml":
            check_fragment(block)
        elif block.language == "text" and printed:
            exactly = block.note("numbers") == machine()
            same = matches(block.text, printed[1], exactly=exactly)
            assert same, f"{block}: not what {printed[0]} prints:\n{printed[1]}"
            printed = None
    if lacking:
        pytest.skip(f"run but for: {'; '.join(lacking)}")
