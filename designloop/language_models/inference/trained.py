"""What every trained model shares: a sample is a blank sequence, infilled."""

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
    """How missing letters are drawn: within a space, by chance, at a temperature, in so many passes."""

    space: Space
    rng: np.random.Generator
    temperature: float
    passes: int | None


class TrainedModel(SequenceModel):
    """A model over one alphabet. A kind of model gives `_infilled`, and what the contract asks besides."""

    alphabet: Alphabet
    lengths: Lengths

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences of the space's lengths and allowed letters: lengths first, then letters given the length.

        Where the space has an edit budget: its parent with so many letters, or fewer, infilled.
        """
        codes, missing = self._blank(n, space, rng)
        return self.alphabet.decode(self.infill(codes, missing, space, rng, temperature=temperature))

    def _blank(self, n: int, space: Space, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
        """Codes and missing, both (n, longest), of sequences that are still to be drawn."""
        return blank(self.lengths, n, space, rng)

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability among all sequences of all lengths, (n,).

        The sum over its letters, and its length's: exact where each letter is told from those before it alone.
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
        """`codes` with the letters at `missing`, (n, L), drawn given the others, as the contract says."""
        return self._infilled(codes, np.asarray(missing, dtype=bool), Drawing(space, rng, temperature, passes))

    def _infilled(self, codes: Codes, missing: NDArray[np.bool_], how: Drawing) -> Codes:
        """`codes` with the letters at `missing`, both (n, L), drawn; how, the kind of model says."""
        raise NotImplementedError
