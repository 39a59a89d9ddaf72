"""Likeness: how much the free choices of a strategy resemble the batch that was built, and what was measured later."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.records import Choice
from designloop.hindsight.replayed import Replayed
from designloop.inspection.neighbours import nearest


@dataclass(frozen=True, slots=True)
class Likeness:
    """Means over seeds; NaN where there is nothing to compare."""

    n: float
    """Designs that the strategy chose."""
    n_same: float
    """Of these, designs that the batch has too."""
    n_measured: float
    """Of these, designs that were measured at the decision or later."""
    measured: float
    """Mean value of the measured ones."""
    predicted: float
    """Mean value that the strategy predicted for its choices."""
    edits_to_built: float
    """Median number of edits from a choice to the nearest design of the batch."""
    edits_to_measured: float
    """Median number of edits from a choice to the nearest design that was measured at the decision or later."""


def likeness(decision: Replayed, name: str) -> Likeness:
    """The likeness of what a strategy would have chosen at a decision."""
    rows = [_of(decision, its.choices) for its in decision.proposals[name]]
    return Likeness(*(_mean([row[column] for row in rows]) for column in range(len(rows[0]))))


def _of(decision: Replayed, choices: Sequence[Choice]) -> tuple[float, ...]:
    sequences = [choice.sequence for choice in choices]
    values = dict(zip(decision.candidates, decision.values.tolist(), strict=True))
    measured = [values[sequence] for sequence in sequences if sequence in values]
    predicted = [choice.mean for choice in choices if choice.mean is not None]
    return (
        len(sequences),
        len({*sequences} & {*decision.built}),
        len(measured),
        _mean(measured),
        _mean(predicted),
        _edits(sequences, decision.built),
        _edits(sequences, decision.candidates),
    )


def _edits(sequences: Sequence[str], others: Sequence[str]) -> float:
    found = [near.distance for near in nearest(sequences, others) if near is not None]
    return float(np.median(found)) if found else float("nan")


def _mean(numbers: Sequence[float]) -> float:
    there = [number for number in numbers if np.isfinite(number)]
    return float(np.mean(there)) if there else float("nan")
