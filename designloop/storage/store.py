"""A store keeps the event logs of campaigns in a database."""

from collections.abc import Iterable, Mapping
from json import loads
from typing import Any

from designloop.core.errors import StoreError
from designloop.core.records import Event, Level, Remark, Truth
from designloop.storage import schema
from designloop.storage.connections import Connection
from designloop.storage.database import Database, Kept
from designloop.storage.log import EventLog, Head, Heads, Transaction, line


class Store(Kept):
    """Campaigns in one database. `with Store.open(...) as store:` closes it at the end."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        schema.prepare(database)

    def campaigns(self) -> list[str]:
        """The names of its runs."""
        with self._database.reading() as connection:
            return [run for (run,) in connection.rows("SELECT run FROM campaigns ORDER BY run")]

    def campaign(self, run: str = "campaign") -> "StoredLog":
        """The log of `run`, which may be new. Raises StoreError if its records do not match its hash."""
        return StoredLog(self._database, run)


class StoredLog(EventLog):
    """One campaign's log in a store. It has one writer, so records are read only once, in one transaction."""

    def __init__(self, database: Database, run: str) -> None:
        self._database, self._run = database, run
        try:
            with database.reading() as connection:  # all of one moment, also where another process is writing
                kept = self._kept_heads(connection)
                self._is_new = kept is None
                super().__init__(kept)
                self._read(connection)
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"{database.name} is damaged: {error}; restore a copy, or run the campaign again elsewhere"
            ) from error

    @property
    def is_read_only(self) -> bool:
        """True if nothing can be written to it."""
        return self._database.is_read_only

    def check_it_is_there(self) -> None:
        """Raise StoreLost if the database was removed, renamed or replaced since it was opened."""
        self._database.check_it_is_there()

    def _read(self, connection: Connection) -> None:
        rows = self._rows(connection, "minute, kind, design, data", "events")
        self._truths = [Truth(*row) for row in self._rows(connection, "minute, sequence, value", "sealed_truths")]
        self._documents = dict(self._rows(connection, "name, text", "documents"))
        said = self._rows(connection, "minute, sentence, level", "remarks")
        self._remarks = [Remark(minute, sentence, Level(level)) for minute, sentence, level in said]
        self._check(Heads().after((line(*row) for row in rows), self._truths, self._documents, self._remarks))
        self._events = [Event(minute, kind, design, loads(data)) for minute, kind, design, data in rows]

    def _rows(self, connection: Connection, columns: str, table: str) -> list[Any]:
        query = f"SELECT {columns} FROM {table} WHERE run = :run ORDER BY ordinal"
        return connection.rows(query, {"run": self._run})

    def _kept_heads(self, connection: Connection) -> Heads | None:
        query = f"SELECT {', '.join(_columns(Heads()))} FROM campaigns WHERE run = :run"
        kept = connection.rows(query, {"run": self._run})
        return Heads(*(Head(*kept[0][i : i + 2]) for i in (0, 2, 4, 6))) if kept else None

    def _check(self, found: Heads) -> None:
        if found != self._heads:
            raise StoreError(
                f"{self._database.name}: the records of '{self._run}' do not match their hash, so they were "
                "changed or damaged; restore a copy, or run the campaign again elsewhere"
            )

    def _write(self, new: Transaction) -> None:
        before = self._heads
        events: list[dict[str, Any]] = [
            {"minute": event.minute, "kind": event.kind, "design": event.design, "data": text}
            for event, text in zip(new.events, new.data, strict=True)
        ]
        truths = [{"minute": t.minute, "sequence": t.sequence, "value": t.value} for t in new.truths]
        texts = [{"name": name, "text": text} for name, text in new.documents.items()]
        remarks = [{"minute": one.minute, "sentence": one.sentence, "level": one.level.value} for one in new.remarks]
        with self._database.writing() as connection:
            self._move_heads(connection, new.heads)
            put_in(connection, "events", self._numbered(events, before.events.n))
            put_in(connection, "sealed_truths", self._numbered(truths, before.truths.n))
            put_in(connection, "documents", self._numbered(texts, before.documents.n))
            put_in(connection, "remarks", self._numbered(remarks, before.remarks.n))
        self._is_new = False

    def _numbered(self, rows: Iterable[Mapping[str, Any]], first: int) -> list[dict[str, Any]]:
        return [{"run": self._run, "ordinal": i, **row} for i, row in enumerate(rows, first)]

    def _move_heads(self, connection: Connection, heads: Heads) -> None:
        """Move the heads from their known places; a second writer has already moved them."""
        if self._is_new:
            is_ours = not connection.rows("SELECT run FROM campaigns WHERE run = :run", {"run": self._run})
            if is_ours:
                put_in(connection, "campaigns", [{"run": self._run, **_columns(heads)}])
        else:
            before = {f"old_{name}": value for name, value in _columns(self._heads).items()}
            is_ours = connection.run(_MOVE, [{"run": self._run, **before, **_columns(heads)}]) == 1
        if not is_ours:
            raise StoreError(
                f"{self._database.name}: another process wrote to '{self._run}' at the same time; let only one continue"
            )


def put_in(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows by the names of their columns."""
    if rows:
        names = rows[0].keys()
        values = ", ".join(f":{name}" for name in names)
        connection.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", rows)


def _columns(heads: Heads) -> dict[str, Any]:
    return {
        "n_events": heads.events.n,
        "event_hash": heads.events.hash,
        "n_truths": heads.truths.n,
        "truth_hash": heads.truths.hash,
        "n_documents": heads.documents.n,
        "document_hash": heads.documents.hash,
        "n_remarks": heads.remarks.n,
        "remark_hash": heads.remarks.hash,
    }


_MOVE = (
    f"UPDATE campaigns SET {', '.join(f'{name} = :{name}' for name in _columns(Heads()))} "
    f"WHERE run = :run AND {' AND '.join(f'{name} = :old_{name}' for name in _columns(Heads()))}"
)
