"""Kriging believer: every pending design is believed to have its mean; less is unsure about it and its kin."""

from typing import ClassVar

import numpy as np

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior, model_means


class KrigingBeliever(PendingRule):
    """Believes pending designs to have their posterior mean (Ginsbourger et al. 2010; Desautels et al. 2014)."""

    raises_threshold: ClassVar[bool] = False
    """The best of many predictions is too good to be true, and would be a threshold that nothing measured gave."""

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """Posterior means, (p,)."""
        return model_means(posterior, pending.sequences)
