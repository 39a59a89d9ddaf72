"""Tables in the shape of a plate: columns 1 to 12 under a header, rows A to H; also of 24, 48, 384 and 1536 wells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from designloop.core.plates import place_of, row_letters
from designloop.core.plates import well_name as name_of

_ROWS = {6: 4, 8: 6, 12: 8, 24: 16, 48: 32}
"""Columns of a plate -> its rows."""
_WIDEST = max(_ROWS)
COLUMNS = ("plate", "well", "value")
Row = tuple[int, Sequence[object]]
"""The line or the number of a row, and its cells."""


def well_name(text: object) -> str | None:
    """The name of a well without leading zeros: A1 for `a01`; None where it is no well of a plate of 1,536."""
    place = place_of(str(text))
    is_well = place is not None and place[0] < _ROWS[_WIDEST] and place[1] < _WIDEST
    return name_of(place) if place is not None and is_well else None


@dataclass(frozen=True, slots=True)
class Block:
    """One plate of a file."""

    title: str
    cells: list[tuple[str, int, object]]
    """(well, line, cell) of each well."""
    n_columns: int

    @property
    def size(self) -> int:
        """Wells of the plate."""
        return self.n_columns * _ROWS[self.n_columns]


def blocks(rows: Sequence[Row]) -> list[Block]:
    """Every plate among the rows; what stands around them is not read, but the line above a plate is its title."""
    found, used = list[Block](), 0
    for at, (_, cells) in enumerate(rows):
        if at >= used and (start := _columns_at(cells)) is not None:
            place, n_columns = start
            body = list(_body(rows[at + 1 :], place, n_columns))
            if len(body) >= 2 * n_columns:
                found.append(Block(_title(rows[used:at], cells[place - 1]), body, n_columns))
                used = at + 1 + len(body) // n_columns
    return found


def may_hold(text: str, separator: str) -> bool:
    """Whether text may hold the header of a plate: a quick test."""
    return separator.join("123456") in text.replace('"', "").replace(" ", "")


def _columns_at(cells: Sequence[object]) -> tuple[int, int] | None:
    """The place of column 1, and the number of columns, in the header of a plate."""
    numbers = [_whole(cell) for cell in cells]
    for place in (place for place, number in enumerate(numbers) if number == 1 and place > 0):
        n_columns = next(
            (n for n in sorted(_ROWS, reverse=True) if numbers[place : place + n] == [*range(1, n + 1)]), 0
        )
        if n_columns:
            return place, n_columns
    return None


def _whole(cell: object) -> int | None:
    try:
        number = float(str(cell))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _body(rows: Sequence[Row], place: int, n_columns: int) -> Iterator[tuple[str, int, object]]:
    """The wells of a plate, as long as its rows are named A, B, C, ..."""
    for number, (line, cells) in enumerate(rows[: _ROWS[n_columns]]):
        letter = row_letters(number)
        if len(cells) < place or str(cells[place - 1]).strip().upper() != letter:
            return
        for column in range(n_columns):
            yield f"{letter}{column + 1}", line, cells[place + column] if place + column < len(cells) else None


def _title(above: Sequence[Row], corner: object) -> str:
    """The text in the corner of a plate, or the only cell of the line above it."""
    text = "" if corner is None else str(corner).strip()
    if text not in ("", "<>"):
        return text
    last = [str(cell).strip() for cell in above[-1][1] if cell not in (None, "")] if above else []
    return last[0] if len(last) == 1 else ""
