"""The store keeps events in order, whole or not at all, and says what is wrong with a file that is not right."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from designloop.core.errors import ContractError, StoreError
from designloop.core.records import Event, Truth
from designloop.storage.log import EventLog, MemoryLog
from designloop.storage.run_directory import begun, continued, recorded, write_whole
from designloop.storage.store import Store

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
    with pytest.raises(StoreError, match=r"another program's tables \(birds.*name another store"):
        Store.open(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("birds",)]


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.write_text("not a database at all, but long enough to be taken for one " * 20)
    with pytest.raises(StoreError, match=r"another kind of file, or damaged"):
        Store.open(file)


def test_another_schema_version_is_refused(file: Path) -> None:
    Store.open(file).close()
    altered(file, "UPDATE about SET value = '99' WHERE key = 'version'")
    with pytest.raises(StoreError, match=r"schema version 99.*reads version 1"):
        Store.open(file)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET minute = 6 WHERE ordinal = 1",
        "UPDATE sealed_truths SET value = 9 WHERE ordinal = 0",
        "DELETE FROM events WHERE ordinal = 1",
        "UPDATE events SET data = '{' WHERE ordinal = 1",
    ],
)
def test_a_changed_record_is_found(file: Path, statement: str) -> None:
    with Store.open(file) as store:
        store.campaign().append(EVENTS, TRUTHS)
    altered(file, statement)
    with Store.open(file) as store, pytest.raises(StoreError, match=r"damaged"):
        store.campaign()


def test_a_locked_or_full_store_says_what_to_do(file: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with log._begin() as connection:  # type: ignore[attr-defined]  # not to wait five seconds
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(StoreError, match=r"locked: another program is writing"):
            log.append(EVENTS)
        other.execute("ROLLBACK")
    with log._begin() as connection:  # type: ignore[attr-defined]
        n_pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(StoreError, match=r"the disk is full; free some space, and resume"):
        log.append([Event(0, "opened", data={"text": "x" * 100_000})])
    assert log.events() == []


def test_urls_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    for place in ("nonsense://x", str(tmp_path / "missing" / "campaign.db")):
        with pytest.raises(StoreError, match=r"store"):
            Store.open(place)


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
    with pytest.raises(StoreError, match=r"No space left on device; make room"):
        write_whole(tmp_path / "a", "second")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "first")]
