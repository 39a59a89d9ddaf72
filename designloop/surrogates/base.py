"""Surrogates predict values with their uncertainty: a posterior that one can draw functions from."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.parts import Part

Floats = NDArray[np.float64]
Draw = Callable[[Sequence[str]], Floats]
"""k functions drawn from a posterior: n sequences -> values, shape (k, n), the same functions at every call."""


class Surrogate(Part):
    """The description of a model of values; `fit` gives its belief."""

    shelf: ClassVar[str] = "surrogates"

    def fit(self, history: History, rng: np.random.Generator) -> "Posterior":
        """The belief after this history. With nothing measured, the prior belief. The order of rows does not matter."""
        raise NotImplementedError


class Posterior(Protocol):
    """A belief about values. It never changes; `condition` gives another one."""

    @property
    def noise(self) -> float:
        """Variance of a measurement about the value, on the model's scale, as `condition` counts on it."""
        ...

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, each (n,), in the assay's units."""
        ...

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """K functions that agree with the belief, at any sequences, on the model's own (monotone) scale of values.

        `scale` shortens (or stretches) how far they stand off the mean.
        """
        ...

    def to_model_scale(self, values: Floats) -> Floats:
        """Values in the assay's units on the scale that draws and `model_moments` use; monotone."""
        ...

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation on the model's scale, each (n,): what acquisition functions work with."""
        ...

    def viability(self, sequences: Sequence[str]) -> Floats:
        """Probability that a sequence gives a value at all, as learnt from outcomes, shape (n,)."""
        ...

    def condition(self, sequences: Sequence[str], values: Floats) -> "Posterior":
        """The belief if these sequences also had these values (model's scale): for believers, liars and fantasies.

        Values of shape (p,); or (k, p), for k beliefs at once, which differ in their means alone (conditioning is
        Gaussian): `model_moments` then gives means (k, n) beside one std (n,), and `draw` takes its functions from the
        beliefs in turn. Such a belief is conditioned no further.
        """
        ...
