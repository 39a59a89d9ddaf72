"""The tables of a store, and how a store is recognised as ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from designloop.core.errors import StoreError
from designloop.core.version import __version__
from designloop.storage.database import Database

APPLICATION = "designloop event store"
APPLICATION_ID = 0x64736C70
"""`dslp`, in the header of an SQLite file; other databases only hold the name."""
VERSION = 3
"""Version of the tables and of the event data in them."""

_ABOUT = """CREATE TABLE about (
    "key" VARCHAR(40) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key")
)"""
_TABLES = (
    """CREATE TABLE campaigns (
    run VARCHAR(200) NOT NULL, n_events INTEGER NOT NULL, event_hash VARCHAR(64) NOT NULL, n_truths INTEGER NOT NULL,
    truth_hash VARCHAR(64) NOT NULL, n_documents INTEGER NOT NULL, document_hash VARCHAR(64) NOT NULL,
    n_remarks INTEGER NOT NULL, remark_hash VARCHAR(64) NOT NULL, PRIMARY KEY (run)
)""",
    """CREATE TABLE events (
    run VARCHAR(200) NOT NULL, ordinal INTEGER NOT NULL, minute INTEGER NOT NULL CHECK (minute >= 0),
    kind VARCHAR(40) NOT NULL, design INTEGER, data TEXT NOT NULL, PRIMARY KEY (run, ordinal)
){without_rowid}""",
    """CREATE TABLE sealed_truths (
    run VARCHAR(200) NOT NULL, ordinal INTEGER NOT NULL, minute INTEGER NOT NULL, sequence TEXT NOT NULL, value FLOAT,
    PRIMARY KEY (run, ordinal)
){without_rowid}""",
    """CREATE TABLE documents (
    run VARCHAR(200) NOT NULL, ordinal INTEGER NOT NULL, name VARCHAR(80) NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (run, ordinal)
){without_rowid}""",
    """CREATE TABLE remarks (
    run VARCHAR(200) NOT NULL, ordinal INTEGER NOT NULL, minute INTEGER NOT NULL CHECK (minute >= 0),
    sentence TEXT NOT NULL, level VARCHAR(20) NOT NULL, PRIMARY KEY (run, ordinal)
){without_rowid}""",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of store: its name, version and tables, and the remedy for another version."""

    application: str
    version: int
    tables: tuple[str, ...]
    """The statements that create them."""
    way_out: str


EVENTS = Kind(APPLICATION, VERSION, _TABLES, "open it with that version, or run the campaign again elsewhere")


def prepare(database: Database, kind: Kind = EVENTS) -> None:
    """Create the tables in an empty database in one transaction; check that any other database is of this kind.

    Raises StoreError if it holds tables of another program, or of another version of designloop.
    """
    names = _table_names(database)
    if not names and not database.is_read_only:
        _create(database, kind)
        names = _table_names(database)
    with database.reading() as connection:
        mine = dict(connection.rows('SELECT "key", value FROM about')) if "about" in names else {}
    if mine.get("application") != kind.application:
        tables = f"another program's tables ({', '.join(sorted(names)[:3])}, ...)" if names else "no tables"
        raise StoreError(f"{database.name} holds {tables}; choose another store")
    if mine.get("version") != str(kind.version):
        raise StoreError(
            f"{database.name} was written by {_writer(mine, database)}, but this is designloop "
            f"{__version__} (schema {kind.version}), which cannot read it; {kind.way_out}"
        )
    database.settle()


def _table_names(database: Database) -> list[str]:
    with database.reading() as connection:
        return connection.tables()


def _create(database: Database, kind: Kind) -> None:
    with database.writing() as connection:
        if connection.tables():  # another process has created them
            return
        for statement in (_ABOUT, *kind.tables):
            connection.run(statement.format(without_rowid=connection.without_rowid))
        facts = {
            "application": kind.application,
            "version": str(kind.version),
            "designloop": __version__,
        }
        rows = [{"key": key, "value": value} for key, value in facts.items()]
        connection.run('INSERT INTO about ("key", value) VALUES (:key, :value)', rows)
        if database.file is not None:
            connection.run(f"PRAGMA application_id = {APPLICATION_ID}")


def _writer(mine: Mapping[str, str], database: Database) -> str:
    """`designloop 0.1.0 (schema 1)`: the version that wrote a store, from the store or from its manifest."""
    schema = mine.get("version", "")
    version = mine.get("designloop") or _version_in_manifest(database.file)
    is_later = schema.isdigit() and int(schema) > VERSION
    who = f"designloop {version}" if version else f"{'a later' if is_later else 'an earlier'} designloop"
    return f"{who} (schema {schema})"


def _version_in_manifest(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        version = json.loads(file.with_name("manifest.json").read_text(encoding="utf-8"))["versions"]["designloop"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) else None
