"""Pessimistic: every pending design is believed to have disappointed."""

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior


class Pessimistic(PendingRule):
    """Believes pending designs at mean - beta · std, their lower confidence bound (after Volk et al. 2026).

    So the next batch keeps away from them where little is known, and hardly where the surrogate is sure.
    """

    beta: float = Field(1.0, ge=0, description="standard deviations below the mean; 0 is the kriging believer")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """Mean - beta · std, (p,)."""
        mean, std = posterior.model_moments(pending.sequences)
        return mean - self.beta * std
