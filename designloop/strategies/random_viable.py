"""Random-viable: samples from the language model of natural sequences. The floor strategy of every comparison."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.core.spaces import compress
from designloop.generators.base import drawn_freely
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough


class RandomViable(Strategy):
    """Samples of a language model, or of the corpus itself, without using any value."""

    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model to sample from; none: draw from the corpus",
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """New sequences from the model, or from the corpus."""

        def draw(count: int) -> Sequence[str]:
            drawn = self._drawn(history, count, rng)
            return compress(drawn, (sequence not in history.taken for sequence in drawn))

        def freely(count: int) -> list[str]:
            return drawn_freely(history, count, draw)

        sequences = enough(history, freely(order.n_designs), order.n_designs, freely)
        origin = "corpus" if self.model is None else "language-model"
        choices = (Choice(sequence, origin) for sequence in sequences)
        return Proposal(self.filled(history, choices, order.n_designs, rng), leaders(history, order.n_retests))

    def _drawn(self, history: History, count: int, rng: np.random.Generator) -> Sequence[str]:
        corpus = history.known.corpus
        if self.model is not None:
            drawn = self.model.pretrained(corpus, history.space).sample(count, history.space, rng)
            return history.space.mended_texts(drawn, rng)
        return [corpus[i] for i in rng.permutation(len(corpus))[: 4 * count]] if corpus else []
