"""Generators propose candidate sequences."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet, Codes
from designloop.core.contracts import check_returned
from designloop.core.errors import ContractError
from designloop.core.faults import called
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.spaces import compress
from designloop.generators.offspring import Offspring, parents_of
from designloop.language_models.base import LanguageModel

Floats = NDArray[np.float64]
_MOST_VALUES = 2**22
"""Values of functions that are held at once."""


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
    worth: Callable[[Sequence[str]], Floats] | None = None
    """n measured or pending sequences -> (n,): their expected values, by which parents are chosen. None: by the
    measured values, without pending designs."""
    trust: float = 1.0
    """How well the functions are known, from 0 to 1: the rank correlation of predictions out of fold with values."""

    def own(self, codes: Codes, alphabet: Alphabet) -> Floats:
        """Codes (k, m, L) under one function each, the first m under the first function, and so on: shape (k, m).

        `functions` may define `own(codes)`, which evaluates just these. Otherwise it evaluates k times as many.
        """
        own: Callable[[Codes], Floats] | None = getattr(self.functions, "own", None)
        if own is not None:
            return np.array(own(codes), dtype=np.float64)
        step = max(1, _MOST_VALUES // max(self.n_functions * codes.shape[1], 1))
        starts = range(0, self.n_functions, step)
        return np.concatenate([self._own(codes[first : first + step], first, alphabet) for first in starts])

    def motifs(self) -> Codes:
        """Motifs of each function, shape (k, G, W, 2): places and letters, strongest first, -1 after the last.

        `functions` may define `motifs()`, None if it has none; then G is 0.
        """
        its: Callable[[], Codes | None] | None = getattr(self.functions, "motifs", None)
        found = None if its is None else its()
        return no_motifs(self.n_functions) if found is None else found

    def _own(self, codes: Codes, first: int, alphabet: Alphabet) -> Floats:
        """The same for a block of functions, from `first` on, (b, m)."""
        n, m = codes.shape[:2]
        values = self.functions(alphabet.decode(codes.reshape(n * m, -1))).reshape(self.n_functions, n, m)
        return values[first + np.arange(n), np.arange(n)]

    def total(self, sequences: Sequence[str]) -> Floats:
        """Sum of functions and penalty, (k, n)."""
        values = self.functions(sequences)
        return values if self.penalty is None else values + self.penalty(sequences)


def no_motifs(n_functions: int) -> Codes:
    """The motifs of functions that have none, in the shape of `Score.motifs`."""
    return np.zeros((n_functions, 0, 0, 2), dtype=np.int16)


class Generator(Part):
    """Proposes candidates inside the history's space."""

    shelf: ClassVar[str] = "generators"
    to_define: ClassVar[tuple[str, ...]] = ("propose",)

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """About `n` distinct candidates inside `history.space`; fewer if the space or the moves are exhausted.

        With a `score`, the best candidates found for each of its functions, at least n if there are as many. With
        None, free proposals. A generator that breeds returns `Offspring`, which says from which sequences.
        """
        raise NotImplementedError

    def language_model(self) -> LanguageModel | None:
        """The language model that it proposes with, for a strategy to share; None if it has none."""
        return None


def proposed(
    generator: Generator, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None
) -> Offspring:
    """What the generator proposes. Raises ContractError if these are not sequences."""
    found: Any = generator.propose(history, n, rng, score=score)
    mend = "return a list of sequences, as text"
    check_returned(found, Iterable, generator, "propose", mend)
    sequences = [] if isinstance(found, str) else list(found)
    if isinstance(found, str) or not all(isinstance(sequence, str) for sequence in sequences):
        came = "one text" if isinstance(found, str) else "other things than text"
        raise ContractError(f"{called(generator)} returned {came} from `propose`; {mend}")
    return Offspring(sequences, parents_of(found))


def distinct_inside(history: History, sequences: Sequence[str]) -> Offspring:
    """The distinct sequences inside the history's space, in their order."""
    distinct = list(dict.fromkeys(sequences))
    return Offspring(compress(distinct, history.space.contains(distinct)), parents_of(sequences))


def drawn_freely(history: History, n: int, draw: Callable[[int], Sequence[str]], *, max_attempts: int = 8) -> Offspring:
    """Up to n distinct sequences of the space, from repeated calls of `draw(count)`."""
    found, draws = dict[str, None](), list[Offspring]()
    for _ in range(max_attempts):
        draws.append(distinct_inside(history, draw(max(2 * (n - len(found)), 16))))
        found.update(dict.fromkeys(draws[-1]))
        if len(found) >= n:
            break
    return Offspring(list(found)[:n], parents_of(*draws))
