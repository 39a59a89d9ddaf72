"""A language model assigns probabilities to sequences, and therefore can sample them and infill missing letters."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.parts import Part
from designloop.core.spaces import Space

Objective = Literal["causal", "masked", "any-order"]
Optimizer = Literal["adamw", "muon"]
Precision = Literal["float32", "bfloat16", "auto"]
"""Precision of a network's matrix products; `auto`: bfloat16 if the hardware supports it, otherwise float32."""
Floats = NDArray[np.float64]
MASKED_SHARE = 0.15
"""Share of the letters that is hidden when a masked model is trained."""


class Adaptation(Part):
    """How a copy of a pretrained model is fine-tuned on measured designs."""

    steps: int = Field(40, ge=0, description="fine-tuning steps, starting from the pretrained weights")
    learning_rate: float = Field(1e-3, gt=0, description="learning rate of Adam")
    kl: float = Field(
        0.3, ge=0, description="weight of the KL divergence from the pretrained model, in nats per letter; 0: none"
    )
    sharpness: float = Field(
        1.0, ge=0, description="emphasis on good designs: weight exp(sharpness · normal score of the value's rank)"
    )

    def weights(self, values: Floats) -> Floats:
        """The weight of each measured design by the rank of its value, shape (n,), with mean 1."""
        from scipy.special import ndtri
        from scipy.stats import rankdata

        scores = ndtri((rankdata(values) - 0.5) / max(len(values), 1))
        weights = np.exp(self.sharpness * scores)
        return np.asarray(weights / weights.mean())


class LanguageModel(Part):
    """The description of a language model. `pretrained` trains the model once and caches it by content."""

    shelf: ClassVar[str] = "language_models"
    to_define: ClassVar[tuple[str, ...]] = ("pretrained",)

    def pretrained(self, corpus: Sequence[str], space: Space) -> "SequenceModel":
        """The model trained on `corpus` (unlabelled natural sequences); an empty corpus gives the uniform model.

        The same description, corpus, versions and thread count give the same model: from memory, from the cache, or
        newly trained.
        """
        raise NotImplementedError

    def rehearsed(self, corpus: Sequence[str], space: Space) -> "tuple[SequenceModel, float]":
        """A model that is as costly to evaluate as the pretrained one, and the estimated seconds of pretraining.

        A model that is cached, or quick to train, is returned itself, with 0 seconds.
        """
        return self.pretrained(corpus, space), 0.0


class SequenceModel(Protocol):
    """A trained language model over one alphabet. Codes are (n, L) int16; shorter sequences end with PAD.

    `designloop.testing.LanguageModelContract` tests this contract.
    """

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences within the lengths, fixed and allowed letters, and edit budget of `space`; may repeat."""
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
        """`codes` with the letters at `missing`, shape (n, L), drawn given the others, within the allowed letters.

        Temperature t raises the probability of each letter (in an n-gram model: of all jointly) to the power 1/t.
        `passes` limits the cost: passes of a network that fills gaps, or attempts of a causal network. None: no limit,
        for the best draws.
        """
        ...

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability, (n,): exact, or an estimate named in the model's docstring."""
        ...

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability given its context, shape (n, longest), 0 after the end.

        The context depends on the model: the letters before, or the other letters that it sees in the same pass.
        """
        ...

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all other letters) at each position in `asked`, one position at a time, (positions, letters).

        Positions are in row-major order. The letter at a position does not affect its own probabilities, but is given
        to the others.
        """
        ...

    def embed(self, sequences: Sequence[str]) -> Floats:
        """Each sequence as a fixed number of features for a surrogate, shape (n, width)."""
        ...

    def adapt(
        self, sequences: Sequence[str], weights: Floats, adaptation: Adaptation, rng: np.random.Generator
    ) -> Self:
        """The model fine-tuned on measured designs with `weights`, (n,): none negative, at least one positive."""
        ...


def places_asked(codes: Codes, asked: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, columns) of the positions in `asked`. Raises InputError for a position after the end of its sequence."""
    rows, columns = np.nonzero(asked)
    behind = np.flatnonzero(codes[rows, columns] == PAD)
    if len(behind):
        row, column = int(rows[behind[0]]), int(columns[behind[0]])
        length = many(int((codes[row] != PAD).sum()), "letter")
        raise InputError(f"position {column + 1} of sequence {row + 1} is after its end: it has {length}")
    return rows, columns


def per_letter(log_likelihoods: Floats, sequences: Sequence[str]) -> Floats:
    """Log-likelihoods per letter, (n,), in nats, so that sequences of different lengths can be compared."""
    n_letters = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    return np.asarray(log_likelihoods / np.maximum(n_letters, 1))
