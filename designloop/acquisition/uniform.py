"""Random: uniform choice, the baseline of every other acquisition function."""

import numpy as np

from designloop.acquisition.base import Acquisition, Choice
from designloop.surrogates.base import Floats


class Random(Acquisition):
    """Chooses n candidates uniformly, without scores."""

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Zero for all, shape (n,)."""
        return np.zeros_like(mean)

    def _chosen(self, of: Choice) -> list[int]:
        """Indices of n candidates, uniform without replacement."""
        return [int(i) for i in of.rng.permutation(len(of.candidates))[: of.n]]
