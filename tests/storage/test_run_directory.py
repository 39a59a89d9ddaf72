"""A run directory: what it says of a run that is finished, cannot be written, or is gone."""

import os
import shutil
from pathlib import Path

import pytest
from stubs import CountingOracle, small

from designloop.core.errors import StoreError, StoreLost
from designloop.report.record import Record
from designloop.storage import database
from designloop.storage.run_directory import CONFIG, DATABASE, summary_of


@pytest.fixture
def on_a_medium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be written any more; the superuser is stopped by no permission."""
    monkeypatch.setattr(database.os, "access", lambda _, mode: mode != os.W_OK)


def test_a_finished_run_that_cannot_be_written_is_read_everywhere(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    result = small().run(store=tmp_path)
    before = {path.name: path.stat() for path in tmp_path.iterdir()}
    request.getfixturevalue("on_a_medium")
    assert summary_of(tmp_path) == result
    assert small().resume(tmp_path) == result
    assert small().run(store=tmp_path) == result
    assert Record.read(tmp_path).summary == result
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == {
        name: state.st_mtime_ns for name, state in before.items()
    }


def test_an_unfinished_run_that_cannot_be_written_is_told_before_any_work(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Exception, match="on fire"):
        small(oracle=CountingOracle.fresh(fails_at=2)).run(store=tmp_path)
    request.getfixturevalue("on_a_medium")
    with pytest.raises(StoreError, match=r"cannot be written, and its run is not finished; mend its permissions"):
        small(oracle=CountingOracle.fresh(fails_at=0)).resume(tmp_path)
    CountingOracle.fresh()


@pytest.mark.parametrize("fate", ["removed", "renamed", "database removed", "removed at the end"])
def test_a_directory_that_is_gone_ends_its_run_at_once(tmp_path: Path, fate: str) -> None:
    place, told = tmp_path / "run", list[int]()

    def goes(*_: object) -> None:
        told.append(1)
        if len(told) == (n_batches if fate == "removed at the end" else 3):
            (place / DATABASE).unlink() if "database" in fate else shutil.rmtree(place)
        if fate == "renamed" and not place.exists():
            (tmp_path / "elsewhere").mkdir()

    whole = list[int]()
    small().run(progress=lambda *_: whole.append(1))
    n_batches = len(whole)
    with pytest.raises(StoreLost, match=r"removed, renamed or replaced") as caught:
        small().run(store=place, progress=goes)
    assert caught.value.exit_code == 1
    assert len(told) == (n_batches if fate == "removed at the end" else 3)
    assert not (place / CONFIG).exists() or "database" in fate
