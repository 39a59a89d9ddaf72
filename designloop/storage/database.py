"""A database holds a store: an SQLite file, or the database at an SQLAlchemy URL.

A read-only file is read without being changed. A file that is being written must stay in its place. Every transaction
checks this, since SQLite itself continues to write into a deleted file.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import quote

from designloop.core.errors import StoreError, StoreLost
from designloop.storage.connections import Connection, Other, SQLite, nowhere, without_password

_MENDS = {
    "locked": "another program is writing to it; wait until it ends",
    "disk I/O": "the disk failed or is full, or a file size limit was reached; fix that, then resume",
    "full": "the disk is full; free some space, then resume",
    "not a database": "it is not a database, or damaged; choose another store, or restore a copy",
    "malformed": "it is damaged; restore a copy, or run the campaign again elsewhere",
    "Could not decode": "it is damaged; restore a copy, or run the campaign again elsewhere",
    "readonly": "it is not writable; change its permissions, or choose another store",
    "unable to open": "its folder is missing or not writable; create it, or choose another store",
}


class Database:
    """One database. `name` is its name in messages: a path, or a URL without its password."""

    def __init__(self, place: str | Path) -> None:
        text = str(place)
        self.name = without_password(text) if "://" in text else text
        self.file = _file(text)
        self.is_read_only = self.file is not None and _is_read_only(self.file)
        self._copy: TemporaryDirectory[str] | None = None
        self._connection = self._opened(text)
        self._identity: tuple[int, int] | None = None

    def close(self) -> None:
        """Close it."""
        self._connection.close()
        if self._copy is not None:
            self._copy.cleanup()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads. Raises StoreError."""
        with self.speaking(), self._transaction(writes=False):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write; all of it is kept, or nothing. Raises StoreError, StoreLost."""
        self.check_it_is_there()
        with self.speaking(), self._transaction(writes=True):
            yield self._connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[None]:
        self._connection.begin(writes=writes)
        try:
            yield
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn the errors of the database into a StoreError that names it and a remedy."""
        try:
            yield
        except self._connection.faults as error:
            self.check_it_is_there()  # a deleted file would be reported as a failed disk
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            mend = next((mend for word, mend in _MENDS.items() if word in reason), "see the message of the database")
            raise StoreError(f"store {self.name}: {reason}: {mend}") from error
        except UnicodeDecodeError as error:
            raise StoreError(f"store {self.name}: {error}: {_MENDS['malformed']}") from error

    def settle(self) -> None:
        """After its tables are created: turn on the write-ahead log, and remember the identity of the file.

        With this log and `synchronous = NORMAL`, a killed process loses nothing, and commits do not wait for the disk.
        """
        if self.file is None or self.is_read_only:
            return
        with self.speaking():
            self._connection.rows("PRAGMA journal_mode = WAL")  # not possible inside a transaction
        self._identity = _identity(self.file)

    def check_it_is_there(self) -> None:
        """Raise StoreLost if the file was removed, renamed or replaced since it was opened."""
        if self.file is not None and self._identity is not None and _identity(self.file) != self._identity:
            raise StoreLost(
                f"{self.name} was removed, renamed or replaced while it was being written, so no more events can "
                "be kept; if it was renamed, resume it under its new name; if it was removed, run it again"
            )

    def _opened(self, text: str) -> Connection:
        if "://" in text and not text.startswith("sqlite"):
            return Other(text, self.name)
        address, is_uri = ":memory:" if self.file is None else str(self.file), False
        if self.is_read_only:
            address, is_uri = self._address_to_read()
        return SQLite(lambda: sqlite3.connect(address, uri=is_uri, check_same_thread=False))

    def _address_to_read(self) -> tuple[str, bool]:
        """(address, whether it is a URI) of the read-only file; of a copy if its write-ahead log is not empty."""
        assert self.file is not None
        log = self.file.with_name(f"{self.file.name}-wal")
        if log.is_file() and log.stat().st_size:
            return str(self._copied(log)), False
        return f"file:{quote(str(self.file.absolute()))}?mode=ro&immutable=1", True

    def _copied(self, log: Path) -> Path:
        """A temporary copy of the file and its log: without the log, the last events would be missing."""
        assert self.file is not None
        try:
            self._copy = TemporaryDirectory(prefix="designloop-")
            copies = [Path(self._copy.name, file.name) for file in (self.file, log)]
            for file, copy in zip((self.file, log), copies, strict=True):
                copyfile(file, copy)
        except OSError as error:
            if self._copy is not None:
                self._copy.cleanup()
            raise StoreError(
                f"{self.name} is not writable, and its last events are in {log.name}; a temporary copy of both failed "
                f"({error.strerror}); copy the whole folder to a writable place"
            ) from error
        return copies[0]


class Kept:
    """A store in one database. Each kind of store creates its tables when it is opened."""

    def __init__(self, database: Database) -> None:
        self._database, self.place = database, database.name

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """The store in a file (created if missing), or at an SQLAlchemy URL.

        Raises StoreError, with a remedy, if it is not ours, of another version, damaged or locked.
        """
        database = Database(place)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _file(text: str) -> Path | None:
    """The SQLite file at a place; None for memory, or for a database of another kind."""
    if "://" not in text:
        return Path(text)
    if not text.startswith("sqlite"):
        return None
    found = re.fullmatch(r"sqlite(?:\+pysqlite)?://(?:/(?P<path>[^?]*))?", text)
    if found is None:
        raise nowhere(text, "an SQLite URL takes no options")
    path = found["path"]
    return Path(path) if path and path != ":memory:" else None


def _is_read_only(file: Path) -> bool:
    """Whether an existing file or its folder is not writable; SQLite also writes next to the file."""
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
