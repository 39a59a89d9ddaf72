"""Plate maps: the reading of each well, the controls, and the difference between edge and inner wells."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.core.plate_quality import z_prime
from designloop.core.plates import Place, is_edge, place_of, plate_shape, row_letters, well_name
from designloop.report.by_week import value_title
from designloop.report.marks import Axis, Cells, Figure, Line, Panel
from designloop.report.page import Choice, Column, Table
from designloop.report.palette import EMPTY, Style
from designloop.report.record import Reading, Record
from designloop.report.words import value

AT_MOST = 48
"""Plates that get a map; the table lists all."""
_CELL, _WIDTH = 30, 720
"""Pixels of a well, and of the widest plate."""
_MOST_TICKS = 24
_QUALITY = (
    " Controls are raw readings. Z′ = 1 − 3 (s₁ + s₂) / |m₁ − m₂| compares the control that reads lowest with the one "
    "that reads highest (Zhang et al. 1999); an assay with Z′ above 0.5 separates them well."
)
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
    wells = [reading for its in plates.values() for reading in its]
    # Without controls: one may read far above every design and would take up the colour scale.
    values = [reading.value for reading in wells if reading.design is not None] or [r.value for r in wells]
    low, high = (float(np.percentile(values, share)) for share in (1, 99))
    letters = marks_of({reading.control for reading in wells if reading.control})
    figures = tuple(
        (f"{name} (week {as_weeks(wells[0].minute):.1f})", _map(record, name, wells, letters, (low, high)))
        for name, wells in plates.items()
    )
    return Choice("plates", "Plate", figures)


def marks_of(controls: Iterable[str]) -> dict[str, str]:
    """Control -> the letter that marks its wells: its initial, with a number where several have the same."""
    names = sorted(controls)
    n_alike, letters = Counter(name[0].upper() for name in names), dict[str, str]()
    for name in names:
        initial = name[0].upper()
        ordinal = 1 + sum(other[0].upper() == initial for other in letters)
        letters[name] = f"{initial}{ordinal}" if n_alike[initial] > 1 else initial
    return letters


def _map(
    record: Record, name: str, wells: list[Reading], letters: Mapping[str, str], scale: tuple[float, float]
) -> Figure:
    rows, columns = shape = plate_shape(record.plate_size)
    values = np.full(shape, np.nan)
    labels = [[""] * columns for _ in range(rows)]
    hover = [[f"{well_name((row, column))}: empty or lost" for column in range(columns)] for row in range(rows)]
    for reading in wells:
        row, column = _place(reading)
        values[row, column] = reading.value
        labels[row][column] = letters.get(reading.control or "", "")
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
        _axis([str(column + 1) for column in range(columns)], is_reversed=False),
        _axis([row_letters(row) for row in range(rows)], is_reversed=True),
        (cells, edge) if min(shape) > 2 else (cells,),
        height=min(_CELL, _WIDTH // columns) * rows,
        paper=EMPTY,
    )
    return Figure(f"plate-{name}", f"Plate {name}", _caption(wells, letters), (panel,))


def _axis(names: Sequence[str], *, is_reversed: bool) -> Axis:
    """The rows or the columns of a plate; every second one is named where there are many."""
    step = 1 + (len(names) - 1) // _MOST_TICKS
    ticks = tuple((float(i), names[i]) for i in range(0, len(names), step))
    return Axis("", ticks, -0.5, len(names) - 0.5, is_reversed=is_reversed, has_grid=False)


def _said(record: Record, reading: Reading) -> str:
    if reading.design is None:
        return f"{reading.well}: control, {reading.control}<br>reads {value(reading.value)}"
    again = " (retest)" if reading.is_retest else ""
    limit = "" if reading.outcome == "observed" else f" ({reading.outcome.replace('_', ' ')})"
    sequence = record.designs[reading.design].sequence
    short = sequence if len(sequence) <= _LETTERS_SAID else f"{sequence[: _LETTERS_SAID - 1]}…"
    measured = f"measured {value(reading.value)}{limit} ± {value(reading.std_error, 2).replace('–', '?')}"
    return f"{reading.well}: design {reading.design}{again}<br>{measured}<br>{short}"


def _caption(wells: list[Reading], letters: Mapping[str, str]) -> str:
    controls = sorted({reading.control for reading in wells if reading.control})
    marked = ", ".join(f"{letters[name]} {name}" for name in controls)
    said = f" Letters mark controls ({marked}); they show raw readings." if marked else " The plate has no controls."
    n = sum(reading.design is not None for reading in wells)
    return (
        f"{many(n, 'design well')} with a value.{said} All plates share one colour scale, set by the designs. Grey "
        "wells are empty or lost. Wells outside the dashed line are edge wells."
    )


def plate_table(record: Record) -> Table:
    """One row for each plate: means of designs and of each control, Z′, and the difference of edge and inner wells."""
    plates = plates_of(record)
    controls = sorted({reading.control for wells in plates.values() for reading in wells if reading.control})
    quality = ("Z′",) if len(controls) > 1 else ()
    titles = ("week", "designs", "mean value", *controls, *quality, "edge − inner")
    return Table(
        "plates",
        "Means of each plate",
        (Column("plate"), *(Column(title, "number") for title in titles)),
        tuple(_plate_row(record, name, wells, controls) for name, wells in plates.items()),
        f"Means over wells. A plate is named by round, number and replicate; -r2 is its second reading."
        f"{_of_quality(controls)}{_of_edges(record)}",
    )


def _of_quality(controls: Sequence[str]) -> str:
    return _QUALITY if len(controls) > 1 else ""


def _of_edges(record: Record) -> str:
    if record.fill_order != "random":
        return " Designs fill plates in their order, so edge and inner wells may differ by what stands in them."
    return " Designs are assigned to wells at random, so edge and inner wells differ only by drying out and by chance."


def _plate_row(record: Record, name: str, wells: list[Reading], controls: Sequence[str]) -> tuple[str, ...]:
    shape = plate_shape(record.plate_size)
    designs = [reading for reading in wells if reading.design is not None]
    read = {control: [r.value for r in wells if r.control == control] for control in controls}
    edge = [reading.value for reading in designs if is_edge(_place(reading), shape)]
    inside = [reading.value for reading in designs if not is_edge(_place(reading), shape)]
    difference = float(np.mean(edge) - np.mean(inside)) if edge and inside else None
    means = [float(np.mean(some)) if some else None for some in ([r.value for r in designs], *read.values())]
    quality = (value(z_prime(read), 2),) if len(controls) > 1 else ()
    return name, f"{as_weeks(wells[0].minute):.1f}", str(len(designs)), *map(value, means), *quality, value(difference)


def _place(reading: Reading) -> Place:
    place = place_of(reading.well)
    assert place is not None, f"'{reading.well}' is not a well"
    return place
