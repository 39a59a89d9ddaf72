"""Workbooks of Excel (.xlsx): the cells of a sheet, with their types, by openpyxl."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

from designloop.core.errors import InputError, near_word
from designloop.core.files import found
from designloop.core.readers.content import content

WORKBOOKS = (".xlsx", ".xlsm")
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A cell with a formula whose value was not saved with it."""

    formula: str

    def __str__(self) -> str:
        return self.formula


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet, all of one width; an empty cell is None."""

    name: str
    rows: list[Row]
    remarks: tuple[str, ...]


def read_sheet(file: Path, sheet: str | int | None = None) -> Sheet:
    """A sheet by its name or its number from 1; None: the first visible one that is not empty.

    Text stays text and numbers stay numbers. A formula has the value that was saved with it, else it is `Uncalculated`.
    Raises InputError where there is no such sheet, or where the file is no workbook.
    """
    data = content(file)
    with _understandable(file):
        return _read(data, sheet, file)


def sheet_names(path: str | Path) -> list[str]:
    """The names of the sheets of a workbook, in their order. Raises InputError as `read_sheet`."""
    file = found(path)
    data = content(file)
    with _understandable(file):
        return [one.title for one in _opened(data, file, formulas=False).worksheets]


@contextmanager
def _understandable(file: Path) -> Iterator[None]:
    """Raises InputError for every error of a file that is no workbook."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of zipfile, of the XML parser, and many of openpyxl
        raise InputError(f"{file} cannot be read as an Excel file: {error}; create or copy it again") from error


def _read(data: bytes, sheet: str | int | None, file: Path) -> Sheet:
    book = _opened(data, file, formulas=False)
    names = [one.title for one in book.worksheets]
    name, rows = _chosen(book, sheet, names, file)
    is_placeholder = bool(getattr(book.calculation, "fullCalcOnLoad", False))  # a program wrote it, not Excel
    if is_placeholder or any(None in row for row in rows):
        formulas = _rows(_opened(data, file, formulas=True)[name])
        rows = [_calculated(*pair, is_placeholder=is_placeholder) for pair in zip_longest(rows, formulas, fillvalue=())]
    others = [its for its in names if its != name]
    said = () if sheet is not None or not others else (_told(file, name, others),)
    return Sheet(name, _trimmed(rows), said)


def _told(file: Path, name: str, others: Sequence[str]) -> str:
    return f"{file}: sheet '{name}' is read, not {', '.join(map(repr, others))}; `sheet` selects another"


def _opened(data: bytes, file: Path, *, formulas: bool) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise InputError(
            f"{file}: Excel files are read by openpyxl; pip install 'designloop[excel]', or save the sheet as CSV"
        ) from error
    if not data.startswith(b"PK"):
        raise InputError(f"{file} is no .xlsx file, or has a password; save it as .xlsx without a password")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on styles and validations, which are not read
        return openpyxl.load_workbook(BytesIO(data), data_only=not formulas, read_only=True)


def _chosen(book: Any, sheet: str | int | None, names: list[str], file: Path) -> tuple[str, list[Row]]:
    """The name of the sheet, and its rows."""
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        sheet = names[sheet - 1]
    if sheet in names:
        return str(sheet), _rows(book[sheet])
    if sheet is not None:
        known = ", ".join(map(repr, names))
        raise InputError(f"{file} has no sheet {sheet!r} (sheets: {known}){near_word(str(sheet), names)}")
    for one in book.worksheets:
        rows = _rows(one) if one.sheet_state == "visible" else []
        if any(cell is not None for row in rows for cell in row):
            return str(one.title), rows
    raise InputError(f"{file} cannot be read as a table: its sheets are empty; expected a header")


def _rows(sheet: Any) -> list[Row]:
    sheet.reset_dimensions()  # the size that a file states may be wrong, and openpyxl would stop there
    read: Iterator[Row] = sheet.iter_rows(values_only=True)
    return [tuple(None if cell == "" else cell for cell in row) for row in read]


def _trimmed(rows: list[Row]) -> list[Row]:
    """The rows up to the last one that is not empty, padded to one width."""
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell is not None), default=0)
    return [(*row[:width], *(None,) * (width - len(row))) for row in rows]


def _calculated(row: Row, formulas: Row, *, is_placeholder: bool) -> Row:
    """The row, with each formula whose value was not saved as `Uncalculated`, so that a reader of the cell says so."""
    return tuple(
        Uncalculated(str(getattr(formula, "text", formula)))
        if (cell is None or is_placeholder) and _is_formula(formula)
        else cell
        for cell, formula in zip_longest(row, formulas)
    )


def _is_formula(cell: object) -> bool:
    return type(cell).__name__ == "ArrayFormula" or (isinstance(cell, str) and cell.startswith("="))
