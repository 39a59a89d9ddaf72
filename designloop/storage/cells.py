"""Stores the cells of a study by key, each in one transaction, and the plans of the study."""

from collections.abc import Mapping
from json import dumps, loads
from typing import Any

from designloop.core.errors import StoreError
from designloop.storage.connections import Connection
from designloop.storage.database import Database, Kept
from designloop.storage.schema import VERSION, Kind, prepare

_TABLES = (
    """CREATE TABLE cells (
    "key" VARCHAR(64) NOT NULL, seconds FLOAT NOT NULL, error TEXT, outcome TEXT NOT NULL, PRIMARY KEY ("key")
)""",
    """CREATE TABLE planned (
    ordinal INTEGER NOT NULL, "key" VARCHAR(64) NOT NULL, cell TEXT NOT NULL, PRIMARY KEY (ordinal)
)""",
    """CREATE TABLE plans (
    ordinal INTEGER NOT NULL, n_recorded INTEGER NOT NULL, plan TEXT NOT NULL, PRIMARY KEY (ordinal)
)""",
)
KIND = Kind("designloop study store", VERSION, _TABLES, "move the study's folder elsewhere, and run the study again")


_RECORD = 'INSERT INTO cells ("key", seconds, error, outcome) VALUES (:key, :seconds, :error, :outcome)'


class CellStore(Kept):
    """The cells of one study. It has one writer; `with CellStore.open(...) as store:` closes it at the end."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        prepare(database, KIND)

    def record(self, key: str, outcome: Mapping[str, Any]) -> None:
        """Keep the outcome of a cell. It replaces an earlier failure, but never a finished cell."""
        row = {"key": key, "seconds": outcome["seconds"], "error": outcome["error"]}
        with self._database.writing() as connection:
            connection.run('DELETE FROM cells WHERE "key" = :key AND error IS NOT NULL', [{"key": key}])
            connection.run(_RECORD, [{**row, "outcome": dumps(outcome, sort_keys=True)}])

    def finished(self) -> set[str]:
        """Keys of the finished cells."""
        return set(self.seconds())

    def seconds(self) -> dict[str, float]:
        """Duration of each finished cell, by its key."""
        with self._database.reading() as connection:
            return dict(connection.rows('SELECT "key", seconds FROM cells WHERE error IS NULL'))

    def outcomes(self) -> dict[str, dict[str, Any]]:
        """The outcome of each cell, failed ones included, by key."""
        with self._database.reading() as connection:
            rows = connection.rows('SELECT "key", outcome FROM cells')
        return {key: self._facts(outcome, f"cell {key[:16]}") for key, outcome in rows}

    def plan(self, promise: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> None:
        """Record the plan (`promise`), unless it is the last one recorded, and its cells by key."""
        text = dumps(promise, sort_keys=True)
        known = self.plans()
        with self._database.writing() as connection:
            if not known or dumps(known[-1][1], sort_keys=True) != text:
                row = {"ordinal": len(known), "n_recorded": _count(connection, "cells"), "plan": text}
                connection.run("INSERT INTO plans VALUES (:ordinal, :n_recorded, :plan)", [row])
            connection.run("DELETE FROM planned")
            self._name(connection, named)

    def add(self, named: Mapping[str, Mapping[str, Any]]) -> None:
        """Record further cells that are to be run."""
        with self._database.writing() as connection:
            self._name(connection, named)

    def _name(self, connection: Connection, named: Mapping[str, Mapping[str, Any]]) -> None:
        cells = enumerate(named.items(), start=_count(connection, "planned"))
        rows = [{"ordinal": i, "key": key, "cell": dumps(cell)} for i, (key, cell) in cells]
        connection.run("INSERT INTO planned VALUES (:ordinal, :key, :cell)", rows)

    def plans(self) -> list[tuple[int, dict[str, Any]]]:
        """(number of cells recorded when it was made, plan) of every plan, in order."""
        with self._database.reading() as connection:
            rows = connection.rows("SELECT ordinal, n_recorded, plan FROM plans ORDER BY ordinal")
        return [(n_recorded, self._facts(plan, f"plan {ordinal}")) for ordinal, n_recorded, plan in rows]

    def planned(self) -> dict[str, dict[str, Any]]:
        """The cells of the current plan, by key, in order."""
        with self._database.reading() as connection:
            rows = connection.rows('SELECT ordinal, "key", cell FROM planned ORDER BY ordinal')
        return {key: self._facts(cell, f"planned cell {ordinal}") for ordinal, key, cell in rows}

    def check_it_is_there(self) -> None:
        """Raise StoreLost if the file was removed, renamed or replaced since it was opened."""
        self._database.check_it_is_there()

    def _facts(self, text: str, what: str) -> dict[str, Any]:
        """A row's JSON, which must be a mapping. Raises StoreError."""
        try:
            facts = loads(text)
        except (ValueError, RecursionError) as error:
            raise damaged(self.place, what, error) from error
        if not isinstance(facts, dict):
            raise damaged(self.place, what, f"expected a mapping, got {type(facts).__name__}")
        return facts


def _count(connection: Connection, table: str) -> int:
    ((n,),) = connection.rows(f"SELECT COUNT(*) FROM {table}")
    return int(n)


def damaged(place: str, what: str, why: object) -> StoreError:
    """The error for a damaged row."""
    return StoreError(
        f"{place}: {what} is damaged ({why}); restore a copy, or move the folder elsewhere and run it again"
    )
