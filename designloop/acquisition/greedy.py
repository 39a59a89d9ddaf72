"""Greedy: the highest posterior means."""

from designloop.acquisition.base import Acquisition
from designloop.surrogates.base import Floats


class Greedy(Acquisition):
    """score = mean."""

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """The mean, shape (n,)."""
        return mean
