"""Hill-climb: a greedy walk. Each batch holds single mutants of the best design measured so far."""

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.generators.offspring import Offspring, parents_of
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.mutants import beginning, best_designs, bred, new_in_turn, random_mutants, single_mutants
from designloop.strategies.naturalness import Naturalness, viable_first
from designloop.strategies.random_viable import RandomViable


class HillClimb(Strategy):
    """Single mutants of the best measured design: all of them if the batch can hold them, else random ones.

    When the best design has too few new mutants left, the next best follows. It uses the same corpus and viability
    model as every other strategy. The first batch holds mutants of the parent or of the starting sequences; without
    these, it is that of `random-viable`.
    """

    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that estimates viability; none: no filter",
    )
    mutations: float = Field(
        1.0,
        ge=1,
        description="edits of a mutant; 1: all single mutants; above 1: random mutants with this mean number of edits "
        "(Poisson, at least one)",
    )
    parents: int = Field(1, ge=1, le=1_000_000, description="number of best measured designs that have mutants")
    surplus: int = Field(
        10, ge=1, le=1_000, description="mutants for each one chosen, of which the choice is drawn by P(viable)"
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Mutants of the best designs, drawn by their probability of being viable."""
        n = order.n_designs
        best = best_designs(history)
        choices = self._climbed(best, history, n, rng) if best else self._first(history, n, rng)
        if not choices:
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        return Proposal(self.filled(history, choices, n, rng), leaders(history, order.n_retests))

    def _first(self, history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        return beginning(history, lambda root: self._mutants(root, history, n, rng))

    def _climbed(self, best: list[str], history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        """New mutants of the first designs; where these are too few, of the next ones."""
        view = Naturalness.learnt(self.model, history) if self.model is not None else None
        found, offered = dict[str, None](), list[Offspring]()
        for group in [best[: self.parents], *([one] for one in best[self.parents :])]:
            if len(found) >= n:
                break
            lists = [self._mutants(one, history, n, rng) for one in group]
            offered.append(new_in_turn({*history.taken, *found}, lists, self.surplus * n if view else n))
            chosen = viable_first(view, offered[-1], rng) if view else offered[-1]
            found.update(dict.fromkeys(chosen[: n - len(found)]))
        more = enough(history, found, n, lambda count: random_mutants(history, best, count, self.mutations, rng))
        return bred(more, "mutation", parents_of(*offered, more))

    def _mutants(self, parent: str, history: History, n: int, rng: np.random.Generator) -> Offspring:
        if self.mutations == 1 or history.space.pool is not None:
            return single_mutants(parent, history.space, rng)
        return random_mutants(history, [parent], self.surplus * n, self.mutations, rng)
