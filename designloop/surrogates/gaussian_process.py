"""A Gaussian process on letters or embeddings: hyperparameters by BoTorch and GPyTorch, exact posterior."""

from importlib.util import find_spec
from warnings import catch_warnings, simplefilter

import numpy as np
from pydantic import Field

from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.notices import warn
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats, Surrogate
from designloop.surrogates.censoring import Sides, mode_of
from designloop.surrogates.embeddings import EmbeddingField, features_of
from designloop.surrogates.evidence import Observed, Scales, contrast
from designloop.surrogates.gaussian import cholesky
from designloop.surrogates.hyperparameters import Hyper, Taught
from designloop.surrogates.process_posterior import ProcessPosterior
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.scale import Measured, Transform
from designloop.surrogates.stationary import KernelName, Stationary
from designloop.surrogates.viability import Viability

_MAX_ROWS = 1000
"""Maximum number of rows for finding hyperparameters, evenly spaced. A judgement."""
_ROUNDS = 2
"""How often hyperparameters and the values of rows beyond a detection limit are found in turn. A judgement."""
_SMOOTHER = 4.0
"""Longer lengthscale and smaller residual variance from which a search begins that failed otherwise."""
_JITTER = 1e-9
"""Added to the covariance of rows, of which some may be equal, relative to the variance."""


class GaussianProcess(Surrogate):
    """A Gaussian process: value = mean + process + residual + measurement error, on a scale of the measured values.

    The lengthscale, the variances and the mean are at their posterior mode, found by BoTorch; if it fails, they are
    those expected beforehand, with a warning. Measurement errors come from the history. Values beyond a detection limit
    enter by their likelihood (Laplace's approximation).
    """

    kernel: KernelName = Field(
        "hamming",
        description="`hamming`: exp(-differing letters / scale), a squared exponential of the features' distance; "
        "`matern`: Matérn 5/2 of the distance of one-hot letters or embeddings",
    )
    transform: Transform = Field("standard", description="scale of the values")
    embedding: EmbeddingField = Field(
        None, description="language model or file of vectors that gives the features; none: one-hot letters"
    )
    with_letters: bool = Field(False, description="add one-hot letters to the embedding")

    def check_before_run(self, space: Space, known: Known) -> None:
        """Raise ConfigError if BoTorch is not installed."""
        _check_library()

    def fit(self, history: History, rng: np.random.Generator) -> ProcessPosterior:
        """The posterior at the mode of the hyperparameters; at their expected values if all values are equal."""
        _check_library()
        measured, view = Measured.of(history), features_of(history, self.embedding, with_letters=self.with_letters)
        scale, rows = measured.scale(self.transform), view(measured.sequences)
        target, errors = scale.to_model(measured.values), measured.errors(scale)
        spread = errors.spread(target)
        unit = (
            float(np.sqrt(2.0 * contrast(rows))) if len(target) > 1 else float(np.sqrt(2.0 * history.hull.max_length))
        )
        told, one = measured.beyond(target, errors, spread / 2.0)
        taught = Taught(rows.dense() / unit, told, 1.0 + one.unknown, one.known, spread)
        hyper, known = _settled(self.kernel, taught, measured.sides)
        noise = hyper.residual + errors.of_a_well(hyper.residual)
        return ProcessPosterior(
            view, scale, hyper.kernel(self.kernel, unit), hyper.mean, hyper.residual, noise, rows,
            known.variances(hyper.residual), known.values, Viability.fitted(history),
        )  # fmt: skip


def _settled(name: KernelName, taught: Taught, sides: Sides) -> tuple[Hyper, Observed]:
    """The hyperparameters, and the rows with a value for each: beyond a limit, one of equal slope and curvature."""
    hyper = _fitted(name, taught, Hyper.expected(name, taught))
    known = _beyond(name, taught, sides, hyper)
    for _ in range(_ROUNDS if sides.any() else 0):
        now = Taught(taught.features, known.values + hyper.mean, known.shares, known.errors, taught.spread)
        hyper = _fitted(name, now, hyper)
        known = _beyond(name, taught, sides, hyper)
    return hyper, known


def _beyond(name: KernelName, taught: Taught, sides: Sides, hyper: Hyper) -> Observed:
    """The rows about the mean, with Laplace's approximation of those beyond a limit."""
    values = taught.values - hyper.mean
    if not sides.any():
        return Observed(DenseRows(taught.features), values, taught.shares, taught.errors)
    features = DenseRows(taught.features)
    covariance = Stationary(name, hyper.lengthscale, hyper.variance, 1.0)(features, features)
    covariance[np.diag_indices_from(covariance)] += _JITTER * hyper.variance
    # Weights of unit variance on the columns of a factor are the same process, at the rows.
    observed = Observed(DenseRows(cholesky(covariance)), values, taught.shares, taught.errors)
    mode = mode_of(observed, sides, Scales(1.0, hyper.residual)).known
    is_value = sides == 0
    return Observed(
        features,
        np.where(is_value, values, mode.values),
        np.where(is_value, taught.shares, 0.0),
        np.where(is_value, taught.errors, mode.errors),
    )


def _fitted(name: KernelName, taught: Taught, first: Hyper) -> Hyper:
    """The mode of the hyperparameters; the expected ones, with a warning, where the search fails."""
    expected = Hyper.expected(name, taught)
    if _are_equal(taught.values):
        return expected
    with catch_warnings():  # of torch, while GPyTorch is imported
        simplefilter("ignore")
        from designloop.surrogates.botorch_fit import NotFitted, fitted
    n = len(taught.values)
    some = taught.picked(np.unique(np.linspace(0, n - 1, min(_MAX_ROWS, n)).astype(int)))
    reasons = []
    for begin in dict.fromkeys((first, expected, Hyper.expected(name, taught, times=_SMOOTHER))):
        try:
            return fitted(name, some, begin)
        except NotFitted as error:
            reasons.append(str(error))
    warn(
        f"the hyperparameters of the Gaussian process were not found from {many(n, 'design')} ({reasons[-1]}); those "
        "expected before any measurement are used, so predictions are less certain to be calibrated"
    )
    return expected


def _are_equal(values: Floats) -> bool:
    return len(values) < 2 or float(np.ptp(values)) == 0.0


def _check_library() -> None:
    if find_spec("botorch") is None:
        raise ConfigError("`surrogate: gaussian-process` requires BoTorch: pip install 'designloop[botorch]'")
