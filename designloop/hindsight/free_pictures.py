"""The figures of a replay from the whole space: how near the choices are to the batches, and what came of them."""

from collections import Counter

import numpy as np

from designloop.core.counting import many
from designloop.hindsight.findings import Findings
from designloop.inspection.neighbours import nearest
from designloop.report.marks import Axis, Figure, Line, Mark, Panel, Points
from designloop.report.palette import QUIET, Style, style


def distances(found: Findings) -> Figure:
    """The share of the choices by their distance to the nearest design of the batch."""
    edits = {name: _edits(found, name) for name in found.strategies}
    most = max((max(its, default=0) for its in edits.values()), default=0)
    at = np.arange(most + 1)
    marks: list[Mark] = []
    for ordinal, (name, its) in enumerate(edits.items()):
        counted = Counter(its)
        shares = [counted[n] / max(len(its), 1) for n in range(most + 1)]
        marks += [Line(at, shares, style(ordinal), name), Points(at, shares, style(ordinal), name)]
    n = sum(one.n for one in found.decisions)
    return Figure(
        "distances",
        "Distance to the batch that was built",
        "Share of the choices by the number of edits to the nearest design of the batch of the same decision; 0 is the "
        f"same design. {many(n, 'choice')} of each strategy, under the first seed.",
        (
            Panel(
                Axis("edits to the nearest design of the batch", _ticks(most)),
                Axis("share of the choices"),
                tuple(marks),
            ),
        ),
    )


def _ticks(most: int) -> tuple[tuple[float, str], ...]:
    """About ten whole numbers from 0."""
    return tuple((float(n), str(n)) for n in range(0, most + 1, max(most // 10, 1)))


def _edits(found: Findings, name: str) -> list[int]:
    edits: list[int] = []
    for one in found.decisions:
        sequences = [choice.sequence for choice in one.proposals[name][0].choices]
        edits += [near.distance for near in nearest(sequences, one.built) if near is not None]
    return edits


def predicted_and_measured(found: Findings) -> Figure | None:
    """Predicted and measured values of the choices that were measured; None where there are fewer than three."""
    marks, n = [], 0
    for ordinal, name in enumerate(found.strategies):
        pairs = _pairs(found, name)
        n += len(pairs)
        if pairs:
            means, values = zip(*pairs, strict=True)
            marks.append(Points(means, values, style(ordinal), name))
    if n < 3:
        return None
    every = [number for mark in marks for number in (*mark.x, *mark.y)]
    ends = [min(every), max(every)]
    return Figure(
        "predicted-and-measured",
        "What came of the choices that were measured",
        f"Predicted and measured values of {many(n, 'choice')} that were measured at the decision or later, under the "
        "first seed. On the line, a prediction is right.",
        (
            Panel(
                Axis("predicted value"),
                Axis("measured value"),
                (Line(ends, ends, Style(QUIET, dash="dot", width=1.2)), *marks),
                height=360,
                is_square=True,
            ),
        ),
    )


def _pairs(found: Findings, name: str) -> list[tuple[float, float]]:
    """(predicted, measured) of each choice that has both."""
    pairs: list[tuple[float, float]] = []
    for one in found.decisions:
        measured = dict(zip(one.candidates, one.values.tolist(), strict=True))
        predicted = ((its.sequence, its.mean) for its in one.proposals[name][0].choices if its.mean is not None)
        pairs += [(mean, measured[sequence]) for sequence, mean in predicted if sequence in measured]
    return pairs
