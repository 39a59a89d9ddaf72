"""A pending rule assumes values for designs that are still in the lab while an acquisition function is evaluated."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from designloop.core.parts import Part
from designloop.surrogates.base import Floats, Posterior, model_means


@dataclass(frozen=True)
class PendingDesigns:
    """What an acquisition function knows of the lab: the sequences in it, and the values measured so far."""

    sequences: tuple[str, ...] = ()
    """The p sequences submitted and not yet observed, in alphabetical order, so that ids do not matter."""
    measured: Floats = field(default_factory=lambda: np.zeros(0))
    """Values of the designs measured so far, on the posterior's model scale, (m,)."""
    measured_sequences: tuple[str, ...] = ()
    """The sequences measured so far, in alphabetical order, which is not that of `measured`."""


@dataclass(frozen=True)
class Belief:
    """A posterior conditioned on assumed values of the pending designs; or k of them at once, with one spread."""

    posterior: Posterior
    threshold: float | Floats
    """The value to improve on: a number, or (k, 1) for k posteriors with means (k, n)."""


class PendingRule(Part):
    """Assumes values for pending designs. They are used within one call of an acquisition function.

    Each rule defines `values`. With nothing pending, no rule assumes anything or draws from `rng`.
    """

    shelf: ClassVar[str] = "pending_rules"
    raises_threshold: ClassVar[bool] = True
    """Whether a pending design with the highest assumed value raises the value to improve on."""

    believes: ClassVar[bool] = True
    """Whether the rule assumes values at all."""

    is_joint: ClassVar[bool] = False
    """Whether an acquisition function with joint draws includes pending designs in them, and assumes no values."""

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """The assumed values of the pending designs on the model's scale: (p,), or (k, p) for k beliefs.

        `scale` scales the deviations of draws from the mean (see Thompson).
        """
        raise NotImplementedError

    def believed(
        self,
        posterior: Posterior,
        pending: PendingDesigns,
        threshold: float,
        rng: np.random.Generator,
        *,
        scale: float = 1.0,
    ) -> Belief:
        """The posterior given these values, and its threshold. The same state of `rng` gives the same belief."""
        if not (self.believes and pending.sequences):
            return Belief(posterior, threshold)
        values = self.values(posterior, pending, rng, scale)
        posterior = posterior.condition(pending.sequences, values)
        if not self.raises_threshold:
            return Belief(posterior, threshold)
        best = model_means(posterior, pending.sequences).max(axis=-1, keepdims=values.ndim == 2)
        return Belief(posterior, np.maximum(best, threshold))
