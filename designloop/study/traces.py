"""Traces read as step functions: the value at a point, the area under it, where it first reaches a threshold.

A campaign that has measured nothing yet has no value. It never enters a mean as NaN: it counts as `before`, the lowest
true value that any campaign of its instance showed (`lowest`), so that a campaign which measures late, or never, is not
better off than one that measured something bad. How many such campaigns a number holds is told beside it. A campaign
that has ended keeps its last value.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from designloop.study.results import TRACES, CellResult, Floats, Trace

AXES = ("designs", "weeks", "cost")
"""What a trace is drawn against; each is an attribute of `Trace`, and of `CellResult`, where it is the end."""


class Reach(NamedTuple):
    """Where a trace first reached a threshold, or where it was given up (censored)."""

    at: float
    is_reached: bool


def value_at(trace: Trace | None, axis: str, points: Sequence[float] | Floats, before: float) -> Floats:
    """The value at each point, shape as `points`; `before` the first value.

    Of several values at one point, as when a plate is read, the last counts.
    """
    if trace is None or not len(trace.values):
        return np.full(np.shape(points), before)
    last = np.searchsorted(getattr(trace, axis), points, side="right") - 1
    return np.where(last < 0, before, trace.values[np.maximum(last, 0)])


def mean_height(trace: Trace | None, axis: str, until: float, before: float) -> float:
    """The area under the trace from 0 to `until`, over `until`: the value's mean on the way, in the value's units.

    Where `until` is 0 there is no way, and it is the value at 0.
    """
    if until <= 0 or trace is None or not len(trace.values):
        return float(value_at(trace, axis, [until], before)[0])
    edges = np.minimum(np.concatenate([[0.0], getattr(trace, axis), [np.inf]]), until)
    return float(np.diff(edges) @ np.concatenate([[before], trace.values]) / until)


def first_reach(trace: Trace | None, axis: str, threshold: float, end: float) -> Reach:
    """Where the trace first has a value of `threshold` or more by `end`; censored at `end` where it has none."""
    if trace is not None:
        places = getattr(trace, axis)[trace.values >= threshold]
        if len(places) and places[0] <= end:
            return Reach(float(places[0]), True)
    return Reach(float(end), False)


def has_value(cell: CellResult, name: str, axis: str, point: float) -> bool:
    """Whether anything was measured by then."""
    trace = cell.traces.get(name)
    return trace is not None and len(trace.values) > 0 and bool(getattr(trace, axis)[0] <= point)


def lowest(cells: Iterable[CellResult]) -> float | None:
    """The lowest true value on any trace of these cells, which is what a campaign without a value counts as."""
    values = [trace.values.min() for cell in cells for trace in cell.traces.values() if len(trace.values)]
    return float(min(values)) if values else None


def common_end(cells: Iterable[CellResult], axis: str) -> float | None:
    """The largest designs, weeks or cost that every cell came to; None where there are no cells."""
    return min((float(getattr(cell, axis)) for cell in cells), default=None)


def traces_of(cells: Iterable[CellResult]) -> tuple[str, ...]:
    """The names of traces that any of the cells has, in the order of `TRACES`."""
    there = {name for cell in cells for name in cell.traces}
    return tuple(name for name in TRACES if name in there)
