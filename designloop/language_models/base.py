"""A language model gives sequences a probability, and so can sample them and fill in what is missing."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes
from designloop.core.parts import Part
from designloop.core.space import Space


class LanguageModel(Part):
    """The description of a sequence language model; `pretrained` turns it into one, made once and cached by content."""

    shelf: ClassVar[str] = "language_models"

    def pretrained(self, corpus: Sequence[str], space: Space) -> "SequenceModel":
        """The model trained on `corpus` (unlabelled natural sequences); an empty corpus gives the uniform model.

        The same description, corpus, versions and thread count give the same model: from memory, the cache or anew.
        """
        raise NotImplementedError


class SequenceModel(Protocol):
    """A trained language model over one alphabet. Codes are (n, L) int16 with PAD behind shorter sequences' ends."""

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences that honour the space's lengths, fixed and allowed letters; may repeat."""
        ...

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
        """`codes` with the letters at `missing`, (n, L), drawn given the others, within the allowed letters.

        `passes`: the most passes of the network to spend; None: as many as the best draws take. An n-gram ignores it.
        """
        ...

    def log_likelihood(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Natural log of each sequence's probability, (n,): exact, or an estimate that the model's docstring names."""
        ...

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Natural log of each letter's probability given its context, shape (n, longest), 0 behind the end.

        The context is the model's own: what came before, or all the rest.
        """
        ...
