"""The predicted means and intervals of the batch, and what became of earlier predictions."""

from collections.abc import Iterator, Sequence

from designloop.core.counting import many
from designloop.live.dossier.design import DossierDesign
from designloop.live.dossier.dossier import Dossier
from designloop.live.dossier.prediction import LEVEL, Predicted
from designloop.report.by_week import value_title
from designloop.report.dossier.rows import MOST_ROWS
from designloop.report.dossier.trust import Trust
from designloop.report.dossier.words import best, interval
from designloop.report.marks import Axis, Figure, Mark, Panel, Points, Rule
from designloop.report.page import Block
from designloop.report.palette import Style, style
from designloop.report.words import percent

_LOOK, _FLAGGED = style(0), style(1)


def prediction_blocks(dossier: Dossier, trust: Trust) -> Iterator[Block]:
    """The figure of the batch, the sentence on earlier predictions, and their calibration."""
    figure = _figure(dossier, trust)
    yield figure if figure is not None else "No design of this round has a prediction."
    if (highest := dossier.knowledge.best) is not None and figure is not None:
        yield _against_best([design.predicted for design in dossier.new if design.predicted is not None], highest)
    yield trust.sentence
    yield from trust.blocks


def _against_best(predicted: Sequence[Predicted], highest: float) -> str:
    """How many means lie above the highest measured value, and how many intervals reach it or do not."""
    above = sum(its.mean > highest for its in predicted)
    below = sum(its.is_to_learn for its in predicted)
    others = len(predicted) - above - below
    means = many(above, "predicted mean", "lie") if above else "No predicted mean lies"
    reach = many(others, "more interval" if above else "interval", "reach")
    learn = (
        f" {many(below, 'interval', 'lie')} wholly below it: what can be gained there is knowledge." if below else ""
    )
    return f"{means} above the highest measured value, and {reach} it.{learn}"


def _figure(dossier: Dossier, trust: Trust) -> Figure | None:
    """Means and intervals, highest mean first; None without predictions."""
    known = sorted(
        (design for design in dossier.new if design.predicted is not None),
        key=lambda design: -(design.predicted.mean if design.predicted else 0.0),
    )
    if not known:
        return None
    highest = dossier.knowledge.best
    rule = () if highest is None else (Rule(highest, "y"),)
    marks: list[Mark] = [*rule, *_points(known[:MOST_ROWS])]
    panel = Panel(
        Axis("rank by predicted mean", low=0.2, high=min(len(known), MOST_ROWS) + 0.8, has_grid=False),
        Axis(value_title(trust.record, "predicted value")),
        tuple(marks),
        height=300,
    )
    lacking = len(dossier.new) - len(known)
    shares = percent(LEVEL)
    line = "" if highest is None else f" Dotted line: the highest measured value, {best(dossier)}."
    without = f" {many(lacking, 'design', 'have')} no prediction." if lacking else ""
    cut = f" The first {MOST_ROWS:,} are shown." if len(known) > MOST_ROWS else ""
    return Figure(
        "predicted",
        f"Predicted mean and {shares} interval of each design",
        f"{many(len(known), 'design')}, by predicted mean.{without}{cut} Bars: {shares} intervals of the value without "
        "the error of its measurement, as the model believed when the designs were chosen. Designs that were chosen "
        f"for a high prediction usually fall short of it.{line}",
        (panel,),
    )


def _points(known: Sequence[DossierDesign]) -> Iterator[Points]:
    for look, name, is_flagged in ((_LOOK, "within the limits", False), (_FLAGGED, "violates a limit", True)):
        rows = [(rank, d) for rank, d in enumerate(known, start=1) if bool(d.violations) is is_flagged]
        if rows:
            yield _of(rows, look, name)


def _of(rows: Sequence[tuple[int, DossierDesign]], look: Style, name: str) -> Points:
    told = [design.predicted for _, design in rows if design.predicted is not None]
    ends = [its.interval or (its.mean, its.mean) for its in told]
    return Points(
        [rank for rank, _ in rows],
        [its.mean for its in told],
        look,
        name,
        y_low=[low for low, _ in ends],
        y_high=[high for _, high in ends],
        hover=[f"{design.name}<br>{interval(design.predicted)}<br>{design.why}" for _, design in rows],
    )
