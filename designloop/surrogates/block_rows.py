"""Rows of several blocks of features side by side, each multiplied by a factor."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places
from designloop.surrogates.rows import Rows

_MAX_WRITTEN_OUT = 4_000_000
"""Maximum number of features written out at once, which limits the memory."""


@dataclass(frozen=True)
class BlockRows:
    """[f₁ X₁, f₂ X₂, …] for rows X of the same sequences: the kernel is Σ f² · kernel of a block."""

    blocks: tuple[Rows, ...]
    factors: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.blocks[0].shape[0], sum(block.shape[1] for block in self.blocks)

    def dense(self) -> Floats:
        return np.hstack([factor * block.dense() for block, factor in self._pairs()])

    def times(self, weights: Floats) -> Floats:
        total: Floats = np.zeros((self.shape[0], *weights.shape[1:]))
        for (block, factor), its in zip(self._pairs(), parts([its.shape[1] for its in self.blocks]), strict=True):
            total += factor * block.times(weights[its])
        return total

    def transposed(self, values: Floats) -> Floats:
        found: Floats = np.empty((self.shape[1], *values.shape[1:]))
        for (block, factor), its in zip(self._pairs(), parts([its.shape[1] for its in self.blocks]), strict=True):
            np.multiply(block.transposed(values), factor, out=found[its])
        return found

    def gram(self, precisions: Floats) -> Floats:
        """Xᵀ · diag(precisions) · X, written out for some rows after the others."""
        total: Floats = np.zeros((self.shape[1], self.shape[1]))
        for chunk in self._chunks():
            features = self.picked(chunk).dense()
            total += (features * precisions[chunk, None]).T @ features
        return (total + total.T) / 2.0

    def kernel(self, other: Rows) -> Floats:
        assert isinstance(other, BlockRows), "rows of one view"
        total: Floats = np.zeros((self.shape[0], other.shape[0]))
        for (mine, factor), (its, scale) in zip(self._pairs(), other._pairs(), strict=True):
            _add(total, mine.kernel(its), factor * scale)
        return total

    def forms(self, matrix: Floats) -> Floats:
        written = [self.picked(chunk).dense() for chunk in self._chunks()]
        return np.concatenate([np.zeros(0), *(np.einsum("nd,nd->n", x @ matrix, x) for x in written)])

    def norms(self) -> Floats:
        return np.asarray(sum(factor**2 * block.norms() for block, factor in self._pairs()))

    def with_(self, other: Any) -> "BlockRows":
        both = zip(self.blocks, other.blocks, strict=True)
        return BlockRows(tuple(mine.with_(its) for mine, its in both), self.factors)

    def picked(self, places: Places) -> "BlockRows":
        return BlockRows(tuple(block.picked(places) for block in self.blocks), self.factors)

    def _pairs(self) -> list[tuple[Rows, float]]:
        return list(zip(self.blocks, self.factors, strict=True))

    def _chunks(self) -> Iterator[Places]:
        n, width = self.shape
        size = max(1, _MAX_WRITTEN_OUT // max(width, 1))
        for first in range(0, n, size):
            yield np.arange(first, min(first + size, n))


def _add(total: Floats, kernel: Floats, factor: float) -> None:
    """Total += factor · kernel, which is overwritten: with many rows it is large."""
    kernel *= factor
    total += kernel


def parts(widths: Sequence[int]) -> list[slice]:
    """The features of each block among those of all."""
    ends = np.cumsum([0, *widths]).tolist()
    return [slice(first, end) for first, end in pairwise(ends)]
