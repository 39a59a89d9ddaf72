"""A surrogate under test: its description, and the histories that it is fitted to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, states
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.surrogates.base import Posterior, Surrogate
from designloop.testing.told import Told, history_of

Floats = NDArray[np.float64]
_N_SEQUENCES = 64
_N_CORPUS = 40
_ERROR = 0.1
"""Of the spread of values."""
FEWEST = 16
"""Sequences that a space has at least."""


@dataclass
class Bench:
    """A surrogate and a space. Six in ten sequences are measured; others have failed, are pending, or are probes."""

    part: Surrogate
    space: Space

    @cached_property
    def sequences(self) -> list[str]:
        """Distinct sequences of the space."""
        drawn = self.space.sample(4 * _N_SEQUENCES, stream(0, "surrogate-contract"))
        return list(dict.fromkeys(drawn))[:_N_SEQUENCES]

    @cached_property
    def measured(self) -> list[str]:
        """Sequences with a value."""
        return self.sequences[: len(self.sequences) * 6 // 10]

    @cached_property
    def others(self) -> tuple[list[str], list[str], list[str]]:
        """Sequences that failed, pending ones and probes, of which nothing is known."""
        rest, n = self.sequences[len(self.measured) :], len(self.sequences) // 10
        return rest[:n], rest[n : 2 * n], rest[2 * n :]

    @property
    def probes(self) -> list[str]:
        """Sequences for which predictions are compared: unknown and measured ones."""
        return [*self.others[2], *self.measured[:4]]

    @cached_property
    def worths(self) -> Floats:
        """True values of the measured sequences: additive in the letters, with unit variance, (n,)."""
        codes = self.space.padded_codes(self.measured)
        levels = stream(0, "surrogate-contract", "levels").standard_normal((codes.shape[1], len(self.space.alphabet)))
        letters = levels[np.arange(codes.shape[1]), codes]
        worths = np.where(codes == PAD, 0.0, letters).sum(axis=1)
        return np.asarray((worths - worths.mean()) / worths.std())

    def rows(self, *, shift: float = 0.0, error: float | None = _ERROR) -> list[Told]:
        """The measured designs with their values, failed designs, and designs in the lab."""
        failed, pending, _ = self.others
        words = ("not_expressed", "lost", "synthesis_failed", "build_failed")
        return [
            *(Told(s, shift + float(v), error) for s, v in zip(self.measured, self.worths, strict=True)),
            *(Told(s, words[i % len(words)]) for i, s in enumerate(failed)),
            *(Told(s, None) for s in pending),
        ]

    def outlier(self, error: float) -> list[Told]:
        """The measured designs with errors of 0.6, and one of the middle that reads 6 more, with this error."""
        middle = int(np.argsort(self.worths)[len(self.worths) // 2])
        others = [Told(s, float(v), 0.6) for s, v in zip(self.measured, self.worths, strict=True)]
        return [
            Told(self.measured[middle], float(self.worths[middle]) + 6.0, error),
            *others[:middle],
            *others[middle + 1 :],
        ]

    def history(self, rows: Iterable[Told]) -> History:
        """These designs, and a corpus of natural sequences."""
        corpus = self.space.sample(_N_CORPUS, stream(0, "surrogate-contract", "corpus"))
        return history_of(self.space, rows, corpus=corpus)

    def fit(self, rows: Iterable[Told], seed: int = 0) -> Posterior:
        """The posterior given these designs."""
        return self.part.fit(self.history(rows), stream(seed, "surrogate-contract", "fit"))

    @cached_property
    def fitted(self) -> Posterior:
        """The posterior given `rows`."""
        return self.fit(self.rows())

    def constant(self, value: float) -> list[Told]:
        """The measured designs, all with this value."""
        return [Told(s, value, _ERROR) for s in self.measured]

    def of_two_letters(self) -> "Bench":
        """The same surrogate in a space of two letters."""
        return Bench(self.part, Space.of_length(states(2), 8))

    def draws_when_fitted(self) -> bool:
        """Whether `fit` uses its generator."""
        rng = stream(0, "surrogate-contract", "fit")
        before = repr(rng.bit_generator.state)
        self.part.fit(self.history(self.rows()), rng)
        return repr(rng.bit_generator.state) != before


def mean_at(bench: Bench, rows: Sequence[Told], n_fits: int) -> float:
    """The mean prediction for the first design on the model's scale, averaged over fits with different seeds."""
    return float(np.mean([bench.fit(rows, seed).model_moments([rows[0].sequence])[0][0] for seed in range(n_fits)]))
