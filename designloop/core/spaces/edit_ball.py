"""An edit ball contains all sequences within a number of edits of a parent: counted, listed and drawn exactly.

A deterministic Levenshtein automaton reads a sequence letter by letter (Schulz and Mihov 2002, Int. J. Doc. Anal.
Recognit. 5, 67). Its state is a column of edit distances, capped above the budget, so that each sequence has exactly
one path, regardless of the number of edit scripts. With counts from the end, the automaton maps a rank to a sequence.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces.columns import Columns, EditBudget, Ints

_MOST_TRANSITIONS = 8_000_000
"""With more transitions, a ball is not counted: they take about two seconds and 200 MB."""
_SMALL = 2**62
"""Counts below it are machine integers."""


class EditBall:
    """The sequences of an edit budget, each with a rank from 0 to size - 1."""

    def __init__(self, layers: "list[_Layer]", width: int) -> None:
        self._layers, self._width = layers, width
        self.size = _count(layers)
        """Number of sequences."""
        self._dtype: Any = np.int64 if self.size < _SMALL else object
        for layer in layers:
            layer.rank(self._dtype)

    @classmethod
    def of(cls, budget: EditBudget, most: int = _MOST_TRANSITIONS) -> "EditBall | None":
        """The counted ball; None if it needs more than `most` transitions, or a 40th of them for one letter."""
        layers = _automaton(budget, most)
        return None if layers is None else cls(layers, budget.max_length)

    def at(self, ranks: NDArray[Any]) -> Codes:
        """The sequences of these ranks, (n, max_length)."""
        rest = np.asarray(ranks, dtype=self._dtype)
        codes = np.full((len(rest), self._width), PAD, dtype=np.int16)
        states, going = np.zeros(len(rest), dtype=np.int64), np.arange(len(rest))
        for place, layer in enumerate(self._layers[:-1]):
            ended = layer.ends(states, rest)
            going, states, rest = going[~ended], states[~ended], rest[~ended]
            if len(going) == 0:
                break
            codes[going, place], states, rest = layer.step(states, rest)
        return codes

    def every(self) -> Codes:
        """All sequences, (size, max_length), sorted by length and then by codes."""
        codes = self.at(np.arange(self.size))
        return np.asarray(codes[np.lexsort((*codes.T[::-1], (codes != PAD).sum(axis=1)))])

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """N sequences drawn uniformly, with replacement, (n, max_length)."""
        return self.at(_below(self.size, n, rng))


@dataclass
class _Layer:
    """The transitions of the automaton at one position: S states, C classes of equivalent letters."""

    accepts: NDArray[np.bool_]
    """True for states in which a sequence may end here, (S,)."""
    following: NDArray[np.int32]
    """The state after a letter of each class, (S, C); S', as many as the next layer has, where there is none."""
    letters: NDArray[np.int16]
    """The letters of each class, (C, most)."""
    n_letters: Ints
    """Number of letters in each class, (C,)."""
    totals: Any = None
    """Number of continuations from the states of the next layer, (S' + 1,); the last is 0."""
    first: Any = None
    """The first rank of each class, (S, C)."""

    def count(self, totals: Any) -> Any:
        """Number of continuations from each state, (S + 1,) Python integers, given those of the next layer."""
        self.totals = totals
        return np.append((totals[self.following] * self.n_letters).sum(axis=1) + self.accepts, [0])

    def rank(self, dtype: Any) -> None:
        """Assign ranks, as integers of this type: first sequences that end here, then class by class."""
        counts = self.totals[self.following] * self.n_letters
        self.first = (np.cumsum(counts, axis=1) - counts + self.accepts[:, None]).astype(dtype)
        self.totals = self.totals.astype(dtype)

    def ends(self, states: Ints, rest: NDArray[Any]) -> NDArray[np.bool_]:
        """True for sequences that end here, by their rank, (n,)."""
        return np.asarray(self.accepts[states] & (rest == 0).astype(bool))

    def step(self, states: Ints, rest: NDArray[Any]) -> tuple[NDArray[np.int16], Ints, NDArray[Any]]:
        """The next letters, states and ranks of sequences that do not end here, each (n,)."""
        # The class whose first rank is the last not above ours; an empty class shares its first rank with the next.
        which = (self.first[states] <= rest[:, None]).sum(axis=1).astype(np.int64) - 1
        rest, there = rest - self.first[states, which], self.following[states, which].astype(np.int64)
        each = self.totals[there]
        return self.letters[which, (rest // each).astype(np.int64)], there, rest % each


def letter_tables(budget: EditBudget, most: int) -> tuple[list[NDArray[np.int32]], list[NDArray[np.bool_]]] | None:
    """The automaton by letters: the state after each, (S, letters), -1 outside; and where a sequence may end, (S,)."""
    layers = _automaton(budget, most)
    if layers is None:
        return None
    tables = list[NDArray[np.int32]]()
    for layer in layers[:-1]:
        table = np.full((len(layer.accepts), budget.allowed.shape[1]), -1, dtype=np.int32)
        n_next = len(layers[len(tables) + 1].accepts)
        for which, n_letters in enumerate(layer.n_letters.tolist()):
            after = layer.following[:, which]
            table[:, layer.letters[which, :n_letters]] = np.where(after < n_next, after, -1)[:, None]
        tables.append(table)
    return tables, [layer.accepts for layer in layers]


def _automaton(budget: EditBudget, most: int) -> list[_Layer] | None:
    """All layers of the automaton, uncounted; None if it would be too large."""
    columns, layers, n_transitions = Columns(budget), list[_Layer](), 0
    states = columns.first()
    for place in range(budget.max_length + 1):
        classes = _classes(budget, columns.near(place), place)
        here = len(states) * len(classes)
        n_transitions += here
        if n_transitions > most or here > most // 40 or not columns.can_be_packed(place + 1):
            return None
        accepts = (columns.to_whole_parent(states, place) <= budget.max_edits) & (place >= budget.min_length)
        spoken_for = np.array([letters[0] for letters in classes], dtype=np.int64)
        children = columns.after(states[:, None], place, spoken_for[None])
        states, following = columns.distinct(children, place + 1)
        n_letters = np.array([len(letters) for letters in classes], dtype=np.int64)
        layers.append(_Layer(accepts, following.astype(np.int32), _table(classes), n_letters))
    return layers


def _classes(budget: EditBudget, near: set[int], place: int) -> list[list[int]]:
    """Classes of letters allowed at `place`: one for each nearby letter of the parent, one for all others."""
    if place >= budget.max_length:
        return []
    letters = np.flatnonzero(budget.allowed[place]).tolist()
    others = [letter for letter in letters if letter not in near]
    return [*([letter] for letter in letters if letter in near), *([others] if others else [])]


def _table(classes: list[list[int]]) -> NDArray[np.int16]:
    table = np.zeros((len(classes), max(map(len, classes), default=1)), dtype=np.int16)
    for row, letters in zip(table, classes, strict=True):
        row[: len(letters)] = letters
    return table


def _count(layers: list[_Layer]) -> int:
    totals: Any = np.zeros(1, dtype=object)
    for layer in reversed(layers):
        totals = layer.count(totals)
    return int(totals[0])


def _below(size: int, n: int, rng: np.random.Generator) -> NDArray[Any]:
    """N integers drawn uniformly from 0 to size - 1, of any size."""
    if size < _SMALL:
        return rng.integers(size, size=n)
    n_words = size.bit_length() // 32 + 3  # at least 64 bits to spare: the remainder's bias is below 2**-64
    words = rng.integers(2**32, size=(n, n_words)).astype(object)
    return np.asarray((words * [2 ** (32 * k) for k in range(n_words)]).sum(axis=1) % size)
