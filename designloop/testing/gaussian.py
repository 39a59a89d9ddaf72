"""A joint Gaussian over a few named sequences, as a posterior with exact draws and conditioning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from designloop.surrogates.base import Draw, Floats


@dataclass(frozen=True)
class Gaussian:
    """Values of `names`: mean (n,) or (k, n), covariance (n, n)."""

    names: Sequence[str]
    mean: Floats
    covariance: Floats
    noise: float = 0.0

    @classmethod
    def random(cls, names: Sequence[str], seed: int, rank: int = 6) -> "Gaussian":
        """Correlated through a few factors, each with a variance of its own."""
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(len(names), rank)) / np.sqrt(rank)
        return cls(names, rng.normal(size=len(names)), root @ root.T + np.diag(rng.uniform(0.05, 0.5, len(names))))

    @cached_property
    def _root(self) -> Floats:
        values, vectors = np.linalg.eigh(self.covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

    def places(self, sequences: Sequence[str]) -> list[int]:
        """Places of the sequences in `names`."""
        known = {name: i for i, name in enumerate(self.names)}
        return [known[sequence] for sequence in sequences]

    def to_model_scale(self, values: Floats) -> Floats:
        """The values: there is one scale."""
        return values

    def viability(self, sequences: Sequence[str]) -> Floats:
        """One for all, (n,)."""
        return np.ones(len(sequences))

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Those of `model_moments`."""
        return self.model_moments(sequences)

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Means, (n,) or (k, n), and standard deviations, (n,)."""
        places = self.places(sequences)
        return self.mean[..., places], np.sqrt(np.maximum(np.diag(self.covariance)[places], 0.0))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """K functions, of the k means in turn."""
        means = np.atleast_2d(self.mean)[np.arange(k) % len(np.atleast_2d(self.mean))]
        functions = means + scale * rng.standard_normal((k, len(self.covariance))) @ self._root.T
        return lambda sequences: functions[:, self.places(sequences)]

    def condition(self, sequences: Sequence[str], values: Floats) -> "Gaussian":
        """The Gaussian given values (p,) or (k, p) with the variance `noise`."""
        p = self.places(sequences)
        gain = np.linalg.solve(
            self.covariance[np.ix_(p, p)] + (self.noise + 1e-12) * np.eye(len(p)), self.covariance[p]
        )
        mean = self.mean + (values - self.mean[..., p]) @ gain
        return replace(self, mean=mean, covariance=self.covariance - self.covariance[:, p] @ gain)
