"""A layout says which sequence is in which well. It joins the readings of wells to sequences."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.cells import is_missing
from designloop.core.readers.measured_file import MeasuredFile
from designloop.core.readers.plate_maps import COLUMNS, well_name
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table

NO_DESIGN = frozenset(
    {"empty", "blank", "water", "buffer", "media", "medium", "control", "ntc", "negative", "positive", "standard"}
)
"""Words, in any case, for a well without a design. Some of them (EMPTY, WATER) would pass as proteins."""
_PLATE, _WELL, _VALUE = COLUMNS

Key = tuple[str, str]
"""(plate, well); the plate is empty where there is only one."""


def laid_out(readings: Table, file: MeasuredFile, sequence: str) -> Table:
    """The readings of wells with a column `sequence` from the layout; the table itself if there is no layout.

    Wells without a design are left out and counted. Raises InputError with the line of a well that is none, that the
    layout names twice, or whose plate is not known.
    """
    if file.layout is None:
        return readings
    if readings.has(sequence):
        raise InputError(f"{readings.file} has a column '{sequence}', and so has the layout; remove `layout`")
    layout = read_table(file.layout)
    by_plate = _by_plate(readings, layout, file.plate)
    designs = _designs(layout, sequence, file, by_plate=by_plate)
    keys = list(_keys(readings, file, by_plate=by_plate))
    kept = [row for row, key in enumerate(keys) if key in designs.of]
    if not kept:
        raise InputError(
            f"{readings.file} has no reading of a well with a design in {layout.file}; compare their wells"
        )
    sequences = [designs.of[keys[row]] for row in kept]
    return _with(readings, kept, sequence, sequences, [*layout.remarks, *designs.remarks(keys)])


@dataclass(frozen=True, slots=True)
class _Designs:
    """The designs of a layout."""

    of: dict[Key, str]
    without: dict[Key, str]
    """Wells without a design, and the word that says so."""

    def remarks(self, keys: Sequence[Key]) -> Iterator[str]:
        """Counts of the readings that are left out, and of the designs that have none."""
        words = Counter(self.without.get(key, "not in the layout") for key in keys if key not in self.of)
        if words:
            each = ", ".join(f"{n:,} {word}" for word, n in sorted(words.items()))
            yield f"{words.total():,} of {many(len(keys), 'well')} left out: no design ({each})"
        if unread := len(self.of.keys() - set(keys)):
            yield f"{many(unread, 'well')} of the layout without a reading"


def _by_plate(readings: Table, layout: Table, plate: str) -> bool:
    """Whether plates are told apart. Raises InputError where one table has several plates and the other names none."""
    sides = [table.has(plate) for table in (readings, layout)]
    if all(sides):
        return len({*_labels(readings, plate)} | {*_labels(layout, plate)}) > 1
    for table, other, has in ((readings, layout, sides[0]), (layout, readings, sides[1])):
        if has and (n := len(set(_labels(table, plate)))) > 1:
            raise InputError(f"{table.file} has {many(n, 'plate')}, but {other.file} has no column '{plate}'; add it")
    return False


def _labels(table: Table, name: str) -> list[str]:
    """The cells of a column as labels: a plate that Excel stores as 1.0 is 1."""
    return [
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in table.column(name)
    ]


def _keys(table: Table, file: MeasuredFile, *, by_plate: bool) -> Iterator[Key]:
    plates = _labels(table, file.plate) if by_plate else [""] * len(table)
    name = file.well if table.has(file.well) or not table.has(_WELL) else _WELL
    for row, (plate, cell) in enumerate(zip(plates, table.column(name), strict=True)):
        well = well_name(cell)
        if well is None:
            raise InputError(
                f"{table.where(row)}, column '{name}': expected a well such as A1 or H12, got {str(cell)!r}"
            )
        yield plate.strip(), well


def _designs(layout: Table, sequence: str, file: MeasuredFile, *, by_plate: bool) -> _Designs:
    is_map = layout.names == COLUMNS and not layout.has(sequence)
    cells, found, rows = layout.sequences(_VALUE if is_map else sequence), _Designs({}, {}), dict[Key, int]()
    for row, (key, cell) in enumerate(zip(_keys(layout, file, by_plate=by_plate), cells, strict=True)):
        if key in rows:
            raise InputError(
                f"{layout.where(row)}: well {key[1]} is named in {layout.place(rows[key])} too; remove one"
            )
        rows[key], word = row, cell.strip()
        if not word or (is_missing(word) and not word.isalpha()) or word.lower() in NO_DESIGN:
            found.without[key] = word.lower() or "empty"
        else:
            found.of[key] = word
    return found


def _with(readings: Table, kept: list[int], name: str, sequences: list[str], remarks: Sequence[str]) -> Table:
    """The kept rows of the readings, with the sequences as a further column."""
    its = readings.of(kept)

    def cells(place: int) -> Sequence[object]:
        return sequences if place == len(readings.names) else its.cells_at(place)

    return replace(its, names=(*readings.names, name), _cells=cells, said=(*readings.said, *remarks))
