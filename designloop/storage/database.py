"""A database is where a store is kept: a file of SQLite, or what an SQLAlchemy URL names.

A file that cannot be written is read as it is, and left as it is. A file that is being written must stay where it is:
every transaction looks whether it does, since SQLite itself writes on happily into a file that was deleted.
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
    "locked": "another program is writing to it; wait for it to end",
    "disk I/O": "the disk failed or is full, or a file may grow no larger; mend that, and resume",
    "full": "the disk is full; free some space, and resume",
    "not a database": "it is another kind of file, or damaged; name another store, or restore a copy",
    "malformed": "it is damaged; restore a copy, or run the campaign again elsewhere",
    "Could not decode": "it is damaged; restore a copy, or run the campaign again elsewhere",
    "readonly": "it cannot be written; mend its permissions, or name another store",
    "unable to open": "its folder is missing, or cannot be written; make it, or name another store",
}


class Database:
    """One database. `name` is what to call it: a path, or a URL without its password."""

    def __init__(self, place: str | Path) -> None:
        text = str(place)
        self.name = without_password(text) if "://" in text else text
        self.file = _file(text)
        self.is_read_only = self.file is not None and _is_read_only(self.file)
        self._copy: TemporaryDirectory[str] | None = None
        self._connection = self._opened(text)
        self._identity: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of it."""
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
        """A transaction that may write: all of it is kept, or nothing. Raises StoreError, StoreLost."""
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
        """Turn what a database raises into a StoreError that names it and the mend."""
        try:
            yield
        except self._connection.faults as error:
            self.check_it_is_there()  # what a deleted file answers with is a failed disk
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            mend = next((mend for word, mend in _MENDS.items() if word in reason), "see what the database says")
            raise StoreError(f"store {self.name}: {reason}: {mend}") from error
        except UnicodeDecodeError as error:
            raise StoreError(f"store {self.name}: {error}: {_MENDS['malformed']}") from error

    def settle(self) -> None:
        """Once its tables are there: keep a write-ahead log, and remember which file it is.

        With such a log and `synchronous = NORMAL` a killed process loses nothing, and a commit waits for no disk.
        """
        if self.file is None or self.is_read_only:
            return
        with self.speaking():
            self._connection.rows("PRAGMA journal_mode = WAL")  # which cannot be done in a transaction
        self._identity = _identity(self.file)

    def check_it_is_there(self) -> None:
        """Raise StoreLost where the file was removed, renamed or replaced since it was opened."""
        if self.file is not None and self._identity is not None and _identity(self.file) != self._identity:
            raise StoreLost(
                f"{self.name} was removed, renamed or replaced while it was being written, so nothing more can be "
                "kept; where it was renamed, resume it under its new name; where it was removed, run it again"
            )

    def _opened(self, text: str) -> Connection:
        if "://" in text and not text.startswith("sqlite"):
            return Other(text, self.name)
        address, is_uri = ":memory:" if self.file is None else str(self.file), False
        if self.is_read_only:
            address, is_uri = self._address_to_read()
        return SQLite(lambda: sqlite3.connect(address, uri=is_uri, check_same_thread=False))

    def _address_to_read(self) -> tuple[str, bool]:
        """(address, whether it is a URI) of the file as it lies there; of a copy where its log was never brought in."""
        assert self.file is not None
        log = self.file.with_name(f"{self.file.name}-wal")
        if log.is_file() and log.stat().st_size:
            return str(self._copied(log)), False
        return f"file:{quote(str(self.file.absolute()))}?mode=ro&immutable=1", True

    def _copied(self, log: Path) -> Path:
        """The file and its log in a folder of their own: read without its log, it would lack its last events."""
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
                f"{self.name} cannot be written, and its last events are in {log.name}, which has to be brought in to "
                f"be read; that failed ({error.strerror}): copy the whole folder to where it can be written"
            ) from error
        return copies[0]


class Kept:
    """What is kept in one database. A kind of store prepares its tables as it is made."""

    def __init__(self, database: Database) -> None:
        self._database, self.place = database, database.name

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """The store in a file (made where there is none), or at an SQLAlchemy URL.

        Raises StoreError where it is not ours, of another version, damaged or locked, with what to do.
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
        """Let go of the database."""
        self._database.close()


def _file(text: str) -> Path | None:
    """The file of SQLite that a place names; None where it is memory, or a database of another kind."""
    if "://" not in text:
        return Path(text)
    if not text.startswith("sqlite"):
        return None
    found = re.fullmatch(r"sqlite(?:\+pysqlite)?://(?:/(?P<path>[^?]*))?", text)
    if found is None:
        raise nowhere(text, "a file of SQLite takes no options")
    path = found["path"]
    return Path(path) if path and path != ":memory:" else None


def _is_read_only(file: Path) -> bool:
    """Whether a file that is there, or its folder, may not be written; SQLite writes beside the file too."""
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
