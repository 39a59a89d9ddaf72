"""Plate maps: the reading of each well, the controls, and the difference between edge and inner wells."""

import re
from collections.abc import Iterator

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.core.plates import Well, is_edge, plate_shape
from designloop.report.by_week import value_title
from designloop.report.marks import Axis, Cells, Figure, Line, Panel
from designloop.report.page import Choice, Column, Table
from designloop.report.palette import EMPTY, Style
from designloop.report.record import Reading, Record
from designloop.report.words import value

AT_MOST = 48
"""Plates that get a map; the table lists all."""
_CELL = 30
"""Pixels of a well."""
_LETTERS_SAID = 40


def plates_of(record: Record) -> dict[str, list[Reading]]:
    """Plate -> its wells, with plates in the order of round, ordinal and replicate."""
    plates: dict[str, list[Reading]] = {}
    for reading in record.readings:
        if reading.plate and reading.well:
            plates.setdefault(reading.plate, []).append(reading)
    return {name: plates[name] for name in sorted(plates, key=_natural)}


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in re.split(r"(\d+)", name) if word)


def plate_maps(record: Record) -> Choice | None:
    """A map of each plate on one colour scale; None if no well was read."""
    plates = dict(list(plates_of(record).items())[:AT_MOST])
    if not plates:
        return None
    shape = plate_shape(record.plate_size)
    wells = [reading for its in plates.values() for reading in its]
    # Without controls: one may read far above every design and would take up the colour scale.
    values = [reading.value for reading in wells if reading.design is not None] or [r.value for r in wells]
    low, high = (float(np.percentile(values, share)) for share in (1, 99))
    figures = tuple(
        (f"{name} (week {as_weeks(wells[0].minute):.1f})", _map(record, name, wells, shape, (low, high)))
        for name, wells in plates.items()
    )
    return Choice("plates", "Plate", figures)


def _map(record: Record, name: str, wells: list[Reading], shape: tuple[int, int], scale: tuple[float, float]) -> Figure:
    rows, columns = shape
    values = np.full(shape, np.nan)
    labels = [[""] * columns for _ in range(rows)]
    hover = [[f"{_name(row, column)}: empty or lost" for column in range(columns)] for row in range(rows)]
    for reading in wells:
        row, column = _place(reading.well)
        values[row, column] = reading.value
        labels[row][column] = (reading.control or "")[:1].upper()
        hover[row][column] = _said(record, reading)
    edge = Line(
        [0.5, columns - 1.5, columns - 1.5, 0.5, 0.5],
        [0.5, 0.5, rows - 1.5, rows - 1.5, 0.5],
        Style("#1b1f24", dash="dash", width=1.5),
        "border of the edge wells",
        hover=["edge wells lie outside this line; they dry out first"] * 5,
    )
    cells = Cells(values, *scale, value_title(record), labels, hover)
    panel = Panel(
        Axis("", tuple((float(i), str(i + 1)) for i in range(columns)), -0.5, columns - 0.5, has_grid=False),
        Axis(
            "",
            tuple((float(i), _name(i, 0)[:1]) for i in range(rows)),
            -0.5,
            rows - 0.5,
            is_reversed=True,
            has_grid=False,
        ),
        (cells, edge) if min(shape) > 2 else (cells,),
        height=_CELL * rows,
        paper=EMPTY,
    )
    return Figure(f"plate-{name}", f"Plate {name}", _caption(wells), (panel,))


def _said(record: Record, reading: Reading) -> str:
    if reading.design is None:
        return f"{reading.well}: control, {reading.control}<br>reads {value(reading.value)}"
    again = " (retest)" if reading.is_retest else ""
    limit = "" if reading.outcome == "observed" else f" ({reading.outcome.replace('_', ' ')})"
    sequence = record.designs[reading.design].sequence
    short = sequence if len(sequence) <= _LETTERS_SAID else f"{sequence[: _LETTERS_SAID - 1]}…"
    measured = f"measured {value(reading.value)}{limit} ± {value(reading.std_error, 2).replace('–', '?')}"
    return f"{reading.well}: design {reading.design}{again}<br>{measured}<br>{short}"


def _caption(wells: list[Reading]) -> str:
    controls = sorted({reading.control for reading in wells if reading.control})
    marked = ", ".join(f"{name[0].upper()} {name}" for name in controls)
    letters = f" Letters mark controls ({marked}); they show raw readings." if marked else " The plate has no controls."
    n = sum(reading.design is not None for reading in wells)
    return (
        f"{many(n, 'design well')} with a value.{letters} All plates share one colour scale, set by the designs. Grey "
        "wells are empty or lost. Wells outside the dashed line are edge wells."
    )


def plate_table(record: Record) -> Table:
    """One row for each plate: its means over designs and controls, and the difference of edge and inner wells."""
    titles = ("week", "designs", "mean value", "controls", "blanks", "edge − inner")
    return Table(
        "plates",
        "Means of each plate",
        (Column("plate"), *(Column(title, "number") for title in titles)),
        tuple(_plate_rows(record)),
        "Means over wells. A plate is named by round, number and replicate. Designs are assigned to wells at random, "
        "so edge and inner wells differ only by drying out and by chance.",
    )


def _plate_rows(record: Record) -> Iterator[tuple[str, ...]]:
    shape = plate_shape(record.plate_size)
    for name, wells in plates_of(record).items():
        designs = [reading for reading in wells if reading.design is not None]
        blanks = [reading.value for reading in wells if reading.control == "blank"]
        controls = [reading.value for reading in wells if reading.control not in (None, "blank")]
        edge = [reading.value for reading in designs if _is_at_edge(reading.well, shape)]
        inside = [reading.value for reading in designs if not _is_at_edge(reading.well, shape)]
        difference = float(np.mean(edge) - np.mean(inside)) if edge and inside else None
        yield (
            name,
            f"{as_weeks(wells[0].minute):.1f}",
            str(len(designs)),
            *(value(float(np.mean(some)) if some else None) for some in ([r.value for r in designs], controls, blanks)),
            value(difference),
        )


def _place(well: str) -> tuple[int, int]:
    """(row, column) of a well by its name, from 0."""
    return ord(well[0]) - ord("A"), int(well[1:]) - 1


def _name(row: int, column: int) -> str:
    return Well(row, column).name


def _is_at_edge(well: str, shape: tuple[int, int]) -> bool:
    return is_edge(Well(*_place(well)), shape)
