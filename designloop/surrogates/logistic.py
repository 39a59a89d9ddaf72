"""A logistic model of sparse features: the mode of its weights, by Newton's method with conjugate gradients.

Labels are drawn from sigmoid(offset + features · weights), and each weight from a standard normal distribution. The
negative log posterior is then strictly convex, with curvature of at least one in every direction: it has one mode, and
the distance to it is no more than the length of the gradient.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from designloop.core.errors import ConvergenceError
from designloop.surrogates.base import Floats

_TOLERANCE = 1e-8
"""Length of the gradient at which a point counts as the mode; its weights are then right to as much."""
_MAX_STEPS = 100
_MAX_HALVINGS = 60
_SUFFICIENT = 1e-4
"""Share of the decrease promised by the slope that a step must give (Armijo). Nocedal and Wright 2006, eq. 3.4."""
_ROUNDING = 1e-12
"""Relative error of an objective: near the mode, true decreases are smaller."""


def mode(features: Any, labels: Floats, offset: float) -> Floats:
    """The weights of highest posterior density, (D,), of sparse features (n, D) and labels 0 or 1, (n,).

    Raises ConvergenceError if the gradient does not vanish.
    """
    posterior = _Posterior(features, features.T.tocsr(), labels)
    point = posterior.at(np.zeros(features.shape[1]), np.full(len(labels), offset))
    for _ in range(_MAX_STEPS):
        if point.steepness < _TOLERANCE:
            return point.weights
        point = posterior.bettered(point)
    raise ConvergenceError(
        f"the viability model of {len(labels)} outcomes did not converge in {_MAX_STEPS} Newton steps: the gradient of "
        f"its log posterior is {point.steepness:.2g}, but should be below {_TOLERANCE:g}"
    )


@dataclass(frozen=True)
class _Point:
    """Weights (D,), their logits (n,), and the negative log posterior there with its gradient, (D,)."""

    weights: Floats
    logits: Floats
    value: float
    gradient: Floats
    curvature: Floats
    """Of each row's log likelihood in its logit, (n,)."""

    @property
    def steepness(self) -> float:
        """Length of the gradient."""
        return float(np.linalg.norm(self.gradient))


@dataclass(frozen=True)
class _Posterior:
    """The negative log posterior of the weights, up to a constant."""

    features: Any
    """Sparse, (n, D); and their transpose, as rows."""
    transposed: Any
    labels: Floats

    def at(self, weights: Floats, logits: Floats) -> _Point:
        p = sigmoid(logits)
        gradient = self.transposed @ (p - self.labels) + weights
        return _Point(weights, logits, self._value(weights, logits), gradient, p * (1.0 - p))

    def _value(self, weights: Floats, logits: Floats) -> float:
        """A sum of terms above zero: differences of large ones would be rounded to more than a step's decrease."""
        missed = np.logaddexp(0.0, np.where(self.labels > 0.5, -logits, logits))
        return float(missed.sum() + weights @ weights / 2.0)

    def bettered(self, point: _Point) -> _Point:
        """The point after one Newton step, halved until the objective falls: full steps may overshoot for ever."""
        step = self._newton_step(point)
        change, slope = self.features @ step, float(point.gradient @ step)
        share = 1.0
        for _ in range(_MAX_HALVINGS):
            value = self._value(point.weights + share * step, point.logits + share * change)
            if value <= point.value + _SUFFICIENT * share * slope + _ROUNDING * abs(point.value):
                break
            share /= 2.0
        return self.at(point.weights + share * step, point.logits + share * change)

    def _newton_step(self, point: _Point) -> Floats:
        """The solution of Hessian · step = -gradient, as exact as the point is near the mode; (D,).

        Conjugate gradients need the Hessian's products alone. Nocedal and Wright 2006, algorithm 7.1.
        """
        step, residual = np.zeros_like(point.weights), -point.gradient
        direction, square = residual, float(residual @ residual)
        exactness = min(0.1, point.steepness) * point.steepness
        for _ in range(len(step)):
            if square <= exactness**2:
                break
            bent = direction + self.transposed @ (point.curvature * (self.features @ direction))
            length = square / float(direction @ bent)
            step, residual = step + length * direction, residual - length * bent
            before, square = square, float(residual @ residual)
            direction = residual + square / before * direction
        return step


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-logits)), the shape kept."""
    from scipy.special import expit

    return np.asarray(expit(logits))
