"""Viability, learnt from outcomes: a logistic model of which sequences give a value at all.

Only outcomes that speak of the sequence teach it: a value, or `not_expressed`. Failed syntheses, lost wells and
sequences a table lacks say nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.history import History
from designloop.core.records import Outcome
from designloop.core.space import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import one_hot, padded_codes, pair_counts

_PRIOR_STD = 1.0
"""Prior standard deviation of a weight: one telling letter or pair shifts the log-odds by about one. A judgement."""
_MAX_NEWTON_STEPS = 25


@dataclass(frozen=True)
class Viability:
    """P(a value) = sigmoid(bias + weights · features), Laplace's approximation at its mode."""

    space: Space
    bias: float
    weights: Floats | None = None

    @classmethod
    def fitted(cls, history: History) -> "Viability":
        """The mode of a logistic model with a Gaussian prior on the weights; the background rate is its bias."""
        rows = sorted(
            (sequence, outcome.has_value)
            for sequence, outcome in zip(history.sequences, history.outcomes, strict=True)
            if outcome.has_value or outcome is Outcome.NOT_EXPRESSED
        )
        labels = np.array([row[1] for row in rows], dtype=float)
        # One imagined value and one imagined failure keep the rate off 0 and 1 (Laplace's rule of succession).
        rate = (labels.sum() + 1.0) / (len(labels) + 2.0)
        bias = float(np.log(rate / (1.0 - rate)))
        if len(labels) == 0 or labels.all() or not labels.any():
            return cls(history.space, bias)
        features = _features([row[0] for row in rows], history.space)
        return cls(history.space, bias, _mode(features, labels, bias))

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Probability of a value, shape (n,)."""
        logits = np.full(len(sequences), self.bias)
        if self.weights is not None and len(sequences):
            logits += _features(sequences, self.space) @ self.weights
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))

    @property
    def background(self) -> float:
        """The rate of values over all that was built."""
        return float(1.0 / (1.0 + np.exp(-self.bias)))


def _features(sequences: Sequence[str], space: Space) -> Floats:
    codes, n_letters = padded_codes(sequences, space), len(space.alphabet)
    return np.hstack([one_hot(codes, n_letters), pair_counts(codes, n_letters)])


def _mode(features: Floats, labels: Floats, bias: float) -> Floats:
    """Newton's method in the rows' space (n × n): weights = Xᵀa, so that thousands of features cost little."""
    kernel = _PRIOR_STD**2 * features @ features.T
    latent = np.zeros(len(labels))
    for _ in range(_MAX_NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-(latent + bias)))
        curvature = np.maximum(p * (1.0 - p), 1e-9)
        root = np.sqrt(curvature)
        right = curvature * latent + labels - p
        # Rasmussen and Williams 2006, algorithm 3.1, without the determinant.
        system = np.eye(len(labels)) + root[:, None] * kernel * root
        dual = right - root * np.linalg.solve(system, root * (kernel @ right))
        step = kernel @ dual - latent
        latent = latent + step
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(_PRIOR_STD**2 * features.T @ dual)
