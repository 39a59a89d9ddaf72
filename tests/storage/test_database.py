"""A database is made whole or not at all, read where it cannot be written, and missed where it is gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from designloop.core.errors import StoreError, StoreLost
from designloop.core.records import Event
from designloop.storage import database
from designloop.storage.cells import CellStore
from designloop.storage.store import Store

ROOT = Path(__file__).parent.parent.parent
EVENT = Event(0, "opened", data={"seed": 0})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "campaign.db"


@pytest.mark.parametrize("what", ["run", "study"])
def test_killed_at_any_statement_of_its_making_a_store_is_made_at_the_next_try(what: str) -> None:
    program = Path(__file__).with_name("births.py")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a killed process needs no disk to be tried on
    with TemporaryDirectory(dir=in_memory) as folder:
        command = [sys.executable, program, what, folder]
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    moments = done.stdout.splitlines()
    assert len(moments) > 40
    for words in ("CREATE TABLE about", "PRAGMA application_id", "COMMIT", "INSERT INTO about", "journal_mode = WAL"):
        assert any(words in moment for moment in moments), words
    assert [moment for moment in moments if not moment.endswith(": right")] == []


def test_a_disk_too_small_for_the_tables_says_so_and_with_room_the_store_is_made(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the largest that the tables do not fit in, and the next."""
    program = """import resource, sys
from designloop.storage.store import Store
Store.open(sys.argv[2]).close() if sys.argv[1] == "0" else None
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
for name in ("campaign.db", "again.db"):
    try:
        Store.open(f"{sys.argv[2]}/{name}").close()
    except Exception as error:
        print(type(error).__name__, error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    Store.open(f"{sys.argv[2]}/{name}").campaign()
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for limit in (1024, 8192, 16384):
        place = tmp_path / str(limit)
        place.mkdir()
        command = [sys.executable, "-c", program, str(limit), str(place)]
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stderr
        assert "the disk failed or is full, or a file size limit was reached" in done.stdout


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be written, as on a read-only medium; the superuser is stopped by no permission."""
    monkeypatch.setattr(database.os, "access", lambda _, mode: mode != os.W_OK)


def test_a_store_that_cannot_be_written_is_read_and_left_as_it_is(file: Path, unwritable: None) -> None:
    with pytest.MonkeyPatch.context() as undo:
        undo.setattr(database.os, "access", lambda *_: True)
        with Store.open(file) as store:
            store.campaign().append([EVENT])
    before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    with Store.open(file) as store:
        log = store.campaign()
        assert log.is_read_only
        assert log.events() == [EVENT]
        with pytest.raises(StoreError, match=r"readonly database: it is not writable"):
            log.append([EVENT])
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before


def test_events_in_a_log_that_was_never_brought_in_are_read_too(file: Path, tmp_path: Path, unwritable: None) -> None:
    (tmp_path / "medium").mkdir()
    with pytest.MonkeyPatch.context() as undo:
        undo.setattr(database.os, "access", lambda *_: True)
        with Store.open(file) as store:
            store.campaign().append([EVENT, EVENT])
            for name in ("campaign.db", "campaign.db-wal"):  # as after a kill: the writer never closed
                shutil.copy(tmp_path / name, tmp_path / "medium" / name)
    before = {path.name: path.read_bytes() for path in (tmp_path / "medium").iterdir()}
    with Store.open(tmp_path / "medium" / "campaign.db") as store:
        assert len(store.campaign().events()) == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "medium").iterdir()} == before


def test_a_log_that_cannot_be_brought_in_is_told_and_never_left_out(
    file: Path, unwritable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.with_name("campaign.db-wal").write_bytes(b"the last events")
    file.write_bytes(b"the first")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(database, "copyfile", fails)
    with pytest.raises(StoreError, match=r"its last events are in campaign\.db-wal.*No space left on device"):
        Store.open(file)


@pytest.mark.parametrize("fate", ["removed", "renamed", "replaced"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_store_that_is_gone_is_missed_at_the_next_transaction(tmp_path: Path, fate: str, what: str) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for name, store, write in (
        ("campaign.db", Store, lambda s: s.campaign().append([EVENT])),
        ("study.db", CellStore, lambda s: s.record("a", {"seconds": 0.0, "error": None})),
    ):
        target = folder / name if what == "file" else folder
        with store.open(folder / name) as opened:
            if fate == "removed":
                shutil.rmtree(folder) if what == "folder" else target.unlink()
            else:
                target.rename(tmp_path / f"elsewhere-{name}")
            if fate == "replaced":
                folder.mkdir(exist_ok=True)
                with store.open(folder / name):
                    pass
            with pytest.raises(StoreLost, match=r"removed, renamed or replaced.*resume it under its new name"):
                write(opened)
        folder.mkdir(exist_ok=True)


def test_another_programs_database_is_left_in_the_journal_mode_it_had(file: Path) -> None:
    import sqlite3

    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"another program's tables"):
        Store.open(file)
    assert file.read_bytes() == before
