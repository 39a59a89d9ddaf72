"""A cell holds a number, a limit of detection, or nothing. It is read as it is written in tables of laboratories."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.decimals import Decimal, decimal_mark, in_python, points_may_be_thousands
from designloop.core.readers.units import one_unit, without_unit
from designloop.core.readers.workbooks import Uncalculated

UNKNOWN = frozenset({"n.d.", "n.d", "nd"})
"""Words for both "not determined" and "not detected"."""
MISSING = UNKNOWN | {
    *(
        "",
        "?",
        "not determined",
        "not measured",
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "nan",
        "-nan",
        "null",
        "none",
        "missing",
        ".",
        "-",
        "--",
        "–",
        "—",
    ),
    *("mask", "masked", "#mask", "#masked"),
}
"""Words, in any case, for a missing value in a column of numbers. Masked wells of a plate reader are among them."""
ABOVE = frozenset({"over", "overflow", "ovrflw", "overrange", "saturated", "sat", "#sat", "#over", "ovr"})
BELOW = frozenset({"under", "underflow", "undrflw", "underrange", "#low", "#under"})
"""Words, in any case, for a value beyond the range of the instrument."""
LARGEST = 1e100
"""The largest number in a table: the square of a larger one overflows a double."""
_ERRORS = frozenset({"#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "#spill!", "#calc!"})
_LIMIT = re.compile(r"([<>≤≥])=?\s*(\S.*)")
_SIDES = {"<": -1, "≤": -1, ">": 1, "≥": 1}

Place = Callable[[int], str]
"""The location of a cell of a column, given its row from 0: `t.csv, line 3, column 'value'`."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column. Shape (n,) each."""

    values: NDArray[np.float64]
    """NaN where the value is missing. A limit without a number (`OVER`) has the extreme reading of the column."""
    sides: NDArray[np.int8]
    """-1 where the value is a limit that the truth lies below, 1 above it, 0 where it was observed."""
    remarks: tuple[str, ...] = ()
    decimal: Decimal | None = None
    """The decimal mark that occurs in the column; None where there are whole numbers only."""
    unit: str = ""
    """The unit that the cells have; empty where they have none."""


def is_missing(cell: object) -> bool:
    """True for a cell without a value: empty, NaN, or one of the words in MISSING."""
    return cell is None or (isnan(cell) if isinstance(cell, float) else str(cell).strip().lower() in MISSING)


def numbers(cells: Sequence[object], place: Place, decimal: Decimal | None = None, *, commas: bool = False) -> Numbers:
    """The numbers of a column. Raises InputError with the place of the first cell that is none of the three.

    `decimal`: the decimal mark, if it is known. `commas`: the file is of a kind that usually has decimal commas.
    """
    if decimal != "," and (plain := _plain(cells)) is not None and not (commas and points_may_be_thousands(cells)):
        has_point = any("." in str(cell) for cell in cells)
        return Numbers(plain, np.zeros(len(plain), np.int8), decimal="." if has_point else None)
    column = _Column(cells, place)
    mark = decimal_mark(column.written, place, decimal, commas=commas, points=column.has_typed)
    return column.numbers(mark)


def number(cell: object, place: str) -> float:
    """The number in one cell; NaN where it is missing. Raises InputError where it is neither."""
    return float(numbers([cell], lambda _: place, ".").values[0])


def _plain(cells: Sequence[object]) -> NDArray[np.float64] | None:
    """The numbers of the cells; None where some cell is not a plain number, or no number."""
    if not set(map(type, cells)) <= {str} or not (text := "".join(cells)).isascii() or "_" in text:  # type: ignore[arg-type]  # all are text
        return None
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))  # type: ignore[arg-type]
    except ValueError:
        return None
    return values if (np.abs(values) <= LARGEST).all() else None


@dataclass(slots=True)
class _Column:
    """The cells of a column, sorted by what they are."""

    cells: Sequence[object]
    place: Place
    sides: NDArray[np.int8] = field(init=False)
    written: dict[int, str] = field(default_factory=dict)
    """Row -> the text of a number, without the sign of a limit."""
    values: NDArray[np.float64] = field(init=False)
    units: dict[int, str] = field(default_factory=dict)
    """Row -> the unit of a number; empty where it has none."""
    n_unknown: int = 0

    def __post_init__(self) -> None:
        self.sides, self.values = np.zeros(len(self.cells), np.int8), np.full(len(self.cells), nan)
        for row, cell in enumerate(self.cells):
            if isinstance(cell, str):
                self._sort(row, cell.strip())
            elif not is_missing(cell):
                self.values[row] = self._checked(_of_number(cell), cell, row)
                self.units[row] = ""

    @property
    def has_typed(self) -> bool:
        """Whether some cells are numbers, so that those that are text were written in another way."""
        return any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in self.cells)

    def _sort(self, row: int, text: str) -> None:
        word = text.lower()
        if word in MISSING:
            self.n_unknown += word in UNKNOWN
        elif word in ABOVE or word in BELOW:
            self.sides[row] = 1 if word in ABOVE else -1
        elif (limit := _LIMIT.fullmatch(text)) is not None:
            self.sides[row] = _SIDES[limit[1]]
            self.written[row], self.units[row] = without_unit(limit[2])
        else:
            self.written[row], self.units[row] = without_unit(text)

    def numbers(self, mark: Decimal | None) -> Numbers:
        """The numbers, read with this decimal mark."""
        for row, text in self.written.items():
            its = text if _of_text(in_python(text, mark)) is not None else str(self.cells[row])
            self.values[row] = self._checked(_of_text(in_python(text, mark)), its, row)
        unit = one_unit(self.units, lambda row: str(self.cells[row]), self.place)
        said = [*self._remarks(mark, unit), *self._limits()]
        return Numbers(self.values, self.sides, tuple(said), mark, unit)

    def _limits(self) -> Iterable[str]:
        """Give a number to limits that have none, and say so."""
        if not self.sides.any():
            return
        first = int(np.argmax(self.sides != 0))
        if np.isnan(self.values).all():
            raise InputError(f"{self.place(first)}: no value is a number; write the limit as one, as in >4.0")
        ends = (1, "above", float(np.nanmax(self.values))), (-1, "below", float(np.nanmin(self.values)))
        said = list[str]()
        for side, word, extreme in ends:
            wordless = (self.sides == side) & np.isnan(self.values)
            self.values[wordless] = extreme
            if wordless.any():
                said.append(f"{int(wordless.sum()):,} {word} without a number, for which {extreme:g} is taken")
        yield f"{self._where}: {many(int((self.sides != 0).sum()), 'value', 'lie')} beyond a limit{_listed(said)}"

    def _remarks(self, mark: Decimal | None, unit: str) -> Iterable[str]:
        if unit:
            yield f"{self._where} is in {unit}"
        other = "." if mark == "," else ","
        has_thousands = mark is not None and any(other in text for text in self.written.values())
        thousands = f"{'points' if mark == ',' else 'commas'} between thousands"
        if how := [*(["decimal commas"] if mark == "," else []), *([thousands] if has_thousands else [])]:
            yield f"{self._where} is read with {' and '.join(how)}"
        if self.n_unknown:
            yield (
                f"{self._where}: {many(self.n_unknown, 'cell')} 'n.d.' read as missing; if not detected is meant, "
                "write the limit, as in <0.1"
            )

    @property
    def _where(self) -> str:
        """The file and the column."""
        return re.sub(r", (line|row) \d+", "", self.place(0)) if self.cells else ""

    def _checked(self, value: float | None, cell: object, row: int) -> float:
        if value is not None and abs(value) <= LARGEST:
            return value
        raise InputError(f"{self.place(row)}: {_wrong(cell, value)}")


def _listed(said: Sequence[str]) -> str:
    return f" ({'; '.join(said)}, the extreme reading)" if said else ""


def _wrong(cell: object, value: float | None) -> str:
    """What is wrong with a cell, and the fix."""
    text = repr(str(cell))
    shown = text if len(text) <= 60 else f"{text[:57]}...'"
    fix = "correct it, or leave the cell empty if there is no measurement"
    if str(cell).lower() in _ERRORS:
        return f"{shown} is an error of the spreadsheet; correct its formula, or empty the cell"
    if isinstance(cell, Uncalculated):
        return f"{shown} is a formula whose value was not saved; open the file in Excel or LibreOffice and save it"
    if value is None:
        return f"{shown} is not a number; {_fix(str(cell)) or fix}"
    return f"{shown} is not {'at most 1e100 in size' if isfinite(value) else 'a finite number'}; {fix}"


def _fix(text: str) -> str:
    """How to write a cell that holds more than a number, or a word; empty for any other."""
    if any(sign in text for sign in ("±", "+/-", "+-")):
        return "write the error in a column of its own, and name it, as in `std_error: SE`"
    if not any(map(str.isdigit, text)):
        return "correct it, write OVER or UNDER if it lies beyond the range, or leave the cell empty if it is missing"
    return ""


def _of_text(text: str) -> float | None:
    """The number, or None. Python's `1_000` and non-ASCII digits are no numbers; a typographic minus is a minus."""
    text = text.replace("\u2212", "-")
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _of_number(cell: object) -> float | None:
    if isinstance(cell, bool):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]  # any cell; what is no number raises
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return float("inf")
