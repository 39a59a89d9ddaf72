"""Greedy: the highest posterior means."""

from typing import ClassVar

from designloop.acquisition.base import Acquisition
from designloop.surrogates.base import Floats


class Greedy(Acquisition):
    """score = mean."""

    needs_std: ClassVar[bool] = False

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """The mean, shape (n,)."""
        return mean
