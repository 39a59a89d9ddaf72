"""A pending rule says what is believed of designs in the lab while an acquisition looks at candidates."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from designloop.core.parts import Part
from designloop.surrogates.base import Floats, Posterior, model_means


@dataclass(frozen=True)
class PendingDesigns:
    """What an acquisition is told of the lab: which sequences are in it, and what came back so far."""

    sequences: tuple[str, ...] = ()
    """Submitted and not yet observed, p of them, in alphabetical order, so that the order of ids is nothing."""
    measured: Floats = field(default_factory=lambda: np.zeros(0))
    """Values of the designs measured so far, on the posterior's model scale, (m,)."""


@dataclass(frozen=True)
class Belief:
    """A posterior that knows of the pending designs as a rule says; or k of them at once, of one spread."""

    posterior: Posterior
    threshold: float | Floats
    """What a candidate must improve on: a number, or (k, 1) for k posteriors, to stand beside their means (k, n)."""


class PendingRule(Part):
    """Says what pending designs are believed to be worth. A belief lives within one call of an acquisition.

    A kind of rule gives `values`; with nothing pending, no rule believes anything, and none draws from `rng`.
    """

    shelf: ClassVar[str] = "pending_rules"
    raises_threshold: ClassVar[bool] = True
    """Whether a pending design that is believed better than all measured ones is what others must improve on."""

    believes: ClassVar[bool] = True
    """Whether pending designs are believed to be worth anything at all."""

    def values(self, posterior: Posterior, pending: PendingDesigns, rng: np.random.Generator, scale: float) -> Floats:
        """The values that the pending designs are believed to have, model scale: (p,), or (k, p) for k beliefs.

        `scale` is how far the caller lets draws stand off the mean (Thompson's).
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
        """The posterior that has these values too, and its threshold. The same state of `rng` gives the same belief."""
        if not (self.believes and pending.sequences):
            return Belief(posterior, threshold)
        values = self.values(posterior, pending, rng, scale)
        posterior = posterior.condition(pending.sequences, values)
        if not self.raises_threshold:
            return Belief(posterior, threshold)
        best = model_means(posterior, pending.sequences).max(axis=-1, keepdims=values.ndim == 2)
        return Belief(posterior, np.maximum(best, threshold))
