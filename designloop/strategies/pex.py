"""PEX: proximal exploration. Of equally promising mutants, those with the fewest mutations are built first.

Ren et al. 2022, ICML (Proximal Exploration for Model-guided Protein Sequence Design), without its network MuFacNet: the
surrogate is one of the shelf. As in the authors' program, only designs near the proximal frontier of the measured ones
have children, and a batch is filled by taking the frontier of the candidates off, again and again. Differences: values
are shrunk means, so that noise does not decide who has children; log P(viable) is added to predictions; and without a
parent, the best design of the first round is the wild type.
"""

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.core.shrinkage import shrunk_means
from designloop.generators.offspring import Offspring
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.frontier import near_frontier, peeled
from designloop.strategies.judging import Judge
from designloop.strategies.mutants import beginning, best_designs, edits_from, random_mutants, wild_type
from designloop.strategies.random_viable import RandomViable
from designloop.surrogates.base import Surrogate


class PEX(Strategy):
    """Mutants on the proximal frontier: the highest predictions for their number of mutations from the wild type.

    The wild type is the parent of the space, or else the best design of the first round. It uses the same corpus and
    viability model as every other strategy. The first batch holds mutants of the parent or of the starting sequences;
    without these, it is that of `random-viable`.
    """

    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("bayesian-linear"), description="predicts the values of mutants"
    )
    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that estimates viability; none: viability is learnt from outcomes alone",
    )
    mutations: float = Field(2.0, gt=0, description="mean number of edits of a child (at least one)")
    frontier_neighbors: int = Field(
        5, ge=1, le=1_000_000, description="measured designs at each number of mutations that may have children"
    )
    model_queries: int = Field(
        2000, ge=1, le=10_000_000, description="number of sequences that the surrogate scores for one batch"
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """Candidates of the proximal frontier, then of the frontier of the others, until there are enough."""
        n, parents = order.n_designs, self._parents(history)
        choices = self._guided(parents, history, n, rng) if parents else self._first(history, n, rng)
        if not choices and n:
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        return Proposal(self.filled(history, choices, n, rng), leaders(history, order.n_retests))

    def _first(self, history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        def mutants(root: str) -> Offspring:
            return enough(history, [], n, lambda count: random_mutants(history, [root], count, self.mutations, rng))

        return beginning(history, mutants)

    def _parents(self, history: History) -> list[str]:
        """Measured designs near the proximal frontier."""
        best, reference = best_designs(history), wild_type(history)
        if not best or reference is None:
            return []
        values = dict(zip(history.sequences, shrunk_means(history).tolist(), strict=True))
        worth = np.array([values[sequence] for sequence in best])
        return [
            best[i] for i in near_frontier(edits_from(reference, best, history.space), worth, self.frontier_neighbors)
        ]

    def _guided(self, parents: list[str], history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        if n == 0:
            return []
        candidates = self._candidates(parents, history, rng)
        judge = Judge.taught(self.surrogate, self.model, history)
        distances = edits_from(wild_type(history) or "", candidates, history.space)
        found = [candidates[i] for i in peeled(distances, judge.score(candidates), n)]
        return judge.choices(found, "mutation", candidates.parents)

    def _candidates(self, parents: list[str], history: History, rng: np.random.Generator) -> Offspring:
        """New mutants of the parents; of a pool, its new members."""
        if history.space.pool is not None:
            left = [member for member in history.space.enumerate() if member not in history.taken]
            return Offspring(left[i] for i in rng.permutation(len(left))[: self.model_queries])

        def mutants(count: int) -> Offspring:
            return random_mutants(history, parents, count, self.mutations, rng)

        found = enough(history, mutants(self.model_queries), self.model_queries, mutants)
        return Offspring(found[: self.model_queries], found.parents)
