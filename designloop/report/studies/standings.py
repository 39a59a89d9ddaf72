"""The result of each contestant: its units, their interquartile mean and median, and its worst campaigns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from designloop.report.marks import Axis, Figure, Mark, Panel, Points, Rule
from designloop.report.palette import INK, QUIET, TICK, Style
from designloop.report.studies.judged_study import Judged, named, slug
from designloop.study.estimates import Estimate
from designloop.study.sentences import estimate, number
from designloop.study.standings import Standing
from designloop.study.verdict import SettingVerdict

MEDIAN = Style(INK, marker=TICK, size=15)
WORST = Style(QUIET, marker="triangle-down", size=7)
_ROW = 40
"""Pixels for a row."""
_BELOW = 0.3
"""How far below the middle of a row its units are drawn, in rows."""


def standings(judged: Judged, setting: SettingVerdict) -> Figure | None:
    """A row for each contestant: its units, their IQM and median, the worst tenth, its score and acceleration."""
    known = [one for one in setting.standings if one.unit_values]
    if not known:
        return None
    panels = [_values(judged, setting, known)]
    for title, words, pick, at in (
        ("Score", "0: floor strategy, 100: optimum", _score, 0.0),
        ("Acceleration", "floor's designs ÷ own designs", _acceleration, 1.0),
    ):
        if judged.results.floor is not None and any(pick(one) for one in known):
            panels.append(_beside(judged, known, title, words, [pick(one) for one in known], at))
    return Figure(
        slug("standings", *setting.labels.values()),
        f"Standings: {named(setting.labels)}",
        f"Value at {number(setting.points.get(judged.look.axis))} {judged.look.axis}: the {setting.middle} with its "
        f"95% interval over {setting.unit}s, the median, and the mean of the worst 10% of campaigns. Faint marks: "
        f"single {setting.unit}s."
        + (f" The floor of score and acceleration is {judged.results.floor}." if len(panels) > 1 else ""),
        tuple(panels),
        columns=len(panels),
    )


def _values(judged: Judged, setting: SettingVerdict, known: Sequence[Standing]) -> Panel:
    rows = range(len(known))
    marks = [
        *(_each(judged, setting, row, one) for row, one in zip(rows, known, strict=True)),
        *(mark for row, one in zip(rows, known, strict=True) for mark in _middle(judged, row, one)),
        *(mark for row, one in zip(rows, known, strict=True) for mark in _beside_it(judged, row, one)),
    ]
    title = judged.value_title(setting.landscape)
    return Panel(Axis(title), rows_of([one.label for one in known]), tuple(marks), "Value", height_of(len(known)))


def _each(judged: Judged, setting: SettingVerdict, row: int, one: Standing) -> Points:
    """Every unit, a little below the middle of the row."""
    units = zip(one.units, one.unit_values, strict=True)
    hover = [f"{one.label}: {setting.unit} {unit}<br>{number(value)}" for unit, value in units]
    look = replace(judged.style(one.label), opacity=0.35, size=6.0)
    return Points(one.unit_values, [row + _BELOW] * len(one.units), look, hover=hover, about=(one.label,))


def _middle(judged: Judged, row: int, one: Standing) -> Iterator[Mark]:
    yield _point(row, one.label, one.values[judged.look.trace][judged.look.axis].iqm, judged.style(one.label), "IQM")


def _beside_it(judged: Judged, row: int, one: Standing) -> Iterator[Mark]:
    median = one.values[judged.look.trace][judged.look.axis].median
    said = [f"{one.label}<br>median {estimate(median)}"]
    yield Points([median.value], [row], MEDIAN, "median", hover=said, about=(one.label,))
    if one.worst is not None:
        said = [f"{one.label}<br>mean of the worst 10% {number(one.worst)}"]
        yield Points([one.worst], [row], WORST, "mean of the worst 10%", hover=said, about=(one.label,))


def _score(one: Standing) -> Estimate | None:
    return one.score.iqm if one.score else None


def _acceleration(one: Standing) -> Estimate | None:
    return one.acceleration


def _beside(
    judged: Judged, known: Sequence[Standing], title: str, words: str, found: Sequence[Estimate | None], nothing: float
) -> Panel:
    """A panel of estimates beside the values, with a line at the floor."""
    marks = [
        _point(row, one.label, value, judged.style(one.label), title.lower())
        for row, (one, value) in enumerate(zip(known, found, strict=True))
        if value is not None
    ]
    rows = rows_of([one.label for one in known])
    return Panel(Axis(words), rows, (Rule(nothing, "x"), *marks), title, height_of(len(known)))


def _point(row: int, label: str, value: Estimate, look: Style, what: str) -> Points:
    has_ends = value.low is not None and value.high is not None
    return Points(
        [value.value],
        [row],
        replace(look, size=10.0),
        label,
        x_low=[value.low or 0.0] if has_ends else None,
        x_high=[value.high or 0.0] if has_ends else None,
        hover=[f"{label}<br>{what} {estimate(value)}"],
    )


def rows_of(words: Sequence[str]) -> Axis:
    """An axis with a row for each word, the first on top."""
    ticks = tuple((float(row), word) for row, word in enumerate(words))
    return Axis("", ticks, low=-0.6, high=len(words) - 0.4, is_reversed=True, has_grid=False)


def height_of(n_rows: int) -> int:
    """The height of a panel in pixels."""
    return max(_ROW * n_rows + 20, 90)
