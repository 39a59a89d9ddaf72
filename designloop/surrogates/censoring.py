"""Censored rows: only a limit is known, and the value lies below or above it.

Such a row enters by its likelihood Φ(side · (x · w - limit) / √v) (Tobin 1958). The log posterior of the weights is
concave and has one mode. There, Laplace's approximation replaces each censored row by a Gaussian one and gives the
evidence of the scales. Rasmussen and Williams 2006, section 3.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ConvergenceError
from designloop.surrogates.base import Floats
from designloop.surrogates.evidence import Evidence, Observed, Point, Scales
from designloop.surrogates.gaussian import Gaussian

Sides = NDArray[np.int64]
_MAX_STEPS = 100
_TOLERANCE = 1e-7
"""Newton's method has converged if the rows' expected values change by less, on the model's scale."""
_LEAST_CURVATURE = 1e-6
"""Minimum relative curvature of a censored row, which avoids division by zero."""
_MAX_ROWS = 400
"""Maximum number of rows for finding the two scales, evenly spaced. A judgement."""
_EXACTNESS = 2e-3
"""Tolerance of the logarithms of the two scales, and of the log evidence."""
_SIMPLEX = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, -1.0]])
_HALF_LOG_2PI = 0.5 * float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class Mode:
    """The posterior mode of the weights under two scales."""

    known: Observed
    """The rows, with a Gaussian of equal slope and curvature at the mode for each censored one."""
    gaussian: Gaussian
    """The posterior given `known`."""
    log_evidence: float
    """By Laplace's approximation, up to a constant."""


@dataclass(frozen=True)
class _Likelihood:
    """The log-likelihood of each row at its expected value, with derivatives, each (n,)."""

    log: Floats
    slope: Floats
    curvature: Floats
    """Minus the second derivative, above zero."""


def settled(evidence: Evidence, sides: Sides, known: Point | None = None) -> tuple[Scales, Observed, Gaussian]:
    """The scales of highest evidence, the rows with a value for each, and the posterior given these.

    Without limits, these are the scales of `known`, if given. Raises ConvergenceError if no maximum is found.
    """
    if not sides.any():
        point = known or evidence.maximised()
        return point.scales, evidence.observed, point.gaussian
    scales = evidence.scales(_best(evidence, sides))
    mode = mode_of(evidence.observed, sides, scales)
    return scales, mode.known, mode.gaussian


def _best(evidence: Evidence, sides: Sides) -> Floats:
    """θ of the highest evidence with its hyperpriors, by the simplex method of Nelder and Mead."""
    from scipy.optimize import minimize

    places = np.unique(np.linspace(0, len(sides) - 1, min(_MAX_ROWS, len(sides))).astype(int))
    observed, some = evidence.observed.picked(places), sides[places]

    def unlikely(theta: Floats) -> float:
        return evidence.penalty(theta) - mode_of(observed, some, evidence.scales(theta)).log_evidence

    options = {"xatol": _EXACTNESS, "fatol": _EXACTNESS, "initial_simplex": evidence.centre + _SIMPLEX}
    found = minimize(unlikely, evidence.centre, method="Nelder-Mead", options=options)
    if not found.success:
        raise ConvergenceError(
            f"no maximum of the evidence with {np.count_nonzero(sides)} values beyond the detection limits: "
            f"{found.message}"
        )
    return np.asarray(found.x)


def mode_of(observed: Observed, sides: Sides, scales: Scales) -> Mode:
    """The posterior mode, by Newton's method, each step halved until the log posterior rises."""
    variances = observed.variances(scales.residual)
    weights, expected = np.zeros(observed.rows.shape[1]), np.zeros(len(sides))
    for _ in range(_MAX_STEPS):
        told = _likelihood(observed, sides, variances, expected)
        spreads = 1.0 / told.curvature
        values = expected + told.slope * spreads
        belief = observed.gaussian(scales.prior, spreads)
        step = belief.weights(values) - weights
        change = observed.rows.times(step)
        if np.abs(change).max(initial=0.0) < _TOLERANCE:
            bent = 0.5 * (belief.log_determinant - float(np.log(spreads).sum()))
            log_evidence = float(told.log.sum() - weights @ weights / (2.0 * scales.prior)) - bent
            known = Observed(observed.rows, values, np.zeros(len(sides)), spreads)
            return Mode(known, belief, log_evidence)
        share = _length(observed, sides, variances, scales, (weights, step), (expected, change))
        weights, expected = weights + share * step, expected + share * change
    raise ConvergenceError(
        f"the mode with {np.count_nonzero(sides)} values beyond the detection limits was not found in {_MAX_STEPS} "
        f"Newton steps: expected values still change by {np.abs(change).max():.2g}"
    )


def _likelihood(observed: Observed, sides: Sides, variances: Floats, expected: Floats) -> _Likelihood:
    from scipy.special import log_ndtr

    stds, lacking = np.sqrt(variances), observed.values - expected
    z = -sides * lacking / stds
    log = log_ndtr(z)
    mills = np.exp(-0.5 * z**2 - _HALF_LOG_2PI - log)
    bent = np.maximum(mills * (mills + z), _LEAST_CURVATURE)
    is_value = sides == 0
    return _Likelihood(
        np.where(is_value, -0.5 * lacking**2 / variances - np.log(stds) - _HALF_LOG_2PI, log),
        np.where(is_value, lacking / variances, sides * mills / stds),
        np.where(is_value, 1.0, bent) / variances,
    )


def _length(
    observed: Observed,
    sides: Sides,
    variances: Floats,
    scales: Scales,
    weights: tuple[Floats, Floats],
    expected: tuple[Floats, Floats],
) -> float:
    """The share of a step that raises the log posterior, found by halving, since full steps may overshoot."""

    def worse(share: float) -> float:
        w, f = weights[0] + share * weights[1], expected[0] + share * expected[1]
        return float(w @ w / (2.0 * scales.prior) - _likelihood(observed, sides, variances, f).log.sum())

    here, share = worse(0.0), 1.0
    while share > 1e-12 and worse(share) > here + 1e-12 * abs(here):
        share /= 2.0
    return share
