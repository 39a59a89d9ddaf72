"""The scale a surrogate models values on: monotone in the assay's units, and blind to their shift and stretch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from designloop.core.history import History
from designloop.surrogates.base import Floats

Transform = Literal["ranks", "standard", "unit"]


@dataclass(frozen=True)
class ValueScale:
    """A piecewise-linear monotone map between the assay's units and the model's, straight beyond its ends."""

    assay: Floats
    model: Floats

    @classmethod
    def fitted(cls, values: Floats, transform: Transform) -> "ValueScale":
        """`standard`: zero mean, unit variance. `ranks`: normal scores Φ⁻¹((rank - 3/8) / (n + 1/4)), ties averaged
        (Blom 1958), which neither outliers nor a heap at the floor disturb. `unit`: the lowest 0, the highest 1.
        """
        spread = float(values.std()) if len(values) else 0.0
        if spread == 0.0:
            centre = float(values.mean()) if len(values) else 0.0
            return cls(np.array([centre - 1.0, centre + 1.0]), np.array([-1.0, 1.0]))
        if transform == "standard":
            centre = float(values.mean())
            return cls(np.array([centre - spread, centre + spread]), np.array([-1.0, 1.0]))
        if transform == "unit":
            return cls(np.array([values.min(), values.max()]), np.array([0.0, 1.0]))
        from scipy.special import ndtri

        scores = ndtri((average_ranks(values) - 0.375) / (len(values) + 0.25))
        assay, first = np.unique(values, return_index=True)
        return cls(assay, np.asarray(scores[first], dtype=float))

    def to_model(self, values: Floats) -> Floats:
        """Assay units -> model scale, the shape kept."""
        return _interpolated(values, self.assay, self.model)

    def to_assay(self, values: Floats) -> Floats:
        """Model scale -> assay units, the shape kept."""
        return _interpolated(values, self.model, self.assay)

    def moments_to_assay(self, mean: Floats, std: Floats) -> tuple[Floats, Floats]:
        """Mean and half the width of the interval mean ± std, in the assay's units."""
        width = self.to_assay(mean + std) - self.to_assay(mean - std)
        return self.to_assay(mean), np.maximum(width / 2.0, 0.0)


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1, ties averaged, (n,). scipy.stats has this too, and takes a second to be imported."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2.0)[place])


def _interpolated(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Linear interpolation that goes on beyond both ends with the overall slope, so that it stays monotone."""
    slope = (ys[-1] - ys[0]) / (xs[-1] - xs[0])
    below, above = np.minimum(x - xs[0], 0.0), np.maximum(x - xs[-1], 0.0)
    return np.asarray(np.interp(x, xs, ys) + slope * (below + above))


@dataclass(frozen=True)
class Measured:
    """What a surrogate learns values from: distinct sequences in alphabetical order, so that row order is nothing."""

    sequences: list[str]
    values: Floats
    std_errors: Floats

    @classmethod
    def of(cls, history: History) -> "Measured":
        """The measured rows of a history."""
        rows = sorted(
            (sequence, float(value), float(error))
            for sequence, value, error in zip(history.sequences, history.values, history.std_errors, strict=True)
            if np.isfinite(value)
        )
        columns: Sequence[Sequence[float]] = [[row[1] for row in rows], [row[2] for row in rows]]
        return cls([row[0] for row in rows], np.array(columns[0], dtype=float), np.array(columns[1], dtype=float))
