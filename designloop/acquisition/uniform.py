"""Random: any candidates at all. What every other acquisition must beat."""

from collections.abc import Sequence

import numpy as np

from designloop.acquisition.base import Acquisition
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Floats, Posterior


class Random(Acquisition):
    """Chooses n candidates uniformly, without looking at them."""

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """Zero for all."""
        return np.zeros_like(mean)

    def choose(
        self,
        candidates: Sequence[str],
        n: int,
        posterior: Posterior,
        pending: PendingDesigns,
        threshold: float,
        rng: np.random.Generator,
        log_viability: Floats | None = None,
    ) -> list[int]:
        """Places of n candidates, uniform without replacement."""
        return [int(i) for i in rng.permutation(len(candidates))[:n]]
