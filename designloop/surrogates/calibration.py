"""Calibration: corrects a linear model's predictions by its leave-one-out errors.

The variances of a fit maximise the evidence of weighted rows, in which good designs count more. This helps to choose
designs, but biases the predictions: the mean shifts towards good designs, the residual variance is that of a narrower
set, and an estimate close to zero is taken as certain. Predictions therefore have a shift and a residual variance of
their own, estimated from all rows with equal weight. Both are posterior means under a flat prior of the variance
(Gelman 2006, section 3), which do not fall to zero where measurement errors could explain all of the variance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ConvergenceError
from designloop.surrogates.base import Floats

_LARGEST = 2.0
"""Largest possible residual variance, as a multiple of the variance of values. A judgement."""
_VARIANCES = 101
_POWER = 5
"""Of even steps, which the variances are: close to each other near zero, where a model may explain nearly all."""
_SHIFTS = 61
_ZOOMS = 4
"""Minimum number of grids of shifts if some rows are limits, each centred on the result of the previous one."""
_MOST_ZOOMS = 12
"""Maximum number, for models that explain nearly all variance: the shift is then known better than to one step."""
_REACH = 6.0
"""Of the shifts that are tried, in standard deviations."""
_MAX_LIMITS = 100
"""Maximum number of rows beyond detection limits that are used, evenly spaced, since each is costly."""


@dataclass(frozen=True)
class LeftOut:
    """Leave-one-out predictions of rows, on the model's scale; each (n,)."""

    missed: Floats
    """Value of the row (or its limit) minus its prediction."""
    variances: Floats
    """Of the prediction's x · w and of the measurement's known error together."""
    shares: Floats
    """How often the residual variance counts: once, and as often again as it stands for an unknown error."""
    sides: NDArray[np.int64]

    @property
    def are_values(self) -> NDArray[np.bool_]:
        """Which of them are values, and no limits, (n,)."""
        return np.asarray(self.sides == 0)


@dataclass(frozen=True)
class Calibration:
    """A shift of the predicted mean, and a variance added to that of x · w."""

    shift: float
    variance: float
    """Of the residuals; where no error is known, of measured values about x · w: nothing tells the two apart."""

    @classmethod
    def of(cls, rows: LeftOut, spread: float) -> "Calibration":
        """Posterior means over a grid, with a shift of N(0, spread); `spread` is the variance of what rows say.

        Raises ConvergenceError where no grid resolves the shift.
        """
        places = np.linspace(0.0, 1.0, _VARIANCES + 1)[1:]
        variances, flat = _LARGEST * spread * places**_POWER, places ** (_POWER - 1)  # dv / dplace, but for a factor
        sums = _sums(rows, spread, variances)
        shifts = _shifts(rows, spread, sums)
        least = 1 if rows.are_values.all() else _ZOOMS
        for zoom in range(1, _MOST_ZOOMS + 1):
            log = _of_values(sums, shifts) + _of_limits(rows, variances, shifts)
            weights = np.exp(log - log.max()) * flat[:, None]
            weights /= weights.sum()
            shift = float(weights.sum(axis=0) @ shifts)
            unsure = float(weights.sum(axis=0) @ (shifts - shift) ** 2)
            step = np.diff(shifts)[0]
            if zoom >= least and unsure > step**2:
                variance = float(weights.sum(axis=1) @ variances) * float(rows.shares.mean()) + unsure
                return cls(shift, variance)
            shifts = shift + _REACH * np.sqrt(unsure + step**2) * np.linspace(-1.0, 1.0, _SHIFTS)
        raise ConvergenceError(
            f"the shift of the predictions of {len(rows.missed)} rows is not resolved after {_MOST_ZOOMS} grids; check "
            "the measured values for outliers"
        )


@dataclass(frozen=True)
class _Sums:
    """Over rows that are values, with the prior of the shift as one more, for each residual variance: (variances,)."""

    logs: Floats
    """Σ log v."""
    precision: Floats
    """Σ 1 / v."""
    pull: Floats
    """Σ missed / v."""
    squares: Floats
    """Σ missed² / v."""


def _sums(rows: LeftOut, spread: float, variances: Floats) -> _Sums:
    its = rows.are_values
    missed, v = rows.missed[its], rows.variances[its] + variances[:, None] * rows.shares[its]
    logs, precisions = np.log(v).sum(axis=1), np.reciprocal(v, out=v)
    return _Sums(logs, precisions.sum(axis=1) + 1.0 / spread, precisions @ missed, precisions @ missed**2)


def _shifts(rows: LeftOut, spread: float, sums: _Sums) -> Floats:
    """Shifts to try: about where values have it, given each variance; as wide as the prior with limits."""
    if not rows.are_values.all():
        return np.asarray(_REACH * np.sqrt(spread) * np.linspace(-1.0, 1.0, _SHIFTS))
    centres, reach = sums.pull / sums.precision, _REACH / np.sqrt(sums.precision)
    return np.linspace((centres - reach).min(), (centres + reach).max(), _SHIFTS)


def _of_values(sums: _Sums, shifts: Floats) -> Floats:
    """Log likelihood of rows that are values, and the log prior of the shift, (variances, shifts)."""
    logs, precision, pull, squares = (c[:, None] for c in (sums.logs, sums.precision, sums.pull, sums.squares))
    return np.asarray(-0.5 * (logs + squares - 2.0 * shifts * pull + shifts**2 * precision))


def _of_limits(rows: LeftOut, variances: Floats, shifts: Floats) -> Floats:
    """Log likelihood of rows beyond a limit, (variances, shifts)."""
    beyond = np.flatnonzero(~rows.are_values)
    if not len(beyond):
        return np.zeros((1, 1))
    from scipy.special import log_ndtr

    some = beyond[np.unique(np.linspace(0, len(beyond) - 1, min(_MAX_LIMITS, len(beyond))).astype(int))]
    std = np.sqrt(rows.variances[some] + variances[:, None] * rows.shares[some])[:, None, :]
    z = rows.sides[some] * (shifts[:, None] - rows.missed[some]) / std
    return np.asarray(log_ndtr(z).sum(axis=2) * (len(beyond) / len(some)))
