"""Climbing: maximise each function with a small population, crossover and the generator's own moves.

All populations move together, so that a language model fills in thousands of children in one pass.
"""

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.shrinkage import shrunk_means
from designloop.core.spaces import compress
from designloop.generators.base import Floats, Score

Move = Callable[[Codes, NDArray[np.bool_], np.random.Generator], Codes]
"""(children after crossover (m, L), letters next to a crossover (m, L), rng) -> children (m, L)."""

_TURNS = 3
"""Number of parts in which a brood's penalty is evaluated: more parts evaluate fewer children, but less efficiently."""


class Climb(Part):
    """The effort and breadth of optimising a score in silico."""

    generations: int = Field(25, ge=1, description="number of generations")
    children: int = Field(960, ge=1, le=1_000_000, description="children in each generation, shared by all functions")
    parents: int = Field(
        20, ge=2, le=1_000_000, description="population size of each function; it starts with the best measured designs"
    )
    crossover: float = Field(0.7, ge=0, le=1, description="share of children with two parents")


def climbed(
    climb: Climb, history: History, starts: list[str], score: Score, move: Move, n: int, rng: np.random.Generator
) -> list[str]:
    """Candidates found by maximising each function of `score` from `starts`, at least n if there are as many."""
    state = _Populations(climb, history, starts, score)
    for _ in range(climb.generations):
        children = state.children(rng)
        state.select(move(*children, rng))
    return state.candidates(n)


class _Populations:
    """k populations of encoded sequences, (k, P, L), with their totals (k, P), best first."""

    def __init__(self, climb: Climb, history: History, starts: list[str], score: Score) -> None:
        self._space, self._score = history.space, score
        self._k = score.n_functions
        self._climb = climb
        self._brood = max(1, climb.children // self._k)
        self._size = climb.parents if self._k > 1 else max(climb.parents, climb.children // 4)
        self._taken = history.taken
        codes = self._space.padded_codes(starts)
        totals = score.total(starts)
        order = np.argsort(-totals, axis=1, kind="stable")[:, : self._size]
        self._codes: Codes = codes[order]
        self._totals: Floats = np.take_along_axis(totals, order, axis=1)

    def children(self, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
        """(children, seams), each (k · brood, L): of one parent, or of two of the same population with two cuts."""
        size, length = self._codes.shape[1:]
        shape = (self._k, self._brood)
        functions = np.arange(self._k)[:, None]
        mother = self._codes[functions, rng.integers(size, size=shape)].reshape(-1, length)
        father = self._codes[functions, rng.integers(size, size=shape)].reshape(-1, length)
        cuts = np.sort(rng.integers(0, length + 1, size=(len(mother), 2)), axis=1)
        crossed = rng.random(len(mother)) < self._climb.crossover
        places = np.arange(length)
        within = (places >= cuts[:, :1]) & (places < cuts[:, 1:]) & crossed[:, None]
        children = np.where(within, father, mother)
        differs = crossed[:, None] & (father != mother)
        seams = np.zeros_like(within)
        seams[:, 1:] = (within[:, 1:] != within[:, :-1]) & differs.any(axis=1)[:, None]
        return _closed_up(children), seams

    def select(self, children: Codes) -> None:
        """Keep the best of parents and children in each population, each sequence once."""
        length = children.shape[1]
        sequences = self._space.alphabet.decode(children)
        inside = self._space.contains(sequences).reshape(self._k, self._brood)
        own = self._score.own(sequences)
        own[~inside | self._is_known(children.reshape(self._k, self._brood, length))] = -np.inf
        own = self._penalised(own, sequences)
        codes = np.concatenate([self._codes, children.reshape(self._k, self._brood, length)], axis=1)
        totals = np.concatenate([self._totals, own], axis=1)
        order = np.argsort(-totals, axis=1, kind="stable")[:, : self._size]
        kept = np.take_along_axis(totals, order, axis=1)
        n_kept = max(int(np.isfinite(kept).sum(axis=1).min()), 1)
        self._codes = np.take_along_axis(codes, order[:, :n_kept, None], axis=1)
        self._totals = kept[:, :n_kept]

    def _penalised(self, own: Floats, sequences: list[str]) -> Floats:
        """Add the penalty to children that may still be kept; exclude the others.

        The best of each brood are evaluated first, since their totals may exclude the others.
        """
        if self._score.penalty is None:
            return own
        ceilings = self._bounded(own, sequences)
        turns = np.argsort(np.argsort(-ceilings, axis=1, kind="stable"), axis=1) * _TURNS // self._brood
        found = np.full(own.shape, -np.inf)
        for turn in range(_TURNS):
            asked = np.flatnonzero((turns == turn) & np.isfinite(ceilings) & (ceilings >= self._bar(found)))
            if len(asked):
                found.flat[asked] = own.flat[asked] + self._score.penalty([sequences[i] for i in asked])
        return found

    def _bounded(self, own: Floats, sequences: list[str]) -> Floats:
        """Upper bound of each child's total, (k, brood); -inf if it is too low for its population."""
        worst = self._bar(np.full((self._k, 0), -np.inf))
        ceilings = np.where(own > worst, own, -np.inf)
        asked = np.flatnonzero(np.isfinite(ceilings))
        if self._score.bound is not None and len(asked):
            ceilings.flat[asked] += self._score.bound([sequences[i] for i in asked])
        return np.where(ceilings > worst, ceilings, -np.inf)

    def _bar(self, found: Floats) -> Floats:
        """Lowest total kept in each population with these children, (k, n): shape (k, 1); -inf if all are kept."""
        totals = np.concatenate([self._totals, found], axis=1)
        if totals.shape[1] < self._size:
            return np.full((self._k, 1), -np.inf)
        return np.asarray(np.sort(totals, axis=1)[:, -self._size :][:, :1])

    def _is_known(self, children: Codes) -> NDArray[np.bool_]:
        """True for children that are already in their population, or earlier in their brood; (k, brood)."""
        known = np.zeros(children.shape[:2], dtype=bool)
        for k, (population, brood) in enumerate(zip(_as_bytes(self._codes), _as_bytes(children), strict=True)):
            seen = set(population)
            for i, key in enumerate(brood):
                known[k, i] = key in seen
                seen.add(key)
        return known

    def candidates(self, n: int) -> list[str]:
        """The best allowed sequences of each population, by rank, until there are enough."""
        depth = self._codes.shape[1]
        found: dict[str, None] = {}
        for rank in range(depth):
            best_first = np.argsort(-self._totals[:, rank], kind="stable")
            finite = best_first[np.isfinite(self._totals[best_first, rank])]
            for sequence in self._space.alphabet.decode(self._codes[finite, rank]):
                if sequence not in self._taken and sequence not in found:
                    found[sequence] = None
            if len(found) >= 2 * n:
                break
        kept = list(found)
        return compress(kept, self._space.contains(kept))


def _as_bytes(codes: Codes) -> list[list[bytes]]:
    """Rows (k, n, L) as hashable bytes, (k, n)."""
    whole = np.ascontiguousarray(codes)
    rows: list[list[bytes]] = whole.view(f"V{whole.itemsize * whole.shape[2]}")[:, :, 0].tolist()
    return rows


def _closed_up(codes: Codes) -> Codes:
    """Move the gaps that a crossover of two lengths leaves to the end."""
    gap = codes == PAD
    if not gap.any():
        return codes
    return np.take_along_axis(codes, np.argsort(gap, axis=1, kind="stable"), axis=1)


def starting_population(history: History, n: int, fill: Callable[[int], list[str]]) -> list[str]:
    """The n best measured sequences inside the space, by shrunk means, completed with free proposals."""
    values, known = shrunk_means(history), history.sequences
    measured = sorted(np.flatnonzero(history.is_measured), key=lambda i: (-values[i], _lot(known[i])))
    sequences = list(dict.fromkeys(known[i] for i in measured))
    starts = compress(sequences, history.space.contains(sequences))[:n]
    if len(starts) < n:
        starts = list(dict.fromkeys([*starts, *fill(n - len(starts))]))[:n]
    return starts


def _lot(sequence: str) -> bytes:
    """A tie-breaker independent of row and alphabetical order, in which similar sequences are neighbours."""
    return blake2b(sequence.encode(), digest_size=8).digest()
