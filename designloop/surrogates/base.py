"""Surrogates predict values with their uncertainty: a posterior that one can draw functions from."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol
from weakref import ref

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
    to_define: ClassVar[tuple[str, ...]] = ("fit",)

    def fit(self, history: History, rng: np.random.Generator) -> "Posterior":
        """The belief after this history. With nothing measured, the prior belief. The order of rows does not matter."""
        raise NotImplementedError


class Posterior(Protocol):
    """A belief about values. It never changes; `condition` gives another one.

    It may have a further method `model_means(sequences)`, the means of `model_moments` alone, where these come cheaper.
    """

    @property
    def noise(self) -> float:
        """Variance of one more measurement about the value, model's scale: of the residual and of a well's error.

        `condition` counts on it.
        """
        ...

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, each (n,), in the assay's units: what is said of a choice.

        The deviation holds what the model cannot say of any value (its residuals), which those of `model_moments` lack:
        no choice can make it smaller. Both may be calibrated, which those of `model_moments` are not.
        """
        ...

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """K functions that agree with the belief, sequences -> (k, n), on the model's own (monotone) scale of values.

        `scale` shortens (or stretches) how far they stand off the mean.
        """
        ...

    def to_model_scale(self, values: Floats) -> Floats:
        """Values in the assay's units on the scale that draws and `model_moments` use; monotone, the shape kept."""
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


_last: list[tuple[Surrogate, "ref[History]", Posterior]] = []
"""The last fit that no draw went into, if any."""


def fit_once(surrogate: Surrogate, history: History, rng: np.random.Generator) -> Posterior:
    """`surrogate.fit`, made once where a strategy proposes and recommends from one history.

    Only a fit that drew nothing from `rng` is kept for the next caller, so that who asks first changes no number: a
    resumed run, which fits less often, comes to the same.
    """
    for part, its, posterior in _last:
        if its() is history and part == surrogate:
            return posterior
    before = repr(rng.bit_generator.state)
    posterior = surrogate.fit(history, rng)
    if repr(rng.bit_generator.state) == before:
        _last[:] = [(surrogate, ref(history), posterior)]
    return posterior


def model_means(posterior: Posterior, sequences: Sequence[str]) -> Floats:
    """Posterior means on the model's scale, (n,), or (k, n) of k beliefs: for whoever asks for no variance."""
    own: Callable[[Sequence[str]], Floats] | None = getattr(posterior, "model_means", None)
    return posterior.model_moments(sequences)[0] if own is None else own(sequences)
