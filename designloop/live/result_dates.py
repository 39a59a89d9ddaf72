"""When results were measured: the columns of dates and times in a result file, and the minutes that they say."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import Any, TypeVar

from designloop.core.readers.headers import folded, places_of
from designloop.core.readers.table import Table
from designloop.live.result_columns import others
from designloop.live.result_file import ResultFile

File = TypeVar("File", bound=ResultFile)
_DATES = (
    *("date measured", "measurement date", "measured on", "measured at", "date of measurement", "messdatum", "datum"),
    *("datetime", "date/time", "date time", "date and time", "assay date", "run date", "read date", "acquisition date"),
    *("measured", "timestamp", "time stamp"),
)
"""Columns that usually hold dates, besides the one that is described."""
_TIMES = ("time of day", "time measured", "measurement time", "uhrzeit", "messzeit")
_IS_DATED = re.compile(r"\b(dates?|datum|messdatum|time ?stamp|datetime|uhrzeit|messzeit|measured|time of day)\b")
"""Words in the header of a column that may hold dates or times."""
_DATE = re.compile(
    r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d)|\d{1,2}[-./ ]{1,2}[^\W\d]{3,9}[-./, ]{1,2}\d{2,4}\b"
    r"|[^\W\d]{3,9}[- ]\d{1,2},? \d{4}|\d{1,2}[:h]\d{2}\b"
)
"""How cells with dates or times begin, also such as are not read: `2/10/2026`, `10-Feb-2026`, `14h30`."""


def dated(table: Table, how: File) -> File:
    """The description with the columns of dates and times that the table has under a usual name."""
    day = how.date if table.has(how.date) else _first(table, _DATES, how.date)
    hour = how.time if table.has(how.time) else _first(table, _TIMES, how.time)
    return how.with_(date=day, time=hour)


def _first(table: Table, names: Sequence[str], default: str) -> str:
    """The first of these columns that is there and holds dates or times, readable or not; `default` where none does."""
    there = (table.names[places_of(name, table.names)[0]] for name in names if table.has(name))
    return next((name for name in there if any(map(_is_dated, _cells(table, name)))), default)


def _cells(table: Table, name: str) -> list[Any]:
    """The cells of a column that are not empty."""
    return [cell for cell in table.column(name, first_of_same=True) if not is_blank(cell)]


def _is_dated(cell: Any) -> bool:
    """Whether a cell holds a date or a time: a number, such as seconds, and a word are none."""
    return isinstance(cell, date | time) or _DATE.match(str(cell).strip()) is not None


def undated(table: Table, how: ResultFile) -> Iterator[str]:
    """A remark on columns of dates and of times that are not read, or nothing."""
    if table.has(how.time) and not table.has(how.date):
        name = table.names[places_of(how.time, table.names)[0]]
        yield f"{table.file}: not read: {name}; a time of day needs a column of dates, as in `--set date=COLUMN`"
    for name in others(table, how)[1]:
        cells = _cells(table, name)
        if cells and (all(map(_is_dated, cells)) or (_IS_DATED.search(folded(name)) and any(map(_has_digit, cells)))):
            yield (
                f"{table.file}: not read: {name} ({str(cells[0])!r}); a column of dates is named as in `--set "
                f"date=COLUMN`, and one of times of day as in `--set time=COLUMN`"
            )


def _has_digit(cell: Any) -> bool:
    return any(map(str.isdigit, str(cell)))


def is_blank(cell: Any) -> bool:
    """Whether a cell is empty."""
    return cell is None or not str(cell).strip()
