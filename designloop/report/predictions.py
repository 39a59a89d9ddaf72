"""Predicted and measured values: errors, coverage of the intervals, and reliability of the predicted viability."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.records import Outcome
from designloop.report.by_week import value_title
from designloop.report.calibration import Share, brier, coverage, rank_correlation, reliability
from designloop.report.marks import Axis, Band, Figure, Line, Mark, Panel, Points
from designloop.report.page import Column, Table
from designloop.report.palette import RULE, ordered, style
from designloop.report.record import Made, Record, error_of_mean
from designloop.report.words import correlation, percent, value

Floats = NDArray[np.float64]
LEVELS = tuple(level / 100 for level in (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99))
_PERFECT = "perfect calibration"
_SPEAKS = {Outcome.OBSERVED, Outcome.BELOW_DETECTION, Outcome.ABOVE_DETECTION, Outcome.NOT_EXPRESSED}
"""Outcomes that show whether a sequence is viable."""


@dataclass(frozen=True)
class Predicted:
    """Predictions, and the values measured later in the design's own batch; columns of shape (n,)."""

    designs: list[Made]
    means: Floats
    stds: Floats
    """Prediction and measurement error combined, because intervals are for the measured value."""
    measured: Floats
    n_unknown: int = 0
    """Designs whose measurement error is unknown; their intervals include the prediction error only."""

    @classmethod
    def of(cls, designs: Sequence[Made]) -> "Predicted":
        """The designs with a predicted mean and a measured value within the assay's limits."""
        kept = [d for d in designs if d.mean is not None and d.first_readings and d.outcome == Outcome.OBSERVED]
        firsts = [design.first_readings for design in kept]
        errors = np.array([error_of_mean(wells) for wells in firsts], dtype=float)
        return cls(
            kept,
            np.array([design.mean for design in kept], dtype=float),
            np.hypot([design.std or 0.0 for design in kept], np.nan_to_num(errors)),
            np.array([np.mean([reading.value for reading in wells]) for wells in firsts], dtype=float),
            int(np.isnan(errors).sum()),
        )


def predictions(record: Record) -> Figure | None:
    """Predicted and measured values, coverage of intervals, reliability of viability; None without predictions."""
    known = Predicted.of(list(record.designs.values()))
    probabilities, happened = _viability(list(record.designs.values()))
    panels = list[Panel]()
    if len(known.means):
        panels += [_scatter(record, known), _coverage(coverage(known.means, known.stds, known.measured, LEVELS))]
    if len(probabilities):
        panels.append(_reliability(reliability(probabilities, happened)))
    if not panels:
        return None
    return Figure(
        "predictions",
        "Calibration of values, intervals and viability",
        f"{_sentence(known, probabilities, happened)} Predictions are those made when the design was chosen. Designs "
        "chosen for a high prediction usually fall short of it. Intervals are for the measured value: they include "
        "prediction and measurement error. Retests are excluded, because they are selected for high values. Dotted "
        "line: perfect prediction or calibration. Above it, intervals are too wide, or more designs are viable than "
        "predicted. Bands and error bars are 95% confidence intervals.",
        tuple(panels),
        columns=len(panels),
    )


def _viability(designs: Sequence[Made]) -> tuple[Floats, NDArray[np.bool_]]:
    """(predicted viability, whether the design gave a value) of designs whose outcome shows viability."""
    kept = [design for design in designs if design.viability is not None and design.outcome in _SPEAKS]
    predicted = np.array([design.viability for design in kept], dtype=float)
    return predicted, np.array([design.outcome != Outcome.NOT_EXPRESSED for design in kept], dtype=bool)


def _sentence(known: Predicted, probabilities: Floats, happened: NDArray[np.bool_]) -> str:
    parts = list[str]()
    if len(known.means):
        inside = coverage(known.means, known.stds, known.measured, [0.9])[0]
        parts.append(
            f"Of {many(inside.n, 'measured design')} with a prediction, {percent(inside.share)} lie in their 90% "
            f"interval (95% confidence interval {percent(inside.low)} to {percent(inside.high)}). The rank correlation "
            f"is {correlation(rank_correlation(known.means, known.measured))}."
        )
    if known.n_unknown:
        parts.append(
            f"{many(known.n_unknown, 'design', 'have')} an unknown measurement error; these intervals include the "
            "prediction error only and may be too narrow."
        )
    if len(probabilities):
        parts.append(
            f"Of {many(len(happened), 'design')} with a predicted viability, {percent(float(happened.mean()))} gave a "
            f"value, and {percent(float(probabilities.mean()))} were expected to (Brier score "
            f"{brier(probabilities, happened):.2f}; 0 is perfect). Failures by chance are included."
        )
    return " ".join(parts)


def _scatter(record: Record, known: Predicted) -> Panel:
    rounds = sorted({design.round for design in known.designs})
    low, high = (float(end(np.concatenate([known.means, known.measured]))) for end in (np.min, np.max))
    room = 0.04 * (high - low or 1.0)
    marks: list[Mark] = [
        Line([low - room, high + room], [low - room, high + room], RULE, hover=["predicted = measured"] * 2)
    ]
    for place, round_ in enumerate(rounds):
        rows = [i for i, design in enumerate(known.designs) if design.round == round_]
        look = replace(ordered(place, len(rounds)), size=6.5, opacity=0.8)
        hover = [_said(known, i) for i in rows]
        marks.append(Points(known.means[rows], known.measured[rows], look, f"round {round_}", hover=hover))
    ends: dict[str, Any] = {"low": low - room, "high": high + room}
    return Panel(
        Axis(value_title(record, "predicted"), **ends),
        Axis(value_title(record, "measured"), **ends),
        tuple(marks),
        "Values",
        330,
    )


def _said(known: Predicted, i: int) -> str:
    design = known.designs[i]
    predicted = f"predicted {value(known.means[i])} ± {value(design.std, 2)}"
    return f"design {design.id}, round {design.round}<br>{predicted}<br>measured {value(known.measured[i])}"


def _shares(shares: Sequence[Share]) -> dict[str, list[float]]:
    return {name: [getattr(share, name) for share in shares] for name in ("expected", "share", "low", "high")}


def _coverage(shares: list[Share]) -> Panel:
    columns = _shares(shares)
    hover = [f"{percent(s.expected)} interval<br>contains {percent(s.share)} of {s.n}" for s in shares]
    marks = (
        Line([0, 1], [0, 1], RULE, hover=[_PERFECT] * 2),
        Band(columns["expected"], columns["low"], columns["high"], style(0)),
        Line(columns["expected"], columns["share"], style(0), hover=hover),
        Points(columns["expected"], columns["share"], style(0), hover=hover),
    )
    return Panel(percents("interval"), percents("measured values in the interval"), marks, "Intervals", 330)


def _reliability(groups: list[Share]) -> Panel:
    columns = _shares(groups)
    hover = [f"{percent(g.expected)} expected<br>{percent(g.share)} of {g.n} gave a value" for g in groups]
    marks = (
        Line([0, 1], [0, 1], RULE, hover=[_PERFECT] * 2),
        Points(
            columns["expected"], columns["share"], style(1), y_low=columns["low"], y_high=columns["high"], hover=hover
        ),
    )
    return Panel(percents("predicted viability"), percents("designs with a value"), marks, "Viability", 330)


def percents(title: str) -> Axis:
    """An axis of shares, from 0% to 100%."""
    ticks = tuple((share / 100, f"{share}%") for share in (0, 25, 50, 75, 100))
    return Axis(title, ticks, -0.03, 1.03)


def prediction_table(record: Record) -> Table | None:
    """One row for each round with predictions; None if there is none."""
    rows = tuple(_rows(record))
    titles = (
        "designs",
        "mean predicted",
        "mean measured",
        "RMSE",
        "rank correlation",
        "in 90% interval",
        "predicted viability",
    )
    if not rows:
        return None
    return Table(
        "predictions",
        "Predictions by round",
        (Column("round", "number"), *(Column(title, "number") for title in (*titles, "viable"))),
        rows,
        "Designs: those measured, with a prediction. RMSE: root mean squared error. Viable: share with a value among "
        "the designs whose outcome shows viability.",
    )


def _rows(record: Record) -> Iterator[tuple[str, ...]]:
    for round_ in sorted(record.submissions):
        designs = [design for design in record.designs.values() if design.round == round_]
        known = Predicted.of(designs)
        probabilities, happened = _viability(designs)
        if not len(known.means) and not len(probabilities):
            continue
        has_values = len(known.means) > 0
        inside = coverage(known.means, known.stds, known.measured, [0.9])[0].share if has_values else None
        error = float(np.sqrt(np.mean((known.means - known.measured) ** 2))) if has_values else None
        yield (
            str(round_),
            str(len(known.means)),
            value(float(known.means.mean()) if has_values else None),
            value(float(known.measured.mean()) if has_values else None),
            value(error),
            correlation(rank_correlation(known.means, known.measured) if has_values else None),
            percent(inside) if inside is not None else "–",
            percent(float(probabilities.mean())) if len(probabilities) else "–",
            percent(float(happened.mean())) if len(probabilities) else "–",
        )
