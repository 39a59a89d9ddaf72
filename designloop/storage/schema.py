"""The tables of a store, and how a store is known to be ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)

import designloop
from designloop.core.errors import StoreError
from designloop.storage.database import Database

APPLICATION = "designloop event store"
APPLICATION_ID = 0x64736C70
"""`dslp`, in the header of an SQLite file; other databases carry the name alone."""
VERSION = 2
"""Of the tables and of what the events in them say."""

metadata = MetaData()
about = Table("about", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False))
campaigns = Table(
    "campaigns",
    metadata,
    Column("run", String(200), primary_key=True),
    Column("n_events", Integer, nullable=False),
    Column("event_hash", String(64), nullable=False),
    Column("n_truths", Integer, nullable=False),
    Column("truth_hash", String(64), nullable=False),
    Column("n_documents", Integer, nullable=False),
    Column("document_hash", String(64), nullable=False),
)


def _of_campaign(name: str, *columns: Any) -> Table:
    keys = Column("run", String(200), primary_key=True), Column("ordinal", Integer, primary_key=True)
    return Table(name, metadata, *keys, *columns, sqlite_with_rowid=False)


events = _of_campaign(
    "events",
    Column("minute", Integer, CheckConstraint("minute >= 0"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("design", Integer),
    Column("data", Text, nullable=False),
)
truths = _of_campaign(
    "sealed_truths",
    Column("minute", Integer, nullable=False),
    Column("sequence", Text, nullable=False),
    Column("value", Float),
)
documents = _of_campaign(
    "documents",
    Column("name", String(80), nullable=False),
    Column("text", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of store: what it is called, the version and the tables it has, and what to do with another version."""

    application: str
    version: int
    tables: MetaData
    way_out: str


EVENTS = Kind(APPLICATION, VERSION, metadata, "open it with that version, or run the campaign again elsewhere")


def prepare(database: Database, kind: Kind = EVENTS) -> None:
    """Make the tables in an empty database, all in one transaction; in any other, check that it is of this kind.

    Raises StoreError where it holds another program's tables, or those of another version of designloop.
    """
    names = _table_names(database)
    if not names and not database.is_read_only:
        _create(database, kind)
        names = _table_names(database)
    with database.reading() as connection:
        mine = {row.key: row.value for row in connection.execute(select(about))} if "about" in names else {}
    if mine.get("application") != kind.application:
        tables = f"another program's tables ({', '.join(sorted(names)[:3])}, ...)" if names else "nothing"
        raise StoreError(f"{database.name} holds {tables}; name another store")
    if mine.get("version") != str(kind.version):
        raise StoreError(
            f"{database.name} was written by {_writer(mine, database)}, and this is designloop "
            f"{designloop.__version__} (schema {kind.version}), which cannot read it; {kind.way_out}"
        )
    database.settle()


def _table_names(database: Database) -> list[str]:
    with database.reading() as connection:
        return inspect(connection).get_table_names()


def _create(database: Database, kind: Kind) -> None:
    with database.writing() as connection:
        if inspect(connection).get_table_names():  # another process was quicker
            return
        about.create(connection, checkfirst=False)
        kind.tables.create_all(connection, [t for t in kind.tables.sorted_tables if t is not about], checkfirst=False)
        facts = {
            "application": kind.application,
            "version": str(kind.version),
            "designloop": designloop.__version__,
        }
        connection.execute(insert(about), [{"key": key, "value": value} for key, value in facts.items()])
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))


def _writer(mine: Mapping[str, str], database: Database) -> str:
    """`designloop 0.1.0 (schema 1)`: which version wrote a store, as it or the manifest beside it says."""
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
