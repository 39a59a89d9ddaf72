"""Curves for the report: a contestant's value along an axis, over its units, with an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.study.estimates import N_RESAMPLES, interval, iqm
from designloop.study.results import CellResult, Floats
from designloop.study.traces import value_at
from designloop.study.units import Setting, unit_means

MAX_POINTS = 200


@dataclass(frozen=True)
class Curve:
    """One trace of a contestant against one axis, in one setting. All tuples have the length of `points`."""

    label: str
    trace: str
    axis: str
    points: tuple[float, ...]
    mean: tuple[float, ...]
    iqm: tuple[float, ...]
    low: tuple[float | None, ...]
    """Lower end of the 95% interval of the interquartile mean; None for a single unit."""
    high: tuple[float | None, ...]
    share: tuple[float, ...]
    """Share of campaigns with a measurement by then; the others count as the lowest value of their instance."""


def curve(setting: Setting, label: str, trace: str, axis: str, n_resamples: int = N_RESAMPLES) -> Curve | None:
    """A contestant's curve from 0 to the latest end of a campaign; None if it has no finished cell.

    Its points are the steps of its traces, or `MAX_POINTS` equidistant ones if there are more. A campaign that
    has ended keeps its last value.
    """
    return next(iter(curves(setting, label, [(trace, axis)], n_resamples)), None)


def curves(
    setting: Setting, label: str, looks: Sequence[tuple[str, str]], n_resamples: int = N_RESAMPLES
) -> list[Curve]:
    """A contestant's curve for each (trace, axis), resampled together; empty if it has no finished cell."""
    places = sorted(setting.done[label])
    cells = setting.at(label, places)
    if not cells:
        return []
    points = [
        _points([getattr(c.traces[trace], axis) for c in cells if trace in c.traces], axis, setting)
        for trace, axis in looks
    ]
    heights = [_heights(setting, cells, *look, at) for look, at in zip(looks, points, strict=True)]
    units = unit_means(places, np.concatenate(heights, axis=1), setting).T
    ends: tuple[Sequence[float | None], Sequence[float | None]] = ([None] * len(units),) * 2
    if units.shape[1] > 1:
        low, high = interval(iqm, units, n_resamples=n_resamples)
        ends = low.tolist(), high.tolist()
    means, middles = units.mean(axis=1).tolist(), np.asarray(iqm(units)).tolist()
    found, begin = list[Curve](), 0
    for (trace, axis), at in zip(looks, points, strict=True):
        its = slice(begin, begin := begin + len(at))
        found.append(
            Curve(
                label=label,
                trace=trace,
                axis=axis,
                points=tuple(at.tolist()),
                mean=tuple(means[its]),
                iqm=tuple(middles[its]),
                low=tuple(ends[0][its]),
                high=tuple(ends[1][its]),
                share=_shares(cells, trace, axis, at),
            )
        )
    return found


def _heights(setting: Setting, cells: Sequence[CellResult], trace: str, axis: str, points: Floats) -> Floats:
    """Values of cells at points, (n_cells, n_points)."""
    return np.array([value_at(c.traces.get(trace), axis, points, setting.nothing[c.instance]) for c in cells])


def _shares(cells: Sequence[CellResult], trace: str, axis: str, points: Floats) -> tuple[float, ...]:
    """Share of cells with a measurement by each point."""
    traces = [cell.traces.get(trace) for cell in cells]
    begins = np.sort([np.inf if t is None or not len(t.values) else getattr(t, axis)[0] for t in traces])
    return tuple((np.searchsorted(begins, points, side="right") / len(cells)).tolist())


def _points(steps: Sequence[Floats], axis: str, setting: Setting) -> Floats:
    end = max(getattr(cell, axis) for cell in setting.cells)
    points = np.unique(np.concatenate([[0.0, end], *steps]))
    if len(points) <= MAX_POINTS:
        return points
    return np.linspace(0.0, end, MAX_POINTS)
