"""The evidence of a linear model, and the two variances that maximise it: of its weights and of its residuals.

Row i has the offset-free value y_i = x_i · w + noise of variance v_i = σ² a_i + b_i. Here b_i is the known variance of
its measurement error, σ² the residual variance, and a_i its factor in this row. log p(y | prior, σ²) is the
Gaussian evidence (MacKay 1992). Both scales have wide log-normal hyperpriors, so that the maximum is never at a
boundary: a few designs that show no trend by chance do not make the model certain that there is none.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from designloop.core.errors import ConvergenceError
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places
from designloop.surrogates.gaussian import Gaussian, InRows, gaussian
from designloop.surrogates.rows import Rows

_SPREADS = np.array([1.5, 3.0])
"""Standard deviations of the logarithms of the variance between sequences and of the residual variance. A judgement:
the first rules out, softly, that features explain less than a hundredth or more than a hundredfold of what is seen.
"""
_EXPECTED = 0.5
"""Share of the variance of values that each of the two is expected to be."""
_LEAST_RESIDUAL = 1e-4
"""Of the variance of values: no linear model of finitely many letters is truer than that. A judgement."""
_TOLERANCE = 1e-7
"""Minimum gain in the log evidence for a further step, if not given."""
_MAX_STEPS = 100
_REFRESHED = 15
"""The curvature is recomputed after this many steps; with many rows, where it is nearly exact, at each step."""
_MAX_HALVINGS = 40
_LONGEST = 2.0
_ROUNDING = 1e-11
_FEW = 300
"""Rows among which the first guess is looked for."""
_NEARLY_NONE = 1e-3
"""Of the residual variance: least squares."""


@dataclass(frozen=True)
class Observed:
    """Training data: rows of features, and their values."""

    rows: Rows
    values: Floats
    """Values minus the bias, (n,)."""
    shares: Floats
    """Factor a of the residual variance, (n,)."""
    errors: Floats
    """Known variance b of the measurement, (n,)."""
    known_kernel: Floats | None = None
    """XXᵀ if it is known, (n, n)."""

    def variances(self, residual: float) -> Floats:
        """Variance of each row about x · w, (n,)."""
        return residual * self.shares + self.errors

    def picked(self, places: Places) -> "Observed":
        """Some of the rows."""
        rows, its = self.rows.picked(places), self.known_kernel
        kernel = None if its is None else its[np.ix_(places, places)]
        return Observed(rows, self.values[places], self.shares[places], self.errors[places], kernel)

    def gaussian(self, prior: float, variances: Floats) -> Gaussian:
        """The posterior of the weights for these variances of the rows; XXᵀ is computed once."""
        found = gaussian(self.rows, prior, variances)
        return replace(found, known_kernel=self._kernel) if isinstance(found, InRows) else found

    @cached_property
    def _kernel(self) -> Floats:
        return self.rows.kernel(self.rows) if self.known_kernel is None else self.known_kernel


@dataclass(frozen=True)
class Scales:
    """The variance of a weight, and of the residuals."""

    prior: float
    residual: float


@dataclass(frozen=True)
class Evidence:
    """The log evidence with its hyperpriors, as a function of θ = (log prior, log (residual - least residual))."""

    observed: Observed
    spread: float
    """Variance of values that the hyperpriors are centred on."""
    contrast: float
    """Half the mean squared distance of two sequences' features."""

    def scales(self, theta: Floats) -> Scales:
        return Scales(float(np.exp(theta[0])), _LEAST_RESIDUAL * self.spread + float(np.exp(theta[1])))

    @cached_property
    def centre(self) -> Floats:
        """The mode of the hyperpriors, (2,)."""
        expected = np.log(_EXPECTED * self.spread)
        return np.array([expected - np.log(self.contrast), expected])

    def penalty(self, theta: Floats) -> float:
        """Minus the log density of the hyperpriors, up to a constant."""
        pull = (theta - self.centre) / _SPREADS
        return 0.5 * float(pull @ pull)

    def at(self, theta: Floats) -> "Point":
        scales = self.scales(theta)
        return Point(self, theta, self.observed.gaussian(scales.prior, self.observed.variances(scales.residual)))

    def maximised(self, first: "Point | None" = None, tolerance: float = _TOLERANCE) -> "Point":
        """Where the gradient vanishes, by a quasi-Newton method (BFGS) that begins with the average information.

        It begins at `first`, if given, and ends when no step promises to raise the evidence by the tolerance. Raises
        ConvergenceError where steps do not end.
        """
        point = first or self.at(self._first_guess())
        curvature, refreshed = np.eye(2), 1 if len(self.observed.values) > 2 * _FEW else _REFRESHED
        for i in range(_MAX_STEPS):
            curvature = curvature if i % refreshed else point.information
            step = np.clip(np.linalg.solve(curvature, point.gradient), -_LONGEST, _LONGEST)
            if 0.5 * abs(point.gradient @ step) < tolerance:
                return point
            before, point = point, self._bettered(point, step)
            curvature = _updated(curvature, point.theta - before.theta, before.gradient - point.gradient)
        raise ConvergenceError(
            f"the evidence of {len(self.observed.values)} rows has no maximum after {_MAX_STEPS} steps: its gradient "
            f"is {np.abs(point.gradient).max():.2g}; check the measured values for outliers"
        )

    def _first_guess(self) -> Floats:
        """θ from least squares where rows are many, from some of the rows where features are, else of the hyperpriors.

        It spares steps with all of the rows, and does not move the maximum.
        """
        n, width = self.observed.rows.shape
        if n <= 2 * _FEW:
            return self.centre
        if n < 1.5 * width:
            some = np.unique(np.linspace(0, n - 1, _FEW).astype(int))
            return replace(self, observed=self.observed.picked(some)).maximised().theta
        return self.at(self.centre + np.array([0.0, np.log(_NEARLY_NONE)])).reestimated

    def _bettered(self, point: "Point", step: Floats) -> "Point":
        """The point after a step, halved until the evidence rises."""
        for _ in range(_MAX_HALVINGS):
            other = self.at(point.theta + step)
            if other.value >= point.value - _ROUNDING * abs(point.value):
                break
            step = step / 2.0
        return other


def _updated(curvature: Floats, step: Floats, change: Floats) -> Floats:
    """A curvature (2, 2) that explains how the gradient changed over the last step. Nocedal and Wright 2006, 6.19."""
    if step @ change <= 1e-3 * float(step @ curvature @ step):
        return curvature
    explained = curvature @ step
    old = np.outer(explained, explained) / (step @ explained)
    return np.asarray(curvature - old + np.outer(change, change) / (step @ change))


@dataclass(frozen=True)
class Point:
    """θ with the log evidence there, up to a constant, and its gradient."""

    evidence: Evidence
    theta: Floats
    gaussian: Gaussian

    @property
    def scales(self) -> Scales:
        return self.evidence.scales(self.theta)

    @cached_property
    def value(self) -> float:
        values = self.evidence.observed.values
        fit = -0.5 * float(self.gaussian.log_determinant + values @ self._dual)
        return fit - self.evidence.penalty(self.theta)

    @cached_property
    def gradient(self) -> Floats:
        """In θ, (2,)."""
        diagonal = self.gaussian.inverse_diagonal
        n_fitted = len(diagonal) - self._variances @ diagonal
        of_prior = self._dual @ self._moved[:, 0] - n_fitted
        of_residual = self._dual @ self._moved[:, 1] - self._slopes @ diagonal
        return np.asarray(0.5 * np.array([of_prior, of_residual]) - self._pull)

    @property
    def promise(self) -> float:
        """The value at twice the gain that a Newton step promises: the maximum is hardly higher."""
        return self.value + float(self.gradient @ np.linalg.solve(self.information, self.gradient))

    @property
    def reestimated(self) -> Floats:
        """θ by MacKay's rule: weights² and residuals² over the degrees of freedom that each of them has, (2,)."""
        observed, n = self.evidence.observed, len(self._dual)
        n_fitted = n - self._variances @ self.gaussian.inverse_diagonal
        weights = self.scales.prior * (self._dual @ self._moved[:, 0])
        unexplained = (self._variances @ self._dual**2) / max(float(n - n_fitted), 1.0)
        known = float(np.mean(observed.errors / observed.shares))
        residual = unexplained * (self.scales.residual + known) - known
        least = _LEAST_RESIDUAL * self.evidence.spread
        prior = max(float(weights) / max(float(n_fitted), 1.0), 1e-12)
        return np.array([np.log(prior), np.log(max(float(residual), least))])

    @property
    def information(self) -> Floats:
        """Average information (Gilmour et al. 1995), with that of the hyperpriors, (2, 2).

        Where the data want a scale smaller, their slope flattens with it: that bends too, as K is linear in the scales.
        """
        flattening = np.maximum(-(self.gradient + self._pull), 0.0)
        bent = np.diag(1.0 / _SPREADS**2 + flattening)
        return np.asarray(0.5 * self._moved.T @ self.gaussian.solved(self._moved) + bent)

    @property
    def _pull(self) -> Floats:
        return np.asarray((self.theta - self.evidence.centre) / _SPREADS**2)

    @cached_property
    def _dual(self) -> Floats:
        """K⁻¹ y, (n,)."""
        return self.gaussian.solved(self.evidence.observed.values)

    @cached_property
    def _variances(self) -> Floats:
        return self.evidence.observed.variances(self.scales.residual)

    @cached_property
    def _slopes(self) -> Floats:
        """Derivative of the variances in θ, (n,)."""
        return np.asarray(np.exp(self.theta[1]) * self.evidence.observed.shares)

    @cached_property
    def _moved(self) -> Floats:
        """Derivative of K in each θ, times K⁻¹ y, (n, 2)."""
        values = self.evidence.observed.values
        return np.stack([values - self._variances * self._dual, self._slopes * self._dual], axis=1)


def contrast(rows: Rows) -> float:
    """Half the mean squared distance between the features of two rows; of one row alone, its squared length."""
    n = rows.shape[0]
    if n == 0:
        return 1.0
    length = float(rows.norms().mean())
    mean = rows.transposed(np.full(n, 1.0 / n))
    between = length - float(mean @ mean)
    return between if between > 1e-9 * length else max(length, 1e-9)
