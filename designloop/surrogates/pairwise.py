"""Pairwise features: one letter at one position, and another letter at another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.core.alphabet import Codes
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places, differing_positions, pairs_of
from designloop.surrogates.rows import LetterRows
from designloop.surrogates.views import OwnValues, codes_within

_MAX_FEATURES = 250_000
"""100 draws then hold 200 MB of weights."""


@dataclass(frozen=True)
class Pairwise:
    """1 if letter a stands at position i and letter b at position j, else 0, for all a, b and i < j that may differ."""

    space: Space

    def __call__(self, sequences: Sequence[str]) -> LetterRows:
        self._check_size()
        pairs = self._pairs(self.space.padded_codes(sequences))
        return LetterRows(np.take_along_axis(self._columns, pairs.T, axis=1).T, self.n_features, 0.0)

    def own(self, weights: Floats) -> OwnValues:
        """Sums of weights (D, k) for each function's own sequences."""
        from designloop.surrogates.compiled import letters_of_own

        table = np.ascontiguousarray(weights.T)
        table[:, -1] = 0.0  # the column of no pair
        places = np.arange(len(self._columns))

        def values(codes: Codes) -> Floats:
            pairs = self._pairs(codes_within(self.space, codes))
            return np.asarray(letters_of_own(table, pairs, places, self._columns))

        return values

    @property
    def n_features(self) -> int:
        """Number of pairs of letters at two positions."""
        return len(self._positions[0]) * len(self.space.alphabet) ** 2

    @property
    def has_few(self) -> bool:
        """Whether there are features, and no more than can be fitted."""
        return 0 < self.n_features <= _MAX_FEATURES

    def _pairs(self, codes: Codes) -> Places:
        """The number of each pair of letters, (..., pairs of positions), of codes (..., L)."""
        left, right = self._positions
        return pairs_of(codes[..., left], codes[..., right], len(self.space.alphabet))

    def _check_size(self) -> None:
        if self.n_features > _MAX_FEATURES:
            n_letters, n_positions = len(self.space.alphabet), len(differing_positions(self.space))
            raise InputError(
                f"pairs of {n_letters} letters at {n_positions} positions are {self.n_features:,} features; the most "
                f"are {_MAX_FEATURES:,}; keep more letters with `fixed`, or use features: gapped-pairs or letters"
            )

    @cached_property
    def _positions(self) -> tuple[Places, Places]:
        """The left and the right position of each pair that may differ."""
        free = differing_positions(self.space)
        left, right = np.triu_indices(len(free), 1)
        return free[left], free[right]

    @cached_property
    def _columns(self) -> Places:
        """The column of each pair of letters, (pairs of positions, letters² + 1); the last is that of no pair."""
        square = len(self.space.alphabet) ** 2
        columns = np.arange(self.n_features).reshape(-1, square)
        return np.pad(columns, [(0, 0), (0, 1)], constant_values=self.n_features)
