"""Pessimistic: assume a low value for every pending design."""

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior


class Pessimistic(PendingRule):
    """Assumes the lower confidence bound mean - beta · std for each pending design (after Volk et al. 2026).

    The next batch avoids them where the surrogate is uncertain, and hardly where it is certain.
    """

    beta: float = Field(1.0, ge=0, description="standard deviations below the mean; 0 is the kriging believer")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """Mean - beta · std, (p,)."""
        mean, std = posterior.model_moments(pending.sequences)
        return mean - self.beta * std
