"""The reads of a plate below a header of columns, as plate readers write them.

A plate reader may read each well several times. The reads then stand in further rows below each row of the plate
(Gen5), beside each other, or one after another (SoftMax Pro, which names no rows, and writes the temperature before the
first column).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from designloop.core.plates import plate_shape, row_letters

ROWS = {columns: rows for rows, columns in map(plate_shape, (24, 48, 96, 384, 1536))}
"""Columns of a plate -> its rows."""
_FEWEST = 2
"""Rows that a plate has at least; one row below numbers may be anything."""
_TEMPERATURE, _END = "temperature", "~end"
Row = tuple[int, Sequence[object]]
"""The line or the number of a row, and its cells."""
Well = tuple[str, int, object]
"""(well, line, cell)."""
Start = tuple[int, int]
"""(place of column 1 in a header, number of columns)."""
Body = Mapping[int, Row]
"""Row of the plate, from 0 -> the row of the file with it."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of the wells of a plate."""

    name: str
    """Empty where the file gives none, and there is only one."""
    cells: Sequence[Well]
    place: int
    """The place of column 1."""
    n_columns: int


def starts_in(cells: Sequence[object]) -> list[Start]:
    """Where the columns of plates begin in a header; several where they stand beside each other."""
    numbers, found, at = [_whole(cell) for cell in cells], list[Start](), 1
    if 1 not in numbers[1:]:
        return []
    while at < len(numbers):
        n_columns = next((n for n in sorted(ROWS, reverse=True) if numbers[at : at + n] == [*range(1, n + 1)]), 0)
        if n_columns:
            found.append((at, n_columns))
        at += n_columns or 1
    return found


def reads_below(rows: Sequence[Row], starts: Sequence[Start]) -> tuple[list[Read], int]:
    """The reads below a header, which is the first of the rows, and the number of rows that they take."""
    plates, n_rows = list[tuple[Sequence[Body], list[Start]]](), 0
    for place, n_columns in starts:
        bodies, n_used = _bodies(rows, place, n_columns)
        if bodies:
            plates.append((bodies, [(place, n_columns)]))
        elif plates:  # the letters of the plate before it hold for what stands beside it
            plates[-1][1].append((place, n_columns))
        n_rows = max(n_rows, n_used)
    return [read for bodies, its in plates for read in _reads(bodies, its)], n_rows


def is_unlettered(header: Sequence[object], place: int) -> bool:
    """Whether the rows below a header have no letters: the temperature stands before them."""
    return _text(header, place - 1).lower().startswith(_TEMPERATURE)


def _reads(bodies: Sequence[Body], starts: Sequence[Start]) -> Iterator[Read]:
    """The reads of one plate: one below another, or beside it."""
    end = max(place + n_columns for place, n_columns in starts)
    for beside, (place, n_columns) in enumerate(starts, start=1):
        for below, body in enumerate(bodies, start=1):
            name = _name(body, end) or (str(below) if len(bodies) > 1 else "")
            name = f"{name} {beside}".strip() if len(starts) > 1 else name
            cells = [
                (f"{row_letters(row)}{column + 1}", line, its[place + column] if place + column < len(its) else None)
                for row, (line, its) in body.items()
                for column in range(n_columns)
            ]
            yield Read(name, cells, place, n_columns)


def _name(body: Body, end: int) -> str:
    """What a reader writes behind the columns in every row, or before them in the first one (a time)."""
    texts = [[_text(cells, at) for at in range(end, len(cells))] for _, cells in body.values()]
    behind = {next(filter(None, its), "") for its in texts}
    first = _text(next(iter(body.values()))[1], 0)
    return behind.pop() if len(behind) == 1 and behind != {""} else first if ":" in first else ""


def _bodies(rows: Sequence[Row], place: int, n_columns: int) -> tuple[Sequence[Body], int]:
    """The rows of a plate, for each read one below another, and the number of rows of the file."""
    unlettered = is_unlettered(rows[0][1], place)
    bodies, n_rows = (_by_line if unlettered else _by_letter)(rows, place, ROWS[n_columns])
    return (bodies, n_rows) if bodies and len(bodies[0]) >= _FEWEST else ([], 0)


def _by_letter(rows: Sequence[Row], place: int, n_letters: int) -> tuple[list[Body], int]:
    """Rows that are named A, B, C, ..., each with the rows below it that have no name."""
    groups, n_used = list[list[Row]](), 0
    for row in rows[1:]:
        letter = _text(row[1], place - 1).upper()
        if letter == row_letters(len(groups)) and len(groups) < n_letters:
            groups.append([row])
        elif groups and not letter and _is_read(row[1], place):
            groups[-1].append(row)
        else:
            break
        n_used += 1
    n_reads = max((len(group) for group in groups[:-1]), default=1)  # what follows the last row may be something else
    bodies: list[Body] = [
        {row: group[read] for row, group in enumerate(groups) if read < len(group)} for read in range(n_reads)
    ]
    return (bodies if groups else []), n_used


def _is_read(cells: Sequence[object], place: int) -> bool:
    """Whether a row without a letter is a further read of the row above, and not blank or the header of a plate."""
    return any(_text(cells, at) for at in range(place, len(cells))) and not starts_in(cells)


def _by_line(rows: Sequence[Row], place: int, n_letters: int) -> tuple[list[Body], int]:
    """Rows without letters, by their lines: blank ones are rows of the plate, and one parts each read from the next."""
    bodies, n_used = dict[int, dict[int, Row]](), 0
    for line, cells in rows[1:]:
        if _text(cells, 0).lower().startswith(_END):
            break
        read, row = divmod(line - rows[0][0] - 1, n_letters + 1)
        if row < n_letters and any(_text(cells, at) for at in range(place, len(cells))):
            bodies.setdefault(read, {})[row] = line, cells
        n_used += 1
    return [bodies[read] for read in sorted(bodies)], n_used


def _text(cells: Sequence[object], place: int) -> str:
    cell = cells[place] if place < len(cells) else None
    return "" if cell is None else str(cell).strip()


def _whole(cell: object) -> int | None:
    try:
        number = float(str(cell))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
