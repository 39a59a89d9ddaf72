"""Chance: what n designs drawn at random from a list of values, without replacement, are worth, in closed forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Draw:
    """n of N values, drawn at random without replacement."""

    values: Floats
    """Shape (N,)."""
    n: int

    @cached_property
    def mean(self) -> float:
        """The expected mean of the drawn values, which is that of all."""
        return float(self.values.mean())

    @property
    def variance(self) -> float:
        """The variance of their mean: that of a sample of a finite population."""
        size = len(self.values)
        if self.n >= size:
            return 0.0
        return float(self.values.var(ddof=1)) / self.n * (1.0 - self.n / size)

    def hits(self, threshold: float) -> Floats:
        """P(k of the drawn values are at least a threshold) for k = 0 .. n, shape (n + 1,): hypergeometric."""
        size, n_good = len(self.values), int((self.values >= threshold).sum())
        every = comb(size, self.n)
        return np.array([comb(n_good, k) * comb(size - n_good, self.n - k) / every for k in range(self.n + 1)])

    def below(self, values: Floats) -> Floats:
        """P(the best drawn value is at most each of these), shape as `values`: C(m, n) / C(N, n) for m values."""
        at_most = np.searchsorted(np.sort(self.values), values, side="right")
        steps = np.arange(self.n)
        factors = np.maximum(at_most[..., None] - steps, 0) / (len(self.values) - steps)
        return np.asarray(factors.prod(axis=-1))


@dataclass(frozen=True, slots=True)
class Spread:
    """The expectation of a random quantity, and the range that holds 95% of it."""

    expected: float
    low: float
    high: float


def best_of(draws: Sequence[Draw]) -> Spread:
    """The best value of several independent draws."""
    levels = np.unique(np.concatenate([draw.values for draw in draws]))
    below = reduce(np.multiply, (draw.below(levels) for draw in draws))
    return _spread(levels, np.diff(below, prepend=0.0))


def hits_of(draws: Sequence[Draw], threshold: float) -> Spread:
    """The number of values at or above a threshold in several independent draws."""
    mass = reduce(np.convolve, (draw.hits(threshold) for draw in draws))
    return _spread(np.arange(len(mass), dtype=float), mass)


def mean_of(draws: Sequence[Draw]) -> Spread:
    """The mean of all values of several independent draws; its range is that of a normal distribution."""
    sizes = np.array([draw.n for draw in draws], dtype=float)
    shares = sizes / sizes.sum()
    expected = float(shares @ [draw.mean for draw in draws])
    error = float(np.sqrt(shares**2 @ [draw.variance for draw in draws]))
    return Spread(expected, expected - 1.959964 * error, expected + 1.959964 * error)


def _spread(values: Floats, mass: Floats) -> Spread:
    total = np.cumsum(mass)
    tail = (1.0 - LEVEL) / 2.0
    low, high = (min(int(np.searchsorted(total, share - 1e-12)), len(values) - 1) for share in (tail, 1.0 - tail))
    return Spread(float(values @ mass), float(values[low]), float(values[high]))
