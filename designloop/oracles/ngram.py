"""An n-gram model defines the true naturalness: the probability of each letter after the preceding letters.

It is part of the hidden truth, and deliberately small. Strategies learn about natural sequences with their own models.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.counting import many
from designloop.core.errors import ConfigError

Floats = NDArray[np.float64]
_MAX_CELLS = 20_000_000


@dataclass(frozen=True)
class NGram:
    """The probability of each letter after `order` letters of context."""

    alphabet: Alphabet
    order: int
    log_p: Floats
    """Natural log of the probability of a letter (column) after a context (row), (contexts, letters).

    A context is a number in base letters + 1, the oldest letter first; the highest digit means "before the start".
    """

    @classmethod
    def counted(cls, corpus: Sequence[str], alphabet: Alphabet, order: int, pseudocount: float = 0.5) -> Self:
        """The model of a corpus; `pseudocount` is added to the count of each letter after each context."""
        n_contexts = contexts_of(alphabet, order)
        counts = np.full(n_contexts * len(alphabet), pseudocount)
        for cells, is_letter in _cells(alphabet.encode(corpus), order, len(alphabet)):
            counts += np.bincount(cells[is_letter], minlength=len(counts))
        table = counts.reshape(n_contexts, len(alphabet))
        return cls(alphabet, order, np.log(table / table.sum(axis=1, keepdims=True)))

    @classmethod
    def drawn(cls, alphabet: Alphabet, order: int, rng: np.random.Generator) -> Self:
        """A random model: the logits of each letter after each context are standard normal."""
        logits = rng.standard_normal((contexts_of(alphabet, order), len(alphabet)))
        return cls(alphabet, order, logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))

    def score(self, sequences: Sequence[str]) -> Floats:
        """Log-likelihood per letter, in nats, shape (n,), given the length."""
        codes = self.alphabet.encode(sequences)
        total, log_p = np.zeros(len(codes)), self.log_p.ravel()
        for cells, is_letter in _cells(codes, self.order, len(self.alphabet)):
            total += np.where(is_letter, log_p[cells], 0.0)  # letter by letter: the same sum in any company
        return np.asarray(total / np.maximum((codes != PAD).sum(axis=1), 1))


def contexts_of(alphabet: Alphabet, order: int) -> int:
    """Number of contexts. Raises ConfigError if the table would be too large."""
    n_contexts: int = (len(alphabet) + 1) ** order
    if n_contexts * len(alphabet) > _MAX_CELLS:
        raise ConfigError(
            f"an n-gram model of order {order} over {len(alphabet)} letters needs {n_contexts * len(alphabet):,} "
            f"parameters (at most {_MAX_CELLS:,}); reduce `order`"
        )
    return n_contexts


def _cells(codes: Codes, order: int, n_letters: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """For each position: each sequence's cell in the flat table, (n,), and whether it has a letter there, (n,)."""
    n_contexts = (n_letters + 1) ** order
    context = np.full(len(codes), n_contexts - 1)  # `order` times the digit that stands before the beginning
    for letters in codes.T.astype(np.int64):
        yield context * n_letters + np.maximum(letters, 0), letters != PAD
        context = (context * (n_letters + 1) + np.maximum(letters, 0)) % n_contexts


@dataclass(frozen=True)
class Standard:
    """A model's score in standard deviations from the mean of natural sequences: z."""

    model: NGram
    mean: float
    sd: float

    @classmethod
    def over(cls, natural: Sequence[str], model: NGram) -> Self:
        """Standardised over `natural`. Raises ConfigError if all scores are equal."""
        scores = model.score(natural)
        if not scores.std() > 1e-9:
            raise ConfigError(
                f"{many(len(natural), 'natural sequence')} have equal scores under an n-gram model of order "
                f"{model.order}, so naturalness is undefined; give a more diverse corpus, or increase `order`"
            )
        return cls(model, float(scores.mean()), float(scores.std()))

    def z(self, sequences: Sequence[str]) -> Floats:
        """Standard deviations above the mean natural sequence, shape (n,)."""
        return (self.model.score(sequences) - self.mean) / self.sd
