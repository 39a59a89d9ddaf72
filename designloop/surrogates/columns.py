"""Features that another model computes, such as its prediction: one view beside letters and pairs.

The rows of training sequences are given to `Regression.of` (`known`), since a prediction of a sequence that the model
was trained on says too much. They are best centred on 0: what a column adds to all rows alike is a bias.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from designloop.core.alphabet import Codes
from designloop.surrogates.base import Floats
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.views import OwnValues


@dataclass(frozen=True)
class Columns:
    """Features that are the same for all draws."""

    of: Callable[[Sequence[str]], Floats]
    """Sequences -> features, (n, D)."""
    of_own: Callable[[Codes], Floats] | None = None
    """Codes (k, m, L) -> features, (k, m, D)."""

    def __call__(self, sequences: Sequence[str]) -> DenseRows:
        return DenseRows(self.of(sequences))

    def own(self, weights: Floats) -> OwnValues | None:
        """Products with weights (D, k), for each function's own sequences."""
        return _own(self.of_own, weights)


@dataclass(frozen=True)
class ColumnsOfDraws:
    """Features that differ between the k functions of a draw: `draw.with_view(columns, these)` uses them."""

    of: Callable[[Sequence[str]], Floats]
    """Sequences -> features of each function, (k, n, D)."""
    of_own: Callable[[Codes], Floats] | None = None
    """Codes (k, m, L) -> features, (k, m, D)."""

    def times(self, sequences: Sequence[str], weights: Floats) -> Floats:
        """Products with weights (D, k), (n, k)."""
        return np.asarray(np.einsum("knd,dk->nk", self.of(sequences), weights))

    def own(self, weights: Floats) -> OwnValues | None:
        """Products with weights (D, k), for each function's own sequences."""
        return _own(self.of_own, weights)


def _own(of_own: Callable[[Codes], Floats] | None, weights: Floats) -> OwnValues | None:
    return None if of_own is None else lambda codes: np.asarray(np.einsum("kmd,dk->km", of_own(codes), weights))
