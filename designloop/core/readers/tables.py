"""Tables from CSV, TSV and Parquet files. The caller chooses whether a column is read as text or as numbers.

No type is guessed: `0110` in a column of sequences is four letters; in a column of values it is a number.
"""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite, isnan, nan
from pathlib import Path
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError, near_word
from designloop.core.files import found, suffix
from designloop.core.readers.content import content, lines
from designloop.core.readers.parquet import read_parquet

TABLES = (".csv", ".tsv", ".parquet")
MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none"})
"""Words, in any case, for a missing value in a column of numbers."""
LARGEST = 1e100
"""The largest number in a table: the square of a larger one overflows a double."""
_NAMES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Table:
    """A table as in its file: cells are text in CSV and TSV, and typed values in Parquet."""

    file: Path
    names: tuple[str, ...]
    n_rows: int
    lines: Sequence[int] | None
    """The line on which each row begins; None in Parquet, which has no lines."""
    _cells: Callable[[int], Sequence[object]]

    def __len__(self) -> int:
        return self.n_rows

    def place(self, row: int) -> str:
        """The location of a row (from 0): `line 3`, or `row 2` where a file has no lines."""
        return place_of(row, self.lines)

    def column(self, name: str, *, first_of_same: bool = False) -> Sequence[object]:
        """The cells of a column. Raises InputError where there is none, or where different columns share the name.

        `first_of_same`: take the first of the columns that share the name.
        """
        places = [place for place, its in enumerate(self.names) if its == name]
        if not places and (hint := _semicolons(self.names)):
            raise InputError(f"{self.file} has no column '{name}': {hint}")
        if not places:
            raise InputError(f"{self.file} has no column '{name}' ({self._all_names()}){near_word(name, self.names)}")
        cells = self._cells(places[0])
        if not first_of_same and any(self._cells(place) != cells for place in places[1:]):
            raise InputError(f"{self.file} has {len(places)} different columns '{name}'; give each column its own name")
        return cells

    def texts(self, name: str, *, first_of_same: bool = False) -> list[str]:
        """A column of text. Raises InputError where the column of a Parquet file holds numbers."""
        cells = self.column(name, first_of_same=first_of_same)
        if _are_texts(cells):
            return list(cells)
        odd = next((cell for cell in cells if cell is not None and not isinstance(cell, str)), None)
        if odd is not None:
            raise InputError(
                f"{self.file}, column '{name}': expected text, got {odd!r} ({type(odd).__name__}); save the column as "
                "text (numbers lose leading zeros)"
            )
        return ["" if cell is None else str(cell) for cell in cells]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as float64, NaN where a value is missing. Raises InputError with the place of an invalid number."""
        cells = self.column(name)
        if (plain := _plain_numbers(cells)) is not None:
            return plain
        return np.fromiter((self._number(cell, name, row) for row, cell in enumerate(cells)), np.float64, len(cells))

    def _number(self, cell: object, name: str, row: int) -> float:
        if is_missing(cell):
            return nan
        number = _as_number(cell)
        if number is None or not abs(number) <= LARGEST:
            what = (
                "a number" if number is None else "a finite number" if not isfinite(number) else "at most 1e100 in size"
            )
            raise InputError(
                f"{self.file}, {self.place(row)}, column '{name}': {_shown(cell)} is not {what}; "
                "correct it, or leave the cell empty if there is no measurement"
            )
        return number

    def _all_names(self) -> str:
        more = f", and {len(self.names) - _NAMES_SHOWN} more" if len(self.names) > _NAMES_SHOWN else ""
        return f"columns: {', '.join(self.names[:_NAMES_SHOWN])}{more}"


def place_of(row: int, lines: Sequence[int] | None) -> str:
    """The location of a row (from 0) of a table with these lines."""
    return f"row {row + 1}" if lines is None else f"line {lines[row]}"


def is_missing(cell: object) -> bool:
    """True for a cell without a value: empty, NaN, or one of the words in MISSING."""
    return cell is None or (isnan(cell) if isinstance(cell, float) else str(cell).strip().lower() in MISSING)


def _are_texts(cells: Sequence[object]) -> TypeGuard[Sequence[str]]:
    return set(map(type, cells)) <= {str}


def _plain_numbers(cells: Sequence[object]) -> NDArray[np.float64] | None:
    """The numbers of the cells; None where some cell is not a plain number."""
    if not _are_texts(cells) or not (text := "".join(cells)).isascii() or "_" in text:
        return None
    try:
        numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return numbers if (np.abs(numbers) <= LARGEST).all() else None


def _as_number(cell: object) -> float | None:
    """The number in a cell, or None. Python's `1_000` and non-ASCII digits are not accepted."""
    if isinstance(cell, bool) or (isinstance(cell, str) and ("_" in cell or not cell.isascii())):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]  # any cell; an invalid number raises
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return float("inf")


def _shown(cell: object) -> str:
    text = repr(str(cell))
    return text if len(text) <= 60 else f"{text[:57]}...'"


def read_table(path: str | Path) -> Table:
    """The table in a file, which may be gzipped. Raises InputError with the file and the line of the error."""
    file = found(path)
    return _parquet(file) if suffix(file) == ".parquet" else _text(file)


def column_names(path: str | Path) -> tuple[str, ...]:
    """The column names of a table. Of CSV and TSV, only the header is read. Raises InputError as `read_table`."""
    file = found(path)
    if suffix(file) == ".parquet":
        return _parquet(file).names
    _, header = next(_rows(file, _separator(file)), (0, []))
    return tuple(name.strip() for name in header)


# -- CSV and TSV -----------------------------------------------------------------------------------------------------


def _text(file: Path) -> Table:
    separator = _separator(file)
    return _plain_text(file, separator) or _any_text(file, separator)


def _separator(file: Path) -> str:
    return "\t" if suffix(file) in (".tsv", ".txt") else ","


def _plain_text(file: Path, separator: str) -> Table | None:
    """A table with one row per line, split all at once; None where a line is blank, quoted or of another width."""
    header, _, body = lines(file).getvalue().partition("\n")
    names = header.split(separator)
    if body and not body.endswith("\n"):
        body += "\n"
    if not any(names) or '"' in header or '"' in body or not _is_even(body, separator, len(names)):
        return None
    cells = body.replace("\n", separator).split(separator)[:-1]  # behind the last separator is nothing
    n_rows = len(cells) // len(names)
    columns = partial(_every, cells, len(names))
    return Table(file, tuple(name.strip() for name in names), n_rows, range(2, n_rows + 2), columns)


def _is_even(body: str, separator: str, width: int) -> bool:
    """Whether each line has `width` cells, at least one of them not empty."""
    blank = separator * (width - 1) + "\n"
    if body.startswith(blank) or f"\n{blank}" in body:
        return False
    signs = np.frombuffer(body.encode(), np.uint8)
    is_end = signs[(signs == ord(separator)) | (signs == ord("\n"))] == ord("\n")
    if len(is_end) % width:
        return False
    ends = is_end.reshape(-1, width)
    return bool(ends[:, -1].all() and not ends[:, :-1].any())


def _every(cells: list[str], width: int, column: int) -> list[str]:
    return cells[column::width]


def _any_text(file: Path, separator: str) -> Table:
    """A table read row by row, with the line of each row."""
    rows = _rows(file, separator)
    _, header = next(rows, (0, None))
    if header is None:
        raise InputError(f"{file} cannot be read as a table: it is empty; expected a header")
    columns, begins = [list[str]() for _ in header], list[int]()
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(_odd_width(line, row, header, file))
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
        begins.append(line)
    return Table(file, tuple(name.strip() for name in header), len(begins), begins, columns.__getitem__)


def _rows(file: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank."""
    csv.field_size_limit(sys.maxsize)  # a cell may hold a genome
    reader = csv.reader(lines(file), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{file} cannot be read as a table: line {line}: {error}; correct the line (a quoted cell ends with a "
            "quote)"
        ) from error


def _semicolons(names: Sequence[str]) -> str:
    """A hint where the only name contains semicolons (spreadsheets with decimal commas); else empty."""
    is_likely = len(names) == 1 and ";" in names[0]
    hint = "the file seems to be separated by semicolons; save it with commas, or as .tsv with tabs"
    return hint if is_likely else ""


def _odd_width(line: int, row: list[str], header: Sequence[str], file: Path) -> str:
    if hint := _semicolons(header):
        return f"{file} cannot be read as a table: {hint}"
    between = "tabs" if suffix(file) in (".tsv", ".txt") else "','"
    return (
        f"{file} cannot be read as a table: line {line} has {many(len(row), 'cell')}, but the header has {len(header)} "
        f"(separated by {between}); correct the line"
    )


# -- Parquet ---------------------------------------------------------------------------------------------------------


def _parquet(file: Path) -> Table:
    try:
        columns = read_parquet(content(file))
    except ValueError as error:
        raise InputError(f"{file} cannot be read as a table: {error}; create or copy it again") from error
    cells = list(columns.values())
    return Table(file, tuple(columns), len(cells[0]) if cells else 0, None, cells.__getitem__)
