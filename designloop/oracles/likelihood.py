"""Likelihood under a masked language model, such as ESM-2: a proxy of what a lab would measure."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import PROTEIN, AlphabetField
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import FilePath, expanded
from designloop.core.readers.sequences import checked
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale

if TYPE_CHECKING:
    from designloop.language_models.inference.gaps import GapModel

Floats = NDArray[np.float64]


class Likelihood(Oracle):
    """Log-likelihood under a masked model of `transformers`, from a local folder: a proxy, not a measurement.

    Scores (Meier et al. 2021), in nats:

    - `masked-marginal`: the sum over substitutions of log P(letter) - log P(the parent's letter), at that position of
      the parent when it alone is masked.
    - `wild-type-marginal`: the same, from one pass over the parent without a mask.
    - `pseudo-likelihood`: the mean over letters of log P(letter | all others), one pass for each letter (Salazar et
      al. 2020). It needs no parent, and sequences may differ in length.

    Probabilities are renormalised over the alphabet. The two marginals are additive: they know no interaction between
    substitutions, and their optimum is exact. A strategy that uses the same model knows the truth.
    """

    scale: ClassVar[Scale] = "log"

    path: FilePath = Field(description="folder of a masked model, written by `save_pretrained`; nothing is downloaded")
    score: Literal["masked-marginal", "wild-type-marginal", "pseudo-likelihood"] = Field(
        "masked-marginal", description="masked-marginal, wild-type-marginal (with a parent) or pseudo-likelihood"
    )
    alphabet: AlphabetField = Field(PROTEIN, description="alphabet: dna, rna or protein")
    parent: str | None = Field(None, description="sequence that substitutions are counted from, for the marginals")
    min_length: int | None = Field(
        None, ge=1, le=1_000_000, description="shortest sequence, for `score: pseudo-likelihood`"
    )
    max_length: int | None = Field(
        None, ge=1, le=1_000_000, description="longest sequence, for `score: pseudo-likelihood`"
    )
    letters: dict[str, str] = Field({}, description="letters that its tokenizer writes differently, such as {U: T}")
    needs: str | None = Field(None, description="package to import first, if it defines the architecture")
    device: str = Field(
        "cpu", description="`cpu`, `cuda` or `auto`; a GPU is faster, and its values differ in the last digits"
    )

    @model_validator(mode="after")
    def _knows_its_lengths(self) -> Self:
        lengths = self.min_length, self.max_length
        if self.score != "pseudo-likelihood" and (self.parent is None or lengths != (None, None)):
            raise ValueError(f"`score: {self.score}` requires `parent`, and no `min_length` or `max_length`")
        if self.score == "pseudo-likelihood" and (self.parent is not None or None in lengths):
            raise ValueError("`score: pseudo-likelihood` requires `min_length` and `max_length`, and no `parent`")
        if None not in lengths and self.min_length > self.max_length:  # type: ignore[operator]
            raise ValueError(f"min_length {self.min_length} is above max_length {self.max_length}")
        return self

    @cached_property
    def space(self) -> Space:
        """Sequences of the parent's length, or of the lengths given. Raises InputError where the model cannot read it.

        The model is loaded here, so that a missing folder, an unknown letter or a short context ends before any work.
        """
        if self.parent is not None:
            (parent,) = checked([self.parent], self.alphabet, "the parent, sequence ")
            space = Space.of_length(self.alphabet, len(parent), parent=parent)
        else:
            space = Space(alphabet=self.alphabet, min_length=self.min_length, max_length=self.max_length)
        self._opened(space).check_context(space.max_length)
        return space

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the values are."""
        return (f"values are log-likelihoods under the model in {expanded(self.path).name}, not measurements",)

    @property
    def optimum(self) -> float | None:
        """The highest value, exact for the marginals; unknown for `pseudo-likelihood`."""
        return None if self.parent is None else float(self._worth.max(axis=1).sum())

    def optimal_solution(self) -> str | None:
        """The sequence with the highest value; None for `pseudo-likelihood`."""
        if self.parent is None:
            return None
        return self.alphabet.decode(self._worth.argmax(axis=1).astype(np.int16)[None])[0]

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Scores in nats, shape (n,). Raises InputError for a letter or a length outside the space."""
        codes = self.space.alphabet.encode(sequences)
        for row, sequence in enumerate(sequences):
            if not self.space.min_length <= len(sequence) <= self.space.max_length:
                raise InputError(f"sequence {row + 1}: expected {self._lengths}, got {len(sequence)}")
        if self.parent is not None:
            return np.asarray(self._worth[np.arange(codes.shape[1]), codes].sum(axis=1) if len(codes) else np.zeros(0))
        found = {sequence: self._mean(sequence) for sequence in dict.fromkeys(sequences)}
        return np.array([found[sequence] for sequence in sequences], dtype=np.float64)

    @property
    def _lengths(self) -> str:
        low, high = self.space.min_length, self.space.max_length
        return many(low, "letter") if low == high else f"{low} to {many(high, 'letter')}"

    def _mean(self, sequence: str) -> float:
        """One sequence at a time: in single precision, the others of a pass would change its last digits."""
        codes = self.space.alphabet.encode([sequence])
        found = self._model.letter_probabilities(codes, np.ones(codes.shape, dtype=bool))
        return float(np.log(found[np.arange(codes.shape[1]), codes[0]]).mean())

    @cached_property
    def _worth(self) -> Floats:
        """What each letter adds at each position, (length, letters): 0 for the parent's."""
        parent = self.space.alphabet.encode([self.space.parent or ""])
        everywhere = np.ones(parent.shape, dtype=bool)
        if self.score == "masked-marginal":
            shares = self._model.letter_probabilities(parent, everywhere)
        else:
            shares = self._model.open_probabilities(parent)[0]
        logs = np.log(shares)
        return np.asarray(logs - logs[np.arange(len(logs)), parent[0]][:, None])

    @property
    def _model(self) -> "GapModel":
        return self._opened(self.space)

    def _opened(self, space: Space) -> "GapModel":
        """The model, loaded once for each process."""
        from designloop.language_models.huggingface import HuggingFace
        from designloop.language_models.inference.gaps import GapModel

        fields = {"letters": self.letters, "needs": self.needs, "device": self.device}
        model = HuggingFace(path=self.path, objective="auto", **fields).pretrained([], space)
        if not isinstance(model, GapModel):
            raise ConfigError(
                f"{self.path}: `likelihood` requires a masked model, which sees both sides of a letter, and this one "
                "is causal; use a model such as ESM-2 or RiNALMo"
            )
        return model
