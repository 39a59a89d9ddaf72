"""Generators propose candidate sequences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.spaces import compress
from designloop.language_models.base import LanguageModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """A cheap in-silico score to climb: k functions at once, and a penalty they share. Higher is better."""

    functions: Callable[[Sequence[str]], Floats]
    """n sequences -> (k, n): each of the k functions is climbed on its own."""
    n_functions: int = 1
    penalty: Callable[[Sequence[str]], Floats] | None = None
    """n sequences -> (n,), never above zero (log P(viable)). Costly: asked only of those that may still be good."""
    bound: Callable[[Sequence[str]], Floats] | None = None
    """n sequences -> (n,), never below the penalty, and cheap: what it rules out is not asked about."""

    def own(self, sequences: Sequence[str]) -> Floats:
        """Each sequence under the one function it climbs, (k, n / k): sequences stand function by function."""
        values = self.functions(sequences).reshape(self.n_functions, self.n_functions, -1)
        return values[np.arange(self.n_functions), np.arange(self.n_functions)].copy()

    def total(self, sequences: Sequence[str]) -> Floats:
        """Functions and penalty together, (k, n)."""
        values = self.functions(sequences)
        return values if self.penalty is None else values + self.penalty(sequences)


class Generator(Part):
    """Proposes candidates inside the history's space."""

    shelf: ClassVar[str] = "generators"
    to_define: ClassVar[tuple[str, ...]] = ("propose",)

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """About `n` distinct candidates inside `history.space`; fewer where the space or the moves run out.

        A `score` is climbed where it is given: the best candidates that each of its functions found, and at least n
        where there are as many. None: propose freely.
        """
        raise NotImplementedError

    def language_model(self) -> LanguageModel | None:
        """The language model it proposes with, for a strategy to share; None where it has none."""
        return None


def distinct_inside(history: History, sequences: Sequence[str]) -> list[str]:
    """The sequences of the history's space, each once, in their order."""
    distinct = list(dict.fromkeys(sequences))
    return compress(distinct, history.space.contains(distinct))


def drawn_freely(history: History, n: int, draw: Callable[[int], Sequence[str]], *, max_attempts: int = 8) -> list[str]:
    """Up to n distinct sequences of the space, from repeated calls of `draw(count)`."""
    found: dict[str, None] = {}
    for _ in range(max_attempts):
        found.update(dict.fromkeys(distinct_inside(history, draw(max(2 * (n - len(found)), 16)))))
        if len(found) >= n:
            break
    return list(found)[:n]
