"""The store keeps events in order, whole or not at all, and says what is wrong with a file that is not right."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from designloop import __version__
from designloop.core.errors import ContractError, StoreError
from designloop.core.records import Event, Truth
from designloop.storage.cells import CellStore
from designloop.storage.connections import Other, without_password
from designloop.storage.database import Database
from designloop.storage.log import EventLog, Heads, MemoryLog, line
from designloop.storage.manifest import write_whole
from designloop.storage.run_directory import begun, continued, recorded
from designloop.storage.store import Store, StoredLog

_WITHOUT_WRITER = "DELETE FROM about WHERE key = 'designloop'"
EVENTS = [
    Event(0, "opened", data={"seed": 0, "label": "é"}),
    Event(5, "chosen", 0, {"sequence": "ACGT", "mean": 0.1 + 0.2, "std": None}),
]
TRUTHS = [Truth(7, "ACGT", 1 / 3), Truth(7, "TTTT", None)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "campaign.db"


@pytest.fixture
def log(file: Path) -> Iterator[EventLog]:
    with Store.open(file) as store:
        yield store.campaign()


def altered(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_what_is_appended_reads_back_equal(file: Path, log: EventLog) -> None:
    log.append(EVENTS, TRUTHS, {"config": "name: a"})
    with Store.open(file) as store:
        again = store.campaign()
        assert (again.events(), again.truths(), again.documents()) == (EVENTS, TRUTHS, {"config": "name: a"})
        assert again.hash() == log.hash()


def test_a_log_is_read_as_it_was_at_one_moment(file: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(EVENTS[:1])
    heads = StoredLog._kept_heads

    def meanwhile(self: StoredLog, connection: Any) -> Heads | None:
        found = heads(self, connection)
        log.append(EVENTS[1:])  # another process writes between two statements of the reader
        return found

    monkeypatch.setattr(StoredLog, "_kept_heads", meanwhile)
    with Store.open(file) as store:
        assert store.campaign().events() == EVENTS[:1]
    monkeypatch.undo()
    with Store.open(file) as store:
        assert store.campaign().events() == EVENTS


def test_the_hash_depends_on_content_and_order_and_not_on_transactions(log: EventLog) -> None:
    log.append(EVENTS[:1], TRUTHS)
    log.append(EVENTS[1:])
    memory, other, reversed_ = MemoryLog(), MemoryLog(), MemoryLog()
    memory.append(EVENTS, TRUTHS)
    other.append(EVENTS, [Truth(7, "ACGT", 0.25), TRUTHS[1]])
    reversed_.append(EVENTS[::-1], TRUTHS)
    assert log.hash() == memory.hash()
    assert len({log.hash(), other.hash(), reversed_.hash(), MemoryLog().hash()}) == 4


def test_many_campaigns_share_a_store(file: Path) -> None:
    with Store.open(f"sqlite:///{file}") as store:
        store.campaign("a").append(EVENTS)
        store.campaign("b").append(EVENTS[:1])
        assert store.campaigns() == ["a", "b"]
        assert [len(store.campaign(run).events()) for run in "ab"] == [2, 1]


def test_a_store_that_sqlalchemy_opens_is_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other database than SQLite is reached that way; here it is SQLite again."""

    def opened(database: Database, place: str) -> Other:
        database.file = None  # what no URL of another database has
        return Other(f"sqlite:///{place}", database.name)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "_opened", opened)
        with Store.open(file) as store:
            store.campaign().append(EVENTS[:1], TRUTHS, {"config": "name: a"})
            store.campaign().append(EVENTS[1:])
            store.campaign("b").append(EVENTS[:1])
            assert (store.campaign().events(), store.campaign().truths()) == (EVENTS, TRUTHS)
            written = store.campaign().hash()
        with CellStore.open(file.with_name("study.db")) as cells:
            cells.plan({"n_cells": 2}, {"k": {"seed": 0}, "l": {"seed": 1}})
            cells.record("k", {"seconds": 1.0, "error": "oh"})
            cells.record("k", {"seconds": 1.0, "error": None})
            with pytest.raises(StoreError, match=r"study.db: UNIQUE constraint failed"):
                cells.record("k", {"seconds": 2.0, "error": None})
    with Store.open(file) as store:
        assert store.campaigns() == ["b", "campaign"]
        assert store.campaign().hash() == written
    with CellStore.open(file.with_name("study.db")) as cells:
        assert (cells.finished(), list(cells.planned())) == ({"k"}, ["k", "l"])


def test_what_json_cannot_hold_is_refused_whole(log: EventLog) -> None:
    with pytest.raises(ContractError, match=r"None for NaN"):
        log.append([EVENTS[0], Event(1, "charged", data={"x": float("nan")})])
    assert log.events() == []


def test_a_second_writer_is_refused(file: Path, log: EventLog) -> None:
    with Store.open(file) as store:
        store.campaign().append(EVENTS)
    with pytest.raises(StoreError, match=r"another process wrote"):
        log.append(EVENTS)
    with Store.open(file) as store:
        assert len(store.campaign().events()) == 2


def test_another_programs_database_is_refused_and_left_alone(file: Path) -> None:
    altered(file, "CREATE TABLE birds (name TEXT)")
    with pytest.raises(StoreError, match=r"another program's tables \(birds.*choose another store"):
        Store.open(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("birds",)]


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.write_text("not a database at all, but long enough to be taken for one " * 20)
    with pytest.raises(StoreError, match=r"not a database, or damaged"):
        Store.open(file)


@pytest.mark.parametrize(
    ("version", "writer", "manifest", "told"),
    [
        ("99", "0.9.1", None, "designloop 0.9.1 (schema 99)"),
        ("99", None, None, "a later designloop (schema 99)"),
        ("1", None, {"versions": {"designloop": "0.1.0"}}, "designloop 0.1.0 (schema 1)"),
        ("1", None, {"versions": []}, "an earlier designloop (schema 1)"),
        ("1", None, None, "an earlier designloop (schema 1)"),
    ],
)
def test_a_store_of_another_version_is_refused_naming_its_writer(
    file: Path, version: str, writer: str | None, manifest: object, told: str
) -> None:
    Store.open(file).close()
    altered(file, f"UPDATE about SET value = '{version}' WHERE key = 'version'")
    altered(file, f"UPDATE about SET value = '{writer}' WHERE key = 'designloop'" if writer else _WITHOUT_WRITER)
    if manifest is not None:
        file.with_name("manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match=re.escape(f"was written by {told}, but this is designloop {__version__}")):
        Store.open(file)


def test_a_store_says_which_version_wrote_it(file: Path) -> None:
    Store.open(file).close()
    with closing(sqlite3.connect(file)) as connection:
        assert ("designloop", __version__) in connection.execute("SELECT key, value FROM about").fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET minute = 6 WHERE ordinal = 1",
        "UPDATE sealed_truths SET value = 9 WHERE ordinal = 0",
        "DELETE FROM events WHERE ordinal = 1",
        "UPDATE events SET data = '{' WHERE ordinal = 1",
        "UPDATE documents SET text = 'name: b'",
        "UPDATE documents SET name = 'b'",
        "DELETE FROM documents",
        "UPDATE campaigns SET document_hash = ''",
    ],
)
def test_a_changed_record_is_found(file: Path, statement: str) -> None:
    with Store.open(file) as store:
        store.campaign().append(EVENTS, TRUTHS, {"config": "name: a"})
    altered(file, statement)
    with Store.open(file) as store, pytest.raises(StoreError, match=r"damaged"):
        store.campaign()


@pytest.mark.parametrize("text", ["CAST(x'ff' AS TEXT)", f"'{'[' * 100_000}'"], ids=["no UTF-8", "deeply nested"])
def test_text_that_cannot_be_read_is_found(file: Path, text: str) -> None:
    with Store.open(file) as store:
        store.campaign().append(EVENTS, TRUTHS)
    altered(file, f"UPDATE events SET data = {text} WHERE ordinal = 1")
    with Store.open(file) as store, pytest.raises(StoreError, match=r"damaged; restore a copy"):
        store.campaign()


def test_nested_data_is_told_even_under_a_right_hash(file: Path) -> None:
    """Python's JSON gives up on it with a RecursionError."""
    with Store.open(file) as store:
        store.campaign().append(EVENTS[:1])
    data = "[" * 100_000
    head = Heads().after([line(0, "opened", None, data)], (), {}).events
    altered(file, f"UPDATE events SET data = '{data}'", f"UPDATE campaigns SET event_hash = '{head.hash}'")
    with Store.open(file) as store, pytest.raises(StoreError, match=r"is damaged: .*recursion.*restore a copy"):
        store.campaign()


def test_a_locked_or_full_store_says_what_to_do(file: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with log._database.reading() as connection:  # type: ignore[attr-defined]  # not to wait five seconds
            connection.rows("PRAGMA busy_timeout = 0")
        with pytest.raises(StoreError, match=r"locked: another program is writing"):
            log.append(EVENTS)
        other.execute("ROLLBACK")
    with log._database.reading() as connection:  # type: ignore[attr-defined]
        ((n_pages,),) = connection.rows("PRAGMA page_count")
        connection.rows(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(StoreError, match=r"the disk is full; free some space, then resume"):
        log.append([Event(0, "opened", data={"text": "x" * 100_000})])
    assert log.events() == []


def test_urls_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    for place in ("nonsense://x", f"sqlite:///{tmp_path}/a.db?timeout=1", str(tmp_path / "missing" / "campaign.db")):
        with pytest.raises(StoreError, match=r"store"):
            Store.open(place)


def test_a_password_is_not_shown() -> None:
    for url in ("postgresql://me:secr@t@host/db", "postgresql://me@host/db", "sqlite:///a@b.db", "mysql://host/db"):
        shown = without_password(url)
        assert "secr" not in shown
        assert shown == url.replace(":secr@t@", ":***@")


def test_in_memory_a_store_lasts_as_long_as_it_is_open() -> None:
    with Store.open("sqlite://") as store:
        store.campaign().append(EVENTS)
        assert store.campaign().events() == EVENTS


def test_two_processes_do_not_hold_one_directory(tmp_path: Path) -> None:
    with begun(tmp_path, "name: a\n", 4), pytest.raises(StoreError, match=r"another process"), continued(tmp_path):
        pass
    with continued(tmp_path, "name: a\n") as run:
        assert run.seed == 4


def test_a_directory_that_holds_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"holds no run \(config.yaml"):
        recorded(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"is a file"), begun(tmp_path / "file", "name: a\n", 0):
        pass


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a", "first")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(StoreError, match=r"No space left on device; free some space"):
        write_whole(tmp_path / "a", "second")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "first")]
