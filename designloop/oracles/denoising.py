"""Denoising a measured landscape: each value is shrunk towards the prediction from the rest of the table.

With f the truth, y = f + error of known variance v, and f ~ Normal(prediction, tau²), the posterior mean of f is
prediction + tau² / (tau² + v) · (y - prediction): empirical Bayes, Efron and Morris 1975. The prediction is a
weighted least-squares fit of letters (and pairs of letters, where they are few), transformed by a monotone curve
because assays saturate, plus a regression on the mean residual of the one-substitution neighbours. tau² is the residual
variance in excess of v, at each level of the prediction: models fit worse at high values, where the measurement must
have more weight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes

Array = NDArray[np.float64]
_MAX_PARAMETERS = 700
_MAX_CELLS = 8_000_000
_BLOCK = 200


def denoised(codes: Codes, n_letters: int, values: Array, variances: Array) -> Array:
    """Posterior means of the true values, shape (n,); `codes` is (n, L), padded with PAD."""
    weights = 1.0 / (variances + max(float(np.var(values) - variances.mean()), 1e-3 * float(np.var(values)), 1e-12))
    prediction, n_parameters = fitted(codes, n_letters, values, weights, pairs=True)
    prediction = _bent(prediction, values)
    prediction = _bent(prediction + _from_neighbours(codes, n_letters, values - prediction), values)
    excess = (values - prediction) ** 2 * (len(values) / max(len(values) - n_parameters, 1)) - variances
    tau2 = np.maximum(_by_level(prediction, excess)(prediction), 0.0)
    share = tau2 / np.maximum(tau2 + variances, 1e-300)
    return np.where(variances == 0, values, prediction + share * (values - prediction))


def _bent(prediction: Array, values: Array) -> Array:
    """`prediction`, transformed by the increasing curve that fits `values` best, flat beyond the ends; shape (n,)."""
    return _by_level(prediction, values, is_rising=True)(prediction)


def _by_level(prediction: Array, values: Array, *, is_rising: bool = False) -> Callable[[Array], Array]:
    """The mean of `values` as a function of the prediction, by blocks of about 200 neighbours in rank."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(prediction, kind="stable")
    blocks = np.array_split(order, max(1, min(len(order) // _BLOCK, 1000)))
    places = np.array([prediction[block].mean() for block in blocks])
    means = np.array([values[block].mean() for block in blocks])
    if is_rising:
        means = isotonic_regression(means).x

    def level(at: Array) -> Array:
        return np.asarray(np.interp(at, places, means), dtype=np.float64)

    return level


def fitted(codes: Codes, n_letters: int, values: Array, weights: Array, *, pairs: bool) -> tuple[Array, int]:
    """Predictions of an additive model, with pairs of letters if parameters are few, and the number of parameters."""
    columns = _indicators(codes, n_letters, pairs=pairs)
    n_parameters = sum(column.size for column in columns) + 1
    if pairs and (n_parameters > _MAX_PARAMETERS or 4 * n_parameters > len(values)):
        return fitted(codes, n_letters, values, weights, pairs=False)
    if n_parameters > 3000 or 2 * n_parameters > len(values):
        return np.full(len(values), np.average(values, weights=weights)), 1
    return _least_squares(columns, n_parameters, values, weights), n_parameters


@dataclass(frozen=True, slots=True)
class _Column:
    """The rows of a position, or of a pair of positions, that differ from the most common letters."""

    rows: NDArray[np.int32]
    classes: NDArray[np.int16]
    """Of each of these rows, from 0."""
    size: int
    """Number of classes."""


def _indicators(codes: Codes, n_letters: int, *, pairs: bool) -> list[_Column]:
    """The classes of each position, and of each pair of positions; the most common letter is the reference."""
    singles = [_compact(column, n_letters + 1) for column in codes.T]
    kept = [column for column in singles if column.size > 0]
    if not pairs or len(kept) * (n_letters - 1) > _MAX_PARAMETERS:
        return kept
    # A pair counts only where both letters differ from the reference: the rest is in the singles.
    return kept + [_both(a, b) for a, b in combinations(kept, 2)]


def _compact(column: Codes, n_classes: int) -> _Column:
    """Classes numbered without gaps, from the most common one after the reference."""
    letters = column.astype(np.intp) + 1  # PAD is a letter here
    counts = np.bincount(letters, minlength=n_classes)
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    number = np.zeros(n_classes, dtype=np.int16)
    number[order] = np.arange(len(order))
    classes = number[letters]
    rows = np.flatnonzero(classes).astype(np.int32)
    return _Column(rows, classes[rows] - np.int16(1), len(order) - 1)


def _both(a: _Column, b: _Column) -> _Column:
    rows, in_a, in_b = np.intersect1d(a.rows, b.rows, assume_unique=True, return_indices=True)
    return _Column(rows, a.classes[in_a] * np.int16(b.size) + b.classes[in_b], a.size * b.size)


def _least_squares(columns: list[_Column], n_parameters: int, values: Array, weights: Array) -> Array:
    """Weighted predictions from the normal equations, of a design with few entries other than 0."""
    design = _design(columns, n_parameters, len(values))
    scaled = design.multiply(weights[:, None]).tocsr()
    gram = (design.T @ scaled).toarray()
    ridge = 1e-6 * np.trace(gram) / n_parameters  # pairs of letters that never occur would make the system singular
    solution = np.linalg.solve(gram + ridge * np.eye(n_parameters), scaled.T @ values)
    return np.asarray(design @ solution)


def _design(columns: list[_Column], n_parameters: int, n: int) -> Any:
    """Indicators as a sparse matrix, shape (n, parameters), the constant first."""
    from scipy.sparse import csr_array

    offsets = np.cumsum([1, *(column.size for column in columns)])
    rows = np.concatenate([np.arange(n, dtype=np.int32), *(column.rows for column in columns)])
    entries = [np.zeros(n, np.int32)]
    entries += [column.classes + np.int32(offset) for column, offset in zip(columns, offsets[:-1], strict=True)]
    return csr_array((np.ones(len(rows)), (rows, np.concatenate(entries))), shape=(n, n_parameters))


def grid(codes: Codes, n_letters: int, values: Array) -> Array | None:
    """Values in a table with an axis for each position, NaN where absent; None where it would be too large."""
    length = codes.shape[1]
    if n_letters**length > _MAX_CELLS or (codes < 0).any():
        return None
    table = np.full((n_letters,) * length, np.nan)
    table[tuple(codes.T)] = values
    return table


def _from_neighbours(codes: Codes, n_letters: int, residuals: Array) -> Array:
    """Predicted residuals from the mean residual of one-substitution neighbours, shape (n,); 0 without a grid."""
    table = grid(codes, n_letters, residuals)
    if table is None:
        return np.zeros(len(residuals))
    present, filled = (~np.isnan(table)).astype(np.float64), np.nan_to_num(table)
    total, count = np.zeros_like(filled), np.zeros_like(filled)
    for axis in range(table.ndim):
        total += filled.sum(axis=axis, keepdims=True) - filled
        count += present.sum(axis=axis, keepdims=True) - present
    mean = (total / np.maximum(count, 1.0))[tuple(codes.T)]
    slope = float(mean @ residuals / max(float(mean @ mean), 1e-300))
    return np.asarray(max(slope, 0.0) * mean)
