"""Climbing: maximise each function with a small population, crossover, segment moves and the generator's own moves.

All populations move together, so that a language model fills in thousands of children in one pass.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.spaces import compress
from designloop.generators.base import Floats, Score, no_motifs
from designloop.generators.offspring import Offspring, parents_of
from designloop.generators.starting import best_measured, best_pending, starting_population

if TYPE_CHECKING:
    from designloop.generators.breeding import Breeding, Place

Ints = NDArray[np.int64]
Move = Callable[[Codes, NDArray[np.bool_], np.random.Generator], Codes]
"""(children after crossover (m, L), letters at its seams (m, L), rng) -> children (m, L)."""

_TURNS = 3
"""Number of parts in which a brood's penalty is evaluated: more parts evaluate fewer children, but less efficiently."""
_LEAST_MOVABLE = 6
"""With fewer free positions, no segment moves. A judgement."""
_KNOWN, _LEAST_EFFORT = 0.5, 0.1
"""Rank correlation from which a cautious climb has all generations, and the least share of them. A judgement."""
_DONATED = 0.5
"""Share of mates that are donors, if there are any."""


class Climb(Part):
    """The effort and breadth of optimising a score in silico."""

    generations: int = Field(25, ge=1, description="number of generations")
    children: int = Field(960, ge=1, le=1_000_000, description="children in each generation, shared by all functions")
    parents: int = Field(
        20, ge=2, le=1_000_000, description="population size of each function; it starts with the best measured designs"
    )
    starts: int | None = Field(
        None,
        ge=2,
        le=1_000_000,
        description="number of best measured designs from which each function selects its first parents; none: as "
        "many as `parents`",
    )
    tournament: int = Field(
        1, ge=1, le=1_000, description="number of random parents from which the best is taken as the first parent"
    )
    crossover: float = Field(0.7, ge=0, le=1, description="share of children with two parents")
    donors: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="number of best measured designs that are the second parent of half of these children; 0: the "
        "second parent is always from the population",
    )
    pending: bool = Field(
        False, description="whether pending designs may be parents and donors, by their predicted means"
    )
    shifts: float = Field(
        0.0, ge=0, le=1, description="share of crossovers that insert the second parent's segment at shifted positions"
    )
    far: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of these shifts by any distance; the others: at most a quarter of the length",
    )
    implants: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of children in which letters of a motif are written at a random place, if the surrogate has "
        "motifs",
    )
    moves: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the other children in which a segment is shifted, swapped or copied to another place; if "
        "the length varies, also inserted or deleted",
    )
    mutation: float = Field(1.0, ge=0, le=1, description="share of children in which single letters are changed")
    model_share: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of mutated children whose letters the language model draws; the others: uniformly from "
        "letters that the corpus has next to their neighbours",
    )
    cautious: bool = Field(
        False,
        description="whether to climb fewer generations, as few as a tenth, if the surrogate predicts designs that it "
        "was not fitted to with a rank correlation below 0.5: the optimum of a poor model is an error of the model",
    )
    seams: bool = Field(
        True,
        description="whether the letter after each crossover or move is drawn again; false: only if the corpus lacks "
        "the pair of letters there",
    )

    @classmethod
    def thorough(cls) -> "Climb":
        """A search that evaluates six times as many children as the default, and moves segments."""
        return cls(
            generations=40,
            children=96 * 40,
            starts=60,
            tournament=2,
            crossover=0.5,
            donors=100,
            pending=True,
            shifts=0.5,
            far=0.5,
            implants=0.4,
            moves=0.3,
            mutation=0.85,
            model_share=0.6,
            seams=False,
            cautious=True,
        )

    def effort(self, trust: float) -> int:
        """Number of generations for functions that are known this well."""
        share = min(max(trust / _KNOWN, _LEAST_EFFORT), 1.0) if self.cautious else 1.0
        return max(1, round(self.generations * share))


def climbed(
    climb: Climb,
    history: History,
    fill: Callable[[int], list[str]],
    score: Score,
    move: Move,
    n: int,
    rng: np.random.Generator,
) -> Offspring:
    """Candidates found by maximising each function of `score`, at least n if there are as many.

    `fill(count)` gives free proposals where too few designs are measured. The parent of a candidate is the sequence of
    the first population from which it descends through its mothers, or the parent of that one if it has one itself.
    """
    n_starts = climb.starts or climb.parents
    starts = starting_population(history, n_starts, fill, score.worth)
    donors = best_measured(history, score.worth)[: climb.donors]
    if climb.pending and score.worth is not None:
        pending = best_pending(history, score.worth)
        starts = Offspring(dict.fromkeys([*starts, *pending[:n_starts]]), starts.parents)
        donors = list(dict.fromkeys([*donors, *pending[: climb.donors]]))
    if not starts:  # nothing in the space is measured, and no move leads into it, as in a pool of distant sequences
        starts = Offspring(dict.fromkeys(history.space.sample(n_starts, rng)))
    state = _Populations(climb, history, starts, score, donors)
    for _ in range(climb.effort(score.trust)):
        children = state.children(rng)
        state.select(history.space.mended(move(*children, rng), rng))
    return state.candidates(n)


class _Populations:
    """k populations of encoded sequences, (k, P, L), best first, with their totals and roots, both (k, P).

    A root is the place of a start: the one from which a member descends through its mothers.
    """

    def __init__(
        self, climb: Climb, history: History, starts: list[str], score: Score, donors: Sequence[str] = ()
    ) -> None:
        self._space, self._score = history.space, score
        self._k = score.n_functions
        self._climb = climb
        self._brood = max(1, climb.children // self._k)
        self._size = climb.parents if self._k > 1 else max(climb.parents, climb.children // 4)
        self._taken, self._corpus = history.taken, history.known.corpus
        codes = self._space.padded_codes(starts)
        totals = score.total(starts)
        order = np.argsort(-totals, axis=1, kind="stable")[:, : self._size]
        self._codes: Codes = codes[order]
        self._totals: Floats = np.take_along_axis(totals, order, axis=1)
        its = parents_of(starts)
        self._ancestors = [its.get(start, start) for start in starts]
        self._roots: Ints = order
        self._roots_of_brood: Ints = np.zeros((self._k, self._brood), dtype=np.int64)
        self._donors = self._space.padded_codes(donors)

    def children(self, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
        """(children, seams), each (k · brood, L): of one parent, or of two, and with a segment moved or not."""
        from designloop.generators.breeding import bred

        seed = int(rng.integers(2**63))
        children, seams, mothers = bred(self._codes, self._donors, self._motifs, self._how, self._place, seed)
        self._roots_of_brood = np.take_along_axis(self._roots, mothers.reshape(self._k, -1), axis=1)
        return children, seams

    @cached_property
    def _motifs(self) -> Codes:
        return self._score.motifs() if self._how.implants else no_motifs(self._k)

    @cached_property
    def _how(self) -> "Breeding":
        from designloop.generators.breeding import Breeding

        climb, space = self._climb, self._space
        is_movable = space.max_edits is None and len(self._place.free) >= _LEAST_MOVABLE
        return Breeding(
            brood=self._brood,
            tournament=climb.tournament,
            crossover=climb.crossover,
            donated=_DONATED,
            shifts=climb.shifts if is_movable else 0.0,
            far=climb.far,
            moves=climb.moves if is_movable else 0.0,
            implants=climb.implants if is_movable else 0.0,
            min_length=space.min_length,
            max_length=space.max_length,
            unseen_only=not climb.seams,
        )

    @cached_property
    def _place(self) -> "Place":
        from designloop.generators.breeding import Place

        space = self._space
        is_rigid = space.has_one_length and space.max_edits is None
        free = space.free_positions if is_rigid else np.arange(space.max_length)
        is_free = np.isin(np.arange(space.max_length), free)
        return Place(free, is_free, space.letters_allowed, seen_pairs(self._corpus, space.alphabet))

    def select(self, children: Codes) -> None:
        """Keep the best of parents and children in each population, each sequence once."""
        broods = children.reshape(self._k, self._brood, -1)
        own = self._score.own(broods, self._space.alphabet)
        own[~self._space.contains_codes(children).reshape(own.shape) | self._is_known(broods)] = -np.inf
        own = self._penalised(own, children)
        codes = np.concatenate([self._codes, broods], axis=1)
        totals = np.concatenate([self._totals, own], axis=1)
        order = np.argsort(-totals, axis=1, kind="stable")[:, : self._size]
        kept = np.take_along_axis(totals, order, axis=1)
        n_kept = max(int(np.isfinite(kept).sum(axis=1).min()), 1)
        self._codes = np.take_along_axis(codes, order[:, :n_kept, None], axis=1)
        self._totals = kept[:, :n_kept]
        roots = np.concatenate([self._roots, self._roots_of_brood], axis=1)
        self._roots = np.take_along_axis(roots, order[:, :n_kept], axis=1)

    def _penalised(self, own: Floats, children: Codes) -> Floats:
        """Add the penalty to children that may still be kept; exclude the others.

        The best of each brood are evaluated first, since their totals may exclude the others.
        """
        if self._score.penalty is None:
            return own
        ceilings = self._bounded(own, children)
        turns = np.argsort(np.argsort(-ceilings, axis=1, kind="stable"), axis=1) * _TURNS // self._brood
        found = np.full(own.shape, -np.inf)
        for turn in range(_TURNS):
            asked = np.flatnonzero((turns == turn) & np.isfinite(ceilings) & (ceilings >= self._bar(found)))
            if len(asked):
                found.flat[asked] = own.flat[asked] + self._score.penalty(self._space.alphabet.decode(children[asked]))
        return found

    def _bounded(self, own: Floats, children: Codes) -> Floats:
        """Upper bound of each child's total, (k, brood); -inf if it is too low for its population."""
        worst = self._bar(np.full((self._k, 0), -np.inf))
        ceilings = np.where(own > worst, own, -np.inf)
        asked = np.flatnonzero(np.isfinite(ceilings))
        if self._score.bound is not None and len(asked):
            ceilings.flat[asked] += self._score.bound(self._space.alphabet.decode(children[asked]))
        return np.where(ceilings > worst, ceilings, -np.inf)

    def _bar(self, found: Floats) -> Floats:
        """Lowest total kept in each population with these children, (k, n): shape (k, 1); -inf if all are kept."""
        totals = np.concatenate([self._totals, found], axis=1)
        if totals.shape[1] < self._size:
            return np.full((self._k, 1), -np.inf)
        return np.asarray(np.sort(totals, axis=1)[:, -self._size :][:, :1])

    def _is_known(self, broods: Codes) -> NDArray[np.bool_]:
        """True for children that are already in their population, or earlier in their brood; (k, brood)."""
        n_members = self._codes.shape[1]
        hashes = _hashes(np.concatenate([self._codes, broods], axis=1))
        order = np.argsort(hashes, axis=1, kind="stable")
        in_order = np.take_along_axis(hashes, order, axis=1)
        known = np.zeros(hashes.shape, dtype=bool)
        np.put_along_axis(known[:, :], order[:, 1:], in_order[:, 1:] == in_order[:, :-1], axis=1)
        return known[:, n_members:]

    def candidates(self, n: int) -> Offspring:
        """The best allowed sequences of each population, by rank, until there are enough."""
        depth = self._codes.shape[1]
        found: dict[str, str] = {}
        for rank in range(depth):
            best_first = np.argsort(-self._totals[:, rank], kind="stable")
            finite = best_first[np.isfinite(self._totals[best_first, rank])]
            decoded = self._space.alphabet.decode(self._codes[finite, rank])
            for sequence, root in zip(decoded, self._roots[finite, rank].tolist(), strict=True):
                if sequence not in self._taken and sequence not in found:
                    found[sequence] = self._ancestors[root]
            if len(found) >= 4 * n:
                break
        kept = list(found)
        return Offspring(compress(kept, self._space.contains(kept)), Offspring.bred(kept, found.values()).parents)


def _hashes(codes: Codes) -> NDArray[np.uint64]:
    """A number for each row (..., L). The chance that two given rows share one is about 1 in 10^18."""
    factors = np.random.default_rng(0).integers(2**64, size=codes.shape[-1], dtype=np.uint64) | np.uint64(1)
    return np.asarray((codes.astype(np.uint64) * factors).sum(axis=-1, dtype=np.uint64))


@lru_cache(maxsize=8)
def seen_pairs(corpus: tuple[str, ...], alphabet: Alphabet) -> NDArray[np.bool_]:
    """True where a sequence of the corpus has the second letter after the first, (letters, letters).

    Without a corpus, all are true.
    """
    seen = np.full((len(alphabet), len(alphabet)), not corpus)
    codes = alphabet.encode(corpus)
    rows, places = np.nonzero(codes[:, 1:] != PAD)
    seen[codes[rows, places], codes[rows, places + 1]] = True
    return seen
