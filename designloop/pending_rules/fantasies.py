"""Fantasies: average over several possible results of the pending designs."""

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior


class Fantasies(PendingRule):
    """Averages scores over k joint draws of the pending results (Snoek et al. 2012, section 3.3).

    Thompson sampling draws its functions from the k beliefs in turn. They then have the same distribution as those of
    `ignore`.
    """

    n_fantasies: int = Field(16, ge=1, le=64, description="joint draws of the pending designs' values")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """K joint draws with measurement noise, as conditioning expects, (k, p)."""
        draws = posterior.draw(self.n_fantasies, rng, scale=scale)(pending.sequences)
        noise = scale * np.sqrt(posterior.noise) * rng.standard_normal(draws.shape)
        return np.asarray(draws + noise)
