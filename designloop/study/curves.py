"""Curves: a contestant's value along an axis, over its units, with an interval; what a report draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.study.estimates import N_RESAMPLES, interval, iqm
from designloop.study.traces import has_value, value_at
from designloop.study.units import Setting, unit_means

MAX_POINTS = 200


@dataclass(frozen=True)
class Curve:
    """One contestant in one setting: one trace against one axis. All tuples are as long as `points`."""

    label: str
    trace: str
    axis: str
    points: tuple[float, ...]
    mean: tuple[float, ...]
    iqm: tuple[float, ...]
    low: tuple[float | None, ...]
    """Of the interquartile mean's 95% interval; None where a single unit stands behind it."""
    high: tuple[float | None, ...]
    share: tuple[float, ...]
    """Of campaigns that have measured anything by then; the others count as the lowest value of their instance."""


def curve(setting: Setting, label: str, trace: str, axis: str, n_resamples: int = N_RESAMPLES) -> Curve | None:
    """A contestant's curve from 0 to the last end of any campaign; None where it has no finished cell.

    Its points are those where one of its traces steps, thinned to `MAX_POINTS` where there are more. A campaign that
    has ended keeps its last value.
    """
    places = sorted(setting.done[label])
    cells = setting.at(label, places)
    if not cells:
        return None
    points = _points([getattr(c.traces[trace], axis) for c in cells if trace in c.traces], axis, setting)
    rows = [value_at(c.traces.get(trace), axis, points, setting.nothing[c.instance]) for c in cells]
    units = unit_means(places, np.array(rows), setting).T
    ends: tuple[Sequence[float | None], Sequence[float | None]] = ([None] * len(points),) * 2
    if units.shape[1] > 1:
        low, high = interval(iqm, units, n_resamples=n_resamples)
        ends = low.tolist(), high.tolist()
    shares = [np.mean([has_value(cell, trace, axis, point) for cell in cells]) for point in points]
    return Curve(
        label=label,
        trace=trace,
        axis=axis,
        points=tuple(points.tolist()),
        mean=tuple(units.mean(axis=1).tolist()),
        iqm=tuple(np.asarray(iqm(units)).tolist()),
        low=tuple(ends[0]),
        high=tuple(ends[1]),
        share=tuple(float(share) for share in shares),
    )


def _points(steps: Sequence[np.ndarray], axis: str, setting: Setting) -> np.ndarray:
    end = max(getattr(cell, axis) for cell in setting.cells)
    points = np.unique(np.concatenate([[0.0, end], *steps]))
    if len(points) <= MAX_POINTS:
        return points
    return np.linspace(0.0, end, MAX_POINTS)
