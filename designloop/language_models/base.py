"""A language model gives sequences a probability, and so can sample them and fill in what is missing."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.errors import InputError
from designloop.core.parts import Part
from designloop.core.spaces import Space

Objective = Literal["causal", "masked", "any-order"]
Optimizer = Literal["adamw", "muon"]
Precision = Literal["float32", "bfloat16", "auto"]
"""Of a network's products; `auto`: bfloat16 where the machine has it in hardware."""
Floats = NDArray[np.float64]
MASKED_SHARE = 0.15
"""Of the letters, hidden in training a masked model."""


class Adaptation(Part):
    """How a pretrained model is fine-tuned on measured designs; the pretrained one is left as it was."""

    steps: int = Field(40, ge=0, description="steps of fine-tuning, from the pretrained weights")
    learning_rate: float = Field(1e-3, gt=0, description="step size of Adam")
    kl: float = Field(
        0.3, ge=0, description="weight of the KL divergence from the pretrained model, nats a letter; 0 holds nothing"
    )
    sharpness: float = Field(
        1.0, ge=0, description="how much good designs count: weight exp(sharpness · normal score of the value's rank)"
    )

    def weights(self, values: Floats) -> Floats:
        """The weight of each measured design, by the rank of its value, (n,), with mean one."""
        from scipy.special import ndtri
        from scipy.stats import rankdata

        scores = ndtri((rankdata(values) - 0.5) / max(len(values), 1))
        weights = np.exp(self.sharpness * scores)
        return np.asarray(weights / weights.mean())


class LanguageModel(Part):
    """The description of a sequence language model; `pretrained` turns it into one, made once and cached by content."""

    shelf: ClassVar[str] = "language_models"
    to_define: ClassVar[tuple[str, ...]] = ("pretrained",)

    def pretrained(self, corpus: Sequence[str], space: Space) -> "SequenceModel":
        """The model trained on `corpus` (unlabelled natural sequences); an empty corpus gives the uniform model.

        The same description, corpus, versions and thread count give the same model: from memory, the cache or anew.
        """
        raise NotImplementedError

    def rehearsed(self, corpus: Sequence[str], space: Space) -> "tuple[SequenceModel, float]":
        """A model that is as costly to ask as the pretrained one, and the seconds that pretraining will take, about.

        What is kept, or quick to make, is itself, and takes none.
        """
        return self.pretrained(corpus, space), 0.0


class SequenceModel(Protocol):
    """A trained language model over one alphabet. Codes are (n, L) int16 with PAD behind shorter sequences' ends.

    `designloop.testing.LanguageModelContract` tests what is promised here.
    """

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences that honour the space's lengths, fixed and allowed letters, and edit budget; may repeat."""
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

        Temperature t draws each letter from its probability to the power 1/t; an n-gram, from the joint one.
        `passes`: how much to spend at most, in passes of a network that fills gaps, or tries of one that writes; None:
        as much as the best draws take.
        """
        ...

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability, (n,): exact, or an estimate that the model's docstring names."""
        ...

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability given its context, shape (n, longest), 0 behind the end.

        The context is the model's own: what came before, or those of the others that it is shown at once.
        """
        ...

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all the other letters) at each place that is `asked`, one at a time, (places, letters).

        Places are in row-major order, and what stands at one does not matter to it; it is given to the others.
        """
        ...

    def embed(self, sequences: Sequence[str]) -> Floats:
        """Each sequence as a fixed number of features, (n, width), for a surrogate to read."""
        ...

    def adapt(
        self, sequences: Sequence[str], weights: Floats, adaptation: Adaptation, rng: np.random.Generator
    ) -> Self:
        """The model fine-tuned on measured designs, each with its weight, (n,); not negative, and one above zero."""
        ...


def places_asked(codes: Codes, asked: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, columns) of the letters that are asked about. Raises InputError where there is none to ask about."""
    rows, columns = np.nonzero(asked)
    behind = np.flatnonzero(codes[rows, columns] == PAD)
    if len(behind):
        row, column = int(rows[behind[0]]), int(columns[behind[0]])
        raise InputError(
            f"position {column + 1} of sequence {row + 1} is asked about, which has {(codes[row] != PAD).sum()} "
            "letters; ask within it"
        )
    return rows, columns


def per_letter(log_likelihoods: Floats, sequences: Sequence[str]) -> Floats:
    """Log likelihoods divided by their sequences' letters, (n,), so that lengths compare; in nats a letter."""
    n_letters = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    return np.asarray(log_likelihoods / np.maximum(n_letters, 1))
