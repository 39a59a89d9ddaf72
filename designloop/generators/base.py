"""Generators propose candidate sequences."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.contracts import check_returned
from designloop.core.errors import ContractError
from designloop.core.faults import called
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.spaces import compress
from designloop.language_models.base import LanguageModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """A cheap in-silico score to maximise: k functions at once, with one shared penalty."""

    functions: Callable[[Sequence[str]], Floats]
    """n sequences -> (k, n): each of the k functions is maximised on its own."""
    n_functions: int = 1
    penalty: Callable[[Sequence[str]], Floats] | None = None
    """n sequences -> (n,), at most zero: log P(viable). Costly, so evaluated only for promising sequences."""
    bound: Callable[[Sequence[str]], Floats] | None = None
    """n sequences -> (n,): a cheap upper bound of the penalty, used to exclude sequences before evaluating it."""

    def own(self, sequences: Sequence[str]) -> Floats:
        """Each sequence under its own function, (k, n / k); sequences are ordered by function."""
        values = self.functions(sequences).reshape(self.n_functions, self.n_functions, -1)
        return values[np.arange(self.n_functions), np.arange(self.n_functions)].copy()

    def total(self, sequences: Sequence[str]) -> Floats:
        """Sum of functions and penalty, (k, n)."""
        values = self.functions(sequences)
        return values if self.penalty is None else values + self.penalty(sequences)


class Generator(Part):
    """Proposes candidates inside the history's space."""

    shelf: ClassVar[str] = "generators"
    to_define: ClassVar[tuple[str, ...]] = ("propose",)

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """About `n` distinct candidates inside `history.space`; fewer if the space or the moves are exhausted.

        With a `score`, the best candidates found for each of its functions, at least n if there are as many. With
        None, free proposals.
        """
        raise NotImplementedError

    def language_model(self) -> LanguageModel | None:
        """The language model that it proposes with, for a strategy to share; None if it has none."""
        return None


def proposed(
    generator: Generator, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None
) -> list[str]:
    """What the generator proposes. Raises ContractError if these are not sequences."""
    found: Any = generator.propose(history, n, rng, score=score)
    mend = "return a list of sequences, as text"
    check_returned(found, Iterable, generator, "propose", mend)
    sequences = [] if isinstance(found, str) else list(found)
    if isinstance(found, str) or not all(isinstance(sequence, str) for sequence in sequences):
        came = "one text" if isinstance(found, str) else "other things than text"
        raise ContractError(f"{called(generator)} returned {came} from `propose`; {mend}")
    return sequences


def distinct_inside(history: History, sequences: Sequence[str]) -> list[str]:
    """The distinct sequences inside the history's space, in their order."""
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
