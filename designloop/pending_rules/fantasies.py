"""Fantasies: several results that the lab may come back with, each believed in its turn."""

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior


class Fantasies(PendingRule):
    """Scores candidates under k joint draws of what the lab may say, and averages (Snoek et al. 2012, section 3.3).

    Thompson sampling takes its functions from the k beliefs in turn: so drawn, they are in law those of `ignore`.
    """

    n_fantasies: int = Field(16, ge=1, le=64, description="joint draws of the pending designs' values")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """K joint draws with the noise of a measurement, which conditioning counts on, (k, p)."""
        draws = posterior.draw(self.n_fantasies, rng, scale=scale)(pending.sequences)
        noise = scale * np.sqrt(posterior.noise) * rng.standard_normal(draws.shape)
        return np.asarray(draws + noise)
