"""The scale on which a surrogate models values: monotone in the assay's units, invariant to their shift and scale."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.limits import as_of_one_well
from designloop.core.rows import error_of_a_well
from designloop.surrogates.base import Floats

Transform = Literal["ranks", "standard", "unit"]
_LEAST_RELIABLE = 0.1
"""Minimum share of the variance of values that is attributed to the designs. A judgement."""


@dataclass(frozen=True)
class ValueScale:
    """A piecewise-linear monotone map between assay units and model units, extrapolated linearly."""

    assay: Floats
    model: Floats

    @classmethod
    def fitted(cls, values: Floats, transform: Transform, sides: NDArray[np.int64] | None = None) -> "ValueScale":
        """`standard`: zero mean, unit variance. `ranks`: normal scores Φ⁻¹((rank - 3/8) / (n + 1/4)), ties averaged
        (Blom 1958), robust to outliers and to ties at the detection limit. `unit`: the lowest 0, the highest 1.

        With ranks, a detection limit (`sides` of -1 and 1) is placed at the edge of the tied values beyond it, half a
        rank from the next value, and not in their middle, since all of them lie beyond the limit.
        """
        if len(values) == 0 or values.min() == values.max():  # the standard deviation may only be rounding error
            return cls._about(float(values[0]) if len(values) else 0.0, 1.0)
        if transform == "standard":
            return cls._about(float(values.mean()), float(values.std()))
        if transform == "unit":
            return cls(np.array([values.min(), values.max()]), np.array([0.0, 1.0]))
        from scipy.special import ndtri

        ranks = average_ranks(values) if sides is None else _ranks_with_limits(values, sides)
        scores = ndtri((ranks - 0.375) / (len(values) + 0.25))
        assay, first = np.unique(values, return_index=True)
        return cls(assay, np.asarray(scores[first], dtype=float))

    @classmethod
    def _about(cls, centre: float, spread: float) -> "ValueScale":
        """A scale on which `centre` is 0 and `spread` is 1; the spread is at least the rounding error of the centre."""
        spread = max(spread, 2.0 * float(np.spacing(abs(centre))))
        return cls(np.array([centre - spread, centre + spread]), np.array([-1.0, 1.0]))

    def to_model(self, values: Floats) -> Floats:
        """Assay units -> model scale, the shape kept."""
        return _interpolated(values, self.assay, self.model)

    def to_assay(self, values: Floats) -> Floats:
        """Model scale -> assay units, the shape kept."""
        return _interpolated(values, self.model, self.assay)

    def errors_to_model(self, values: Floats, errors: Floats) -> Floats:
        """Standard errors of values on the model's scale, (n,): half the width of the interval value ± error.

        With ranks, this is how far an error can move a value among the others. On a plateau of equal true values, where
        ranks are only noise, it is as wide as the plateau, so that these ranks have little weight.
        """
        return np.asarray((self.to_model(values + errors) - self.to_model(values - errors)) / 2.0)

    def moments_to_assay(self, mean: Floats, std: Floats) -> tuple[Floats, Floats]:
        """Mean and half the width of the interval mean ± std, in the assay's units; shapes are kept."""
        width = self.to_assay(mean + std) - self.to_assay(mean - std)
        return self.to_assay(mean), np.maximum(width / 2.0, 0.0)


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1, ties averaged, (n,). scipy.stats has this too, but takes a second to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2.0)[place])


def _ranks_with_limits(values: Floats, sides: NDArray[np.int64]) -> Floats:
    """Average ranks, (n,); a value that is a row's limit has a rank half a place beyond all equal values.

    If two limits would then have the same rank, each is moved back by a quarter of a place.
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    highest = counts.cumsum()
    is_below, is_above = (np.isin(np.arange(len(counts)), place[sides == side]) for side in (-1, 1))
    ranks = np.where(is_below, highest + 0.5, highest - (counts - 1) / 2.0)
    ranks = np.where(is_above & ~is_below, highest - counts + 0.5, ranks)
    meet = np.flatnonzero(ranks[:-1] == ranks[1:])  # two limits without a value between them
    ranks[meet] -= 0.25
    ranks[meet + 1] += 0.25
    return np.asarray(ranks[place])


def _interpolated(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Linear interpolation, extrapolated beyond both ends with the overall slope, so that it is monotone."""
    slope = (ys[-1] - ys[0]) / (xs[-1] - xs[0])
    below, above = np.minimum(x - xs[0], 0.0), np.maximum(x - xs[-1], 0.0)
    return np.asarray(np.interp(x, xs, ys) + slope * (below + above))


@dataclass(frozen=True)
class Measured:
    """Training data of a surrogate: measured sequences in alphabetical order, so that row order does not matter."""

    sequences: list[str]
    values: Floats
    std_errors: Floats
    """0 if a value is exact, NaN if its error is unknown."""
    n_replicates: NDArray[np.int64]
    sides: NDArray[np.int64]
    """-1 if the value is a limit and the design lies below it, 1 if it lies above it, else 0."""
    readings: Floats
    """`values`, cut off at a limit that some of the design's wells were beyond."""

    @classmethod
    def of(cls, history: History) -> "Measured":
        """The measured rows of a history."""
        rows = np.flatnonzero(history.is_measured)
        values, errors, counts, sides = history.values, history.std_errors, history.n_replicates, history.sides

        last = np.nan_to_num(errors, nan=np.inf)

        def key(i: int) -> tuple[str, float, float, int, int]:
            return history.sequences[i], values[i], last[i], counts[i], sides[i]

        order = sorted(map(int, rows), key=key)
        sequences, readings = [history.sequences[i] for i in order], history.readings[order]
        return cls(sequences, values[order], errors[order], counts[order], sides[order], readings)

    def picked(self, places: NDArray[np.int64]) -> "Measured":
        """Some of the rows."""
        return Measured(
            [self.sequences[i] for i in places.tolist()],
            self.values[places],
            self.std_errors[places],
            self.n_replicates[places],
            self.sides[places],
            self.readings[places],
        )

    def scale(self, transform: Transform) -> ValueScale:
        """The scale of the readings. An estimate beyond a limit is extrapolated linearly, since it is one of the tied
        values there and has no rank of its own.
        """
        return ValueScale.fitted(self.readings, transform, self.sides)

    def errors(self, scale: ValueScale) -> "Errors":
        """Measurement variances on the model's scale.

        An unknown error is that of a typical well, divided by √wells. If no error is known, it is assumed to be as
        large as the residuals, divided by √wells, and never 0.
        """
        unknown, typical = np.isnan(self.std_errors), error_of_a_well(self.std_errors, self.n_replicates)
        if np.isnan(typical):
            known = scale.errors_to_model(self.values, np.nan_to_num(self.std_errors)) ** 2
            return Errors(known, np.where(unknown, 1.0 / self.n_replicates, 0.0), self.n_replicates)
        std_errors = np.where(unknown, typical / np.sqrt(self.n_replicates), self.std_errors)
        return Errors(scale.errors_to_model(self.values, std_errors) ** 2, np.zeros(len(unknown)), self.n_replicates)

    def beyond(self, target: Floats, errors: "Errors", residual: float) -> tuple[Floats, "Errors"]:
        """The target (n,) and its errors, with each limit as if from a single well (`as_of_one_well`).

        Errors that depend on the residual variance are computed with `residual`.
        """
        in_full = errors.in_full(residual)
        moved, spread = as_of_one_well(target, in_full, self.sides, self.n_replicates)
        factor = spread / np.where(in_full > 0, in_full, 1.0)
        return moved, Errors(errors.known * factor, errors.unknown * factor, errors.n_replicates)


@dataclass(frozen=True)
class Errors:
    """Variances of measured values about the true ones, on the model's scale: `known` + `unknown` · residual variance.

    Each of shape (n,), beside the number of wells.
    """

    known: Floats
    unknown: Floats
    n_replicates: NDArray[np.int64]

    def in_full(self, residual: float) -> Floats:
        """Variances of the measured values for this residual variance, (n,)."""
        return self.known + self.unknown * residual

    def spread(self, target: Floats) -> float:
        """Variance of values beyond their known errors; 1 if they are equal."""
        return self.reliability(target) * float(target.var()) if len(set(target.tolist())) > 1 else 1.0

    def reliability(self, target: Floats) -> float:
        """The share of the variance of values that is beyond their known errors, at least a tenth; 1 for equal ones."""
        if len(set(target.tolist())) < 2:
            return 1.0
        return float(np.clip(1.0 - self.known.mean() / target.var(), _LEAST_RELIABLE, 1.0))

    def of_a_well(self, residual: float) -> float:
        """Variance of one more well, averaged over designs; 0 if nothing is measured."""
        if len(self.known) == 0:
            return 0.0
        return float(np.mean(self.in_full(residual) * self.n_replicates))
