"""Genetic: a baseline after holo-bench. Mutate and recombine the best measured designs, keep viable children."""

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.generators.mutation import Mutation
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.mutants import bred
from designloop.strategies.naturalness import Naturalness, viable_first
from designloop.strategies.random_viable import RandomViable


class Genetic(Strategy):
    """Each batch is the next generation of the best designs measured so far, as in holo-bench's genetic optimiser.

    It uses the same corpus and viability model as every other strategy. The first batch is that of `random-viable`.
    """

    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that estimates viability; none: no filter",
    )
    survivors: int = Field(20, ge=1, le=1_000_000, description="number of best measured designs that have children")
    mutations: float = Field(1.0, gt=0, description="mean number of edits of a child (at least one)")
    recombination: float = Field(0.5, ge=0, le=1, description="share of children with two parents")
    surplus: int = Field(10, ge=1, le=1_000, description="children for each one chosen")

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The most viable children, in random order among equals."""
        if not history.is_measured.any():
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        breeding = Mutation(mutations=self.mutations, recombination=self.recombination, parents=self.survivors)

        def born(count: int) -> list[str]:
            return breeding.propose(history, count, rng)

        children = enough(history, born(order.n_designs * self.surplus), order.n_designs, born)
        view = Naturalness.learnt(self.model, history) if self.model is not None else None
        # Drawn by P(viable), not cut off at a value of it, so that n are always kept.
        choices = bred(viable_first(view, children, rng), "mutation", children.parents)
        return Proposal(self.filled(history, choices, order.n_designs, rng), leaders(history, order.n_retests))
