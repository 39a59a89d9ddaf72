"""Value by designs, weeks and cost: every campaign faint, the middle with its interval, the verdict's own numbers."""

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
"""For the bands; the points at the end carry the verdict's own intervals."""
BEYOND = 1.07
"""How far a figure goes beyond the last end, so that what it ended with is seen."""
_MARKS = 0.045
"""Share of a figure in which the verdict's marks stand side by side."""
_MOST_FAINT = 60
"""Campaigns of one contestant that are drawn."""


def looks(judged: Judged, name: str, figure_of: Callable[[str, str], Figure]) -> Views:
    """A figure for each trace and axis, one seen at a time; the one the verdict looks at first."""
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
    said = _what(trace)
    threshold = judged.results.thresholds.get(setting.landscape)
    heights = np.concatenate([floats(line.y) for line in faint])
    if threshold is not None and np.nanmin(heights) <= threshold <= np.nanmax(heights):
        marks.append(Rule(threshold))
        said += f" Dotted: the threshold, {number(threshold)}."
    return Figure(
        slug("curves", *setting.labels.values(), trace, axis),
        f"Value by {axis}: {named(setting.labels)}",
        f"{with_axes(setting.labels)}. Thick: interquartile mean over {verdict.unit}s with its 95% interval; faint: "
        f"{_drawn(setting)}. {said} The marks beside {number(verdict.points[axis])} {axis} are where values are "
        "compared, with the verdict's intervals; a campaign that has ended keeps its last value, and one that has "
        "measured nothing counts as the lowest value of its instance.",
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
    return "every campaign" if most <= _MOST_FAINT else f"the first {_MOST_FAINT} campaigns of each"


def _what(trace: str) -> str:
    return {
        "recommended": "The value is the true one of the design that a strategy would have named by then.",
        "true": "The value is the best true one among designs tested by then.",
        "common": "The value is the true one of the design that one recommender for all would have named by then.",
    }[trace]


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
    """Where a campaign's value changes, up to the figure's end."""
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
            f"{_between(low, high)}<br>{share:.0%} have measured something"
            for point, value, low, high, share in zip(
                line.points, line.iqm, line.low, line.high, line.share, strict=True
            )
        ]
        points, hover = [*line.points, end], [*hover, hover[-1]]
        yield Line(points, _held(line.iqm), judged.style(line.label), line.label, is_step=True, hover=hover)


def _held(values: Sequence[float | None]) -> list[float]:
    """Values, the last one held to the figure's end."""
    return [float("nan") if value is None else value for value in (*values, values[-1])]


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None else f" ({number(low)} to {number(high)})"


def _compared(judged: Judged, verdict: SettingVerdict, trace: str, axis: str, end: float) -> Iterator[Mark]:
    """The verdict's own numbers, where they are compared; a little apart, so that intervals are seen."""
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
