"""AdaLead: mutate the leaders, and continue from each child while the surrogate predicts no decrease (FLEXS).

Sinai et al. 2020, arXiv 2010.02141. Corrections to the published code: a batch is complete (there it is one short);
every sequence that the surrogate scores counts as a query, recombinants too, and is scored once; and a single leader or
a small space ends the search, which would otherwise never stop. All rollouts of a generation move together.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.core.shrinkage import shrunk_means
from designloop.core.spaces import Space, compress
from designloop.generators.mutation import mutated
from designloop.generators.offspring import Offspring
from designloop.generators.starting import starting_population
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.mutants import bred, random_mutants
from designloop.strategies.naturalness import Naturalness
from designloop.strategies.random_viable import RandomViable
from designloop.surrogates.base import Floats, Surrogate, fit_once, model_means

Ints = NDArray[np.int64]

_PATIENCE = 20
"""The search ends after this many generations without a new child."""


class AdaLead(Strategy):
    """Adaptive greedy search from the designs within a threshold of the best one, scored by the surrogate's mean.

    It uses the same corpus and viability model as every other strategy. The first batch is that of `random-viable`.
    """

    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("bayesian-linear"), description="predicts the values of mutants"
    )
    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="language model that estimates viability; none: no filter",
    )
    threshold: float = Field(
        0.05, ge=0, le=1, description="largest distance of a parent from the best, as a share of the measured range"
    )
    recombination: float = Field(0.2, ge=0, le=1, description="probability of a crossover at each letter")
    mutations: float = Field(1.0, gt=0, description="mean number of edits of a child (at least one)")
    model_queries: int = Field(
        2000, ge=1, le=10_000_000, description="maximum number of sequences that the surrogate scores for one batch"
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The sequences with the highest scores among those that rollouts from the leaders reached."""
        retests = leaders(history, order.n_retests)
        if order.n_designs == 0:
            return Proposal((), retests)
        parents = self._parents(history, order.n_designs)
        if not parents:
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        judge = _Judge(self._score(history), history, self.model_queries)
        self._search(parents, order.n_designs, judge, history.space, rng)

        def unjudged(n: int) -> list[str]:  # more mutants of the leaders, after the last query of the surrogate
            return random_mutants(history, parents, n, self.mutations, rng)

        choices = bred(enough(history, judge.best_first(), order.n_designs, unjudged), "mutation")
        return Proposal(self.filled(history, choices, order.n_designs, rng), retests)

    def _parents(self, history: History, n: int) -> list[str]:
        """Up to n measured designs of the space within the threshold of the best, best first."""
        best_first = starting_population(history, n, lambda _: [])
        if not best_first:
            return []
        measured, means = history.is_measured, shrunk_means(history)
        values = dict(zip(compress(history.sequences, measured), means[measured], strict=True))
        # FLEXS takes a share of the value itself, which depends on the zero point.
        least = values[best_first[0]] - self.threshold * float(np.ptp(means[measured]))
        return [sequence for sequence in best_first if values[sequence] >= least]

    def _score(self, history: History) -> Callable[[Sequence[str]], Floats]:
        """The surrogate's mean on its own scale, and log P(viable)."""
        posterior = fit_once(self.surrogate, history)
        view = Naturalness.learnt(self.model, history) if self.model is not None else None

        def score(sequences: Sequence[str]) -> Floats:
            means = model_means(posterior, sequences)
            return means if view is None else means + view(sequences)

        return score

    def _search(self, parents: list[str], n: int, judge: "_Judge", space: Space, rng: np.random.Generator) -> None:
        """Recombine and roll out repeatedly until the queries are used up."""
        ancestors = np.array(parents, dtype=object)[np.arange(n) % len(parents)]  # of each root, through its mothers
        roots = space.padded_codes(ancestors.tolist())
        while judge.goes_on:
            roots, mothers = self._recombined(roots, space, rng)
            ancestors = ancestors[mothers]
            found = judge.judged(space.alphabet.decode(roots), ancestors.tolist())
            scored = np.isfinite(found)
            nodes, of, at_least = roots[scored], ancestors[scored], found[scored]
            while judge.goes_on and len(nodes):
                children = mutated(nodes, self.mutations, space, rng)
                found = judge.judged_if_new(space.alphabet.decode(children), of.tolist())
                # A rollout continues from a child that is no worse than its root, and ends at a worse one. If the
                # child is not new, it tries another mutant of the same node.
                goes_on = ~(found < at_least)
                nodes = np.where(np.isfinite(found)[:, None], children, nodes)[goes_on]
                of, at_least = of[goes_on], at_least[goes_on]

    def _recombined(self, roots: Codes, space: Space, rng: np.random.Generator) -> tuple[Codes, Ints]:
        """Random pairs with crossovers at some letters where the space allows it; one root may be unpaired.

        Also the place of each one's mother among the roots, (n,).
        """
        order = rng.permutation(len(roots))
        n_pairs = len(roots) // 2
        mothers = np.concatenate([order[: 2 * n_pairs : 2], order[1::2], order[2 * n_pairs :]])
        roots = roots[order]
        one, other = roots[: 2 * n_pairs : 2], roots[1::2]
        changed = np.cumsum(rng.random(one.shape) < self.recombination, axis=1) % 2 == 1
        changed &= ((one == PAD) == (other == PAD)).all(axis=1)[:, None]
        children = np.concatenate([np.where(changed, other, one), np.where(changed, one, other), roots[2 * len(one) :]])
        before, children = np.concatenate([one, other, roots[2 * len(one) :]]), space.mended(children, rng)
        return np.where(space.contains(space.alphabet.decode(children))[:, None], children, before), mothers


class _Judge:
    """Scores each sequence once, up to the allowed number of queries."""

    def __init__(self, score: Callable[[Sequence[str]], Floats], history: History, n_queries: int) -> None:
        self._score, self._history, self._n_left = score, history, n_queries
        self._scores: dict[str, float] = {}
        self._parents: dict[str, str] = {}
        self._n_idle = 0

    @property
    def goes_on(self) -> bool:
        """True while queries are left and new sequences are found."""
        return self._n_left > 0 and self._n_idle < _PATIENCE

    def judged(self, sequences: Sequence[str], parents: Sequence[str]) -> Floats:
        """Scores, (n,); NaN for sequences beyond the allowed number of queries. The first parent of each is kept."""
        for sequence, parent in Offspring.bred(sequences, parents).parents.items():
            self._parents.setdefault(sequence, parent)
        new = [sequence for sequence in dict.fromkeys(sequences) if sequence not in self._scores][: self._n_left]
        if new:
            self._n_left -= len(new)
            self._scores.update(zip(new, self._score(new).tolist(), strict=True))
        return np.array([self._scores.get(sequence, np.nan) for sequence in sequences])

    def judged_if_new(self, sequences: Sequence[str], parents: Sequence[str]) -> Floats:
        """Scores, (n,); NaN for known, taken or repeated sequences, and for those outside the space."""
        first = {sequence: place for place, sequence in reversed(list(enumerate(sequences)))}
        inside = self._history.space.contains(sequences)
        new = [
            place
            for sequence, place in first.items()
            if inside[place] and sequence not in self._history.taken and sequence not in self._scores
        ]
        scores = np.full(len(sequences), np.nan)
        scores[new] = self.judged([sequences[place] for place in new], [parents[place] for place in new])
        self._n_idle = 0 if new else self._n_idle + 1
        return scores

    def best_first(self) -> Offspring:
        """Every scored sequence that may be chosen, best first."""
        allowed = compress(self._scores, (s not in self._history.taken for s in self._scores))
        return Offspring(sorted(allowed, key=self._rank), self._parents)

    def _rank(self, sequence: str) -> tuple[float, str]:
        return -self._scores[sequence], sequence
