"""The motif model: a few sparse filters, each of which scores its best match anywhere in the sequence.

log value = bias + Σ_k log(floor + max(S_k, 0)), where S_k is the highest score of filter k at any start. The sum of
logarithms is a product, so a sequence is good only if it has every motif. The fit is by Adam with a soft threshold
after each step, which keeps most entries of the filters at zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import Codes
from designloop.core.errors import ConvergenceError
from designloop.core.history import History
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats, Surrogate
from designloop.surrogates.features import Places
from designloop.surrogates.motif_posterior import FLOOR, Link, MotifPosterior, Particles, Singles, Windows
from designloop.surrogates.regression import emphasised, scales
from designloop.surrogates.scale import Errors, Measured
from designloop.surrogates.viability import Viability

_RATE = np.float32(0.02)
_MINIBATCH = 32
_FEW_PLACES = 12
"""With fewer free positions, motifs cannot move, and a linear model says the same with fewer parameters."""
_MOST_ROWS = 250_000
"""Rows that a member is trained on in all epochs: with more than 1,000 designs, fewer epochs."""
_WIDEST = 64
_SLIGHT, _FAINT = 0.02, 0.3
"""Of first filters: standard deviation of all entries, and the most that a letter of a good design adds."""
_TOP = 10
"""One in so many designs is good."""
_TYPICAL = 0.5
"""Score of a typical filter, from which the first bias is computed."""
_PARTICLES = 96
_TEMPER = 0.5
"""Of the noise on filters about their member, in Laplace standard deviations. A judgement: the diagonal of the
curvature neglects that entries make up for each other."""
_LEAST_LOSS, _PRIOR = 0.003, 0.3
"""Of the Laplace approximation: the least variance, and the prior deviation as a share of a filter's largest entry."""
_MISFIT = 0.1
"""Variance about the model that limits the weight of a row, as a share of the variance of values. A judgement."""


class Motifs(Surrogate):
    """Sparse filters that match anywhere, multiplied: learns motifs that may move. Each member leaves out a fold.

    Where values span decades, the model is of their logarithm; else it is a sum on the scale of `transform`. Where
    nothing can move, because fewer than 12 positions are free, `auto` leaves this model out.
    """

    filters: int = Field(8, ge=1, le=64, description="number of filters; more than the number of motifs that matter")
    members: int = Field(6, ge=2, le=96, description="number of models, each trained without another fold of designs")
    epochs: int = Field(
        250, ge=1, le=10_000, description="passes over the designs in training; fewer with more than 1,000 designs"
    )
    sparsity: float = Field(
        0.4, ge=0, description="an entry of a filter stays zero where its gradient's signal-to-noise ratio is lower"
    )
    transform: str = Field(
        "asinh",
        pattern="^(asinh|ranks|standard|unit)$",
        description="scale of the values; `asinh`: logarithmic above the measurement error if values span decades, "
        "else ranks",
    )

    def suits(self, history: History) -> bool:
        """Whether motifs can move: at least 12 positions are free."""
        return len(history.space.free_positions) >= _FEW_PLACES

    def fit(self, history: History, rng: np.random.Generator) -> MotifPosterior:
        """Members trained on the measured designs. Raises ConvergenceError where training diverges."""
        measured, space = Measured.of(history), history.hull
        scale = scales(measured, self.transform)[-1]
        link = Link.of(scale)
        target, errors = scale.to_model(measured.values), measured.errors(scale)
        rows = _Rows(
            space.padded_codes(measured.sequences),
            link.targets(target).astype(np.float32),
            _weights(measured, target, errors),
            measured.sides,
        )
        windows = Windows.of(space.max_length, _WIDEST)
        folds = _folds(target, self.members, rng)
        members = [self._member(rows.picked(folds != i), link, windows, space, rng) for i in range(self.members)]
        filters, coefficients = (np.stack(its) for its in zip(*members, strict=True))
        trained = Particles(filters, coefficients, windows)
        left_out = _left_out(trained, rows, link, folds)
        residual = _residual(target - left_out, rows.weights, errors)
        particles = _particles(trained, rows, link, folds, rng)
        noise = residual + errors.of_a_well(residual)
        viable = Viability.fitted(history)
        return MotifPosterior(
            space, scale, link, particles, viable, residual, noise, rows.codes, rows.weights, left_out
        )

    def _member(
        self, rows: "_Rows", link: Link, windows: Windows, space: Space, rng: np.random.Generator
    ) -> tuple[Singles, Floats]:
        """Filters (letters, W · K) and coefficients (1 + K,) of a member."""
        from designloop.surrogates.motif_kernels import trained

        filters = _first_filters(rows, self.filters, windows, len(space.alphabet), rng)
        coefficients = np.ones(self.filters + 1, dtype=np.float32)
        coefficients[0] = _first_bias(rows, link) - self.filters * np.log(FLOOR + _TYPICAL)
        n = len(rows.codes)
        orders = rng.random((max(1, min(self.epochs, _MOST_ROWS // max(n, 1))), n)).argsort(axis=1)
        given = rows.codes, rows.targets, rows.weights.astype(np.float32), rows.sides, orders
        how = link.is_log, _RATE, np.float32(self.sparsity), FLOOR, _MINIBATCH
        lost = trained(*given, windows.first, windows.n_starts, filters, coefficients, *how)
        if not np.isfinite(lost):
            raise ConvergenceError(
                f"the motif model of {n} designs diverged: its error is {lost}; check the measured values for outliers"
            )
        return filters, coefficients.astype(float)


@dataclass(frozen=True)
class _Rows:
    """Training data."""

    codes: Codes
    targets: Singles
    weights: Floats
    sides: NDArray[np.int64]
    """-1 if the value is below a limit, 1 if it is above one, else 0, (n,)."""

    def picked(self, places: NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.codes[places], self.targets[places], self.weights[places], self.sides[places])


def _weights(measured: Measured, target: Floats, errors: Errors) -> Floats:
    """Weights of rows, mean one: good designs count more, and so do designs that are known better, (n,)."""
    if len(target) == 0:
        return np.zeros(0)
    misfit = _MISFIT * errors.spread(target)
    weights = emphasised(measured.readings, errors.reliability(target)) / (misfit + errors.in_full(misfit))
    return np.asarray(weights / weights.mean())


def _folds(target: Floats, n_folds: int, rng: np.random.Generator) -> Places:
    """The fold of each row, (n,): of every `n_folds` rows with neighbouring values, one is in each fold."""
    order, n_blocks = np.argsort(target, kind="stable"), -(-len(target) // n_folds)
    folds = np.empty(len(target), dtype=np.int64)
    folds[order] = rng.random((n_blocks, n_folds)).argsort(axis=1).ravel()[: len(target)]
    return folds


def _first_filters(rows: _Rows, n_filters: int, windows: Windows, n_letters: int, rng: np.random.Generator) -> Singles:
    """Each filter is a faint copy of a random window of one of the best designs, with noise, (letters, W · K)."""
    filters = (_SLIGHT * rng.standard_normal((n_letters, windows.width, n_filters))).astype(np.float32)
    best = np.argsort(-rows.targets, kind="stable")[: -(-len(rows.targets) // _TOP)]
    for k in range(n_filters if len(best) else 0):
        code = rows.codes[best[rng.integers(len(best))]]
        places = windows.first + rng.integers(windows.n_starts) + np.arange(windows.width)
        shown = np.flatnonzero((places >= 0) & (places < len(code)))
        shown = shown[code[places[shown]] >= 0]
        filters[code[places[shown]], windows.width - 1 - shown, k] += _FAINT * rng.random(len(shown), dtype=np.float32)
    return filters.reshape(n_letters, -1)


def _first_bias(rows: _Rows, link: Link) -> float:
    """The sum for the mean target."""
    if len(rows.targets) == 0:
        return 0.0
    above = np.maximum(rows.targets, 0.1)
    sums = above + np.log(-np.expm1(-2.0 * above) / 2.0) if link.is_log else rows.targets  # log(sinh(above))
    return float(np.average(sums, weights=rows.weights))


def _left_out(members: Particles, rows: _Rows, link: Link, folds: Places) -> Floats:
    """The prediction of each row by the member whose fold it is in, (n,)."""
    found = members.of_all(rows.codes)
    sums = np.einsum("mnf,mf->mn", found, members.coefficients)
    return link.values(sums[folds, np.arange(len(folds))])


def _residual(missed: Floats, weights: Floats, errors: Errors) -> float:
    """Variance of true values about the predictions: what the known errors leave, at least a tenth of all."""
    if len(missed) == 0:
        return 1.0
    seen = float(np.average(missed**2, weights=weights))
    return max(seen - float(np.average(errors.known, weights=weights)), _MISFIT * seen, 1e-9)


def _particles(members: Particles, rows: _Rows, link: Link, folds: Places, rng: np.random.Generator) -> Particles:
    """Members in turn, each with noise on its filters."""
    spread = [_deviations(members, i, rows.picked(folds != i), link) for i in range(len(members))]
    which = np.arange(_PARTICLES) % len(members)
    noise = rng.standard_normal((_PARTICLES, *spread[0].shape), dtype=np.float32)
    filters = members.filters[which] + np.float32(_TEMPER) * np.stack(spread)[which] * noise
    return Particles(filters, members.coefficients[which], members.windows)


def _deviations(members: Particles, i: int, rows: _Rows, link: Link) -> Singles:
    """Laplace standard deviations of a member's entries, with a prior as wide as its filter is strong."""
    from designloop.surrogates.motif_kernels import curvature

    filters, coefficients = members.filters[i], members.coefficients[i]
    single = coefficients.astype(np.float32)
    its = members.windows.first, members.windows.n_starts, filters, single, link.is_log, FLOOR
    known = curvature(rows.codes, rows.weights.astype(np.float32), *its)
    predicted = np.einsum("nf,f->n", members.features(rows.codes[None], np.array([i]))[0], coefficients)
    missed = link.targets(link.values(predicted)) - rows.targets
    loss = float(np.average(missed**2, weights=rows.weights)) if len(missed) else 1.0
    strongest = np.abs(filters.reshape(len(filters), -1, len(coefficients) - 1)).max(axis=(0, 1))
    prior = np.maximum(_PRIOR * np.tile(strongest, members.windows.width), 1e-6) ** 2
    variance = max(loss, _LEAST_LOSS)
    return np.asarray(np.sqrt(variance / (known + variance / prior)), dtype=np.float32)
