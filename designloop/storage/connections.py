"""Connections run statements and read rows: with Python's SQLite driver, or with SQLAlchemy for other databases.

Statements name their values (`:run`) and quote the one column whose name some databases reserve with `"`. A command
that uses only files never imports SQLAlchemy, whose import takes as long as drawing a report.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from designloop.core.errors import StoreError

LOCK_WAIT_SECONDS = 5
Values = Mapping[str, Any]
_NONE: Values = {}


class Connection(Protocol):
    """One connection, opened at its first use and kept open, since reopening it would slow down a long run."""

    faults: tuple[type[Exception], ...]
    """The exceptions that the driver raises."""
    without_rowid: str
    """The end of a CREATE TABLE statement for a table with few columns and many keys."""

    def rows(self, statement: str, values: Values = _NONE) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""

    def run(self, statement: str, rows: Sequence[Values] = (_NONE,)) -> int:
        """Run a statement once for each of `rows`; returns the number of affected rows."""

    def tables(self) -> list[str]:
        """The names of the existing tables."""

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction; if it `writes`, it waits for other writers now, so that it cannot fail half-way."""

    def commit(self) -> None:
        """Keep what was written."""

    def rollback(self) -> None:
        """Discard what was written."""

    def close(self) -> None:
        """Close the database."""


class _Held:
    """The one connection of either kind, and its transactions."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect

    @cached_property
    def _connection(self) -> Any:
        return self._connect()

    def commit(self) -> None:
        """Keep what was written."""
        self._connection.commit()

    def rollback(self) -> None:
        """Discard what was written."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the database."""
        if "_connection" in self.__dict__:
            self._connection.close()


class SQLite(_Held):
    """SQLite; `connect` opens it."""

    faults: tuple[type[Exception], ...] = (sqlite3.Error,)
    without_rowid = " WITHOUT ROWID"

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(lambda: self._prepared(connect()))

    @staticmethod
    def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
        # The driver's own transactions do not include CREATE TABLE; those of `begin` include everything.
        connection.isolation_level = None
        for words in (f"busy_timeout = {LOCK_WAIT_SECONDS * 1000}", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {words}").close()
        return connection

    def rows(self, statement: str, values: Values = _NONE) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        return list(self._connection.execute(statement, values))

    def run(self, statement: str, rows: Sequence[Values] = (_NONE,)) -> int:
        """Run a statement once for each of `rows`; returns the number of affected rows."""
        if len(rows) == 1:
            return int(self._connection.execute(statement, rows[0]).rowcount)
        return int(self._connection.executemany(statement, rows).rowcount)

    def tables(self) -> list[str]:
        """The names of the existing tables, without those of SQLite itself."""
        names = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in names if not name.startswith("sqlite_")]

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction; if it `writes`, it waits for other writers now, so that it cannot fail half-way."""
        self._connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN").close()


class Other(_Held):
    """The database at an SQLAlchemy URL. Raises StoreError, with `name` for it, if it cannot be opened."""

    without_rowid = ""

    def __init__(self, url: str, name: str) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

        self.faults: tuple[type[Exception], ...] = (SQLAlchemyError,)
        try:
            self._engine = create_engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise nowhere(name, error) from error
        super().__init__(self._engine.connect)

    def rows(self, statement: str, values: Values = _NONE) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        return [tuple(row) for row in self._connection.execute(self._words(statement), values)]

    def run(self, statement: str, rows: Sequence[Values] = (_NONE,)) -> int:
        """Run a statement once for each of `rows`; returns the number of affected rows."""
        given = rows[0] if len(rows) == 1 else list(rows)
        return int(self._connection.execute(self._words(statement), given).rowcount)

    def _words(self, statement: str) -> Any:
        from sqlalchemy import text

        return text(statement.replace('"', self._engine.dialect.identifier_preparer.initial_quote))

    def tables(self) -> list[str]:
        """The names of the existing tables."""
        from sqlalchemy import inspect

        return list(inspect(self._connection).get_table_names())

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction."""
        self._connection.begin()

    def close(self) -> None:
        """Close the database."""
        super().close()
        self._engine.dispose()


def nowhere(name: str, why: object) -> StoreError:
    """The error for a place that is not a store."""
    return StoreError(f"no store at {name}: {why}; give a path, or a URL such as sqlite:///runs/all.db")


def without_password(url: str) -> str:
    """A URL without its password, as it may be shown."""
    head, at, host = url.rpartition("@")
    scheme, slashes, user = head.partition("://")
    return f"{scheme}{slashes}{user.partition(':')[0]}{':***' if ':' in user else ''}{at}{host}" if at else url
