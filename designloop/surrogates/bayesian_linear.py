"""A Bayesian linear model of letters or embeddings: exact posterior and draws, two scales fitted by the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.language_models.base import LanguageModel
from designloop.surrogates.base import Draw, Floats, Surrogate
from designloop.surrogates.scale import Measured, Transform, ValueScale, average_ranks
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import Embedded, OneHot, View

_EVIDENCE_STEPS = 50


class BayesianLinear(Surrogate):
    """value = bias + Σ weight · feature + noise, on a monotone scale of the measured values.

    A feature is a letter at a place, unless `embedding` names a language model: then what that makes of the sequence.
    """

    transform: Transform = Field("ranks", description="model normal scores of the ranks, or standardised values")
    emphasis: float = Field(
        1.0,
        ge=0,
        description="weight of the best design over the median one, as a power: w = (2 · rank share) ** emphasis",
    )

    embedding: LanguageModel | None = Field(
        None, description="the language model whose embedding is the features; none: one-hot letters"
    )
    with_letters: bool = Field(False, description="one-hot letters beside the embedding")

    def fit(self, history: History, rng: np.random.Generator) -> "LinearPosterior":
        """The exact posterior under the prior and noise scales of highest evidence (MacKay 1992)."""
        measured = Measured.of(history)
        scale = ValueScale.fitted(measured.values, self.transform)
        view = self._view(history)
        features = view(measured.sequences)
        target = scale.to_model(measured.values)
        weights = _emphasised(measured.values, self.emphasis)
        bias = float(np.average(target, weights=weights)) if len(target) else 0.0
        prior, noise = _evidence_fit(features, target - bias, weights)
        flat = _Belief(np.eye(features.shape[1]) / prior, np.zeros(features.shape[1]))
        belief = flat.updated(features, target - bias, weights / noise)
        return LinearPosterior(view, scale, bias, noise, belief, Viability.fitted(history))

    def _view(self, history: History) -> View:
        letters = OneHot(history.hull)
        if self.embedding is None:
            return letters
        return Embedded.learnt(self.embedding, history, letters if self.with_letters else None)


def _emphasised(values: Floats, power: float) -> Floats:
    """(2 · share of designs not above it) ** power, normalised to mean one: good designs count for more."""
    if len(values) == 0:
        return np.ones(0)
    weights = np.asarray((2.0 * (average_ranks(values) - 0.5) / len(values)) ** power)
    return np.asarray(np.maximum(weights / weights.mean(), 1e-3))


def _evidence_fit(features: Floats, target: Floats, weights: Floats) -> tuple[float, float]:
    """(prior variance of a weight, noise variance) that maximise the evidence, by MacKay's fixed point."""
    if len(target) < 2 or not np.any(target):
        return 1.0 / max(features.shape[1], 1), 1.0
    root = np.sqrt(weights)[:, None]
    gram = (root * features) @ (root * features).T
    spectrum, vectors = np.linalg.eigh(gram)
    spectrum = np.maximum(spectrum, 0.0)
    projected = (vectors.T @ (root[:, 0] * target)) ** 2
    prior, noise = float(np.var(target) / max(spectrum.mean(), 1e-9)), float(np.var(target)) / 2 + 1e-9
    for _ in range(_EVIDENCE_STEPS):
        shrink = prior * spectrum / (prior * spectrum + noise)
        n_fitted = shrink.sum()
        weight_norm = (projected * prior**2 * spectrum / (prior * spectrum + noise) ** 2).sum()
        residual = (projected * (1.0 - shrink) ** 2).sum()
        new_prior = max(weight_norm / max(n_fitted, 1e-9), 1e-6)
        new_noise = max(residual / max(len(target) - n_fitted, 1e-9), 1e-3)
        if abs(new_prior - prior) < 1e-4 * prior and abs(new_noise - noise) < 1e-4 * noise:
            break
        prior, noise = float(new_prior), float(new_noise)
    return prior, noise


@dataclass(frozen=True)
class _Belief:
    """A Gaussian over weights, by its precision matrix (D, D) and precision · mean (D,); or k of one spread, (k, D)."""

    precision: Floats
    pull: Floats

    def updated(self, features: Floats, target: Floats, precisions: Floats) -> "_Belief":
        """The belief after rows of features (n, D) had these targets, (n,) or (k, n), each with its precision (n,)."""
        weighted = features.T * precisions
        return _Belief(self.precision + weighted @ features, self.pull + (weighted @ target.T).T)

    @cached_property
    def factor(self) -> Floats:
        """Lower Cholesky factor of the precision, (D, D)."""
        return np.asarray(np.linalg.cholesky(self.precision), dtype=float)

    @cached_property
    def mean(self) -> Floats:
        """Posterior mean of the weights, (D,) or (k, D)."""
        return np.asarray(_solve(self.factor, _solve(self.factor, self.pull.T), transposed=True).T)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the weights, (D, D)."""
        from scipy.linalg.lapack import dpotri

        lower = np.tril(dpotri(self.factor, lower=1)[0])
        return np.asarray(lower + np.tril(lower, -1).T)


def _solve(factor: Floats, right: Floats, *, transposed: bool = False) -> Floats:
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(factor, right, lower=True, trans=1 if transposed else 0, check_finite=False))


@dataclass(frozen=True)
class LinearPosterior:
    """The belief of a `BayesianLinear`; draws are exact."""

    view: View
    scale: ValueScale
    bias: float
    noise: float
    belief: _Belief
    viable: Viability

    def to_model_scale(self, values: Floats) -> Floats:
        return self.scale.to_model(values)

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        mean, variance = self.view.moments(sequences, self.belief.mean, self.belief.covariance)
        return self.bias + mean, np.sqrt(np.maximum(variance, 0.0))

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        return self.scale.moments_to_assay(*self.model_moments(sequences))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        noise = scale * rng.standard_normal((len(self.belief.precision), k))
        means = np.atleast_2d(self.belief.mean)
        weights = means[np.arange(k) % len(means)].T + _solve(self.belief.factor, noise, transposed=True)
        return lambda sequences: (self.bias + self.view(sequences) @ weights).T

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "LinearPosterior":
        if len(sequences) == 0:
            return self
        precisions = np.full(len(sequences), 1.0 / self.noise)
        belief = self.belief.updated(self.view(sequences), values - self.bias, precisions)
        return replace(self, belief=belief)
