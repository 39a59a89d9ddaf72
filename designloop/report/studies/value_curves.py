"""Value by designs, weeks and cost: single campaigns, the interquartile mean with its interval, and the verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from designloop.report.marks import Axis, Band, Figure, Line, Mark, Panel, Points, Rule, floats
from designloop.report.page import Selector, View, Views
from designloop.report.palette import RULE
from designloop.report.studies.judged_study import AXIS_WORDS, TRACE_WORDS, Judged, named, slug
from designloop.study.curves import Curve
from designloop.study.curves import curves as curves_of
from designloop.study.results import CellResult
from designloop.study.sentences import labels as with_axes
from designloop.study.sentences import number
from designloop.study.units import Setting
from designloop.study.verdict import SettingVerdict

N_RESAMPLES = 400
"""For the bands only; the points at the end show the verdict's intervals."""
BEYOND = 1.07
"""How far the x axis extends beyond the last end, so that final values are visible."""
_MARKS = 0.045
"""Share of the x axis over which the verdict's marks are spread."""
_WHAT = {
    "recommended": "true value of the design that the strategy recommends at that point",
    "true": "best true value among the designs tested so far",
    "common": "true value of the design that one recommender, the same for all contestants, recommends at that point",
}
_MOST_FAINT = 60
"""The most campaigns of a contestant that are drawn."""


def looks(judged: Judged, name: str, figure_of: Callable[[str, str], Figure]) -> Views:
    """A figure for each trace and axis, one visible at a time; the one that the verdict compares comes first."""
    selectors = (
        Selector("trace", judged.traces, tuple(TRACE_WORDS[trace] for trace in judged.traces)),
        Selector("against", judged.axes, tuple(AXIS_WORDS[axis] for axis in judged.axes)),
    )
    views = tuple(View(which, (figure_of(*which),)) for which in product(judged.traces, judged.axes))
    return Views(name, selectors, views)


def curves(judged: Judged, setting: Setting, verdict: SettingVerdict) -> Views:
    """The curves of a setting."""
    name, which = slug("curves", *setting.labels.values()), tuple(product(judged.traces, judged.axes))
    found = [line for label in setting.contestants for line in curves_of(setting, label, which, N_RESAMPLES)]

    def figure(trace: str, axis: str) -> Figure:
        lines = [line for line in found if (line.trace, line.axis) == (trace, axis)]
        return _figure(judged, setting, verdict, lines)

    return looks(judged, name, figure)


def _figure(judged: Judged, setting: Setting, verdict: SettingVerdict, lines: list[Curve]) -> Figure:
    trace, axis = lines[0].trace, lines[0].axis
    end = BEYOND * max(line.points[-1] for line in lines)
    faint = [_campaigns(judged, setting, line, end) for line in lines]
    marks = [*faint, *_middles(judged, lines, end), *_compared(judged, verdict, trace, axis, end)]
    said = f"Value: {_WHAT[trace]}."
    threshold = judged.results.thresholds.get(setting.landscape)
    heights = np.concatenate([floats(line.y) for line in faint])
    if threshold is not None and np.nanmin(heights) <= threshold <= np.nanmax(heights):
        marks.append(Rule(threshold))
        said += f" Dotted line: the threshold, {number(threshold)}."
    where = f"Setting: {with_axes(setting.labels)}. " if setting.labels else ""
    return Figure(
        slug("curves", *setting.labels.values(), trace, axis),
        f"Value by {axis}: {named(setting.labels)}",
        f"{where}Thick lines: {verdict.middle} over {verdict.unit}s with its 95% interval. Faint lines: "
        f"{_drawn(setting)}. {said} Marks at {number(verdict.points[axis])} {axis}: the values compared, with the "
        "verdict's intervals. A campaign that has ended keeps its last value. Without a measurement it counts as the "
        "lowest value of its instance.",
        (
            Panel(
                Axis(AXIS_WORDS[axis], low=0.0, high=end),
                Axis(judged.value_title(setting.landscape)),
                tuple(marks),
                height=360,
            ),
        ),
    )


def _drawn(setting: Setting) -> str:
    most = max(len(cells) for cells in setting.done.values())
    return "all campaigns" if most <= _MOST_FAINT else f"the first {_MOST_FAINT} campaigns of each contestant"


def _campaigns(judged: Judged, setting: Setting, line: Curve, end: float) -> Line:
    """Every campaign of a contestant as one line with gaps."""
    x, y, hover = list[float](), list[float](), list[str]()
    for (instance, seed), cell in list(setting.done[line.label].items())[:_MOST_FAINT]:
        at, values = _steps(cell, line.trace, line.axis, end)
        x += [*at, float("nan")]
        y += [*values, float("nan")]
        hover += [f"{line.label}: instance {instance}, seed {seed}"] * (len(at) + 1)
    look = replace(judged.style(line.label).faint(0.22), dash="solid")
    return Line(x, y, look, line.label, is_step=True, hover=hover)


def _steps(cell: CellResult, name: str, axis: str, end: float) -> tuple[list[float], list[float]]:
    """The points at which a campaign's value changes, up to the end of the figure."""
    trace = cell.traces.get(name)
    if trace is None or not len(trace.values):
        return [], []
    at, values = getattr(trace, axis), trace.values
    last = np.append(at[1:] > at[:-1], True)  # of several values at one point, as when a plate is read, the last counts
    at, values = at[last], values[last]
    kept = np.append(True, values[1:] != values[:-1])
    return [*at[kept].tolist(), end], [*values[kept].tolist(), float(values[-1])]


def _middles(judged: Judged, lines: list[Curve], end: float) -> Iterator[Mark]:
    for line in lines:
        points, low, high = [*line.points, end], _held(line.low), _held(line.high)
        look = replace(judged.style(line.label), opacity=0.75)
        yield Band(points, floats(low), floats(high), look, line.label, is_step=True)
    for line in lines:
        hover = [
            f"{line.label}<br>{AXIS_WORDS[line.axis]}: {number(point)}<br>IQM {number(value)}"
            f"{_between(low, high)}<br>{share:.0%} have a measurement"
            for point, value, low, high, share in zip(
                line.points, line.iqm, line.low, line.high, line.share, strict=True
            )
        ]
        points, hover = [*line.points, end], [*hover, hover[-1]]
        yield Line(points, _held(line.iqm), judged.style(line.label), line.label, is_step=True, hover=hover)


def _held(values: Sequence[float | None]) -> list[float]:
    """Values, with the last one repeated for the end of the figure."""
    return [float("nan") if value is None else value for value in (*values, values[-1])]


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None else f" ({number(low)} to {number(high)})"


def _compared(judged: Judged, verdict: SettingVerdict, trace: str, axis: str, end: float) -> Iterator[Mark]:
    """The verdict's values at the point of comparison, spread a little so that intervals do not overlap."""
    at = verdict.points[axis]
    yield Rule(at, "x", style=RULE)
    for place, one in enumerate(verdict.standings):
        beside = at + (place + 0.5) * _MARKS * end / len(verdict.standings)
        centre = one.values.get(trace, {}).get(axis)
        if centre is not None:
            ends = (None, None) if centre.iqm.low is None else ([centre.iqm.low], [centre.iqm.high or 0.0])
            hover = [f"{one.label}<br>IQM {number(centre.iqm.value)}{_between(centre.iqm.low, centre.iqm.high)}"]
            yield Points(
                [beside],
                [centre.iqm.value],
                judged.style(one.label),
                one.label,
                y_low=ends[0],
                y_high=ends[1],
                hover=hover,
            )
