"""The hyperparameters of a Gaussian process, and what is expected of them before anything is measured."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places
from designloop.surrogates.stationary import KernelName, Stationary, correlation

LONGEST = 30.0
"""Maximum lengthscale, in typical distances of two sequences: the process is then linear to within a thousandth."""
LEAST_RESIDUAL = 1e-4
"""Of the variance of values, as for the linear model."""


class Normal(NamedTuple):
    """A hyperprior: normal in the logarithm."""

    median: float
    std: float


LENGTHSCALE = Normal(3.0, 1.0)
"""In typical distances of two sequences: most landscapes are smooth at that distance. A judgement."""
BETWEEN, RESIDUAL = Normal(0.5, 1.5), Normal(0.5, 3.0)
"""Variance between two sequences at the typical distance, and of the residuals, as shares of the variance of values;
as for the linear model.
"""


@dataclass(frozen=True)
class Taught:
    """Training data on the model's scale. Row i has the variance `shares` · residual + `errors` about the process."""

    features: Floats
    """In units of the typical distance, (n, D)."""
    values: Floats
    shares: Floats
    errors: Floats
    spread: float
    """Variance of values that the hyperpriors are centred on."""

    def picked(self, places: Places) -> "Taught":
        """Some of the rows."""
        features, values, shares, errors = (c[places] for c in (self.features, self.values, self.shares, self.errors))
        return Taught(features, values, shares, errors, self.spread)


@dataclass(frozen=True)
class Hyper:
    """The hyperparameters."""

    mean: float
    lengthscale: float
    variance: float
    residual: float

    @classmethod
    def expected(cls, name: KernelName, taught: Taught, *, times: float = 1.0) -> "Hyper":
        """The medians of the hyperpriors, and the mean of the values weighted by their precision.

        `times` makes the lengthscale longer, and the residual variance as much smaller.
        """
        residual = RESIDUAL.median * taught.spread / times
        precision = 1.0 / (BETWEEN.median * taught.spread + taught.shares * residual + taught.errors)
        mean = float(np.average(taught.values, weights=precision)) if len(precision) else 0.0
        lengthscale = times * LENGTHSCALE.median
        differing = float(1.0 - correlation(name, np.array(lengthscale**-2)))
        return cls(mean, lengthscale, BETWEEN.median * taught.spread / differing, residual)

    def kernel(self, name: KernelName, unit: float) -> Stationary:
        """The kernel of features with the typical distance `unit`."""
        return Stationary(name, self.lengthscale, self.variance, unit)
