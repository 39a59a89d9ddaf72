"""The posterior of a linear model: a Gaussian over weights, with exact draws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.calibration import Calibration
from designloop.surrogates.gaussian import Gaussian
from designloop.surrogates.scale import ValueScale
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import OwnValues, View, own_values, products


@dataclass(frozen=True)
class LinearDraw:
    """Functions bias + features · weights of k drawn weights."""

    view: View
    weights: Floats
    """(D, k)."""
    bias: float

    def __call__(self, sequences: Sequence[str]) -> Floats:
        return (self.bias + products(self.view, sequences, self.weights)).T

    @cached_property
    def own(self) -> OwnValues | None:
        """Each function at its own sequences only, codes (k, m, L) -> (k, m); none if the view cannot do this."""
        its = own_values(self.view, self.weights)
        return None if its is None else lambda codes: self.bias + its(codes)


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
    left_out: Floats
    """Each training value predicted from the others, model's scale, (n,)."""

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

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> LinearDraw:
        means = self.weights.reshape(len(self.weights), -1)
        drawn = self.belief.deviations(k, rng)
        drawn *= scale
        drawn += means if means.shape[1] == 1 else means[:, np.arange(k) % means.shape[1]]
        return LinearDraw(self.view, drawn, self.bias)

    def viability(self, sequences: Sequence[str]) -> Floats:
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "LinearPosterior":
        if len(sequences) == 0:
            return self
        belief = self.belief.with_(self.view(sequences), np.full(len(sequences), self.noise))
        known = np.broadcast_to(self.values, (*values.shape[:-1], self.values.shape[-1]))
        told = np.concatenate([known, values - self.bias], axis=-1)
        return replace(self, belief=belief, values=told, weights=belief.weights(told.T))
