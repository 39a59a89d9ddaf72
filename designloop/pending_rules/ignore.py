"""Ignore: designs in the lab might as well not be there. What every other rule must beat."""

import numpy as np

from designloop.pending_rules.base import Belief, PendingDesigns, PendingRule
from designloop.surrogates.base import Posterior


class Ignore(PendingRule):
    """Believes nothing of pending designs; new results alone keep choices apart (Riegler et al. 2026)."""

    def believed(
        self,
        posterior: Posterior,
        pending: PendingDesigns,
        threshold: float,
        rng: np.random.Generator,
        *,
        scale: float = 1.0,
    ) -> Belief:
        """The posterior as it came."""
        return Belief(posterior, threshold)
