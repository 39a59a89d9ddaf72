"""Candidates by mutation and recombination, which need no corpus."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.spaces import Space, compress
from designloop.core.spaces.moves import moved
from designloop.generators.base import Generator, Score, drawn_freely
from designloop.generators.climbing import Climb, climbed
from designloop.generators.offspring import Offspring
from designloop.generators.starting import starting_population


class Mutation(Generator):
    """Mutants and recombinants of the best measured designs (or of the corpus, or of the parent).

    With a score, the same moves optimise it, starting from the best measured designs.
    """

    mutations: float = Field(
        2.0,
        gt=0,
        description="mean number of edits of a child (Poisson, at least one): substitutions, and insertions and "
        "deletions if the space allows them",
    )
    recombination: float = Field(0.5, ge=0, le=1, description="share of free proposals with two parents")
    parents: int = Field(
        20, ge=1, le=1_000_000, description="number of best measured designs that free proposals descend from"
    )
    climb: Climb = Field(Climb(), description="how a score is optimised")

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        """Mutants and recombinants inside the space, or the best candidates under `score`."""
        ancestors, drawn = self._ancestors(history, rng)
        names = [None if one in drawn else one for one in ancestors]

        def freely(count: int) -> Offspring:
            return drawn_freely(history, count, lambda m: self._children(history, ancestors, names, m, rng))

        def mutate(children: Codes, seams: NDArray[np.bool_], rng: np.random.Generator) -> Codes:
            hit = np.flatnonzero(rng.random(len(children)) < self.climb.mutation)
            children[hit] = mutated(children[hit], self.mutations, history.space, rng)
            return children

        if score is None:
            return freely(n)
        return climbed(self.climb, history, freely, score, mutate, n, rng)

    def _ancestors(self, history: History, rng: np.random.Generator) -> tuple[list[str], Collection[str]]:
        """The best measured designs; if too few, also starting sequences, or else parent, corpus or uniform draws.

        Also these draws, which are no parents to tell of, since nobody knows them.
        """
        known = [start.sequence for start in history.known.starts if start.outcome is None]
        starts = compress(known, history.space.contains(known))
        parent = list(history.space.every_parent)
        corpus = list(history.known.corpus)
        given = starts or parent or corpus
        drawn = [] if given else history.space.sample(self.parents, rng)
        fallback = given or drawn
        ancestors = starting_population(history, self.parents, lambda count: fallback[:count]) or fallback
        return ancestors, set(drawn).difference(history.sequences)

    def _children(
        self, history: History, ancestors: list[str], names: list[str | None], n: int, rng: np.random.Generator
    ) -> Offspring:
        """`names`: what each ancestor is called as a parent; None where it is none to tell of."""
        codes = history.space.alphabet.encode(ancestors)
        mothers, fathers = (rng.integers(len(codes), size=n) for _ in range(2))
        mother, father = codes[mothers], codes[fathers]
        cut = rng.integers(0, codes.shape[1] + 1, size=(n, 1))
        crossed = (rng.random((n, 1)) < self.recombination) & ((mother != PAD) == (father != PAD)).all(1, keepdims=True)
        children = np.where(crossed & (np.arange(codes.shape[1]) >= cut), father, mother)
        children = mutated(children, self.mutations, history.space, rng)
        return Offspring.bred(history.space.alphabet.decode(children), [names[i] for i in mothers.tolist()])


def mutated(children: Codes, mutations: float, space: Space, rng: np.random.Generator) -> Codes:
    """Encoded children, (m, L), after a Poisson number of edits, at least one; wider if insertions are possible.

    A substitution draws another letter that is allowed there. If the space has indels, letters are also inserted and
    deleted. A child that breaks a rule of the space is mended.
    """
    count = np.maximum(rng.poisson(mutations, size=len(children)), 1)
    if space.has_indels or space.max_edits is not None:
        children, hit = moved(children, count, space, rng)
    else:
        hit = _some_free(children, count, space, rng)
    rows, places = np.nonzero(hit)
    weights = rng.random((len(rows), len(space.alphabet))) * space.letters_allowed[places]
    weights[np.arange(len(rows)), children[rows, places]] = 0.0
    mutants, has_other = children.copy(), weights.max(axis=1, initial=0.0) > 0
    mutants[rows[has_other], places[has_other]] = weights.argmax(axis=1)[has_other]
    return space.mended(mutants, rng)


def _some_free(children: Codes, count: NDArray[np.int64], space: Space, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A mask of `count` free letters of each child, (m, L); all of them if it has fewer."""
    hit = np.zeros(children.shape, dtype=bool)
    free = space.free_positions[space.free_positions < children.shape[1]]
    if len(free):
        count = np.minimum(count, len(free))
        hit[:, free] = rng.random((len(children), len(free))).argsort(axis=1).argsort(axis=1) < count[:, None]
    return np.asarray(hit & (children != PAD))
