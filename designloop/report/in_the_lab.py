"""The lab in figures and tables: failures by stage and round, time in each stage, turnaround."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from designloop.core.clock import as_days
from designloop.core.counting import many
from designloop.core.records import Event, Outcome
from designloop.operations.visits import CLOSED
from designloop.report.marks import Axis, Bars, Figure, Mark, Panel, Points, Rule
from designloop.report.page import Column, Table
from designloop.report.palette import Style, style
from designloop.report.record import Record
from designloop.report.words import percent

PENDING = "pending"
_STYLES = {
    Outcome.OBSERVED: style(0),
    Outcome.BELOW_DETECTION: style(5),
    Outcome.ABOVE_DETECTION: style(6),
    Outcome.NOT_EXPRESSED: style(1),
    Outcome.SYNTHESIS_FAILED: style(3),
    Outcome.BUILD_FAILED: style(4),
    Outcome.LOST: style(2),
    Outcome.UNMEASURED: Style("#8a949e", hatch="."),
    PENDING: Style("#cfd5db", hatch="-"),
}
_NEGLIGIBLE_DAYS = 0.05


# -- failures --------------------------------------------------------------------------------------------------------


def failures(record: Record) -> Figure:
    """Designs without a value by stage, and the outcomes of each round."""
    by_stage = Counter((event.data["stage"], event.data["outcome"]) for event in _failed(record))
    places = [
        stage for stage in [*record.stages, CLOSED] if stage in record.stages or any(s == stage for s, _ in by_stage)
    ]
    by_round = Counter((design.round, design.outcome or PENDING) for design in record.designs.values())
    rounds = sorted(record.submissions)
    n_failed, n = sum(by_stage.values()), len(record.designs)
    share = f" ({percent(n_failed / n)})" if n else ""
    n_pending = sum(design.outcome is None for design in record.designs.values())
    pending = f" {many(n_pending, 'design', 'are')} still in the lab." if n_pending else ""
    return Figure(
        "failures",
        "Designs without a value, by stage and by round",
        f"{n_failed:,} of {many(n, 'design')}{share} ended without a value.{pending} By stage: where they failed, and "
        "how. “Round closed” counts designs that a closing round did not wait for. By round: the outcomes of all "
        "designs. Retests are not counted.",
        (
            _stacked(by_stage, places, [_short(place) for place in places], "designs without a value", "By stage"),
            _stacked(by_round, rounds, [f"round {round_}" for round_ in rounds], "designs", "By round"),
        ),
        columns=2,
    )


def _failed(record: Record) -> list[Event]:
    return [event for event in record.events if event.kind == "failed" and not event.data.get("retest", False)]


def _short(stage: str) -> str:
    return "round closed" if stage == CLOSED else stage


def _stacked(
    counts: Counter[tuple[Any, str]], rows: Sequence[Any], words: Sequence[str], title: str, heading: str
) -> Panel:
    """Horizontal bars with a piece for each outcome; `counts` is by (row, outcome)."""
    base = np.zeros(len(rows))
    marks = list[Mark]()
    for outcome, look in _STYLES.items():
        lengths = np.array([counts[row, str(outcome)] for row in rows], dtype=float)
        if lengths.sum():
            hover = [f"{word}<br>{spoken(outcome)}: {n:.0f}" for word, n in zip(words, lengths, strict=True)]
            marks.append(
                Bars(
                    range(len(rows)), lengths, look, spoken(outcome), base.copy(), 0.72, is_horizontal=True, hover=hover
                )
            )
            base = base + lengths
    high = max(float(base.max()) if len(base) else 0.0, 1.0) * 1.04
    axis = Axis("", tuple(enumerate(map(str, words))), -0.6, len(rows) - 0.4, is_reversed=True, has_grid=False)
    return Panel(Axis(title, low=0.0, high=high), axis, tuple(marks), heading, min(max(38 * len(rows), 120), 480))


def spoken(outcome: str) -> str:
    """An outcome as words."""
    return str(outcome).replace("_", " ")


# -- time ------------------------------------------------------------------------------------------------------------


def times(record: Record) -> Figure:
    """The days that designs stayed in each stage and waited before it, and the turnaround of designs with a value."""
    days = {name: stays for name, stays in _days(record).items() if len(stays)}
    weeks = np.array(record.turnarounds)
    return Figure(
        "time-in-stage",
        "Days in each stage, and turnaround",
        "In each stage: the median (dot), the middle half (thick line) and the middle 90% (thin line) of the designs, "
        "in calendar days including weekends. Designs wait for a free place, a start day or a full plate. Turnaround: "
        f"weeks from submission to the first value, for {many(len(weeks), 'design')} with a value.",
        (_intervals(days), _turnaround(weeks)),
        columns=2,
    )


def _days(record: Record) -> dict[str, np.ndarray]:
    """Days of each finished stay, and of each wait that is not negligible, in the order of the stages."""
    result: dict[str, np.ndarray] = {}
    for stage in record.stages:
        visits = [visit for visit in record.visits if visit.stage == stage]
        waits = np.array([as_days(visit.began - visit.waits_from) for visit in visits])
        if len(waits) and np.percentile(waits, 95) >= _NEGLIGIBLE_DAYS:
            result[f"wait for {stage}"] = waits
        result[stage] = np.array([as_days(visit.ended - visit.began) for visit in visits if visit.ended is not None])
    return result


def _intervals(days: dict[str, np.ndarray]) -> Panel:
    rows = np.arange(len(days), dtype=float)
    low, first, middle, third, high = (
        np.array([np.percentile(stays, share) for stays in days.values()]) for share in (5, 25, 50, 75, 95)
    )
    hover = [
        f"{name}, {many(len(stays), 'design')}<br>median {np.median(stays):.1f} days<br>"
        f"90% between {np.percentile(stays, 5):.1f} and {np.percentile(stays, 95):.1f}"
        for name, stays in days.items()
    ]
    thin = style(0)
    marks = (
        Points(middle, rows, replace(thin, width=2.0, size=1), "", x_low=low, x_high=high, hover=hover),
        Points(middle, rows, replace(style(5), width=9.0, size=1), "", x_low=first, x_high=third, hover=hover),
        Points(middle, rows, replace(style(1), size=9, marker="circle"), "", hover=hover),
    )
    axis = Axis("", tuple(enumerate(days)), -0.6, len(days) - 0.4, is_reversed=True, has_grid=False)
    return Panel(
        Axis("days", low=0.0, high=max(float(high.max(initial=0)), 1.0) * 1.05),
        axis,
        marks if len(days) else (),
        "In each stage",
        min(max(34 * len(days), 150), 480),
    )


def _turnaround(weeks: np.ndarray) -> Panel:
    marks = list[Mark]()
    if len(weeks):
        counts, edges = np.histogram(weeks, bins=min(max(int(np.sqrt(len(weeks))), 5), 30))
        width = float(edges[1] - edges[0])
        hover = [
            f"{low:.1f} to {high:.1f} weeks: {n}" for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
        ]
        marks.append(Bars((edges[:-1] + edges[1:]) / 2, counts, style(0), thickness=width * 0.94, hover=hover))
        for share, word in ((50, "median "), (90, "90% ≤ ")):
            at = float(np.percentile(weeks, share))
            marks.append(Rule(at, "x", f"{word}{at:.1f}", replace(style(1), dash="dash", width=1.5)))
    return Panel(
        Axis("weeks from submission to value"),
        Axis("designs", low=0.0 if not marks else None),
        tuple(marks),
        "Turnaround",
    )


def stage_table(record: Record) -> Table:
    """One row for each stage: visits, failures and days."""
    days = _days(record)
    return Table(
        "stages",
        "Visits to each stage",
        (
            Column("stage"),
            *(Column(title, "number") for title in ("visits", "failed", "share", "median days", "90% within, days")),
            Column("outcomes"),
        ),
        tuple(_stage_rows(record, days)),
        "Visits include retests. The share is that of failed visits.",
    )


def _stage_rows(record: Record, days: dict[str, np.ndarray]) -> Iterator[tuple[str, ...]]:
    for stage in record.stages:
        visits = [visit for visit in record.visits if visit.stage == stage]
        how = Counter(spoken(visit.outcome) for visit in visits if visit.outcome is not None)
        stays, n_failed = days[stage], sum(how.values())
        yield (
            stage,
            str(len(visits)),
            str(n_failed),
            percent(n_failed / len(visits), 1),
            f"{np.median(stays):.1f}" if len(stays) else "–",
            f"{np.percentile(stays, 90):.1f}" if len(stays) else "–",
            ", ".join(f"{n} {word}" for word, n in how.most_common()) or "–",
        )
