"""Where results were measured: the column of wells in a result file, or its columns of rows and columns of plates."""

from collections.abc import Sequence
from dataclasses import replace

from designloop.core.plates import row_letters
from designloop.core.readers.headers import places_of
from designloop.core.readers.plate_maps import well_name
from designloop.core.readers.table import Table
from designloop.live.result_dates import is_blank
from designloop.live.result_file import ResultFile

_WELLS = ("well position", "well id", "well name", "well no", "position", "pos", "vertiefung")
"""Columns that usually hold wells, besides the one that is described."""
_PLATES = ("plate name", "plate id", "platte")
"""Columns that usually hold plates."""
_ROWS, _COLUMNS = ("row", "plate row", "well row"), ("column", "col", "plate column", "well column", "well col")
"""Columns that hold the row and the column of a well."""


def placed(table: Table, how: ResultFile) -> tuple[Table, ResultFile]:
    """The table and its description, with wells found under a usual name, or put together of rows and columns."""
    plate = _place(table, _PLATES)
    if plate is not None and not table.has(how.plate):
        how = how.with_(plate=table.names[plate])
    if table.has(how.well):
        return table, how
    for name in (table.names[places_of(its, table.names)[0]] for its in _WELLS if table.has(its)):
        if _is_of_wells(table.column(name)):
            return table, how.with_(well=name)
    row, column = _place(table, _ROWS), _place(table, _COLUMNS)
    if row is None or column is None:
        return table, how
    wells = [_well(*cells) for cells in zip(table.cells_at(row), table.cells_at(column), strict=True)]
    return (_with_wells(table, how.well, wells, (row, column)) if _is_of_wells(wells) else table), how


def _place(table: Table, names: Sequence[str]) -> int | None:
    """The place of the first of these columns that is there; None where none is."""
    return next((places_of(name, table.names)[0] for name in names if table.has(name)), None)


def _is_of_wells(cells: Sequence[object]) -> bool:
    """Whether the first cell that is not empty names a well."""
    first = next((cell for cell in cells if not is_blank(cell)), None)
    return first is not None and well_name(first) is not None


def _well(row: object, column: object) -> str:
    """`B3` of B and 3, or of 2 and 3; what is no well is left as it is written."""
    texts = ["" if cell is None else str(cell).strip().removesuffix(".0") for cell in (row, column)]
    if texts[0].isdecimal() and 0 < int(texts[0]) <= 32:  # rows of a plate of 1,536 wells
        texts[0] = row_letters(int(texts[0]) - 1)
    return "".join(texts)


def _with_wells(table: Table, name: str, wells: Sequence[str], used: tuple[int, int]) -> Table:
    """The table with a column of wells, and without the names of the columns that it is made of."""
    names = ["" if place in used else its for place, its in enumerate(table.names)]

    def cells(place: int) -> Sequence[object]:
        return wells if place == len(names) else table.cells_at(place)

    return replace(table, names=(*names, name), _cells=cells)
