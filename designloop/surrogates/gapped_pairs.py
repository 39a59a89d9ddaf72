"""Gapped pairs: a letter somewhere in the sequence, and another one a fixed number of places later."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places, differing_positions
from designloop.surrogates.pair_rows import PairRows
from designloop.surrogates.views import OwnValues, codes_within

_USUAL_REACH, _LONGEST_REACH = 12, 31
_FALL = 8 / 12
"""Gaps over which the prior variance falls, of the largest gap."""
_LEAST_VARIANCE = 0.02
"""Of a pair with a large gap; a pair of neighbours has 1."""
_MAX_FEATURES = 250_000
"""100 draws then hold 200 MB of weights."""


@dataclass(frozen=True)
class GappedPairs:
    """1 if letter a stands anywhere and letter b stands `gap` places after it, else 0, for all a, b and gaps.

    How often the pair occurs does not matter. Prior variances fall with the gap. Pairs that all sequences of the space
    have in common are one constant, so that letters that cannot vary cost nothing.
    """

    space: Space
    max_gap: int | None = None
    """None: a quarter of the longest sequence, at least 12 and at most 31."""

    def __call__(self, sequences: Sequence[str]) -> PairRows:
        from designloop.surrogates.compiled import present

        ends, features = present(self.space.padded_codes(sequences), *self._positions, *self._letters)
        return PairRows(ends, features, self._variances, self._square, self._constant)

    def own(self, weights: Floats) -> OwnValues:
        """Sums of weights (D, k) for each function's own sequences."""
        from designloop.surrogates.compiled import pairs_of_own

        roots = np.append(np.repeat(np.sqrt(self._variances), self._square), self._constant)
        table = np.ascontiguousarray((weights * roots[:, None]).T)

        def values(codes: Codes) -> Floats:
            own = pairs_of_own(table, codes_within(self.space, codes), *self._positions, *self._letters)
            return np.asarray(own + table[:, -1:])

        return values

    @cached_property
    def n_gaps(self) -> int:
        """Number of gaps; 0 where no sequence has two letters."""
        return max(0, min(self._reach, self.space.max_length - 1))

    @property
    def _reach(self) -> int:
        if self.max_gap is not None:
            return self.max_gap
        return int(np.clip(self.space.max_length // 4, _USUAL_REACH, _LONGEST_REACH))

    @property
    def _square(self) -> int:
        return len(self.space.alphabet) ** 2

    @cached_property
    def _variances(self) -> Floats:
        """Prior variance for each gap, (gaps,): 1 for neighbours, falling in a straight line."""
        width = _FALL * max(self._reach, _USUAL_REACH)
        return np.maximum(1.0 - np.arange(self.n_gaps) / width, _LEAST_VARIANCE)

    @cached_property
    def _positions(self) -> tuple[Places, Places, Places]:
        """Both positions of every pair that may differ between sequences, and the first feature of its gap."""
        lefts = [np.flatnonzero(differs) for differs in self._differ]
        gaps = np.repeat(self._gaps, [len(places) for places in lefts])
        left = np.concatenate([np.zeros(0, dtype=np.int64), *lefts])
        return left, left + gaps, (gaps - 1) * self._square

    @cached_property
    def _differ(self) -> list[NDArray[np.bool_]]:
        """For each gap: whether the pair that begins at a position may differ between sequences, (L - gap,)."""
        differs = np.zeros(self.space.max_length, dtype=bool)
        differs[differing_positions(self.space)] = True
        return [differs[:-gap] | differs[gap:] for gap in self._gaps]

    @cached_property
    def _letters(self) -> tuple[int, NDArray[np.uint8]]:
        """Number of letters, and 1 for each pair that all sequences have in common, (D - 1,)."""
        n_letters, allowed = len(self.space.alphabet), self.space.letters_allowed
        n_features = self.n_gaps * self._square
        if n_features > _MAX_FEATURES:
            raise InputError(
                f"gapped pairs of {n_letters} letters with gaps up to {self.n_gaps} are {n_features:,} features; the "
                f"most are {_MAX_FEATURES:,}; lower max_gap to {_MAX_FEATURES // self._square}, or use "
                "features: letters"
            )
        is_common, only = np.zeros(n_features, dtype=np.uint8), allowed.argmax(axis=1)
        for gap, differs in zip(self._gaps, self._differ, strict=True):
            left = np.flatnonzero(~differs)
            is_common[(gap - 1) * self._square + only[left] * n_letters + only[left + gap]] = 1
        return n_letters, is_common

    @cached_property
    def _constant(self) -> float:
        """The square root of the prior variance of all common pairs."""
        each = self._letters[1].reshape(self.n_gaps, self._square).sum(axis=1)
        return float(np.sqrt(each @ self._variances))

    @property
    def _gaps(self) -> Places:
        return np.arange(1, self.n_gaps + 1)
