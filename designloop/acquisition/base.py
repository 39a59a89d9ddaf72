"""Acquisition turns a posterior into a choice of n candidates, aware of what is pending."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from designloop.core.parts import Part
from designloop.surrogates.base import Floats, Posterior

Target = Callable[[Sequence[str]], Floats]
"""What a generator climbs: candidates -> score, shape (n,)."""


class Acquisition(Part):
    """Scores candidates. Scores are on the posterior's model scale; `threshold` is what one must improve on there."""

    shelf: ClassVar[str] = "acquisition"

    def targets(
        self, posterior: Posterior, pending: Sequence[str], threshold: float, n: int, rng: np.random.Generator
    ) -> list[Target]:
        """The functions to climb: n draws for Thompson, else one."""
        raise NotImplementedError

    def choose(
        self,
        candidates: Sequence[str],
        n: int,
        posterior: Posterior,
        pending: Sequence[str],
        threshold: float,
        rng: np.random.Generator,
    ) -> list[int]:
        """Places of n distinct candidates (all of them where there are fewer), best first."""
        raise NotImplementedError
