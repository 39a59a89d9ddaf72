"""Pairwise differences between contestants as a forest plot, with a row for each pair."""

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
    """A row for each pair: by how much the first contestant is ahead, and the detectable difference."""
    known = [pair for pair in setting.pairs if pair.difference is not None]
    if not known:
        return None
    has_verdict = setting.refused is None
    end = (
        "Diamonds are significant differences (Holm's p at most .05). Differences within the grey bar are detected "
        "with less than 80% power."
        if has_verdict
        else "Estimates only: nothing is tested."
    )
    return Figure(
        slug("differences", *setting.labels.values()),
        f"Pairwise differences: {named(setting.labels)}",
        f"First contestant minus second: mean over paired {setting.unit}s with its 95% interval. {end}",
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
                "below the detectable difference",
                base=[-pair.detectable],
                thickness=0.62,
                is_horizontal=True,
                hover=[f"{pair.a} − {pair.b}<br>detectable with 80% power: {number(pair.detectable)}"],
                about=(pair.a, pair.b),
            )


def _pair(row: int, pair: Pair) -> Points:
    assert pair.difference is not None
    value, low, high = pair.difference.value, pair.difference.low, pair.difference.high
    name = "significant" if pair.is_called else "not significant" if pair.p is not None else "no verdict"
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
