"""What each contestant came to, and the differences between every two: forest plots."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from designloop.report.marks import Axis, Bars, Figure, Mark, Panel, Points, Rule
from designloop.report.palette import EMPTY, INK, QUIET, TICK, Style
from designloop.report.studies.judged import Judged, named, slug
from designloop.study.estimates import Estimate
from designloop.study.pairs import Pair
from designloop.study.sentences import estimate, number, p_value
from designloop.study.standings import Standing
from designloop.study.verdict import SettingVerdict

MEDIAN = Style(INK, marker=TICK, size=15)
WORST = Style(QUIET, marker="triangle-down", size=7)
CALLED = Style("#0072B2", marker="diamond", size=9, width=2.4)
NOT_CALLED = Style("#767d85", marker="circle", size=7, width=1.6)
UNSEEN = Style(EMPTY)
_ROW = 40
"""Pixels for a row."""
_BELOW = 0.3
"""How far below a row's middle its units stand, in rows."""


def standings(judged: Judged, setting: SettingVerdict) -> Figure | None:
    """A row for each contestant: its units, their middle, the worst tenth; its score and acceleration beside it."""
    known = [one for one in setting.standings if one.unit_values]
    if not known:
        return None
    panels = [_values(judged, setting, known)]
    for title, words, pick, at in (
        ("Score", "0: the floor, 100: the optimum", _score, 0.0),
        ("Acceleration", "floor's designs ÷ its own", _acceleration, 1.0),
    ):
        if judged.results.floor is not None and any(pick(one) for one in known):
            panels.append(_beside(judged, known, title, words, [pick(one) for one in known], at))
    return Figure(
        slug("standings", *setting.labels.values()),
        f"Standings: {named(setting.labels)}",
        f"Value: at {number(setting.points.get(judged.look.axis))} {judged.look.axis}, the interquartile mean with its "
        f"95% interval over {setting.unit}s (faint: each one), the median, and the mean of the worst 10% of campaigns."
        + (f" Score and acceleration are counted from {judged.results.floor}." if len(panels) > 1 else ""),
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
    return Panel(Axis(title), _rows([one.label for one in known]), tuple(marks), "Value", _height(len(known)))


def _each(judged: Judged, setting: SettingVerdict, row: int, one: Standing) -> Points:
    """Every unit, a little below the row's middle."""
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
    """A panel of estimates beside the values; a line where the floor stands."""
    marks = [
        _point(row, one.label, value, judged.style(one.label), title.lower())
        for row, (one, value) in enumerate(zip(known, found, strict=True))
        if value is not None
    ]
    rows = _rows([one.label for one in known])
    return Panel(Axis(words), rows, (Rule(nothing, "x"), *marks), title, _height(len(known)))


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


# -- differences -----------------------------------------------------------------------------------------------------


def differences(judged: Judged, setting: SettingVerdict) -> Figure | None:
    """A row for every two contestants: by how much the first is ahead, and what so many units can find."""
    known = [pair for pair in setting.pairs if pair.difference is not None]
    if not known:
        return None
    has_verdict = setting.refused is None
    end = (
        "A diamond: told apart (Holm's p at most .05). Grey bars: smaller differences are found in fewer than 8 of 10 "
        "studies of this size."
        if has_verdict
        else "A picture: nothing is tested."
    )
    return Figure(
        slug("differences", *setting.labels.values()),
        f"Every two: {named(setting.labels)}",
        "How much higher the first ends than the second, mean over paired "
        f"{setting.unit}s, with its 95% interval. {end}",
        (
            Panel(
                Axis(f"difference in {judged.value_title(setting.landscape)}"),
                _rows([f"{pair.a}\n− {pair.b}" for pair in known]),
                (
                    *(_found(known) if has_verdict else ()),
                    Rule(0.0, "x"),
                    *(_pair(row, pair) for row, pair in enumerate(known)),
                ),
                height=_height(len(known), 40),
            ),
        ),
    )


def _found(pairs: Sequence[Pair]) -> Iterator[Bars]:
    for row, pair in enumerate(pairs):
        if pair.detectable is not None:
            yield Bars(
                [row],
                [2 * pair.detectable],
                UNSEEN,
                "too small to be found",
                base=[-pair.detectable],
                thickness=0.62,
                is_horizontal=True,
                hover=[f"{pair.a} − {pair.b}<br>finds {number(pair.detectable)} with 80% power"],
                about=(pair.a, pair.b),
            )


def _pair(row: int, pair: Pair) -> Points:
    assert pair.difference is not None
    value, low, high = pair.difference.value, pair.difference.low, pair.difference.high
    name = "told apart" if pair.is_called else "not told apart" if pair.p is not None else "a picture, no verdict"
    return Points(
        [value],
        [row],
        CALLED if pair.is_called else NOT_CALLED,
        name,
        x_low=None if low is None else [low],
        x_high=None if high is None else [high],
        hover=[
            f"{pair.a} − {pair.b}<br>{estimate(pair.difference)}<br>p {p_value(pair.p)}, Holm {p_value(pair.p_holm)}"
            f"<br>{pair.n_units} units, correlation {number(pair.correlation)}"
        ],
        about=(pair.a, pair.b),
    )


def _rows(words: Sequence[str]) -> Axis:
    ticks = tuple((float(row), word) for row, word in enumerate(words))
    return Axis("", ticks, low=-0.6, high=len(words) - 0.4, is_reversed=True, has_grid=False)


def _height(n: int, each: int = _ROW) -> int:
    return max(each * n + 20, 90)
