"""When results were measured: the columns of dates and times in a result file, and the minutes that they say."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from designloop.core.errors import InputError
from designloop.core.readers.headers import places_of
from designloop.core.readers.table import Table
from designloop.live.dates import moment_in
from designloop.live.result_file import ResultFile

File = TypeVar("File", bound=ResultFile)
_DATES = ("date measured", "measurement date", "measured on", "measured at", "date of measurement", "datum", "datetime")
"""Columns that usually hold dates, besides the one that is described; `timestamp` may hold seconds."""
_TIMES = ("time of day", "time measured", "measurement time", "uhrzeit")


def dated(table: Table, how: File) -> File:
    """The description with the columns of dates and times that the table has under a usual name."""
    day = how.date if table.has(how.date) else _first(table, _DATES, how.date)
    hour = how.time if table.has(how.time) else _first(table, _TIMES, how.time)
    return how.with_(date=day, time=hour)


def _first(table: Table, names: Sequence[str], default: str) -> str:
    """The first of these columns that is there and begins with a date or a time; `default` where none is."""
    there = (table.names[places_of(name, table.names)[0]] for name in names if table.has(name))
    return next((name for name in there if _is_read(table, name, is_hour=names is _TIMES)), default)


def _is_read(table: Table, name: str, *, is_hour: bool) -> bool:
    """Whether the first cell of a column that is not empty can be read."""
    cell = next((cell for cell in table.column(name) if not is_blank(cell)), None)
    try:
        moment_in(date(2000, 1, 1) if is_hour else cell, cell if is_hour else None, name)
    except InputError:
        return False
    return cell is not None


def undated(table: Table, how: ResultFile) -> Iterator[str]:
    """A remark on times of day without dates, which are not read, or nothing."""
    if table.has(how.time) and not table.has(how.date):
        name = table.names[places_of(how.time, table.names)[0]]
        yield f"{table.file}: not read: {name}; a time of day needs a column of dates, as in `--set date=COLUMN`"


def is_blank(cell: Any) -> bool:
    """Whether a cell is empty."""
    return cell is None or not str(cell).strip()
