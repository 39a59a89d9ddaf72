"""The tables of a store, and how a store is known to be ours."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
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

from designloop.core.errors import StoreError

APPLICATION = "designloop event store"
APPLICATION_ID = 0x64736C70
"""`dslp`, in the header of an SQLite file; other databases carry the name alone."""
VERSION = 1

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
documents = Table(
    "documents",
    metadata,
    Column("run", String(200), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("text", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of store: what it is called, the version and the tables it has, and what to do with another version."""

    application: str
    version: int
    tables: MetaData
    way_out: str


EVENTS = Kind(
    APPLICATION,
    VERSION,
    metadata,
    "open it with the version that wrote it (see manifest.json), or name another store",
)


def prepare(connection: Connection, place: str, kind: Kind = EVENTS) -> None:
    """Make the tables in an empty database; in any other, check that it is of this kind and version."""
    names = inspect(connection).get_table_names()
    if not names:
        _create(connection, kind)
        return
    mine = {row.key: row.value for row in connection.execute(select(about))} if "about" in names else {}
    if mine.get("application") != kind.application:
        raise StoreError(
            f"{place} holds another program's tables ({', '.join(sorted(names)[:3])}, ...); name another store"
        )
    if mine.get("version") != str(kind.version):
        raise StoreError(
            f"{place} has schema version {mine.get('version')}, and this designloop reads version {kind.version}; "
            f"{kind.way_out}"
        )


def _create(connection: Connection, kind: Kind) -> None:
    about.create(connection, checkfirst=True)
    kind.tables.create_all(connection)
    facts = {"application": kind.application, "version": str(kind.version)}
    connection.execute(insert(about), [{"key": key, "value": value} for key, value in facts.items()])
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
