"""Generators propose candidate sequences."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.parts import Part
from designloop.language_models.base import LanguageModel

Score = Callable[[Sequence[str]], NDArray[np.float64]]
"""A cheap in-silico function of candidates, shape (n,), higher is better."""


class Generator(Part):
    """Proposes candidates inside the history's space."""

    shelf: ClassVar[str] = "generators"

    def propose(
        self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None
    ) -> list[str]:
        """Up to `n` distinct candidates inside `history.space`; fewer only where the space or the moves run out.

        `score` is climbed where it is given, and the best found are returned, best first; None: propose freely.
        """
        raise NotImplementedError

    def language_model(self) -> LanguageModel | None:
        """The language model it proposes with, for a strategy to share; None where it has none."""
        return None
