"""Rows of pairwise features, stored as the letters of which they are pairs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from designloop.core.alphabet import PAD, Codes
from designloop.surrogates.base import Floats
from designloop.surrogates.features import pairs_of
from designloop.surrogates.rows import DenseRows, Rows, in_columns


@dataclass(frozen=True)
class PairwiseRows:
    """Each pair of letters of n sequences at F positions is a one, and all other features are zeros.

    Two sequences with s letters in common have s (s - 1) / 2 pairs in common.
    """

    codes: Codes
    """(n, F), int16; PAD where a sequence has ended."""
    n_letters: int

    @property
    def shape(self) -> tuple[int, int]:
        n, n_positions = self.codes.shape
        return n, n_positions * (n_positions - 1) // 2 * self.n_letters**2

    def dense(self) -> Floats:
        left, right = np.triu_indices(self.codes.shape[1], 1)
        pairs = pairs_of(self.codes[:, left], self.codes[:, right], self.n_letters)
        hot = np.zeros((*pairs.shape, self.n_letters**2 + 1))  # the last, dropped, is that of no pair
        np.put_along_axis(hot, pairs[:, :, None], 1.0, axis=2)
        return hot[:, :, :-1].reshape(self.shape)

    def times(self, weights: Floats) -> Floats:
        from designloop.surrogates.pairwise_kernels import sums

        return in_columns(lambda its: sums(self.codes, its, self.n_letters), weights)

    def transposed(self, values: Floats) -> Floats:
        from designloop.surrogates.pairwise_kernels import spread

        return in_columns(lambda its: spread(self.codes, its, self.n_letters), values)

    def gram(self, precisions: Floats) -> Floats:
        return DenseRows(self.dense()).gram(precisions)

    def kernel(self, other: Rows) -> Floats:
        """Number of pairs that two sequences share."""
        assert isinstance(other, PairwiseRows), "rows of one view"
        shared = np.zeros((len(self.codes), len(other.codes)))
        for mine, its in zip(self.codes.T, other.codes.T, strict=True):
            shared += (mine[:, None] == its) & (mine != PAD)[:, None]
        shared *= (shared - 1.0) / 2.0
        return shared

    def forms(self, matrix: Floats) -> Floats:
        return DenseRows(self.dense()).forms(matrix)

    def norms(self) -> Floats:
        letters = (self.codes != PAD).sum(axis=1)
        return np.asarray(letters * (letters - 1) / 2.0)

    def with_(self, other: Any) -> "PairwiseRows":
        return PairwiseRows(np.vstack([self.codes, other.codes]), self.n_letters)

    def picked(self, places: Any) -> "PairwiseRows":
        return PairwiseRows(self.codes[places], self.n_letters)
