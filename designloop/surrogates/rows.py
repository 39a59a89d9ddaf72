"""Rows of features, one for each sequence, with the products that a Gaussian over their weights needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places

_MAX_LOOKED_UP = 1_000_000
"""Maximum number of values looked up at once, which limits the memory."""


class Rows(Protocol):
    """Features X of n sequences, (n, D). Arguments and answers are float64."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n, D)."""
        ...

    def dense(self) -> Floats:
        """X, (n, D)."""
        ...

    def times(self, weights: Floats) -> Floats:
        """X · weights, (n,) or (n, k), of (D,) or (D, k)."""
        ...

    def transposed(self, values: Floats) -> Floats:
        """Xᵀ · values, (D,) or (D, k), of (n,) or (n, k)."""
        ...

    def gram(self, precisions: Floats) -> Floats:
        """Xᵀ · diag(precisions) · X, (D, D)."""
        ...

    def kernel(self, other: "Rows") -> Floats:
        """X · Yᵀ with the rows Y of other sequences, (n, m)."""
        ...

    def forms(self, matrix: Floats) -> Floats:
        """xᵀ · matrix · x of each row, (n,), of a symmetric matrix (D, D)."""
        ...

    def norms(self) -> Floats:
        """|x|² of each row, (n,)."""
        ...

    def with_(self, other: Any) -> "Rows":
        """These rows, followed by those of other sequences."""
        ...

    def picked(self, places: Places) -> "Rows":
        """Some of the rows."""
        ...


@dataclass(frozen=True)
class DenseRows:
    """Rows with dense features."""

    features: Floats

    @property
    def shape(self) -> tuple[int, int]:
        n, width = self.features.shape
        return n, width

    def dense(self) -> Floats:
        return self.features

    def times(self, weights: Floats) -> Floats:
        return np.asarray(self.features @ weights)

    def transposed(self, values: Floats) -> Floats:
        return np.asarray(self.features.T @ values)

    def gram(self, precisions: Floats) -> Floats:
        rooted = self.features * np.sqrt(precisions)[:, None]
        return np.asarray(rooted.T @ rooted)

    def kernel(self, other: Rows) -> Floats:
        return np.asarray(self.features @ other.dense().T)

    def forms(self, matrix: Floats) -> Floats:
        return np.asarray(np.einsum("nd,nd->n", self.features @ matrix, self.features))

    def norms(self) -> Floats:
        return np.asarray(np.einsum("nd,nd->n", self.features, self.features))

    def with_(self, other: Any) -> "DenseRows":
        return DenseRows(np.vstack([self.features, other.features]))

    def picked(self, places: Places) -> "DenseRows":
        return DenseRows(self.features[places])


@dataclass(frozen=True)
class LetterRows:
    """Rows of zeros and a few ones, stored as the columns of the ones, with a constant as the last feature.

    Products are sums over these columns: L numbers for a mean instead of L · letters.
    """

    places: Places
    """Columns of the ones, (n, L); `width` if there is no letter."""
    width: int
    """Number of letter columns; the constant follows them."""
    constant: float
    """The last feature."""

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.places), self.width + 1

    def dense(self) -> Floats:
        n = len(self.places)
        hot = np.zeros((n, self.width + 1))
        np.put_along_axis(hot, self.places, 1.0, axis=1)
        hot[:, self.width] = self.constant
        return hot

    def times(self, weights: Floats) -> Floats:
        if weights.ndim == 2:
            return np.asarray(self._sparse @ weights)
        letters = _with_nothing(weights, self.width)
        total: Floats = np.zeros(len(self.places)) + self.constant * weights[-1]
        for column in self.places.T:  # position by position, so that the order of sums does not depend on the batch
            total += letters[column]
        return total

    def transposed(self, values: Floats) -> Floats:
        return np.asarray(self._sparse.T @ values)

    def gram(self, precisions: Floats) -> Floats:
        upper: Floats = np.zeros((self.width + 1) ** 2)
        for chunk, pairs in self._pairs():  # each pair of letters of a row is counted, with the row's precision
            each = np.repeat(precisions[chunk], pairs.shape[1])
            upper += np.bincount(pairs.ravel(), weights=each, minlength=len(upper))
        full = upper.reshape(self.width + 1, self.width + 1)
        full[-1] = 0.0
        full[:-1, -1] = self.constant * np.asarray(self._sparse.T @ precisions)[:-1]
        diagonal = np.diag(full).copy()
        full += full.T
        full[np.diag_indices_from(full)] = diagonal
        full[-1, -1] = self.constant**2 * precisions.sum()
        return full

    def kernel(self, other: Rows) -> Floats:
        """Number of letters that two sequences share, plus the product of the constants."""
        assert isinstance(other, LetterRows), "rows of one view"
        shared = np.zeros((len(self.places), len(other.places)), dtype=np.int32)
        for mine, its in zip(self.places.T, other.places.T, strict=True):
            shared += np.where(mine == self.width, -1, mine)[:, None] == its
        return np.asarray(shared + self.constant * other.constant, dtype=float)

    def forms(self, matrix: Floats) -> Floats:
        letters: Floats = np.zeros((self.width + 1, self.width + 1))
        letters[:-1, :-1] = matrix[:-1, :-1]
        once = np.diag(letters).copy()
        flat = 2.0 * letters.ravel()
        flat[:: self.width + 2] = once
        looked_up = [flat[pairs].sum(axis=1) for _, pairs in self._pairs()]
        crossed = _with_nothing(matrix[-1], self.width)[self.places].sum(axis=1)
        both = 2.0 * self.constant * crossed + self.constant**2 * matrix[-1, -1]
        return np.asarray(np.concatenate([np.zeros(0), *looked_up]) + both)

    def norms(self) -> Floats:
        return np.asarray((self.places < self.width).sum(axis=1) + self.constant**2)

    def with_(self, other: Any) -> "LetterRows":
        return LetterRows(np.vstack([self.places, other.places]), self.width, self.constant)

    def picked(self, places: Places) -> "LetterRows":
        return LetterRows(self.places[places], self.width, self.constant)

    def _pairs(self) -> Iterator[tuple[slice, Places]]:
        """For chunks of rows: indices of each ordered pair of letters in a flat matrix (width + 1)², shape (rows,
        pairs).
        """
        n, n_letters = self.places.shape
        size = max(1, 2 * _MAX_LOOKED_UP // max(n_letters * (n_letters + 1), 1))
        if n <= size:
            yield slice(0, n), self._pairs_of_all
            return
        for i in range(0, n, size):
            yield slice(i, i + size), _places_of_pairs(self.places[i : i + size], self.width + 1)

    @cached_property
    def _pairs_of_all(self) -> Places:
        return _places_of_pairs(self.places, self.width + 1)

    @cached_property
    def _sparse(self) -> Any:
        from scipy.sparse import csr_matrix

        columns = np.hstack([self.places, np.full((len(self.places), 1), self.width)])
        values = np.where(columns < self.width, 1.0, 0.0)
        values[:, -1] = self.constant
        ends = columns.shape[1] * np.arange(len(columns) + 1)
        return csr_matrix((values.ravel(), columns.ravel(), ends), shape=(len(columns), self.width + 1))


def _places_of_pairs(places: Places, width: int) -> Places:
    first, second = np.triu_indices(places.shape[1])
    found = np.take(places, first, axis=1)  # in the order of rows, unlike places[:, first]
    found *= width
    found += np.take(places, second, axis=1)
    return found


def _with_nothing(weights: Floats, width: int) -> Floats:
    """Weights of letters, followed by a zero for positions without a letter."""
    letters: Floats = np.zeros((width + 1, *weights.shape[1:]))
    letters[:width] = weights[:width]
    return letters


def in_columns(product: Callable[[Floats], Floats], factor: Floats) -> Floats:
    """A product with a factor (m,) or (m, k), as (n,) or (n, k), computed with contiguous columns."""
    columns = np.ascontiguousarray(factor.reshape(len(factor), -1), dtype=float)
    found = np.asarray(product(columns))
    return found.reshape(len(found), *factor.shape[1:])
