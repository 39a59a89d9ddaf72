"""A database is where a store is kept: a file of SQLite, or what an SQLAlchemy URL names.

A file that cannot be written is read as it is, and left as it is. A file that is being written must stay where it is:
every transaction looks whether it does, since SQLite itself writes on happily into a file that was deleted.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from designloop.core.errors import StoreError, StoreLost

_LOCK_WAIT_SECONDS = 5
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
        self._url = text if "://" in text else f"sqlite:///{text}"
        self.name = _without_password(text) if "://" in text else text
        self.file = self._file()
        self.is_read_only = self.file is not None and _is_read_only(self.file)
        self._copy: TemporaryDirectory[str] | None = None
        self._begins = "BEGIN"
        self._engine = self._opened()
        self._held: Connection | None = None
        self._identity: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of it."""
        if self._held is not None:
            self._held.close()
        self._engine.dispose()
        if self._copy is not None:
            self._copy.cleanup()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads. Raises StoreError."""
        with self.speaking(), self._connection.begin():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write: all of it is kept, or nothing. Raises StoreError, StoreLost."""
        self.check_it_is_there()
        self._begins = "BEGIN IMMEDIATE"  # to wait for another writer now, and not to fail half-way
        try:
            with self.speaking(), self._connection.begin():
                yield self._connection
        finally:
            self._begins = "BEGIN"

    @property
    def _connection(self) -> Connection:
        """One connection, held: taking it anew for each transaction is felt in a long run."""
        if self._held is None:
            self._held = self._engine.connect()
        return self._held

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn what a database raises into a StoreError that names it and the mend."""
        try:
            yield
        except SQLAlchemyError as error:
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
            driver: Any = self._connection.connection.driver_connection
            driver.execute("PRAGMA journal_mode = WAL").close()  # which cannot be done in a transaction
        self._identity = _identity(self.file)

    def check_it_is_there(self) -> None:
        """Raise StoreLost where the file was removed, renamed or replaced since it was opened."""
        if self.file is not None and self._identity is not None and _identity(self.file) != self._identity:
            raise StoreLost(
                f"{self.name} was removed, renamed or replaced while it was being written, so nothing more can be "
                "kept; where it was renamed, resume it under its new name; where it was removed, run it again"
            )

    def _file(self) -> Path | None:
        try:
            url = make_url(self._url)
        except ArgumentError as error:
            raise _nowhere(self.name, error) from error
        is_file = url.drivername.startswith("sqlite") and url.database and not url.database.startswith((":", "file:"))
        return Path(str(url.database)) if is_file else None

    def _opened(self) -> Engine:
        try:
            engine = self._engine_to_read() if self.is_read_only else self._engine_to_write()
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise _nowhere(self.name, error) from error
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(self._begins))
        return engine

    def _engine_to_write(self) -> Engine:
        is_sqlite = self._url.startswith("sqlite")
        return create_engine(self._url, poolclass=StaticPool) if is_sqlite else create_engine(self._url)

    def _engine_to_read(self) -> Engine:
        """SQLite as it lies there; where its log was never brought in, a copy with that log."""
        assert self.file is not None
        log = self.file.with_name(f"{self.file.name}-wal")
        if log.is_file() and log.stat().st_size:
            return create_engine(f"sqlite:///{self._copied(log)}", poolclass=StaticPool)
        address = f"file:{quote(str(self.file.absolute()))}?mode=ro&immutable=1"
        connect = lambda: sqlite3.connect(address, uri=True, check_same_thread=False)  # noqa: E731
        return create_engine("sqlite://", creator=connect, poolclass=StaticPool)

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


def _tune(connection: Any, _: object) -> None:
    # The driver's own transactions would leave out the making of tables; those of `_begin` hold everything.
    connection.isolation_level = None
    for words in (f"busy_timeout = {_LOCK_WAIT_SECONDS * 1000}", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {words}").close()


def _is_read_only(file: Path) -> bool:
    """Whether a file that is there, or its folder, may not be written; SQLite writes beside the file too."""
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _nowhere(name: str, error: Exception) -> StoreError:
    return StoreError(f"no store at {name}: {error}; give a path, or a URL as sqlite:///runs/all.db")


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url
