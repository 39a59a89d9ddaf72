"""Columns of the table of edit distances to a parent, within the band of an edit budget, and their transitions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class EditBudget:
    """A parent, its fixed letters, the allowed letters at each position, and the maximum number of edits."""

    parent: Codes
    """The parent's codes, (m,)."""
    kept: NDArray[np.bool_]
    """True for letters of the parent that must not be edited, (m,)."""
    allowed: NDArray[np.bool_]
    """True where a letter may occur in the sequence, (max_length, letters)."""
    min_length: int
    max_edits: int

    @property
    def max_length(self) -> int:
        """Length of the longest sequence."""
        return len(self.allowed)

    def fewest_edits(self, codes: Codes) -> Ints:
        """Fewest insertions, deletions and substitutions that keep fixed letters, (n,); `max_edits` + 1 means more."""
        columns, lengths = Columns(self), (codes != PAD).sum(axis=1)
        states = np.repeat(columns.first(), len(codes), axis=0)
        found = np.full(len(codes), self.max_edits + 1)
        for place in range(codes.shape[1] + 1):
            ending = lengths == place
            found[ending] = columns.to_whole_parent(states[ending], place)
            if place < codes.shape[1]:
                states = columns.after(states, place, codes[:, place].astype(np.int64))
        return found

    def edits_of(self, codes: Codes) -> list[tuple[str, int, int]]:
        """Fewest edits from the parent to a sequence that keep fixed letters: (what, place in the parent, letter).

        `insert` adds the letter before the place, `replace` substitutes it, `delete` has letter -1. In the order of
        the parent; empty where the number exceeds the budget.
        """
        table, i, p = _Table(self, codes), len(codes), len(self.parent)
        edits: list[tuple[str, int, int]] = []
        while table.cost(i, p) <= self.max_edits and (i, p) != (0, 0):
            here, letter = table.cost(i, p), int(codes[i - 1]) if i else PAD
            may_change = p > 0 and not self.kept[p - 1]
            if i and p and letter == self.parent[p - 1] and table.cost(i - 1, p - 1) == here:
                i, p = i - 1, p - 1
            elif i and may_change and table.cost(i - 1, p - 1) + 1 == here:
                edits.append(("replace", p - 1, letter))
                i, p = i - 1, p - 1
            elif i and table.cost(i - 1, p) + 1 == here:
                edits.append(("insert", p, letter))
                i -= 1
            else:
                edits.append(("delete", p - 1, PAD))
                p -= 1
        return edits[::-1]


class _Table:
    """The whole table of edit distances of one sequence."""

    def __init__(self, budget: EditBudget, codes: Codes) -> None:
        columns = Columns(budget)
        self._edits, self._columns = budget.max_edits, [columns.first()[0].tolist()]
        states = columns.first()
        for place, letter in enumerate(codes):
            states = columns.after(states, place, np.array([letter], dtype=np.int64))
            self._columns.append(states[0].tolist())

    def cost(self, i: int, p: int) -> int:
        """Distance from the parent's first p letters to the first i letters; above the budget outside the band."""
        k = p - i + self._edits
        return self._columns[i][k] if i >= 0 and p >= 0 and 0 <= k <= 2 * self._edits else self._edits + 1


class Columns:
    """The columns of one budget.

    After `place` letters, entry k of a column is the distance to the parent's first `place - max_edits + k` letters,
    cut off at `max_edits` + 1.
    """

    def __init__(self, budget: EditBudget) -> None:
        self._budget, self._edits = budget, budget.max_edits
        self._parent, self._kept = budget.parent.astype(np.int64), budget.kept
        self._far = budget.max_edits + 1
        self._band = np.arange(-budget.max_edits, budget.max_edits + 1)

    @cached_property
    def _deleted(self) -> Ints:
        """Cost of deleting each prefix of the parent, (m + 1,)."""
        return np.concatenate([[0], np.cumsum(np.where(self._kept, self._far, 1))])

    def _is_real(self, place: int) -> NDArray[np.bool_]:
        """True for entries that refer to an existing prefix of the parent, (band,)."""
        begun = place + self._band
        return np.asarray((begun >= 0) & (begun <= len(self._parent)))

    def first(self) -> Ints:
        """The column before any letter, (1, band)."""
        column = np.where(self._is_real(0), self._deleted[np.clip(self._band, 0, len(self._parent))], self._far)
        return np.minimum(column, self._far)[None]

    def to_whole_parent(self, states: Ints, place: int) -> Ints:
        """The distance to the whole parent for sequences that end here, (S,)."""
        whole = len(self._parent) - place + self._edits
        return states[:, whole] if 0 <= whole < len(self._band) else np.full(len(states), self._far)

    def near(self, place: int) -> set[int]:
        """The parent's letters with which a letter at `place` can be aligned."""
        return set(self._parent[max(place - self._edits, 0) : place + self._edits + 1].tolist())

    def after(self, states: Ints, place: int, letters: Ints) -> Ints:
        """The columns (..., band) after one more letter each, (...)."""
        aligned = place + self._band  # the parent's letter aligned with this one
        inside = (aligned >= 0) & (aligned < len(self._parent))
        at = np.clip(aligned, 0, len(self._parent) - 1)
        costs = np.where(inside, np.where(self._kept[at], self._far, 1), self._far)  # of another letter, or of none
        against = np.where((self._parent[at] == letters[..., None]) & inside, 0, costs)
        columns = states + against
        columns[..., :-1] = np.minimum(columns[..., :-1], states[..., 1:] + 1)  # inserted
        columns[..., ~self._is_real(place + 1)] = self._far
        for k in range(1, len(self._band)):
            columns[..., k] = np.minimum(columns[..., k], columns[..., k - 1] + costs[k])  # deleted
        return np.minimum(columns, self._far)

    def can_be_packed(self, place: int) -> bool:
        """True where a column fits into 63 bits."""
        return bool(self._is_real(place).sum() * np.log2(self._far + 1) < 63)

    def distinct(self, columns: Ints, place: int) -> tuple[Ints, Ints]:
        """The distinct columns, (S', band), and which of them each is, (...): S' where the budget is overdrawn."""
        flat = columns.reshape(-1, len(self._band))
        real = flat[:, self._is_real(place)]
        packed = real @ ((self._far + 1) ** np.arange(real.shape[1], dtype=np.int64))
        _, first, which = np.unique(packed, return_index=True, return_inverse=True)
        alive = (flat[first] <= self._edits).any(axis=1)
        numbers = np.where(alive, np.cumsum(alive) - 1, int(alive.sum()))
        return flat[first[alive]], numbers[which].reshape(columns.shape[:-1])
