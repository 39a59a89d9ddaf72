"""Kriging believer: assume the posterior mean of every pending design, which reduces the uncertainty near it."""

from typing import ClassVar

import numpy as np

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior, model_means


class KrigingBeliever(PendingRule):
    """Assumes the posterior mean for each pending design (Ginsbourger et al. 2010; Desautels et al. 2014)."""

    raises_threshold: ClassVar[bool] = False
    """The best of many predictions is biased upwards, so it must not become the value to improve on."""

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """Posterior means, (p,)."""
        return model_means(posterior, pending.sequences)
