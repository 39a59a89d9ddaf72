"""Heat maps: ranks of the contestants in each setting, and values over two axes of the study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from textwrap import fill

import numpy as np

from designloop.report.marks import Axis, Cells, Figure, Floats, Panel
from designloop.report.page import Selector, View, Views
from designloop.report.palette import CIVIDIS
from designloop.report.studies.judged_study import Judged, named, slug
from designloop.study.comparisons import ranks
from designloop.study.sentences import labels as with_axes
from designloop.study.sentences import number
from designloop.study.verdict import SettingVerdict

ANY = "*"
"""The label of a selector that has no effect in a view, because its axis is one of the map's."""
_ROW, _ABOVE, _COLUMN, _BESIDE = 30, 24, 58, 110
"""Pixels for a row, above and below the rows, for a column, and beside the columns."""
_BEST_IS_LIGHT = CIVIDIS[::-1]


def means(judged: Judged, setting: SettingVerdict) -> Floats:
    """The mean that the verdict compares, for each contestant (k,); NaN for one without a finished cell."""
    return np.array([np.mean(one.unit_values) if one.unit_values else np.nan for one in setting.standings])


# -- ranks in each setting -------------------------------------------------------------------------------------------


def rank_map(judged: Judged) -> Figure | None:
    """A row for each setting and a column for each contestant; None if the study has only one of either."""
    settings = judged.verdict.settings
    if len(settings) < 2 or len(judged.contestants) < 2:
        return None
    values = np.array([means(judged, setting) for setting in settings])
    order = np.where(np.isfinite(values), ranks(np.where(np.isfinite(values), values, -np.inf)), np.nan)
    words = [_words(setting, row) for setting, row in zip(settings, values, strict=True)]
    hover = [_hover(judged, *each) for each in zip(settings, values, order, strict=True)]
    marks = (Cells(order, 1, len(judged.contestants), "rank by mean; 1 is highest", words, hover, _BEST_IS_LIGHT),)
    rows = _ticks([named(setting.labels) for setting in settings], is_reversed=True)
    return Figure(
        "ranks",
        "Ranks in each setting",
        f"Colour: the rank of a contestant's mean in its setting. Number: the mean of the {judged.look.trace} value at "
        f"equal {judged.look.axis}. The sign ≈ means: not significantly below the highest. Values of different "
        "landscapes have no common unit, so only their ranks are comparable.",
        (Panel(_ticks(judged.contestants), rows, marks, height=_ROW * len(settings) + _ABOVE),),
        least_width=_BESIDE + _COLUMN * len(judged.contestants),
    )


def _words(setting: SettingVerdict, values: Floats) -> list[str]:
    return [
        number(v) + (" ≈" if _is_alike(setting, one.label) else "") if np.isfinite(v) else ""
        for v, one in zip(values, setting.standings, strict=True)
    ]


def _is_alike(setting: SettingVerdict, label: str) -> bool:
    """Whether a contestant does not differ significantly from the leader of a setting with a verdict."""
    best = setting.best
    if setting.refused is not None or best is None or best.label == label:
        return False
    pair = next((pair for pair in setting.pairs if {pair.a, pair.b} == {best.label, label}), None)
    return pair is not None and pair.p is not None and not pair.is_called


def _hover(judged: Judged, setting: SettingVerdict, values: Floats, order: Floats) -> list[str]:
    return [
        f"{label}<br>{with_axes(setting.labels)}<br>mean {number(value)}, rank {rank:g}"
        if np.isfinite(value)
        else label
        for label, value, rank in zip(judged.contestants, values, order, strict=True)
    ]


# -- values over two axes --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Map:
    """Two axes of a study; the horizontal one has at least as many labels as the vertical one."""

    across: str
    up: str

    def __str__(self) -> str:
        return f"{self.across} × {self.up}"


def maps_of(judged: Judged) -> list[Map]:
    """All pairs of axes with more than one label; pairs without landscapes first, because they have a common unit."""
    results = judged.results
    long = [axis for axis, labels in results.axes.items() if len(labels) > 1]
    twos = [sorted(two, key=lambda axis: (-len(results.axes[axis]), axis)) for two in combinations(long, 2)]
    last = (results.landscape, results.compared)
    found = sorted(twos, key=lambda two: [name in two for name in last])
    return [Map(*two) for two in found if len(judged.others) > 1 or results.landscape not in two]


def value_maps(judged: Judged) -> Views | None:
    """Values over each pair of axes; the reader selects the labels of the other axes."""
    maps = maps_of(judged)
    if not maps:
        return None
    axes = {axis: labels for axis, labels in judged.results.axes.items() if axis in judged.others and len(labels) > 1}
    selectors = (Selector("map", tuple(map(str, maps))), *(Selector(axis, labels) for axis, labels in axes.items()))
    views = [view for one in maps for view in _views(judged, one, axes)]
    return Views("maps", selectors, tuple(views))


def _views(judged: Judged, one: Map, axes: Mapping[str, Sequence[str]]) -> Iterator[View]:
    on_it = (one.across, one.up)
    for labels in product(*((ANY,) if axis in on_it else axes[axis] for axis in axes)):
        chosen = {axis: label for axis, label in zip(axes, labels, strict=True) if label != ANY}
        yield View((str(one), *labels), (_map(judged, one, chosen),))


def _map(judged: Judged, one: Map, chosen: Mapping[str, str]) -> Figure:
    is_by_contestant = judged.results.compared not in (one.across, one.up)
    whole = {axis: labels[0] for axis, labels in judged.results.axes.items() if axis in judged.others}
    names = judged.contestants if is_by_contestant else ("",)
    grids = [_grid(judged, one, {**whole, **chosen}, name) for name in names]
    has_unit = judged.results.landscape not in (one.across, one.up)
    shares = np.array(grids) if has_unit else _within_landscapes(judged, one, np.array(grids))
    known = shares[np.isfinite(shares)]
    ends = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    title = (
        judged.value_title(chosen.get(judged.results.landscape or "", ""))
        if has_unit
        else "share of the landscape's range"
    )
    panels = tuple(
        _panel(judged, one, name, grid, share, ends, title)
        for name, grid, share in zip(names, grids, shares, strict=True)
    )
    where = f" Setting: {with_axes(chosen)}." if chosen else ""
    return Figure(
        slug("map", str(one), *chosen.values()),
        f"{one}{': ' if chosen else ''}{' · '.join(chosen.values())}",
        f"Number: the mean over units of the {judged.look.trace} value, at equal {judged.look.axis} within each "
        f"setting.{where}"
        + ("" if has_unit else " Landscapes have no common unit, so the colour shows the position between the lowest "
           "and the highest value of the same landscape in this map."),
        panels,
        columns=min(len(panels), 2),
        least_width=_BESIDE + _COLUMN * len(judged.results.axes[one.across]),
    )  # fmt: skip


def _grid(judged: Judged, one: Map, chosen: Mapping[str, str], name: str) -> Floats:
    """Means, (vertical labels, horizontal labels); NaN where no cell is finished."""
    axes, compared = judged.results.axes, judged.results.compared
    grid = np.full((len(axes[one.up]), len(axes[one.across])), np.nan)
    for row, up in enumerate(axes[one.up]):
        for column, across in enumerate(axes[one.across]):
            labels = {compared: name, **chosen, one.up: up, one.across: across}
            grid[row, column] = _mean(judged, labels)
    return grid


def _mean(judged: Judged, labels: Mapping[str, str]) -> float:
    for setting in judged.verdict.settings:
        if all(labels[axis] == label for axis, label in setting.labels.items()):
            return float(means(judged, setting)[judged.contestants.index(labels[judged.results.compared])])
    return float("nan")


def _within_landscapes(judged: Judged, one: Map, grids: Floats) -> Floats:
    """Positions of values (panels, vertical, horizontal) in the range of their landscape, 0 to 1."""
    others = (0, 2) if one.up == judged.results.landscape else (0, 1)
    if not np.isfinite(grids).any():
        return grids
    known = np.where(np.isfinite(grids), grids, np.nan)
    low = np.min(np.where(np.isfinite(known), known, np.inf), axis=others, keepdims=True)
    high = np.max(np.where(np.isfinite(known), known, -np.inf), axis=others, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray((grids - low) / np.where(high > low, high - low, 1.0))


def _panel(
    judged: Judged, one: Map, name: str, grid: Floats, shares: Floats, ends: tuple[float, float], title: str
) -> Panel:
    axes = judged.results.axes
    words = [[number(value) if np.isfinite(value) else "" for value in row] for row in grid]
    hover = [
        [
            f"{name}<br>" * bool(name) + f"{one.across} {across}<br>{one.up} {up}<br>mean {word or '–'}"
            for across, word in zip(axes[one.across], row, strict=True)
        ]
        for up, row in zip(axes[one.up], words, strict=True)
    ]
    return Panel(
        _ticks(axes[one.across], one.across),
        _ticks(axes[one.up], one.up, is_reversed=True),
        (Cells(shares, *ends, title, words, hover),),
        name,
        _ROW * len(axes[one.up]) + _ABOVE,
    )


def _ticks(labels: Sequence[str], title: str = "", *, is_reversed: bool = False) -> Axis:
    ticks = tuple((float(i), label if is_reversed else fill(label, 10)) for i, label in enumerate(labels))
    return Axis(title, ticks, low=-0.5, high=len(labels) - 0.5, is_reversed=is_reversed, has_grid=False)
