"""An n-gram model: each letter depends on the few before it. It is fast, exact, and the baseline of neural models."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from designloop.core.cache import cached
from designloop.core.errors import ConfigError
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel
from designloop.language_models.formats.keeping import load_arrays, model_key, save_arrays
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.markov import MarkovModel, counts_of

_MAX_TABLE = 50_000_000


class Markov(LanguageModel):
    """An n-gram model: counts of letters after their context. Rare contexts back off to shorter ones."""

    order: int = Field(1, ge=0, le=8, description="letters of context; 1: a bigram model, 0: independent letters")
    pseudocount: float = Field(
        0.02,
        gt=0,
        description="pseudocount of each letter after each context, distributed as after the shorter context",
    )
    positional: bool = Field(False, description="one table per position, for aligned sites (order 0: a PWM)")

    def pretrained(self, corpus: Sequence[str], space: Space) -> MarkovModel:
        """The model counted from `corpus`; without a corpus, all letters are equally likely."""

        def make() -> MarkovModel:
            return self._count(corpus, space)

        def load(path: Path) -> MarkovModel:
            arrays = load_arrays(path)
            return MarkovModel(space.alphabet, arrays["table"], Lengths(arrays["lengths"]))

        return cached("markov", model_key(self, corpus, space), make, _save, load)

    def _count(self, corpus: Sequence[str], space: Space) -> MarkovModel:
        codes = space.alphabet.encode(corpus)
        n_letters, n_positions = len(space.alphabet), max(codes.shape[1], 1) if self.positional else 1
        if n_positions * (n_letters + 1) ** self.order * n_letters > _MAX_TABLE:
            raise ConfigError(
                f"an n-gram model of order {self.order} over {n_letters} letters needs a table of more than "
                f"{_MAX_TABLE:,} numbers; lower the order"
            )
        table = np.full((n_positions, 1, n_letters), 1.0 / n_letters)
        for order in range(self.order + 1):
            counts = counts_of(codes, order, n_positions, n_letters)
            # (P, contexts, A): the shorter context is the longer one without its oldest letter
            prior = table[:, np.arange(counts.shape[1]) % table.shape[1]] * (self.pseudocount * n_letters)
            table = (counts + prior) / (counts.sum(axis=2, keepdims=True) + self.pseudocount * n_letters)
        return MarkovModel(space.alphabet, table, Lengths.of(codes, space))


def _save(model: MarkovModel, path: Path) -> None:
    save_arrays({"table": model.table, "lengths": model.lengths.counts}, path)
