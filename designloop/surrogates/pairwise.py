"""Pairwise features: one letter at one position, and another letter at another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.core.alphabet import Codes
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places, differing_positions
from designloop.surrogates.pairwise_rows import PairwiseRows
from designloop.surrogates.views import OwnValues, codes_within

_MAX_FEATURES = 250_000
"""100 draws then hold 200 MB of weights."""
_FEW = 32_768
"""Features that a candidate of `auto` may have: 64 letters of DNA, or 13 positions of a protein. A judgement."""


@dataclass(frozen=True)
class Pairwise:
    """1 if letter a stands at position i and letter b at position j, else 0, for all a, b and i < j that may differ."""

    space: Space

    def __call__(self, sequences: Sequence[str]) -> PairwiseRows:
        self._check_size()
        return PairwiseRows(self._free(self.space.padded_codes(sequences)), len(self.space.alphabet))

    def own(self, weights: Floats) -> OwnValues:
        """Sums of weights (D, k) for each function's own sequences."""
        from designloop.surrogates.pairwise_kernels import sums_of_own

        table, n_letters = np.ascontiguousarray(weights.T), len(self.space.alphabet)
        return lambda codes: np.asarray(sums_of_own(table, self._free(codes_within(self.space, codes)), n_letters))

    @property
    def n_features(self) -> int:
        """Number of pairs of letters at two positions."""
        n = len(self._positions)
        return n * (n - 1) // 2 * len(self.space.alphabet) ** 2

    @property
    def has_few(self) -> bool:
        """Whether there are features, and no more than a candidate among several may have."""
        return 0 < self.n_features <= _FEW

    def _check_size(self) -> None:
        if self.n_features > _MAX_FEATURES:
            n_letters, n_positions = len(self.space.alphabet), len(self._positions)
            raise InputError(
                f"pairs of {n_letters} letters at {n_positions} positions are {self.n_features:,} features; the most "
                f"are {_MAX_FEATURES:,}; keep more letters with `fixed`, or use features: gapped-pairs or letters"
            )

    def _free(self, codes: Codes) -> Codes:
        """The letters at the positions that may differ, (..., F)."""
        return np.ascontiguousarray(codes[..., self._positions], dtype=np.int16)

    @cached_property
    def _positions(self) -> Places:
        return differing_positions(self.space)
