"""The cells of a study: what each came to, by its key, one transaction each; and the plans that were made."""

from collections.abc import Mapping
from json import dumps, loads
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Column, Connection, Float, Integer, MetaData, String, Table, Text, func, insert, select

from designloop.core.errors import StoreError
from designloop.storage.database import Database
from designloop.storage.schema import VERSION, Kind, prepare

metadata = MetaData()
cells = Table(
    "cells",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("error", Text),
    Column("outcome", Text, nullable=False),
)
planned = Table(
    "planned",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("cell", Text, nullable=False),
)
plans = Table(
    "plans",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("n_recorded", Integer, nullable=False),
    Column("plan", Text, nullable=False),
)
KIND = Kind("designloop study store", VERSION, metadata, "move the study's folder away, and run the study again")


class CellStore:
    """The cells of one study. It has one writer; `with CellStore.open(...) as store:` closes it at the end."""

    def __init__(self, database: Database) -> None:
        self._database, self.place = database, database.name
        prepare(database, KIND)

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """The store in a file (made where there is none), or at an SQLAlchemy URL. Raises StoreError."""
        database = Database(place)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def record(self, key: str, outcome: Mapping[str, Any]) -> None:
        """Keep what a cell came to. A cell that failed before is written over; one that is done never is."""
        row = {"key": key, "seconds": outcome["seconds"], "error": outcome["error"]}
        with self._database.writing() as connection:
            connection.execute(cells.delete().where(cells.c.key == key, cells.c.error.is_not(None)))
            connection.execute(insert(cells).values(outcome=dumps(outcome, sort_keys=True), **row))

    def finished(self) -> set[str]:
        """Keys of the cells that came to an end."""
        with self._database.reading() as connection:
            return set(connection.execute(select(cells.c.key).where(cells.c.error.is_(None))).scalars())

    def outcomes(self) -> dict[str, dict[str, Any]]:
        """What each cell came to, failed ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(select(cells.c.key, cells.c.outcome)).all()
        return {row.key: self._facts(row.outcome, f"cell {row.key[:16]}") for row in rows}

    def plan(self, promise: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> None:
        """Note what is about to be run: the promise, unless it is the last one noted; and the cells, by key."""
        text = dumps(promise, sort_keys=True)
        known = self.plans()
        with self._database.writing() as connection:
            if not known or dumps(known[-1][1], sort_keys=True) != text:
                n_recorded = connection.execute(select(func.count()).select_from(cells)).scalar_one()
                connection.execute(insert(plans).values(ordinal=len(known), n_recorded=n_recorded, plan=text))
            connection.execute(planned.delete())
            self._name(connection, named)

    def add(self, named: Mapping[str, Mapping[str, Any]]) -> None:
        """Note cells that are to be run beside the plan's."""
        with self._database.writing() as connection:
            self._name(connection, named)

    def _name(self, connection: Connection, named: Mapping[str, Mapping[str, Any]]) -> None:
        first = connection.execute(select(func.count()).select_from(planned)).scalar_one()
        cells_ = enumerate(named.items(), start=first)
        connection.execute(
            insert(planned), [{"ordinal": i, "key": key, "cell": dumps(cell)} for i, (key, cell) in cells_]
        )

    def plans(self) -> list[tuple[int, dict[str, Any]]]:
        """(cells recorded when it was made, promise) of every plan, in order."""
        with self._database.reading() as connection:
            rows = connection.execute(select(plans).order_by(plans.c.ordinal)).all()
        return [(row.n_recorded, self._facts(row.plan, f"plan {row.ordinal}")) for row in rows]

    def planned(self) -> dict[str, dict[str, Any]]:
        """The cells the study has now, by key, in order."""
        with self._database.reading() as connection:
            rows = connection.execute(select(planned).order_by(planned.c.ordinal)).all()
        return {row.key: self._facts(row.cell, f"planned cell {row.ordinal}") for row in rows}

    def check_it_is_there(self) -> None:
        """Raise StoreLost where the file was removed, renamed or replaced since it was opened."""
        self._database.check_it_is_there()

    def _facts(self, text: str, what: str) -> dict[str, Any]:
        """A row's JSON, which is a mapping. Raises StoreError."""
        try:
            facts = loads(text)
        except (ValueError, RecursionError) as error:
            raise damaged(self.place, what, error) from error
        if not isinstance(facts, dict):
            raise damaged(self.place, what, f"it is {type(facts).__name__}, and no mapping")
        return facts


def damaged(place: str, what: str, why: object) -> StoreError:
    """The error of a row that is not as it was written."""
    return StoreError(f"{place}: {what} is damaged ({why}); restore a copy, or move the folder away and run it again")
