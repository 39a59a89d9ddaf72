"""Constant liar: assume the same value for every pending design."""

from typing import Literal

import numpy as np
from pydantic import Field

from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior, model_means

Lie = Literal["min", "mean", "max"]


class ConstantLiar(PendingRule):
    """Assumes the lowest, mean or highest measured value for pending designs (Ginsbourger et al. 2010).

    `max` attracts the next batch to pending designs, unless the acquisition function has a threshold; `min` repels it.
    """

    lie: Lie = Field("mean", description="min, mean or max of the values measured so far, on the model's scale")

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """The assumed value of each design, shape (p,); its posterior mean if nothing is measured."""
        if len(pending.measured) == 0:
            return model_means(posterior, pending.sequences)
        lies = {"min": pending.measured.min(), "mean": pending.measured.mean(), "max": pending.measured.max()}
        return np.full(len(pending.sequences), lies[self.lie])
