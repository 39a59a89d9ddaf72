"""A Bayesian linear model of letters or embeddings: exact posterior and draws; two variances maximise the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.history import History
from designloop.language_models.base import LanguageModel
from designloop.surrogates.base import Draw, Floats, Surrogate
from designloop.surrogates.calibration import Calibration, LeftOut
from designloop.surrogates.censoring import settled
from designloop.surrogates.evidence import Evidence, Observed, contrast
from designloop.surrogates.gaussian import Gaussian
from designloop.surrogates.scale import Errors, Measured, Transform, ValueScale, average_ranks
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import Embedded, OneHot, View


class BayesianLinear(Surrogate):
    """value = bias + Σ weight · feature + residual + measurement error, on a monotone scale of the measured values.

    Features are one-hot letters, or the embedding of a language model if `embedding` is set. The residual variance
    maximises the evidence; measurement errors come from the history. Values beyond a detection limit enter by their
    likelihood.
    """

    transform: Transform = Field(
        "ranks", description="scale of the values: normal scores of the ranks, or standardised values"
    )
    emphasis: float = Field(
        1.0,
        ge=0,
        description="how much more good designs count: weight (2 · rank share) ** emphasis, with the power "
        "multiplied by the share of the variance that is not measurement error",
    )

    embedding: LanguageModel | None = Field(
        None, description="language model whose embedding gives the features; none: one-hot letters"
    )
    with_letters: bool = Field(False, description="add one-hot letters to the embedding")

    def fit(self, history: History, rng: np.random.Generator) -> "LinearPosterior":
        """The posterior at the maximum of the evidence; exact, except for rows beyond a detection limit."""
        measured, view = Measured.of(history), self._view(history)
        scale = measured.scale(self.transform)
        target, errors, rows = scale.to_model(measured.values), measured.errors(scale), view(measured.sequences)
        spread = errors.spread(target)
        weights = _emphasised(measured.readings, self.emphasis * errors.reliability(target))
        bias = _mean(target, weights / (spread + errors.in_full(spread)))
        told, one = measured.beyond(target, errors, spread / 2.0)
        observed = Observed(rows, told - bias, (1.0 + one.unknown) / weights, one.known / weights)
        width = contrast(rows) if len(target) else float(history.hull.max_length)
        scales, known, belief = settled(Evidence(observed, spread, width), measured.sides)
        noise = scales.residual + errors.of_a_well(scales.residual)
        means, calibration = belief.weights(known.values), Calibration(0.0, scales.residual)
        if len(target):
            left = _left_out(belief, known.values - rows.times(means), told - known.values - bias, one, measured.sides)
            calibration = Calibration.of(left, float(target.var()) or spread)
        residual, viable = scales.residual, Viability.fitted(history)
        return LinearPosterior(view, scale, bias, residual, noise, belief, known.values, means, viable, calibration)

    def _view(self, history: History) -> View:
        letters = OneHot(history.hull)
        if self.embedding is None:
            return letters
        return Embedded.learnt(self.embedding, history, letters if self.with_letters else None)


def _left_out(belief: Gaussian, lacking: Floats, beside: Floats, errors: Errors, sides: NDArray[np.int64]) -> LeftOut:
    """Each row predicted from the others: Rasmussen and Williams 2006, section 5.4.2, with K⁻¹ y = (y - X · w) / v.

    `lacking` is y - X · w. `beside` is the difference between a row's value and the y used for it, as for limits.
    """
    precision = belief.inverse_diagonal
    missed = lacking / belief.variances_of_rows / precision + beside
    of_weights = np.maximum(1.0 / precision - belief.variances_of_rows, 0.0)
    return LeftOut(missed, of_weights + errors.known, 1.0 + errors.unknown, sides)


def _mean(target: Floats, weights: Floats) -> float:
    return float(np.average(target, weights=weights)) if len(target) else 0.0


def _emphasised(values: Floats, power: float) -> Floats:
    """(2 · share of designs not above it) ** power, normalised to mean one, so that good designs count more."""
    if len(values) == 0:
        return np.ones(0)
    weights = np.asarray((2.0 * (average_ranks(values) - 0.5) / len(values)) ** power)
    return np.asarray(np.maximum(weights / weights.mean(), 1e-3))


@dataclass(frozen=True)
class LinearPosterior:
    """The posterior of a `BayesianLinear`: a Gaussian over weights, with exact draws."""

    view: View
    scale: ValueScale
    bias: float
    residual: float
    """Variance of true values about the linear model."""
    noise: float
    belief: Gaussian
    values: Floats
    """Values of the rows of `belief`, minus the bias: (n,), or (k, n) for k posteriors at once."""
    weights: Floats
    """Posterior means of the weights, (D,), or (D, k)."""
    viable: Viability
    calibration: Calibration
    """Correction of the recorded predictions; acquisition functions do not use it."""

    def to_model_scale(self, values: Floats) -> Floats:
        return self.scale.to_model(values)

    def model_means(self, sequences: Sequence[str]) -> Floats:
        return self.bias + self.view(sequences).times(self.weights).T

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        rows = self.view(sequences)
        return self.bias + rows.times(self.weights).T, np.sqrt(self.belief.variances(rows))

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        mean, std = self.model_moments(sequences)
        found = self.calibration
        return self.scale.moments_to_assay(mean + found.shift, np.hypot(std, np.sqrt(found.variance)))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        means = self.weights.reshape(len(self.weights), -1)
        drawn = self.belief.deviations(k, rng)
        drawn *= scale
        drawn += means if means.shape[1] == 1 else means[:, np.arange(k) % means.shape[1]]
        return lambda sequences: (self.bias + self.view(sequences).times(drawn)).T

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "LinearPosterior":
        if len(sequences) == 0:
            return self
        belief = self.belief.with_(self.view(sequences), np.full(len(sequences), self.noise))
        known = np.broadcast_to(self.values, (*values.shape[:-1], self.values.shape[-1]))
        told = np.concatenate([known, values - self.bias], axis=-1)
        return replace(self, belief=belief, values=told, weights=belief.weights(told.T))
