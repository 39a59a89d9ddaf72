"""Surrogates predict values with uncertainty: they return a posterior from which functions can be drawn."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import ClassVar, Protocol
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ContractError
from designloop.core.faults import called
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.random import stream

Floats = NDArray[np.float64]


class Draw(Protocol):
    """k functions drawn from a posterior, the same functions at every call.

    It may define `own(codes)`: the values (k, m) of each function at its own m sequences only, codes (k, m, L) of the
    hull's alphabet, PAD after the end. It equals the call, but without the k · m values of the other functions'
    sequences. Look it up by `getattr(draw, "own", None)`, which may also be None.
    """

    def __call__(self, sequences: Sequence[str], /) -> Floats:
        """Values of n sequences, (k, n)."""
        ...


class Surrogate(Part):
    """The description of a model of values; `fit` returns its posterior."""

    shelf: ClassVar[str] = "surrogates"
    to_define: ClassVar[tuple[str, ...]] = ("fit",)

    def suits(self, history: History) -> bool:
        """Whether the model can say anything here that simpler ones cannot; `auto` leaves it out if not."""
        return True

    def fit(self, history: History, rng: np.random.Generator) -> "Posterior":
        """The posterior given this history; the prior if nothing is measured. The order of rows does not matter."""
        raise NotImplementedError


class Posterior(Protocol):
    """A distribution over values. It never changes; `condition` returns another one.

    It may define `model_means(sequences)`, the means of `model_moments`, if they are cheaper to compute alone.
    """

    @property
    def noise(self) -> float:
        """Variance of one more measurement about the value, model's scale: residual plus error of a well.

        `condition` uses it.
        """
        ...

    def moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, each (n,), in the assay's units: the recorded prediction.

        The deviation includes the residual variance of the model, which no measurement can reduce; `model_moments`
        excludes it. Both may be calibrated, unlike those of `model_moments`.
        """
        ...

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        """K functions drawn from the posterior, sequences -> (k, n), on the model's (monotone) scale of values.

        `scale` multiplies their deviations from the mean.
        """
        ...

    def to_model_scale(self, values: Floats) -> Floats:
        """Values in the assay's units on the scale that draws and `model_moments` use; monotone, the shape kept."""
        ...

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation on the model's scale, each (n,), for acquisition functions."""
        ...

    def viability(self, sequences: Sequence[str]) -> Floats:
        """Probability that a sequence gives a value at all, learnt from outcomes, shape (n,)."""
        ...

    def condition(self, sequences: Sequence[str], values: Floats) -> "Posterior":
        """The posterior given these values of these sequences (model's scale), for pending rules.

        Values have shape (p,), or (k, p) for k posteriors at once. These differ only in their means, since conditioning
        is Gaussian: `model_moments` then returns means (k, n) and one std (n,), and `draw` takes its functions from
        them in turn. Such a posterior is not conditioned again.
        """
        ...


_last: list[tuple[Surrogate, "ref[History]", Posterior]] = []
"""The last fit, if any."""


def fit_once(surrogate: Surrogate, history: History) -> Posterior:
    """`surrogate.fit`, computed once if a strategy proposes and recommends from one history.

    Its random stream is named by the rows of the history, so the fit is a function of the history alone. A resumed
    run, which fits less often, therefore gives the same result.
    """
    for part, its, posterior in _last:
        if its() is history and part == surrogate:
            return posterior
    posterior = surrogate.fit(history, _stream_of(history))
    check_posterior(posterior, surrogate)
    _last[:] = [(surrogate, ref(history), posterior)]
    return posterior


def _stream_of(history: History) -> np.random.Generator:
    """A stream named by sequences and outcomes; neither the order of rows nor the unit of values matters."""
    rows = zip(history.sequences, history.outcomes, history.n_replicates.tolist(), strict=True)
    told = sorted(f"{sequence} {outcome} {n}" for sequence, outcome, n in rows)
    return stream(0, "fit", blake2b("\n".join(told).encode()).hexdigest())


def check_posterior(value: object, surrogate: Surrogate) -> None:
    """Raise ContractError where a surrogate's `fit` returned something without the methods of every posterior."""
    if not callable(getattr(value, "model_moments", None)):  # without it, no strategy can use a posterior
        came = "None" if value is None else f"an object of type {type(value).__name__}"
        raise ContractError(
            f"{called(surrogate)} returned {came} from `fit`, without model_moments; return a posterior, for "
            "example designloop.surrogates.EnsemblePosterior"
        )


def model_means(posterior: Posterior, sequences: Sequence[str]) -> Floats:
    """Posterior means on the model's scale, (n,), or (k, n) for k posteriors, without computing variances."""
    own: Callable[[Sequence[str]], Floats] | None = getattr(posterior, "model_means", None)
    return posterior.model_moments(sequences)[0] if own is None else own(sequences)
