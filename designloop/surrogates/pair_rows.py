"""Rows of gapped pairs: zeros and a few numbers, stored as the features that are present."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places
from designloop.surrogates.rows import Rows, in_columns

_MAX_LOOKED_UP = 500_000
"""About as many variances are looked up at once, which limits the memory."""


@dataclass(frozen=True)
class PairRows:
    """The pairs that are present in each of n sequences, and a constant as the last feature.

    A pair of gap g has the feature √(variances[g - 1]).
    """

    ends: NDArray[np.int64]
    """Row i has features[ends[i] : ends[i + 1]], (n + 1,)."""
    features: NDArray[np.int32]
    variances: Floats
    """Prior variance of a pair for each gap, (gaps,)."""
    square: int
    """Number of pairs for each gap."""
    constant: float
    """The last feature."""

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.ends) - 1, len(self.variances) * self.square + 1

    def dense(self) -> Floats:
        return np.asarray(self._sparse.toarray())

    def times(self, weights: Floats) -> Floats:
        from designloop.surrogates.compiled import sums

        return in_columns(lambda its: sums(self.ends, self.features, self._roots, self.square, its), weights)

    def transposed(self, values: Floats) -> Floats:
        from designloop.surrogates.compiled import spread

        return in_columns(lambda its: spread(self.ends, self.features, self._roots, self.square, its), values)

    def gram(self, precisions: Floats) -> Floats:
        return np.asarray((self._sparse.T @ self._sparse.multiply(precisions[:, None])).toarray())

    def kernel(self, other: Rows) -> Floats:
        """Prior variance of the pairs that two sequences share, plus the product of the constants."""
        from designloop.surrogates.compiled import shared

        assert isinstance(other, PairRows), "rows of one view"
        both: Floats = shared(self._bits, other._bits, self.variances)
        both += self.constant * other.constant
        return both

    def forms(self, matrix: Floats) -> Floats:
        return np.asarray(self._sparse.multiply(self._sparse @ matrix).sum(axis=1)).ravel()

    def norms(self) -> Floats:
        chunks = np.array_split(np.arange(len(self.ends) - 1), self.ends[-1] // _MAX_LOOKED_UP + 1)
        return np.concatenate([self._squares(chunk) for chunk in chunks]) + self.constant**2

    def _squares(self, places: Places) -> Floats:
        """Sums of variances of the pairs of some rows."""
        its = self.picked(places)
        row = np.repeat(np.arange(len(places)), np.diff(its.ends))
        squares = np.bincount(row, weights=self.variances[its.features // self.square], minlength=len(places))
        return np.asarray(squares, dtype=float)

    def with_(self, other: Any) -> "PairRows":
        ends = np.append(self.ends, other.ends[1:] + self.ends[-1])
        return self._of(ends, np.append(self.features, other.features))

    def picked(self, places: Places) -> "PairRows":
        counts = np.diff(self.ends)[places]
        ends = np.append(0, counts.cumsum())
        within = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
        return self._of(ends, self.features[np.repeat(self.ends[:-1][places], counts) + within])

    @property
    def _roots(self) -> Floats:
        """The feature of a pair for each gap, and the constant, (gaps + 1,)."""
        return np.append(np.sqrt(self.variances), self.constant)

    def _of(self, ends: NDArray[np.int64], features: NDArray[np.int32]) -> "PairRows":
        return PairRows(ends, features, self.variances, self.square, self.constant)

    @cached_property
    def _bits(self) -> NDArray[np.uint64]:
        from designloop.surrogates.compiled import bits

        found: NDArray[np.uint64] = bits(self.ends, self.features, self.square, len(self.variances))
        return found

    @property
    def _sparse(self) -> Any:
        from scipy.sparse import csr_matrix

        n, width = self.shape
        ends = self.ends + np.arange(n + 1)  # room for the constant
        columns, values = np.full(ends[-1], width - 1, dtype=np.int32), np.full(ends[-1], self.constant)
        is_pair = np.ones(ends[-1], dtype=bool)
        is_pair[ends[1:] - 1] = False
        columns[is_pair] = self.features
        values[is_pair] = np.sqrt(self.variances)[self.features // self.square]
        return csr_matrix((values, columns, ends), shape=(n, width))
