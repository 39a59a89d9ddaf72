"""A store keeps the event logs of campaigns in a database."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from json import loads
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, insert, select, update

from designloop.core.errors import StoreError
from designloop.core.records import Event, Truth
from designloop.storage import schema
from designloop.storage.database import Database
from designloop.storage.log import EventLog, Head, Heads, Transaction, line


class Store:
    """Campaigns in one database. `with Store.open(...) as store:` closes it at the end."""

    def __init__(self, database: Database) -> None:
        self._database, self.place = database, database.name
        schema.prepare(database)

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

    def campaigns(self) -> list[str]:
        """The runs it holds, by name."""
        with self._database.reading() as connection:
            return list(connection.execute(select(schema.campaigns.c.run).order_by(schema.campaigns.c.run)).scalars())

    def campaign(self, run: str = "campaign") -> "StoredLog":
        """The log of `run`: the one it holds, or a new one. Raises StoreError where its records contradict its hash."""
        return StoredLog(self._database, run)


class StoredLog(EventLog):
    """One campaign's log in a store. It has one writer, so what was read or written once is kept in memory too."""

    def __init__(self, database: Database, run: str) -> None:
        self._database, self._run = database, run
        kept = self._kept_heads()
        self._is_new = kept is None
        super().__init__(kept)
        try:
            self._read()
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"{database.name} is damaged: {error}; restore a copy, or run the campaign again elsewhere"
            ) from error

    @property
    def is_read_only(self) -> bool:
        """True where nothing can be written to it."""
        return self._database.is_read_only

    def events(self) -> list[Event]:
        """All events, in their order."""
        return list(self._events)

    def truths(self) -> list[Truth]:
        """All truths, in their order."""
        return list(self._truths)

    def documents(self) -> dict[str, str]:
        """Texts kept beside the events, by name."""
        return dict(self._documents)

    def check_it_is_there(self) -> None:
        """Raise StoreLost where the database was removed, renamed or replaced since it was opened."""
        self._database.check_it_is_there()

    def _read(self) -> None:
        events, truths, documents = schema.events.c, schema.truths.c, schema.documents.c
        rows = self._rows(schema.events, events.minute, events.kind, events.design, events.data)
        self._truths = [Truth(*row) for row in self._rows(schema.truths, truths.minute, truths.sequence, truths.value)]
        self._documents = {row.name: row.text for row in self._rows(schema.documents, documents.name, documents.text)}
        self._check(Heads().after((line(*row) for row in rows), self._truths, self._documents))
        self._events = [Event(minute, kind, design, loads(data)) for minute, kind, design, data in rows]

    def _rows(self, table: Any, *columns: Any) -> Sequence[Any]:
        query = select(*columns).where(table.c.run == self._run).order_by(table.c.ordinal)
        with self._database.reading() as connection:
            return connection.execute(query).all()

    def _kept_heads(self) -> Heads | None:
        table = schema.campaigns
        with self._database.reading() as connection:
            kept = connection.execute(select(table).where(table.c.run == self._run)).one_or_none()
        if kept is None:
            return None
        return Heads(
            Head(kept.n_events, kept.event_hash),
            Head(kept.n_truths, kept.truth_hash),
            Head(kept.n_documents, kept.document_hash),
        )

    def _check(self, found: Heads) -> None:
        if found != self._heads:
            raise StoreError(
                f"{self._database.name}: the records of '{self._run}' do not add up to their hash, so they were "
                "changed or damaged; restore a copy, or run the campaign again elsewhere"
            )

    def _write(self, new: Transaction) -> None:
        run, before = self._run, self._heads
        events = [
            (run, i, event.minute, event.kind, event.design, text)
            for i, (event, text) in enumerate(zip(new.events, new.data, strict=True), start=before.events.n)
        ]
        truths = [(run, i, t.minute, t.sequence, t.value) for i, t in enumerate(new.truths, start=before.truths.n)]
        texts = [(run, i, *text) for i, text in enumerate(new.documents.items(), start=before.documents.n)]
        with self._database.writing() as connection:
            self._move_heads(connection, new.heads)
            for table, rows in ((schema.events, events), (schema.truths, truths), (schema.documents, texts)):
                put_in(connection, table, rows)
        self._is_new = False
        self._events += new.events
        self._truths += new.truths
        self._documents.update(new.documents)

    def _move_heads(self, connection: Connection, heads: Heads) -> None:
        """Move the heads from where this log knows them to be; a second writer has moved them already."""
        table = schema.campaigns
        if self._is_new:
            is_ours = connection.execute(select(table.c.run).where(table.c.run == self._run)).first() is None
            if is_ours:
                put_in(connection, table, [(self._run, *_columns(heads).values())])
        else:
            before = {f"old_{name}": value for name, value in _columns(self._heads).items()}
            is_ours = run(connection, _MOVE, {"of_run": self._run, **before, **_columns(heads)}) == 1
        if not is_ours:
            raise StoreError(
                f"{self._database.name}: another process wrote to '{self._run}' meanwhile; let one of them go on"
            )


def put_in(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, values in the order of the table's columns."""
    if not rows:
        return
    statement, order = _compiled(_INSERT[table.name], connection.dialect)
    names = [column.name for column in table.columns]
    connection.exec_driver_sql(statement, list(rows) if order else [dict(zip(names, row, strict=True)) for row in rows])


def run(connection: Connection, clause: Update, values: Mapping[str, Any]) -> int:
    """Run a statement with these values; how many rows it met."""
    statement, order = _compiled(clause, connection.dialect)
    return connection.exec_driver_sql(statement, tuple(values[name] for name in order) if order else values).rowcount


@lru_cache
def _compiled(clause: Insert | Update, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """A statement as a driver takes it, and its values' names in their order; none where it takes them by name.

    Made once: to make it anew, and to look at each value, costs more than the database takes to run it.
    """
    compiled: Any = clause.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def _columns(heads: Heads) -> dict[str, Any]:
    return {
        "n_events": heads.events.n,
        "event_hash": heads.events.hash,
        "n_truths": heads.truths.n,
        "truth_hash": heads.truths.hash,
        "n_documents": heads.documents.n,
        "document_hash": heads.documents.hash,
    }


_INSERT = {table.name: insert(table) for table in schema.metadata.sorted_tables}
_MOVE = (
    update(schema.campaigns)
    .where(schema.campaigns.c.run == bindparam("of_run"))
    .where(*[schema.campaigns.c[name] == bindparam(f"old_{name}") for name in _columns(Heads())])
    .values({name: bindparam(name) for name in _columns(Heads())})
)
