"""The differences between every two contestants, a row for each: a forest plot."""

from collections.abc import Iterator, Sequence

from designloop.core.counting import many
from designloop.report.marks import Axis, Bars, Figure, Panel, Points, Rule
from designloop.report.palette import EMPTY, Style
from designloop.report.studies.judged_study import Judged, named, slug
from designloop.report.studies.standings import height_of, rows_of
from designloop.study.pairs import Pair
from designloop.study.sentences import estimate, number, p_value
from designloop.study.verdict import SettingVerdict

CALLED = Style("#0072B2", marker="diamond", size=9, width=2.4)
NOT_CALLED = Style("#767d85", marker="circle", size=7, width=1.6)
UNSEEN = Style(EMPTY)


def differences(judged: Judged, setting: SettingVerdict) -> Figure | None:
    """A row for every two contestants: by how much the first is ahead, and what so many units can find."""
    known = [pair for pair in setting.pairs if pair.difference is not None]
    if not known:
        return None
    has_verdict = setting.refused is None
    end = (
        "A diamond: a significant difference (Holm's p at most .05). Grey bars: smaller differences are found in "
        "fewer than 8 of 10 studies of this size."
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
                rows_of([f"{pair.a}\n− {pair.b}" for pair in known]),
                (
                    *(_found(known) if has_verdict else ()),
                    Rule(0.0, "x"),
                    *(_pair(row, pair) for row, pair in enumerate(known)),
                ),
                height=height_of(len(known)),
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
    name = "significant" if pair.is_called else "not significant" if pair.p is not None else "a picture, no verdict"
    return Points(
        [value],
        [row],
        CALLED if pair.is_called else NOT_CALLED,
        name,
        x_low=None if low is None else [low],
        x_high=None if high is None else [high],
        hover=[
            f"{pair.a} − {pair.b}<br>{estimate(pair.difference)}<br>p {p_value(pair.p)}, Holm {p_value(pair.p_holm)}"
            f"<br>{many(pair.n_units, 'unit')}, correlation {number(pair.correlation)}"
        ],
        about=(pair.a, pair.b),
    )
