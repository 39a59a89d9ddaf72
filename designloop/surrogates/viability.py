"""Viability, learnt from outcomes: a logistic model of which sequences give a value at all.

Only outcomes that speak of the sequence teach it: a value, or `not_expressed`. Failed syntheses, lost wells and
sequences a table lacks say nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.history import History
from designloop.core.records import Outcome
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import letter_places, one_hot, pair_counts, pair_places

_PRIOR_STD = 1.0
"""Prior standard deviation of a weight: one telling letter or pair shifts the log-odds by about one. A judgement."""
_NOVELTY_STD = 3.0
"""The same for the number of pairs that no natural sequence shows, which tells more than any one pair. A judgement."""
_MAX_NEWTON_STEPS = 25


@dataclass(frozen=True)
class Viability:
    """P(a value) = sigmoid(bias + weights · features), Laplace's approximation at its mode."""

    view: "_View"
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
        view = _View(history.space, _seen_pairs(history))
        if len(labels) == 0 or labels.all() or not labels.any():
            return cls(view, bias)
        return cls(view, bias, _mode(view([row[0] for row in rows]), labels, bias))

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Probability of a value, shape (n,)."""
        logits = np.full(len(sequences), self.bias)
        if self.weights is not None and len(sequences):
            logits += self.view.weighed(sequences, self.weights)
        return _sigmoid(logits)

    @property
    def background(self) -> float:
        """The rate of values over all that was built."""
        return float(_sigmoid(np.array(self.bias)))


@dataclass(frozen=True)
class _View:
    """What the model looks at: letters, neighbouring pairs, and how many pairs nature does not show."""

    space: Space
    seen: Floats
    """1 for each ordered pair that some natural sequence shows (all, without a corpus), (letters²,)."""

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Features scaled by their prior standard deviation, (n, L * letters + letters² + 1)."""
        codes, n_letters = self.space.padded_codes(sequences), len(self.space.alphabet)
        pairs = pair_counts(codes, n_letters)
        novel = pairs @ (1.0 - self.seen)
        return np.hstack([_PRIOR_STD * one_hot(codes, n_letters), _PRIOR_STD * pairs, _NOVELTY_STD * novel[:, None]])

    def weighed(self, sequences: Sequence[str], weights: Floats) -> Floats:
        """Features times weights, (n,), by looking up the few that are not zero: what climbing asks thousands of."""
        codes, n_letters = self.space.padded_codes(sequences), len(self.space.alphabet)
        of_letters, of_pairs, of_novelty = np.split(weights, [codes.shape[1] * n_letters, -1])
        of_pairs = _PRIOR_STD * of_pairs + _NOVELTY_STD * of_novelty * (1.0 - self.seen)
        letters = np.append(_PRIOR_STD * of_letters, 0.0)[letter_places(codes, n_letters)]
        pairs = np.append(of_pairs, 0.0)[pair_places(codes, n_letters)]
        return np.asarray(letters.sum(axis=1) + pairs.sum(axis=1))


def _seen_pairs(history: History) -> Floats:
    """Pairs of the corpus; not of designs, for then a design's own pairs would vouch for it."""
    n_letters = len(history.space.alphabet)
    if not history.known.corpus:
        return np.ones(n_letters**2)
    seen = np.zeros(n_letters**2 + 1)
    seen[pair_places(history.space.alphabet.encode(history.known.corpus), n_letters)] = 1.0
    return seen[:-1]


def _sigmoid(logits: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(logits))


def _mode(features: Floats, labels: Floats, bias: float) -> Floats:
    """Newton's method in the rows' space (n × n): weights = Xᵀa, so that thousands of features cost little."""
    kernel = features @ features.T
    latent = np.zeros(len(labels))
    for _ in range(_MAX_NEWTON_STEPS):
        p = _sigmoid(latent + bias)
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
    return np.asarray(features.T @ dual)
