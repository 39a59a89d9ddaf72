"""Stationary kernels: the covariance of two values depends on the distance of their sequences' features.

Half the squared distance of two one-hot rows is their Hamming distance, where a missing letter counts as half.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.rows import Rows

KernelName = Literal["hamming", "matern"]


@dataclass(frozen=True)
class Stationary:
    """variance · κ(distance / (unit · lengthscale)); κ(r) is exp(-r²/2), or Matérn 5/2."""

    name: KernelName
    lengthscale: float
    """In units of the typical distance of two sequences."""
    variance: float
    unit: float
    """The typical distance of two sequences' features: the root of its mean square."""

    def __call__(self, left: Rows, right: Rows) -> Floats:
        """Covariances, (n, m)."""
        squares = left.norms()[:, None] + right.norms() - 2.0 * left.kernel(right)
        return self.variance * correlation(self.name, np.maximum(squares, 0.0) / (self.unit * self.lengthscale) ** 2)

    def waves(self, width: int, n: int, rng: np.random.Generator) -> "Waves":
        """2 n random features of rows with `width` features (Rahimi and Recht 2007)."""
        frequencies, shares = rng.standard_normal((width, n)) / (self.unit * self.lengthscale), np.ones(n)
        if self.name == "matern":
            precisions, shares = _mixed(n, rng)
            frequencies /= np.sqrt(precisions)
        return Waves(frequencies, np.sqrt(self.variance * shares / n))


@dataclass(frozen=True)
class Waves:
    """Random features, whose products have the kernel as their expectation."""

    frequencies: Floats
    """(D, n)."""
    amplitudes: Floats
    """(n,)."""

    def __call__(self, rows: Rows) -> Floats:
        """Features, (m, 2 n)."""
        angles = rows.times(self.frequencies)
        return np.hstack([self.amplitudes * np.cos(angles), self.amplitudes * np.sin(angles)])


def _mixed(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Matérn 5/2 as a mixture of squared exponentials: n relative precisions, and their weights, each (n,).

    The precisions χ²(5) / 5 are drawn from χ²(3) / 5 with weights that undo this, since a few small ones count most
    where a posterior is sure. One is drawn from each of n parts of equal probability, which varies less than free
    draws.
    """
    from scipy.special import gammaincinv

    shares = (np.arange(n) + rng.random(n)) / n
    chi_squared = rng.permutation(2.0 * gammaincinv(1.5, shares))
    return chi_squared / 5.0, chi_squared / 3.0


def correlation(name: KernelName, squares: Floats) -> Floats:
    """κ of squared distances in units of the lengthscale, the shape kept."""
    if name == "hamming":
        return np.asarray(np.exp(-0.5 * squares))
    r = np.sqrt(5.0 * squares)
    return np.asarray((1.0 + r + r**2 / 3.0) * np.exp(-r))
