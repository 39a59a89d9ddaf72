"""A neural model: what models of every objective share. Chunks of sequences pass through one network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.errors import InputError
from designloop.core.random import seed_from
from designloop.core.space import Space
from designloop.language_models.base import Adaptation, Objective
from designloop.language_models.lengths import Lengths, blank

if TYPE_CHECKING:
    from torch import Tensor

    from designloop.language_models.network import Network

Floats = NDArray[np.float64]
CHUNK_LETTERS = 4096
"""Letters in one pass of the network: more no longer fit the processor's cache, and are slower."""


@dataclass(frozen=True)
class NeuralModel:
    """A trained network over one alphabet. How it infills, and what its likelihood is, hang on its objective."""

    alphabet: Alphabet
    network: "Network"
    lengths: Lengths
    objective: Objective
    context: int
    """Letters of the longest sequence that may be asked about."""

    def sample(self, n: int, space: Space, rng: np.random.Generator, *, temperature: float = 1.0) -> list[str]:
        """`n` sequences of the space's lengths and allowed letters: lengths first, then letters given the length.

        Where the space has an edit budget: its parent with so many letters, or fewer, infilled.
        """
        codes, missing = blank(self.lengths, n, space, rng)
        return self.alphabet.decode(self.infill(codes, missing, space, rng, temperature=temperature))

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
        """As the contract says; how, the objective's model says."""
        raise NotImplementedError

    def log_likelihood(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each sequence's probability, (n,); exact or an estimate, the objective's model says which."""
        raise NotImplementedError

    def letter_log_likelihoods(self, sequences: Sequence[str]) -> Floats:
        """Natural log of each letter's probability given what the model looks at, (n, longest)."""
        raise NotImplementedError

    def letter_probabilities(self, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
        """P(letter | all the others) at each place that is asked, (places, letters)."""
        raise NotImplementedError

    def embed(self, sequences: Sequence[str]) -> Floats:
        """The mean over letters of what the last block found, (n, width), each to mean 0 and variance 1 by letter."""
        codes = self.alphabet.encode(sequences)
        found = np.zeros((len(codes), self.network.head.in_features))
        for chunk in chunks(codes):
            is_letter = codes[chunk] != PAD
            hidden = self._hidden(codes[chunk]) * is_letter[:, :, None]
            found[chunk] = hidden.sum(axis=1) / np.maximum(is_letter.sum(axis=1), 1)[:, None]
        return found

    def _hidden(self, codes: Codes) -> Floats:
        """What the network knows of each letter once it has read it, (n, L, width)."""
        with computing():
            return np.asarray(self.network.hidden(self.letters(codes)).cpu().double().numpy())

    def adapt(
        self, sequences: Sequence[str], weights: Floats, adaptation: Adaptation, rng: np.random.Generator
    ) -> Self:
        """A copy, trained on from these weights on weighted sequences, and held to this model by its KL divergence."""
        from designloop.language_models.adapting import adapted

        codes = self.trained_on(self.alphabet.encode(sequences))
        return replace(self, network=adapted(self.network, self.objective, codes, weights, adaptation, seed_from(rng)))

    def trained_on(self, codes: Codes) -> Codes:
        """Encoded sequences as the network reads them, same shape."""
        return codes

    def letters(self, codes: Codes) -> "Tensor":
        """Codes (n, L) as the network's letters, on its device. Raises InputError where they outgrow the context."""
        from designloop.language_models.training import letters_of

        if codes.shape[1] > self.context:
            raise InputError(
                f"a sequence has {codes.shape[1]} letters, and the model's context is {self.context}; shorten it, or "
                "train a model of a longer `context`"
            )
        return letters_of(codes, self.network).to(self.network.head.weight.device)


def chunks(codes: Codes) -> Iterator[slice]:
    """Slices of encoded sequences, (n, L), of about `CHUNK_LETTERS` each."""
    size = max(1, CHUNK_LETTERS // max(codes.shape[1], 1))
    return (slice(start, start + size) for start in range(0, len(codes), size))


@contextmanager
def computing() -> Iterator[None]:
    """The block in which a network is asked: no gradients, one thread."""
    import torch

    from designloop.language_models.training import one_thread

    with torch.inference_mode(), one_thread():
        yield


def softmax_logs(logits: "Tensor") -> Floats:
    """Natural log of the probability of each letter, (..., letters), in double precision."""
    import torch

    return np.asarray(torch.log_softmax(logits.double(), dim=-1).cpu().numpy())
