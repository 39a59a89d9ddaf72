"""Ensemble-greedy: the loop of ALDE (Yang et al. 2025). Score a whole small space with an ensemble, take the best."""

import numpy as np
from pydantic import Field

from designloop.acquisition.base import Acquisition
from designloop.core.history import History
from designloop.core.records import Design, Order, Proposal
from designloop.generators.base import Generator
from designloop.strategies.base import highest_shrunk_mean
from designloop.strategies.model_guided import ModelGuided
from designloop.strategies.random_viable import RandomViable
from designloop.strategies.uniform import Random
from designloop.surrogates.base import Surrogate


class EnsembleGreedy(ModelGuided):
    """The model-guided strategy with ALDE's parts: every sequence of the space, five small networks, the highest means.

    With the acquisition thompson (`scale: 1`), each pick is the best candidate of a randomly drawn member, as in ALDE.
    The first batch is random, as in ALDE, or that of `random-viable` if there is a corpus. A space that is too large to
    enumerate needs another generator.
    """

    generator: Generator = Field(
        default_factory=lambda: Generator._read({"kind": "enumerate", "model": "markov"}),
        description="proposes candidates; its language model estimates viability",
    )
    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("dense-ensemble"), description="predicts values with uncertainty"
    )
    acquisition: Acquisition = Field(
        default_factory=lambda: Acquisition._read("greedy"),
        description="scores candidates under the posterior and selects the batch",
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The acquisition's choice among the candidates; a random batch before the first measurement."""
        if history.is_measured.any():
            return super().propose(history, order, rng)
        model, has_corpus = self.generator.language_model(), bool(history.known.corpus)
        first = RandomViable(model=model, fill=self.fill) if has_corpus else Random(fill=self.fill)
        return first.propose(history, order, rng)

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design with the highest shrunk mean: like ALDE, it uses no model here."""
        return highest_shrunk_mean(history)
