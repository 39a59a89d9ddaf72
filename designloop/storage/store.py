"""A store keeps the event logs of campaigns in a database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from designloop.core.errors import StoreError
from designloop.core.records import Event, Truth
from designloop.storage import schema
from designloop.storage.log import EventLog, Head, Transaction, canonical

_LOCK_WAIT_SECONDS = 5
_MENDS = {
    "locked": "another program is writing to it; wait for it to end",
    "disk I/O": "the disk failed or is full, or a file may grow no larger; mend that, and resume",
    "full": "the disk is full; free some space, and resume",
    "not a database": "it is another kind of file, or damaged; name another store, or restore a copy",
    "malformed": "it is damaged; restore a copy, or run the campaign again elsewhere",
    "readonly": "it cannot be written; mend its permissions, or name another store",
    "unable to open": "its folder is missing, or cannot be written; make it, or name another store",
}


def open_engine(place: str | Path) -> tuple[Engine, str]:
    """A database's engine, and the name to speak of it by: a file, or an SQLAlchemy URL. Raises StoreError."""
    name = str(place)
    url = name if "://" in name else f"sqlite:///{name}"
    try:
        engine = create_engine(url, poolclass=StaticPool) if _is_sqlite(url) else create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(f"no store at {name}: {error}; give a path, or a URL as sqlite:///runs/all.db") from error
    if _is_sqlite(url):
        event.listen(engine, "connect", _tune_sqlite)
    return engine, _without_password(url) if "://" in name else name


class Store:
    """Campaigns in one database. `with Store.open(...) as store:` closes it at the end."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self.place = place
        with speaking_of(place), engine.begin() as connection:
            schema.prepare(connection, place)

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """The store in a file (made where there is none), or at an SQLAlchemy URL.

        Raises StoreError where it is not ours, of another version, damaged or locked, with what to do.
        """
        engine, name = open_engine(place)
        try:
            return cls(engine, name)
        except BaseException:
            engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def campaigns(self) -> list[str]:
        """The runs it holds, by name."""
        with speaking_of(self.place), self._engine.begin() as connection:
            return list(connection.execute(select(schema.campaigns.c.run).order_by(schema.campaigns.c.run)).scalars())

    def campaign(self, run: str = "campaign") -> "StoredLog":
        """The log of `run`: the one it holds, or a new one. Raises StoreError where its records contradict its hash."""
        return StoredLog(self._engine, self.place, run)


class StoredLog(EventLog):
    """One campaign's log in a store. It has one writer, so what was read or written once is kept in memory too."""

    def __init__(self, engine: Engine, place: str, run: str) -> None:
        self._engine, self._place, self._run = engine, place, run
        super().__init__(self._kept_heads())
        self._events, self._truths = self._read()
        self._check()

    def events(self) -> list[Event]:
        """All events, in their order."""
        return list(self._events)

    def truths(self) -> list[Truth]:
        """All truths, in their order."""
        return list(self._truths)

    def _read(self) -> tuple[list[Event], list[Truth]]:
        events, truths = schema.events.c, schema.truths.c
        rows = self._rows(schema.events, events.minute, events.kind, events.design, events.data)
        try:
            read = [Event(minute, kind, design, loads(data)) for minute, kind, design, data in rows]
        except ValueError as error:
            raise StoreError(f"{self._place} is damaged: {error}; restore a copy, or run the campaign again") from error
        return read, [Truth(*row) for row in self._rows(schema.truths, truths.minute, truths.sequence, truths.value)]

    def documents(self) -> dict[str, str]:
        """Texts kept beside the events, by name."""
        table = schema.documents
        query = select(table.c.name, table.c.text).where(table.c.run == self._run)
        with self._begin() as connection:
            return {row.name: row.text for row in connection.execute(query)}

    def _rows(self, table: Any, *columns: Any) -> Sequence[Any]:
        query = select(*columns).where(table.c.run == self._run).order_by(table.c.ordinal)
        with self._begin() as connection:
            return connection.execute(query).all()

    def _kept_heads(self) -> tuple[Head, Head]:
        table = schema.campaigns
        with self._begin() as connection:
            kept = connection.execute(select(table).where(table.c.run == self._run)).one_or_none()
            if kept is not None:
                return Head(kept.n_events, kept.event_hash), Head(kept.n_truths, kept.truth_hash)
            connection.execute(insert(table).values(run=self._run, **_columns(heads := (Head(), Head()))))
            return heads

    def _check(self) -> None:
        found = Head().after(map(canonical, self._events)), Head().after(map(canonical, self._truths))
        if found != self._heads:
            raise StoreError(
                f"{self._place}: the records of '{self._run}' do not add up to their hash, so they were changed or "
                "damaged; restore a copy, or run the campaign again elsewhere"
            )

    def _write(self, new: Transaction) -> None:
        n_events, n_truths = (head.n for head in self._heads)
        with self._begin() as connection:
            self._move_heads(connection, new.heads)
            self._insert(
                connection,
                schema.events,
                [
                    {"ordinal": i, "minute": e.minute, "kind": e.kind, "design": e.design, "data": text}
                    for i, (e, text) in enumerate(zip(new.events, new.data, strict=True), start=n_events)
                ],
            )
            self._insert(
                connection,
                schema.truths,
                [
                    {"ordinal": i, "minute": t.minute, "sequence": t.sequence, "value": t.value}
                    for i, t in enumerate(new.truths, start=n_truths)
                ],
            )
            self._insert(connection, schema.documents, [{"name": name, "text": t} for name, t in new.documents.items()])
        self._events += new.events
        self._truths += new.truths

    def _insert(self, connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(_INSERT[table.name], [{"run": self._run, **row} for row in rows])

    def _move_heads(self, connection: Connection, heads: tuple[Head, Head]) -> None:
        """Move the heads from where this log knows them to be; a second writer has moved them already."""
        expected = {f"old_{name}": value for name, value in _columns(self._heads).items()}
        moved = connection.execute(_MOVE, {"of_run": self._run, **expected, **_columns(heads)})
        if moved.rowcount != 1:
            raise StoreError(f"{self._place}: another process wrote to '{self._run}' meanwhile; let one of them go on")

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with speaking_of(self._place), self._engine.begin() as connection:
            yield connection


@contextmanager
def speaking_of(place: str) -> Iterator[None]:
    """Turn what a database raises into a StoreError that names the store and the mend."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        mend = next((mend for word, mend in _MENDS.items() if word in reason), "see what the database says")
        raise StoreError(f"store {place}: {reason}: {mend}") from error


def _columns(heads: tuple[Head, Head]) -> dict[str, Any]:
    events, truths = heads
    return {"n_events": events.n, "event_hash": events.hash, "n_truths": truths.n, "truth_hash": truths.hash}


# Statements are made once: making them anew costs more than the database takes to run them.
_INSERT = {table.name: insert(table) for table in (schema.events, schema.truths, schema.documents)}
_MOVE = (
    update(schema.campaigns)
    .where(schema.campaigns.c.run == bindparam("of_run"))
    .where(*[schema.campaigns.c[name] == bindparam(f"old_{name}") for name in _columns((Head(), Head()))])
    .values({name: bindparam(name) for name in _columns((Head(), Head()))})
)


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _tune_sqlite(connection: Any, _: object) -> None:
    # With a write-ahead log and NORMAL, a killed process loses nothing, and a commit waits for no disk.
    for pragma in (f"busy_timeout = {_LOCK_WAIT_SECONDS * 1000}", "journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
