"""Constant liar: every pending design is believed to have one and the same value."""

from typing import Literal

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior, model_means

Lie = Literal["min", "mean", "max"]


class ConstantLiar(PendingRule):
    """Believes pending designs to be as good as the worst, the mean or the best measured (Ginsbourger et al. 2010).

    `max` pulls the next batch towards what is pending, unless the acquisition has a threshold; `min` pushes it away.
    """

    lie: Lie = Field("mean", description="min, mean or max of the values measured so far, on the model's scale")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """The lie, shape (p,); with nothing measured there is nothing to lie with, and each has its mean."""
        if len(pending.measured) == 0:
            return model_means(posterior, pending.sequences)
        lies = {"min": pending.measured.min(), "mean": pending.measured.mean(), "max": pending.measured.max()}
        return np.full(len(pending.sequences), lies[self.lie])
