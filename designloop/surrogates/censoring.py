"""Censored rows: all that is known of a design is the limit that its value lies below, or above.

Such a row enters by its likelihood Φ(side · (x · w - limit) / √v) (Tobin 1958). The log posterior of the weights is
concave, so that it has one mode; there, Laplace's approximation turns each censored row into one with a value, for
Gaussian algebra to go on with.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ConvergenceError
from designloop.surrogates.base import Floats
from designloop.surrogates.evidence import Evidence, Observed, Point, Scales
from designloop.surrogates.gaussian import gaussian

_MAX_STEPS = 100
_TOLERANCE = 1e-7
"""Change of the rows' expected values, on the model's scale, at which Newton's method is at the mode."""
_LEAST_CURVATURE = 1e-6
"""Of a censored row beside one with a value: a row that says nothing is not divided by."""
_MAX_ROUNDS = 50
_SETTLED = 1e-3
"""Change of the logarithms of the two scales at which imputing and maximising have come to an end."""


@dataclass(frozen=True)
class _Likelihood:
    """Of censored rows, at what is expected of them, each (n,)."""

    log: Floats
    slope: Floats
    curvature: Floats
    """Minus the second derivative, above zero."""


def settled(evidence: Evidence, sides: NDArray[np.int64]) -> Point:
    """The maximum of the evidence, with all rows as if each had a value.

    Where rows are censored (`sides` of -1 and 1), they are imputed under the scales, and the scales found again with
    what was imputed, in turns. Raises ConvergenceError where that does not end.
    """
    if not sides.any():
        return evidence.maximised()
    theta = evidence.centre
    for _ in range(_MAX_ROUNDS):
        known = imputed(evidence.observed, sides, evidence.scales(theta))
        point = Evidence(known, evidence.spread, evidence.contrast).maximised()
        before, theta = theta, point.theta
        if np.abs(theta - before).max() < _SETTLED:
            return point
    raise ConvergenceError(
        f"the evidence with {np.count_nonzero(sides)} values beyond the detection limits did not settle in "
        f"{_MAX_ROUNDS} rounds: the scales still move by {np.abs(theta - before).max():.2g} in the logarithm"
    )


def imputed(observed: Observed, sides: NDArray[np.int64], scales: Scales) -> Observed:
    """The rows with a Gaussian in the place of each censored one: same slope and curvature at the posterior mode."""
    variances, is_censored = observed.variances(scales.residual), sides != 0
    weights = np.zeros(observed.rows.shape[1])
    expected = np.zeros(len(sides))
    for _ in range(_MAX_STEPS):
        told = _likelihood(observed, sides, variances, expected)
        spreads = np.where(is_censored, 1.0 / told.curvature, variances)
        values = np.where(is_censored, expected + told.slope * spreads, observed.values)
        step = gaussian(observed.rows, scales.prior, spreads).weights(values) - weights
        change = observed.rows.times(step)
        if np.abs(change).max(initial=0.0) < _TOLERANCE:
            shares, errors = (np.where(is_censored, of, own) for of, own in _kept(observed, spreads))
            return Observed(observed.rows, values, shares, errors)
        share = _length(observed, sides, variances, scales, (weights, step), (expected, change))
        weights, expected = weights + share * step, expected + share * change
    raise ConvergenceError(f"values beyond the detection limits were not imputed in {_MAX_STEPS} Newton steps")


def _kept(observed: Observed, spreads: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """(of censored rows, of others): the shares of the residual variance, and the variances that are known."""
    return (np.zeros(len(spreads)), observed.shares), (spreads, observed.errors)


def _likelihood(observed: Observed, sides: NDArray[np.int64], variances: Floats, expected: Floats) -> _Likelihood:
    from scipy.special import log_ndtr

    stds = np.sqrt(variances)
    z = sides * (expected - observed.values) / stds
    log = log_ndtr(z)
    mills = np.exp(-0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) - log)
    curvature = np.maximum(mills * (mills + z), _LEAST_CURVATURE) / variances
    return _Likelihood(log, sides * mills / stds, curvature)


def _length(
    observed: Observed,
    sides: NDArray[np.int64],
    variances: Floats,
    scales: Scales,
    weights: tuple[Floats, Floats],
    expected: tuple[Floats, Floats],
) -> float:
    """The share of a step that raises the log posterior, halved until it does: full steps may overshoot."""

    def worse(share: float) -> float:
        w, f = weights[0] + share * weights[1], expected[0] + share * expected[1]
        log = _likelihood(observed, sides, variances, f).log
        fit = np.where(sides == 0, -((observed.values - f) ** 2) / (2.0 * variances), log)
        return float(w @ w / (2.0 * scales.prior) - fit.sum())

    here, share = worse(0.0), 1.0
    while share > 1e-12 and worse(share) > here + 1e-12 * abs(here):
        share /= 2.0
    return share
