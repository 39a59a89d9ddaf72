"""The posterior of a Gaussian process given its hyperparameters. Rasmussen and Williams 2006, section 2.2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from designloop.surrogates.base import Draw, Floats
from designloop.surrogates.gaussian import cholesky, half_solved, solved
from designloop.surrogates.rows import Rows
from designloop.surrogates.scale import ValueScale
from designloop.surrogates.stationary import Stationary
from designloop.surrogates.viability import Viability
from designloop.surrogates.views import View

_WAVES = 1024
"""Pairs of random features of the prior part of a draw. A judgement: their covariance is within a few per cent."""
_MAX_CROSSED = 4_000_000
"""Maximum number of covariances between new and known sequences in memory."""


@dataclass(frozen=True)
class ProcessPosterior:
    """Means, variances and conditioning are exact. A draw is a function: a draw from the prior, made of random features
    whose covariance is the kernel's in expectation, with an exact update by the known rows (Matheron's rule; Wilson et
    al. 2020).
    """

    view: View
    scale: ValueScale
    kernel: Stationary
    mean: float
    residual: float
    """Variance of true values about the process."""
    noise: float
    rows: Rows
    variances: Floats
    """Of the rows about the process, (n,)."""
    values: Floats
    """Values of the rows, minus the mean: (n,), or (k, n) for k posteriors at once."""
    viable: Viability

    @cached_property
    def factor(self) -> Floats:
        """Lower Cholesky factor of the covariance of the rows' values."""
        covariance = self.kernel(self.rows, self.rows)
        covariance[np.diag_indices_from(covariance)] += self.variances
        return cholesky(covariance)

    @cached_property
    def _dual(self) -> Floats:
        """K⁻¹ · values, (n,), or (n, k)."""
        return solved(self.factor, self.values.T)

    def to_model_scale(self, values: Floats) -> Floats:
        """Values in the assay's units on the model's scale, shape as given."""
        return self.scale.to_model(values)

    def model_means(self, sequences: Sequence[str]) -> Floats:
        """Posterior means, (n,), or (k, n) of k posteriors."""
        parts = [self.mean + crossed @ self._dual for _, crossed in self._crossed(sequences)]
        return np.concatenate(parts).T if parts else np.zeros((*self.values.shape[:-1], 0))

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the process, each (n,); means (k, n) of k posteriors."""
        known = [np.zeros(0), *((half_solved(self.factor, c.T) ** 2).sum(axis=0) for _, c in self._crossed(sequences))]
        variances = np.maximum(self.kernel.variance - np.concatenate(known), 0.0)
        return self.model_means(sequences), np.sqrt(variances)

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value with the residual variance, each (n,), in the assay's units."""
        mean, std = self.model_moments(sequences)
        return self.scale.moments_to_assay(mean, np.hypot(std, np.sqrt(self.residual)))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """K functions: a draw from the prior, corrected by what the rows say beyond it."""
        waves = self.kernel.waves(self.rows.shape[1], _WAVES, rng)
        weights = scale * rng.standard_normal((2 * _WAVES, k))
        noise = scale * np.sqrt(self.variances)[:, None] * rng.standard_normal((len(self.variances), k))
        means = self._dual.reshape(len(self.variances), -1)
        dual = means[:, np.arange(k) % means.shape[1]] - solved(self.factor, waves(self.rows) @ weights + noise)

        def functions(sequences: Sequence[str]) -> Floats:
            parts = [crossed @ dual + waves(rows) @ weights for rows, crossed in self._crossed(sequences)]
            return self.mean + np.concatenate([np.zeros((0, k)), *parts]).T

        return functions

    def viability(self, sequences: Sequence[str]) -> Floats:
        """Probability that a sequence gives a value at all, shape (n,)."""
        return self.viable(sequences)

    def condition(self, sequences: Sequence[str], values: Floats) -> "ProcessPosterior":
        """The exact posterior given these values too, each with the noise of a well."""
        if len(sequences) == 0:
            return self
        known = np.broadcast_to(self.values, (*values.shape[:-1], self.values.shape[-1]))
        return replace(
            self,
            rows=self.rows.with_(self.view(sequences)),
            variances=np.append(self.variances, np.full(len(sequences), self.noise)),
            values=np.concatenate([known, values - self.mean], axis=-1),
        )

    def _crossed(self, sequences: Sequence[str]) -> Iterator[tuple[Rows, Floats]]:
        """Rows of features and their covariances with the known rows, (m, n), for chunks of the sequences."""
        size = max(1, _MAX_CROSSED // max(len(self.variances), 2 * _WAVES))
        for i in range(0, len(sequences), size):
            rows = self.view(sequences[i : i + size])
            yield rows, self.kernel(rows, self.rows)
