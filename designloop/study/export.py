"""Exports of a study: one row for each cell, one for each point of a trace; Parquet or CSV."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from designloop.study.results import CellResult, StudyResults

if TYPE_CHECKING:
    import polars

Format = Literal["parquet", "csv"]
_TEXTS = ("error", "unreliable", "ahead")
"""Columns of text."""


def cell_rows(results: StudyResults) -> Iterator[dict[str, Any]]:
    """A row for each cell, failed ones too: labels, spending, and the last value of each trace (None if empty)."""
    for cell in _in_order(results):
        yield {
            **_place(cell),
            "error": cell.error,
            "unreliable": cell.unreliable,
            "n_warnings": len(cell.warnings),
            "seconds": cell.seconds,
            "optimum": cell.optimum,
            "designs": cell.designs,
            "weeks": cell.weeks,
            "cost": cell.cost,
            "event_hash": cell.event_hash,
            **{f"final_{name}": float(t.values[-1]) if len(t.values) else None for name, t in cell.traces.items()},
            **{f"n_{outcome}": count for outcome, count in cell.outcomes.items()},
            **{f"given_{name}": value for name, value in cell.given.items()},
        }


def trace_rows(results: StudyResults) -> Iterator[dict[str, Any]]:
    """A row for each point of each trace of each finished cell."""
    for cell in _in_order(results):
        for name, trace in cell.traces.items():
            columns = (trace.weeks, trace.designs, trace.cost, trace.values)
            for week, designs, cost, value in zip(*(column.tolist() for column in columns), strict=True):
                point = {"week": week, "designs": designs, "cost": cost, "value": value}
                yield {**_place(cell), "trace": name, **point}


def write_tables(results: StudyResults, folder: str | Path, format: Format = "parquet") -> tuple[Path, Path]:
    """Write `cells` and `traces` into a folder, which is created if needed; returns the two paths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    paths = place / f"cells.{format}", place / f"traces.{format}"
    for path, rows in zip(paths, (list(cell_rows(results)), list(trace_rows(results))), strict=True):
        _write(table_of(rows), path)
    return paths


def table_of(rows: list[dict[str, Any]]) -> "polars.DataFrame":
    """A table of rows; missing entries are null, and columns without any entry are numbers."""
    import polars

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    unknown = [name for name, column in columns.items() if column.count(None) == len(column)]
    kinds = {name: polars.String() if name in _TEXTS else polars.Float64() for name in unknown}
    return polars.DataFrame(columns, schema_overrides=kinds, strict=False)


def _write(frame: "polars.DataFrame", path: Path) -> None:
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


def _place(cell: CellResult) -> dict[str, Any]:
    return {"key": cell.key, **cell.labels, "instance": cell.instance, "seed": cell.seed}


def _in_order(results: StudyResults) -> list[CellResult]:
    """By label in the order of the axes, then instance and seed."""
    places = {axis: {label: i for i, label in enumerate(labels)} for axis, labels in results.axes.items()}
    return sorted(
        results.cells,
        key=lambda cell: (*(places[axis][cell.labels[axis]] for axis in places), cell.instance, cell.seed),
    )
