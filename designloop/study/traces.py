"""Traces read as step functions: the value at a point, the area under it, where it first reaches a threshold.

Before its first measurement, a campaign has no value. It then counts as `before`, the lowest true value of all
campaigns of its instance (`lowest`). A campaign that measures late, or never, is therefore not better than one that
measured a bad design. The number of such campaigns is reported. A campaign that has ended keeps its last value.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from designloop.study.results import TRACES, CellResult, Floats, Trace

AXES = ("designs", "weeks", "cost")
"""Axes of a trace: attributes of `Trace`, and of `CellResult`, where they hold the end."""


class Reach(NamedTuple):
    """Where a trace first reached a threshold, or where it was censored."""

    at: float
    is_reached: bool


def value_at(trace: Trace | None, axis: str, points: Sequence[float] | Floats, before: float) -> Floats:
    """The value at each point, shape as `points`; `before` for points before the first value.

    If a point has several values, as when a plate is read, the last one counts.
    """
    if trace is None or not len(trace.values):
        return np.full(np.shape(points), before)
    last = np.searchsorted(getattr(trace, axis), points, side="right") - 1
    return np.where(last < 0, before, trace.values[np.maximum(last, 0)])


def mean_height(trace: Trace | None, axis: str, until: float, before: float) -> float:
    """Mean value of the trace from 0 to `until`, in the value's units; the value at 0 if `until` is 0.

    It is the area under the trace, divided by `until`.
    """
    if until <= 0 or trace is None or not len(trace.values):
        return float(value_at(trace, axis, [until], before)[0])
    edges = np.minimum(np.concatenate([[0.0], getattr(trace, axis), [np.inf]]), until)
    return float(np.diff(edges) @ np.concatenate([[before], trace.values]) / until)


def first_reach(trace: Trace | None, axis: str, threshold: float, end: float) -> Reach:
    """The first point up to `end` with a value of at least `threshold`; otherwise censored at `end`."""
    if trace is not None:
        places = getattr(trace, axis)[trace.values >= threshold]
        if len(places) and places[0] <= end:
            return Reach(float(places[0]), True)
    return Reach(float(end), False)


def has_value(cell: CellResult, name: str, axis: str, point: float) -> bool:
    """Whether the trace has a value by `point`."""
    trace = cell.traces.get(name)
    return trace is not None and len(trace.values) > 0 and bool(getattr(trace, axis)[0] <= point)


def lowest(cells: Iterable[CellResult]) -> float | None:
    """The lowest true value on any trace of these cells, as which a campaign without a value counts."""
    values = [trace.values.min() for cell in cells for trace in cell.traces.values() if len(trace.values)]
    return float(min(values)) if values else None


def common_end(cells: Iterable[CellResult], axis: str) -> float | None:
    """The largest number of designs, weeks or cost that every cell reached; None without cells."""
    return min((float(getattr(cell, axis)) for cell in cells), default=None)


def traces_of(cells: Iterable[CellResult]) -> tuple[str, ...]:
    """The names of the traces of these cells, in the order of `TRACES`."""
    there = {name for cell in cells for name in cell.traces}
    return tuple(name for name in TRACES if name in there)
