"""An interrupted command of a live campaign says whether it was recorded; the next one says which files are missing."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from designloop.cli.main import app
from designloop.cli.shared.messages import in_words
from designloop.core.errors import DesignloopError
from designloop.live.directory import Live
from designloop.live.sheets import Sheets

CONFIG = """name: rbs
space: {alphabet: rna, length: 9}
lab: live
strategy: random
scheduler: {kind: rounds, batch_size: 2}
budget: {designs: 8}
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    (tmp_path / "rbs.yaml").write_text(CONFIG)
    CliRunner().invoke(app, ["live", "init", str(tmp_path / "rbs.yaml"), str(tmp_path / "live"), "--by", "ana"])
    return tmp_path / "live"


def done(*words: object) -> Result:
    return CliRunner().invoke(app, ["live", *map(str, words), "--by", "ana"])


def refused(*words: object) -> str:
    """The message of a command that fails, with its notes."""
    error = done(*words).exception
    assert isinstance(error, DesignloopError)
    return in_words(error)[0]


def interrupting(kind: signal.Signals) -> Callable[..., list[Path]]:
    """A way to write sheets that writes one file and then meets a signal."""
    write = Sheets.write

    def interrupted(sheets: Sheets, folder: Path) -> list[Path]:
        for file in write(sheets, folder)[1:]:
            file.unlink()
        os.kill(os.getpid(), kind)
        raise AssertionError("the signal comes first")

    return interrupted


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_recorded_batch_without_its_files_is_told(
    kind: signal.Signals, live: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Sheets, "write", interrupting(kind))
        said = refused("ask", live)
    assert said.startswith("interrupted, but entry 1 is recorded: asked for round 1; its files may be missing")
    assert f"to write them: designloop live sheets {live} and designloop live dossier {live}" in said
    again = refused("ask", live)
    assert "the next batch is not due" in again
    assert "lacks 8 files of round 1 (idt-plate-1.csv, twist.csv, plate-map.csv, ...)" in again
    CliRunner().invoke(app, ["live", "sheets", str(live)])
    assert "lacks 1 file of round 1 (dossier.html)" in refused("ask", live)
    CliRunner().invoke(app, ["live", "dossier", str(live)])
    assert "lacks" not in refused("ask", live)
    assert Live(live).missing(1) == []


def test_a_command_that_was_interrupted_before_its_record_says_so(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("designloop.live.directory.asked", interrupted)
    assert refused("ask", live) == "interrupted; nothing was recorded"
    assert Live(live).record.n_entries == 0


def test_undoing_an_addition_writes_the_files_again(live: Path) -> None:
    done("ask", live)
    done("add", live, "AAAAAAAAA")
    order = live / "round-1" / "order.csv"
    assert "AAAAAAAAA" in order.read_text()
    assert "order.csv" in done("undo", live, 2).stdout
    assert "AAAAAAAAA" not in order.read_text()
    done("add", live, "CCCCCCCCC", "--new-round")
    assert "round 2 is no more; its files in" in done("undo", live, 4).stdout


def test_plates_that_a_round_has_no_more_are_removed(live: Path) -> None:
    done("ask", live)
    folder = live / "round-1"
    for name in ("R1P2.csv", "idt-plate-2.csv", "R1P2-reader.csv"):
        (folder / name).write_text("")
    Live(live).sheets()
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(("R1", "idt"))) == [
        "R1P1.csv", "R1P2-reader.csv", "idt-plate-1.csv"
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written_is_named() -> None:
    said = in_words(PermissionError(13, "Permission denied", "ro/x"))
    assert said == ("error: ro/x: Permission denied; choose another path", 2)
