"""A table is rows of cells under a header. Its columns are found by name, and read as text or as numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import InputError
from designloop.core.readers.cells import Numbers, numbers
from designloop.core.readers.decimals import Decimal
from designloop.core.readers.headers import folded, no_column, places_of
from designloop.core.readers.separated import COMMENT, NAMES

_NO_SEQUENCE = frozenset({"na", "nan", "<na>", "n/a", "#n/a", "null", "none"})
"""Words for a missing sequence, in lower case. Some of them would pass as proteins."""
_LONGEST_WORD = max(map(len, _NO_SEQUENCE))
_NAMES_SHOWN = 12
_SEARCHED = 50
"""Rows in which a header that does not stand at the top is searched."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written, where its file does not show it."""

    sheet: str | int | None = None
    """The name or number of a workbook's sheet."""
    header: int | None = None
    """The line of the header, from 1; what stands above it is not read."""
    decimal: Decimal | None = None
    reading: str | None = None
    """The reading of the wells, of a plate that was read several times."""


@dataclass(frozen=True, slots=True)
class Places:
    """The location of each row of a table, counted from 0: `line 3`, or `row 3` where a file has no lines."""

    lines: Sequence[int]
    word: str = "line"

    def __call__(self, row: int) -> str:
        return f"{self.word} {self.lines[row]}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as in its file: cells are text in CSV and TSV, and typed values in Excel and Parquet files."""

    file: Path
    names: tuple[str, ...]
    n_rows: int
    place: Places
    _cells: Callable[[int], Sequence[object]]
    said: tuple[str, ...] = ()
    form: Form = field(default_factory=Form)
    _separator: str = ""
    _comment: str = ""
    _decimals: dict[Decimal, str] = field(default_factory=dict)
    """Decimal mark -> the first column that was read with it."""
    _said: dict[str, None] = field(default_factory=dict)
    _whole: "Table | None" = None
    """The table of which this one has some rows."""
    _kept: Sequence[int] = ()
    """These rows."""

    def __len__(self) -> int:
        return self.n_rows

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was guessed or left out in the file and in the columns that were read, one sentence each."""
        return (*self.said, *self._said)

    def where(self, row: int) -> str:
        """The file and the location of a row (from 0): `t.csv, line 3`."""
        return f"{self.file}, {self.place(row)}"

    def has(self, name: str) -> bool:
        """Whether there is a column of this name, in any case and spacing."""
        return bool(places_of(name, self.names))

    def cells_at(self, place: int) -> Sequence[object]:
        """The cells of the column at a place, from 0."""
        return self._cells(place)

    def column(self, name: str, *, first_of_same: bool = False) -> Sequence[object]:
        """The cells of a column. Raises InputError where there is none, or where different columns share the name.

        `first_of_same`: take the first of the columns that share the name.
        """
        try:
            places = places_of(name, self.names)
        except InputError as error:
            raise InputError(f"{self.file}: {error}") from error
        if not places:
            raise InputError(f"{self.file} {no_column(name, self.names)}{self._elsewhere(name)}")
        cells = self._cells(places[0])
        if not first_of_same and any(self._cells(place) != cells for place in places[1:]):
            raise InputError(f"{self.file} has {len(places)} different columns '{name}'; give each column its own name")
        return cells

    def texts(self, name: str, *, first_of_same: bool = False) -> list[str]:
        """A column of text. Raises InputError with the row of a cell that is not text in its file."""
        if not self.has(name) and self.has("well"):
            raise InputError(
                f"{self.file} {no_column(name, self.names)}; give `layout`, the table or plate map of what is in the "
                "wells"
            )
        cells = self.column(name, first_of_same=first_of_same)
        if _are_texts(cells):
            return list(cells)
        odd = next((row for row, cell in enumerate(cells) if cell is not None and not isinstance(cell, str)), None)
        if odd is not None:
            raise InputError(
                f"{self.where(odd)}, column '{name}': expected text, got {str(cells[odd])!r} "
                f"({type(cells[odd]).__name__}); save the column as text (numbers lose leading zeros)"
            )
        return ["" if cell is None else str(cell) for cell in cells]

    def sequences(self, name: str, *, first_of_same: bool = False) -> list[str]:
        """As `texts`, without blanks around cells. NA and the like are empty, unless all cells are as short as they.

        Raises InputError also where every cell is empty.
        """
        texts = list(map(str.strip, self.texts(name, first_of_same=first_of_same)))
        distinct = set(texts)
        words = {text for text in distinct if text.lower() in _NO_SEQUENCE}
        if texts and distinct <= {*words, ""}:
            raise InputError(
                f"{self.file}: column '{name}' has no sequence: each cell is empty, NA or the like; name another column"
            )
        if not words or max(map(len, texts)) <= _LONGEST_WORD:
            return texts
        return ["" if text in words else text for text in texts]

    def of(self, rows: Sequence[int]) -> "Table":
        """Some rows of the table, which remember the others: a limit of detection is that of all wells."""
        if len(rows) == len(self):
            return self
        whole, kept = (self, rows) if self._whole is None else (self._whole, [self._kept[row] for row in rows])

        def cells(place: int) -> Sequence[object]:
            column = self._cells(place)
            return [column[row] for row in rows]

        places = Places([self.place.lines[row] for row in rows], self.place.word)
        return replace(self, n_rows=len(rows), place=places, _cells=cells, _whole=whole, _kept=kept)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as float64, NaN where a value is missing. Raises InputError with the place of an invalid number."""
        read = self.measured(name)
        if (read.sides != 0).any():
            row = int(np.argmax(read.sides != 0))
            raise InputError(
                f"{self.where(row)}, column '{name}': {str(self.column(name)[row])!r} is beyond a limit; expected a "
                "number"
            )
        return read.values

    def measured(self, name: str) -> Numbers:
        """A column of numbers, some of which may be limits (`<0.1`, `OVER`). Raises InputError as `numbers`."""
        if self._whole is not None and self._whole.has(name):
            whole, kept = self._whole.measured(name), list(self._kept)  # a limit is that of all wells
            self._said.update(dict.fromkeys(whole.remarks))
            return Numbers(whole.values[kept], whole.sides[kept], whole.remarks, whole.decimal, whole.unit)
        cells = self.column(name)
        read = numbers(cells, partial(self._cell, name), self.form.decimal, commas=self._separator == ";")
        self._check_decimal(read.decimal, name)
        self._said.update(dict.fromkeys(read.remarks))
        return read

    def _cell(self, name: str, row: int) -> str:
        return f"{self.where(row)}, column '{name}'"

    def _check_decimal(self, mark: Decimal | None, name: str) -> None:
        """Raises InputError where another column was read with the other mark: one may separate thousands."""
        if mark is None:
            return
        other = self._decimals.get("." if mark == "," else ",")
        self._decimals.setdefault(mark, name)
        if other is not None:
            raise InputError(
                f"{self.file}: numbers in column '{name}' have a decimal {_mark(mark)}, but those in '{other}' another "
                "mark; write all numbers with one mark and without separators of thousands"
            )

    def _elsewhere(self, name: str) -> str:
        """Where the name stands, if not in the header; else empty."""
        if folded(name) in map(folded, _split(self._comment)):
            return f"; the comment above line {self.place.lines[0]} has it: remove the '{COMMENT}' before the header"
        for row in range(min(self.n_rows, _SEARCHED)):
            if any(folded(str(self._cells(column)[row])) == folded(name) for column in range(len(self.names))):
                line = self.place.lines[row]
                return f"; {self.place(row)} has it: if that is the header, set `header: {line}`"
        return self._below_a_title()

    def _below_a_title(self) -> str:
        """A row that may be the header, where the first one has only a title; else empty."""
        n_named = sum(map(bool, self.names))
        for row in range(min(self.n_rows, _SEARCHED) if n_named < len(self.names) else 0):
            cells = [self._cells(column)[row] for column in range(len(self.names))]
            named = [str(cell).strip() for cell in cells if cell not in (None, "")]
            if len(named) > max(n_named, 1) and len(set(named)) == len(named) and not any(map(_begins_a_number, named)):
                shown = ", ".join(named[:_NAMES_SHOWN])
                return f"; if {self.place(row)} is the header ({shown}), set `header: {self.place.lines[row]}`"
        return ""


def _begins_a_number(cell: str) -> bool:
    return cell.lstrip("+-\u2212<>.")[:1].isdigit()


def _mark(mark: Decimal) -> str:
    return "comma" if mark == "," else "point"


def _split(comment: str) -> list[str]:
    return next((comment.split(sign) for sign in NAMES if sign in comment), [comment])


def _are_texts(cells: Sequence[object]) -> TypeGuard[Sequence[str]]:
    return set(map(type, cells)) <= {str}
