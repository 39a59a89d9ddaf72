"""The base of neural models, for every training objective. Sequences pass through the network in chunks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.errors import InputError
from designloop.core.random import seed_from
from designloop.core.spaces import Space
from designloop.language_models.base import Adaptation, Floats, Objective, Precision
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.trained import TrainedModel
from designloop.language_models.training.minibatches import Rows, by_length

if TYPE_CHECKING:
    from torch import Tensor

    from designloop.language_models.networks.letter_network import LetterNetwork

Read = NDArray[np.integer[Any]]
"""The input of a network, (n, T): codes of letters, or of tokens that spell several; padded with PAD."""
CHUNK_LETTERS = 2048
"""Letters in one pass of the network. More do not fit into the CPU cache and are slower."""
_CHUNK_LOGITS = 2**24


@dataclass(frozen=True)
class NeuralModel(TrainedModel):
    """A trained network over one alphabet. Infilling and the kind of likelihood depend on its objective."""

    alphabet: Alphabet
    network: "LetterNetwork"
    lengths: Lengths
    objective: Objective
    context: int
    """Maximum length of a sequence, in letters (or tokens)."""
    unit: ClassVar[str] = "letters"
    """The unit that the network reads: letters or tokens."""

    def _blank(self, n: int, space: Space, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
        """As wide as the longest drawn sequence, because the space may allow longer ones than the context."""
        codes, missing = super()._blank(n, space, rng)
        longest = int((missing | (codes != PAD)).sum(axis=1).max(initial=0))
        return codes[:, :longest], missing[:, :longest]

    def embed(self, sequences: Sequence[str]) -> Floats:
        """The mean over letters of the normalised output of the last block, (n, width)."""
        codes = self.trained_on(self.alphabet.encode(sequences))
        found = np.zeros((len(codes), self.network.width))
        for rows, longest in chunks((codes != PAD).sum(axis=1)):
            read = codes[rows, :longest]
            with computing():
                hidden = self.hidden(self.letters(read)).cpu().double().numpy() * (read != PAD)[:, :, None]
            found[rows] = hidden.sum(axis=1) / np.maximum((read != PAD).sum(axis=1), 1)[:, None]
        return found

    def hidden(self, letters: "Tensor") -> "Tensor":
        """The hidden state of each letter, (n, T, width)."""
        return self.network.hidden(letters)

    def adapt(
        self, sequences: Sequence[str], weights: Floats, adaptation: Adaptation, rng: np.random.Generator
    ) -> Self:
        """A copy fine-tuned on weighted sequences, with a penalty on its KL divergence from this model."""
        from designloop.language_models.training.adapting import adapted

        codes = self.trained_on(self.alphabet.encode(sequences))
        self.check_context(codes.shape[1])
        return replace(self, network=adapted(self.network, self.objective, codes, weights, adaptation, seed_from(rng)))

    def in_precision(self, precision: Precision) -> Self:
        """The model with its weights in this precision: itself, or a copy if the precision differs.

        In bfloat16, probabilities keep two or three digits, and sampling is faster if the hardware supports it.
        """
        import torch

        from designloop.language_models.networks.devices import is_bfloat16

        dtype = torch.bfloat16 if is_bfloat16(precision, self.network.device) else torch.float32
        if next(self.network.parameters()).dtype == dtype:
            return self
        network = deepcopy(self.network)
        # Only the weights: the frequencies of positional encodings, which are buffers, keep their precision.
        for weight in network.parameters():
            weight.data = weight.data.to(dtype)
        return replace(self, network=network)

    def trained_on(self, codes: Codes) -> Read:
        """Encoded sequences, (n, L), as the input of the network, (n, T)."""
        return codes

    def check_context(self, longest: int) -> None:
        """Raises InputError if a sequence is longer than the model's context."""
        if longest > self.context:
            raise InputError(
                f"a sequence has {longest} {self.unit}, but the model's context is {self.context}; shorten it, or "
                "use a model with a longer `context`"
            )

    def letters(self, codes: Read) -> "Tensor":
        """Codes (n, T) as the network's letters, on its device. Raises InputError if they exceed the context."""
        from designloop.language_models.networks.letter_network import letters_of

        self.check_context(codes.shape[1])
        return letters_of(codes, self.network).to(self.network.device)


def chunks(lengths: NDArray[np.int64], n_logits: int = 1) -> Iterator[tuple[Rows, int]]:
    """Chunks of sequences with these lengths, (n,), longest first: (rows of one pass, maximum length in it).

    A chunk has about `CHUNK_LETTERS` letters, or fewer if each letter has many logits.
    """
    for rows in by_length(np.arange(len(lengths)), lengths, max(1, min(CHUNK_LETTERS, _CHUNK_LOGITS // n_logits))):
        yield rows, int(lengths[rows[0]])


@contextmanager
def computing() -> Iterator[None]:
    """Within the block a network is evaluated without gradients, on one thread."""
    import torch

    from designloop.language_models.networks.devices import one_thread

    with torch.inference_mode(), one_thread():
        yield


def softmax_logs(logits: "Tensor") -> Floats:
    """Natural log of the probability of each letter, (..., letters), in double precision."""
    import torch

    return np.asarray(torch.log_softmax(logits.double(), dim=-1).cpu().numpy())
