"""Embedding-topn: the loop of EVOLVEpro (Jiang et al. 2024). Score every candidate with a regression, take the top n.

Jiang et al. 2024, Science 387 (eadr6006). EVOLVEpro fits a random forest on the embeddings of a protein language model.
Candidates are all single mutants of the wild type, or a measured table; the first round is random. Here the best
measured designs have single mutants too, so that mutations are combined from the second guided round on. Without an
`embedding` of its surrogate, the forest learns from letters.
"""

import numpy as np
from pydantic import Field

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.generators.offspring import Offspring, parents_of
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.judging import Judge
from designloop.strategies.mutants import beginning, best_designs, new_in_turn, random_mutants, single_mutants
from designloop.strategies.random_viable import RandomViable
from designloop.surrogates.base import Surrogate


class EmbeddingTopN(Strategy):
    """Scores every member of a pool or small space, or every single mutant of the leading designs, and takes the best.

    It uses the same corpus and viability model as every other strategy. The first batch is a random part of the
    candidates around the parent or the starting sequences; without these, it is that of `random-viable`.
    """

    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("random-forest"),
        description="predicts values from letters or from the embeddings of a language model",
    )
    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that estimates viability; none: viability is learnt from outcomes alone",
    )
    parents: int = Field(
        1, ge=0, le=1_000_000, description="best measured designs whose single mutants are candidates, as the parent's"
    )
    most: int = Field(200_000, ge=1, le=2_000_000, description="a space of at most this many sequences is scored whole")

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The candidates with the highest predicted values, ties in random order."""
        n, best = order.n_designs, best_designs(history)
        choices = self._guided(best, history, n, rng) if best else self._first(history, rng)
        if not choices and n:
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        return Proposal(self.filled(history, choices, n, rng), leaders(history, order.n_retests))

    def _first(self, history: History, rng: np.random.Generator) -> list[Choice]:
        """Random candidates; none if nothing says where to begin."""
        if self._is_whole(history):
            return beginning(history, lambda _: _members(history, rng))
        return beginning(history, lambda root: single_mutants(root, history.space, rng))

    def _guided(self, best: list[str], history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        """The top n of the candidates, which are in random order."""
        if n == 0:
            return []
        candidates = _members(history, rng) if self._is_whole(history) else self._mutants(best, history, n, rng)
        judge = Judge.taught(self.surrogate, self.model, history)
        top = np.argsort(-judge.score(candidates), kind="stable")[:n]
        origin = "candidate" if self._is_whole(history) else "mutation"
        return judge.choices([candidates[i] for i in top], origin, parents_of(candidates))

    def _is_whole(self, history: History) -> bool:
        """Whether every sequence of the space is a candidate."""
        size = history.space.size
        return size is not None and size <= self.most

    def _mutants(self, best: list[str], history: History, n: int, rng: np.random.Generator) -> Offspring:
        """New single mutants of the parent and the leading designs; if these are too few, of the next designs too."""
        roots = list(dict.fromkeys([*history.space.every_parent, *best[: self.parents]])) or best[:1]
        found, groups = list[str](), list[Offspring]()
        for group in [roots, *([one] for one in best if one not in roots)]:
            if len(found) >= n:
                break
            lists = [single_mutants(one, history.space, rng) for one in group]
            groups.append(new_in_turn({*history.taken, *found}, lists, sum(map(len, lists))))
            found += groups[-1]
        return enough(
            history,
            Offspring(found, parents_of(*groups)),
            n,
            lambda count: random_mutants(history, best, count, 1.0, rng),
        )


def _members(history: History, rng: np.random.Generator) -> list[str]:
    """Every sequence of the space that is not taken, in random order."""
    left = [member for member in history.space.enumerate() if member not in history.taken]
    return [left[i] for i in rng.permutation(len(left))]
