"""The layout of a plate in a file: which control is in which well, and which wells are for designs."""

from collections.abc import Iterator
from dataclasses import dataclass

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.plates import Place, place_of, plate_shape, well_name
from designloop.core.readers.plate_maps import COLUMNS
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table

_PLATE, _WELL, _VALUE = COLUMNS
_CONTENT = "content"
DESIGN = frozenset({"design", "sample"})
EMPTY = frozenset({"", "empty"})
"""Words for a well of a design, and for an empty one, in any case."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a layout says of a well that is not empty."""

    place: Place
    control: str | None
    """The name of a control, as written; None for a design."""
    where: str
    """`plate.csv, line 3`."""


def read_contents(path: str, size: int) -> list[Content]:
    """The wells of a plate of `size` wells that hold a design or a control; all others stay empty.

    The file has the shape of a plate, or a column `well` and a column `content`. `design` (or `sample`) is a well for a
    design, `empty` (or nothing) an empty well, any other text the name of a control. Raises InputError with the line of
    a well that is none, that is named twice, or that is not on the plate; for several plates; and without a design.
    """
    table = read_table(path)
    if table.has(_PLATE) and (n := len(set(table.column(_PLATE)))) > 1:
        raise InputError(f"{table.file} has {many(n, 'plate')}; keep one, which is the layout of every plate")
    contents = list(_contents(table, plate_shape(size)))
    if all(content.control is not None for content in contents):
        raise InputError(f"{table.file} has no well for a design; write `design` into such wells")
    return contents


def _contents(table: Table, shape: tuple[int, int]) -> Iterator[Content]:
    seen, is_map = dict[Place, int](), table.names == COLUMNS
    places = [place_of(str(cell)) for cell in table.column(_WELL)]
    if is_map and (width := 1 + max(place[1] for place in places if place)) != shape[1]:
        raise InputError(
            f"{table.file} is a plate of {many(width, 'column')}, but a plate of {shape[0] * shape[1]:,} wells has "
            f"{shape[1]}; set lab.plate_size to the size of the plate in the file"
        )
    for row, (place, text) in enumerate(zip(places, _texts(table), strict=True)):
        if place is None or place[0] >= shape[0] or place[1] >= shape[1]:
            last = well_name((shape[0] - 1, shape[1] - 1))
            cell = str(table.column(_WELL)[row])
            raise InputError(f"{table.where(row)}: expected a well from A1 to {last}, got {cell!r}")
        if place in seen:
            raise InputError(f"{table.where(row)}: well {well_name(place)} is named in {table.place(seen[place])} too")
        seen[place] = row
        if text.lower() not in EMPTY:
            yield Content(place, None if text.lower() in DESIGN else text, table.where(row))


def _texts(table: Table) -> list[str]:
    """What stands in each well."""
    others = [name for name in table.names if name.strip().lower() not in (_PLATE, _WELL)]
    name = _CONTENT if table.has(_CONTENT) or len(others) != 1 else others[0]
    return ["" if cell is None else str(cell).strip() for cell in table.column(name)]
