"""The Gaussian posterior of feature weights, computed in the space of weights or of rows.

Weights are independent with variance `prior`; row i has the value x_i · w + noise of variance v_i. With X the rows
(n, D), K = prior · XXᵀ + diag(v) is the covariance of the row values, (n, n), and A = I / prior + Xᵀ diag(1 / v) X the
precision of the weights, (D, D). Both are equivalent, and the smaller one is used. Rasmussen and Williams 2006,
sections 2.1 and 2.2.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.rows import Rows

_BLOCK = 128
_MAX_INVERTED = 1_500
"""Maximum number of rows whose inverse covariance is held in memory for its diagonal."""
_MAX_CROSSED = 4_000_000
"""Maximum number of covariances between new and known rows in memory."""


class Gaussian(Protocol):
    """The posterior of the weights given rows with known noise; only its mean depends on the row values."""

    @property
    def variances_of_rows(self) -> Floats:
        """Noise variance of each row, (n,)."""
        ...

    @property
    def log_determinant(self) -> float:
        """Log |K|."""
        ...

    @property
    def inverse_diagonal(self) -> Floats:
        """Diagonal of K⁻¹, (n,)."""
        ...

    def solved(self, values: Floats) -> Floats:
        """K⁻¹ · values, the shape kept: (n,) or (n, k)."""
        ...

    def weights(self, values: Floats) -> Floats:
        """Mean of the weights given these row values, (D,) or (D, k) for (n,) or (n, k)."""
        ...

    def variances(self, rows: Rows) -> Floats:
        """Variance of x · w for rows of features, (m,)."""
        ...

    def deviations(self, k: int, rng: np.random.Generator) -> Floats:
        """K exact draws of the weights about their mean, (D, k)."""
        ...

    def with_(self, rows: Rows, variances: Floats) -> "Gaussian":
        """The posterior given further rows."""
        ...


def gaussian(rows: Rows, prior: float, variances: Floats) -> Gaussian:
    """The Gaussian in the smaller of the two spaces."""
    n, width = rows.shape
    return InRows(rows, prior, variances) if n < width else InWeights(rows, prior, variances)


@dataclass(frozen=True)
class InRows:
    """With the covariance K of the rows, for more features than rows."""

    rows: Rows
    prior: float
    variances_of_rows: Floats
    known_kernel: Floats | None = None
    """XXᵀ if it is known, (n, n)."""
    known_factor: Floats | None = None
    """`factor` if it is known, (n, n)."""

    @cached_property
    def kernel(self) -> Floats:
        return self.rows.kernel(self.rows) if self.known_kernel is None else self.known_kernel

    def without_kernel(self) -> "InRows":
        """The same, but XXᵀ is computed again if further rows come; with many rows it is large."""
        return InRows(self.rows, self.prior, self.variances_of_rows, None, self.factor)

    @cached_property
    def factor(self) -> Floats:
        """Lower Cholesky factor of K."""
        if self.known_factor is not None:
            return self.known_factor
        covariance = self.prior * self.kernel
        covariance[np.diag_indices_from(covariance)] += self.variances_of_rows
        return cholesky(covariance)

    @property
    def log_determinant(self) -> float:
        return float(2.0 * np.log(np.diag(self.factor)).sum())

    @cached_property
    def inverse_diagonal(self) -> Floats:
        if len(self.factor) > _MAX_INVERTED:
            return _inverse_diagonal(self.factor)
        return np.diag(inverse(self.factor)).copy()

    def solved(self, values: Floats) -> Floats:
        return solved(self.factor, values)

    def weights(self, values: Floats) -> Floats:
        found = self.rows.transposed(self.solved(values))
        found *= self.prior
        return found

    def variances(self, rows: Rows) -> Floats:
        size = max(1, _MAX_CROSSED // max(self.rows.shape[0], 1))
        chunks = [np.arange(i, min(i + size, rows.shape[0])) for i in range(0, rows.shape[0], size)]
        known = [np.zeros(0), *(self._explained(rows.picked(chunk)) for chunk in chunks)]
        return np.asarray(np.maximum(self.prior * rows.norms() - np.concatenate(known), 0.0))

    def _explained(self, rows: Rows) -> Floats:
        crossed = half_solved(self.factor, self.prior * self.rows.kernel(rows))
        return np.asarray(np.einsum("nm,nm->m", crossed, crossed))

    def deviations(self, k: int, rng: np.random.Generator) -> Floats:
        """Draws from the prior, conditioned on the rows by Matheron's rule, (D, k)."""
        n, width = self.rows.shape
        drawn = rng.standard_normal((width, k))
        drawn *= np.sqrt(self.prior)
        noise = np.sqrt(self.variances_of_rows)[:, None] * rng.standard_normal((n, k))
        drawn -= self.weights(self.rows.times(drawn) + noise)
        return drawn

    def with_(self, rows: Rows, variances: Floats) -> "InRows":
        crossed = self.rows.kernel(rows)
        kernel = np.block([[self.kernel, crossed], [crossed.T, rows.kernel(rows)]])
        return InRows(self.rows.with_(rows), self.prior, np.append(self.variances_of_rows, variances), kernel)


@dataclass(frozen=True)
class InWeights:
    """With the precision A of the weights, for more rows than features."""

    rows: Rows
    prior: float
    variances_of_rows: Floats
    known_gram: Floats | None = None
    """Xᵀ diag(1 / v) X if it is known, (D, D)."""

    @cached_property
    def factor(self) -> Floats:
        """Lower Cholesky factor of A."""
        precision = self.gram.copy()
        precision[np.diag_indices_from(precision)] += 1.0 / self.prior
        return cholesky(precision)

    @cached_property
    def gram(self) -> Floats:
        return self.rows.gram(1.0 / self.variances_of_rows) if self.known_gram is None else self.known_gram

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the weights, (D, D)."""
        return inverse(self.factor)

    @property
    def log_determinant(self) -> float:
        of_weights = 2.0 * np.log(np.diag(self.factor)).sum() + len(self.factor) * np.log(self.prior)
        return float(of_weights + np.log(self.variances_of_rows).sum())

    @cached_property
    def inverse_diagonal(self) -> Floats:
        leverage = self.rows.forms(self.covariance) / self.variances_of_rows
        return np.asarray((1.0 - leverage) / self.variances_of_rows)

    def solved(self, values: Floats) -> Floats:
        left = values - self.rows.times(self.weights(values))
        return np.asarray((left.T / self.variances_of_rows).T)

    def weights(self, values: Floats) -> Floats:
        return solved(self.factor, self.rows.transposed((values.T / self.variances_of_rows).T))

    def variances(self, rows: Rows) -> Floats:
        return np.asarray(np.maximum(rows.forms(self.covariance), 0.0))

    def deviations(self, k: int, rng: np.random.Generator) -> Floats:
        return half_solved(self.factor, rng.standard_normal((len(self.factor), k)), transposed=True)

    def with_(self, rows: Rows, variances: Floats) -> "InWeights":
        both, gram = self.rows.with_(rows), self.gram + rows.gram(1.0 / variances)
        return replace(self, rows=both, variances_of_rows=np.append(self.variances_of_rows, variances), known_gram=gram)


def cholesky(matrix: Floats) -> Floats:
    """Lower Cholesky factor of a positive definite matrix, which is overwritten to avoid a copy.

    Raises LinAlgError if it is not positive definite.
    """
    from scipy.linalg.lapack import dpotrf

    if len(matrix) == 0:
        return np.zeros((0, 0))
    upper, info = dpotrf(matrix.T, lower=0, clean=1, overwrite_a=1)  # in Fortran order, so that nothing is copied
    if info:
        raise np.linalg.LinAlgError(f"matrix of {len(matrix)} rows is not positive definite")
    return np.asarray(upper.T)


def solved(factor: Floats, right: Floats) -> Floats:
    """The solution x of L Lᵀ x = right, of the lower factor L."""
    return half_solved(factor, half_solved(factor, right), transposed=True)


def half_solved(factor: Floats, right: Floats, *, transposed: bool = False) -> Floats:
    """The solution x of L x = right, or of Lᵀ x = right."""
    from scipy.linalg import solve_triangular

    if len(factor) == 0:
        return np.asarray(right)
    return np.asarray(solve_triangular(factor, right, lower=True, trans=1 if transposed else 0, check_finite=False))


def _inverse_diagonal(factor: Floats) -> Floats:
    """Diagonal of (L Lᵀ)⁻¹ of the lower factor L: the squared lengths of the columns of L⁻¹, some after the others."""
    starts = range(0, len(factor), _BLOCK)
    columns = (_inverse_columns(factor, first) for first in starts)
    return np.concatenate([np.einsum("nm,nm->m", its, its) for its in columns])


def _inverse_columns(factor: Floats, first: int) -> Floats:
    """A block of columns of L⁻¹ from its diagonal on, by forward substitution without a copy of L."""
    n = len(factor) - first
    found: Floats = np.eye(n, min(_BLOCK, n))
    for row in range(0, n, _BLOCK):
        its, here = slice(row, row + _BLOCK), slice(first + row, first + row + _BLOCK)
        found[its] -= factor[here, first : first + row] @ found[:row]
        found[its] = half_solved(factor[here, here], found[its])
    return found


def inverse(factor: Floats) -> Floats:
    """(L Lᵀ)⁻¹ of the lower factor L as a full matrix, symmetrised block by block to avoid large copies."""
    from scipy.linalg.lapack import dpotri

    if len(factor) == 0:
        return np.zeros((0, 0))
    full: Floats = np.asarray(dpotri(factor.T, lower=0)[0].T)  # in Fortran order, so that nothing is copied
    for first in range(0, len(full), _BLOCK):
        rows, beyond = slice(first, first + _BLOCK), slice(first + _BLOCK, None)
        lower = np.tril(full[rows, rows])
        full[rows, rows] = lower + np.tril(lower, -1).T
        full[rows, beyond] = full[beyond, rows].T
    return full
