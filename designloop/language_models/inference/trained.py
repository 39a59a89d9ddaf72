"""The base of trained models: sampling is the infilling of a blank sequence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet, Codes
from designloop.core.spaces import Space
from designloop.language_models.base import Floats, SequenceModel
from designloop.language_models.inference.lengths import Lengths, blank


@dataclass(frozen=True, slots=True)
class Drawing:
    """How missing letters are drawn: the space, the random generator, the temperature and the number of passes."""

    space: Space
    rng: np.random.Generator
    temperature: float
    passes: int | None


class TrainedModel(SequenceModel):
    """A model over one alphabet. A subclass defines `_infilled` and the rest of the contract."""

    alphabet: Alphabet
    lengths: Lengths

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences of the space's lengths and allowed letters: lengths first, then letters given the length.

        If the space has an edit budget, up to that many letters of its parent are infilled instead.
        """
        codes, missing = self._blank(n, space, rng)
        return self.alphabet.decode(self.infill(codes, missing, space, rng, temperature=temperature))

    def _blank(self, n: int, space: Space, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
        """Codes and missing letters, both (n, longest), of the sequences to draw."""
        return blank(self.lengths, n, space, rng)

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability among all sequences of all lengths, (n,).

        The sum over its letters and its length. It is exact if each letter is predicted from those before it.
        """
        return np.asarray(self.letter_log_likelihoods(sequences).sum(axis=1) + self.lengths.of_each(sequences))

    def infill(
        self,
        codes: Codes,
        missing: NDArray[np.bool_],
        space: Space,
        rng: np.random.Generator,
        *,
        temperature: float = 1.0,
        passes: int | None = None,
    ) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn given the others."""
        return self._infilled(codes, np.asarray(missing, dtype=bool), Drawing(space, rng, temperature, passes))

    def _infilled(self, codes: Codes, missing: NDArray[np.bool_], how: Drawing) -> Codes:
        """`codes` with the letters at `missing`, both (n, L), drawn. Each kind of model defines it."""
        raise NotImplementedError
