"""Machines read a sequence letter by letter, and each says whether one demand on it can still be met.

The state after `place` letters is a whole number. `table(place)` holds the state after each further letter; -1 means
that the demand is broken. An automaton (`automaton.py`) runs several machines at once.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.spaces.columns import EditBudget
from designloop.core.spaces.edit_ball import letter_tables

Table = NDArray[np.int32]
Mask = NDArray[np.bool_]


_MOST_TRANSITIONS = 2_000_000
"""An edit budget with more is too wide for a machine."""


class Machine(Protocol):
    """One demand on sequences. State 0 is the first."""

    def table(self, place: int) -> Table:
        """The state after each letter at `place`, (states, letters), -1 where the demand is broken."""
        ...

    def accepts(self, place: int) -> Mask:
        """True for states in which a sequence of `place` letters meets the demand, (states,)."""
        ...


@dataclass(frozen=True)
class Everywhere:
    """The same table at each place: motifs that must not occur."""

    same: Table

    def table(self, place: int) -> Table:
        """The table."""
        return self.same

    def accepts(self, place: int) -> Mask:
        """Every state."""
        return np.ones(len(self.same), dtype=bool)


@dataclass(frozen=True)
class Letters:
    """The letters of each place, (max_length, letters), and the lengths."""

    allowed: Mask
    min_length: int

    def table(self, place: int) -> Table:
        """The only state, where the letter is allowed."""
        return np.where(self.allowed[place], 0, -1).astype(np.int32)[None]

    def accepts(self, place: int) -> Mask:
        """True from the shortest length on."""
        return np.array([place >= self.min_length])


@dataclass(frozen=True)
class Counted:
    """A share of counted letters between two limits: the state is their number so far."""

    counted: Mask
    """True for letters that are counted, (letters,)."""
    least: NDArray[np.int64]
    """The least number in a sequence of each length, (max_length + 1,)."""
    most: NDArray[np.int64]
    """The greatest number in a sequence of each length, (max_length + 1,)."""

    def table(self, place: int) -> Table:
        """One more for a counted letter, as long as a sequence may have so many."""
        after = np.arange(place + 1)[:, None] + self.counted
        return np.where(after <= self.most.max(), after, -1).astype(np.int32)

    def accepts(self, place: int) -> Mask:
        """True between the limits."""
        numbers = np.arange(place + 1)
        return np.asarray((numbers >= self.least[place]) & (numbers <= self.most[place]))


@dataclass(frozen=True)
class Codons:
    """The codons of each place: a state is what is read of a codon, as a number in the base of the alphabet."""

    allowed: NDArray[np.bool_]
    """True for codons allowed at each place, (codons, letters**3)."""
    n_letters: int

    def table(self, place: int) -> Table:
        """The letters read, as long as an allowed codon begins with them; 0 after a codon."""
        codon, n_read = divmod(place, 3)
        possible = self.allowed[codon].reshape(self.n_letters ** (n_read + 1), -1).any(axis=1)
        numbers = np.arange(len(possible)) if n_read < 2 else np.zeros(len(possible), dtype=np.int64)
        return np.where(possible, numbers, -1).astype(np.int32).reshape(-1, self.n_letters)

    def accepts(self, place: int) -> Mask:
        """True at the end of a codon."""
        return np.full(self.n_letters ** (place % 3), place % 3 == 0)


@dataclass(frozen=True)
class Substitutions:
    """At most so many letters that are not the parent's: the state is their number."""

    differs: Mask
    """True for letters that are not the parent's, (length, letters)."""
    most: int

    def table(self, place: int) -> Table:
        """One more for a letter that is not the parent's."""
        after = np.arange(self.most + 1)[:, None] + self.differs[place]
        return np.where(after <= self.most, after, -1).astype(np.int32)

    def accepts(self, place: int) -> Mask:
        """Every state."""
        return np.ones(self.most + 1, dtype=bool)


@dataclass(frozen=True)
class AnyOf:
    """At least one of several demands: within reach of any parent. A joint state is a state of each, or -1."""

    tables: list[Table]
    ends: list[Mask]

    @classmethod
    def of(cls, machines: "list[Machine]", length: int) -> "AnyOf | None":
        """The demands together, for sequences of up to `length` letters; None where they have too many transitions."""
        states, tables, ends, n_transitions = np.zeros((1, len(machines)), dtype=np.int64), list[Table](), [], 0
        for place in range(length + 1):
            met = [np.append(machine.accepts(place), False)[states[:, k]] for k, machine in enumerate(machines)]
            ends.append(np.any(met, axis=0))  # -1 is the last, which is broken for good
            if place < length:
                rows = [_with_broken(machine.table(place))[states[:, k]] for k, machine in enumerate(machines)]
                after = np.stack(rows, axis=-1).astype(np.int64)
                states, table = distinct(after, np.asarray((after >= 0).any(axis=-1)))
                tables.append(table)
                n_transitions += table.size
                if n_transitions > _MOST_TRANSITIONS:
                    return None
        return cls(tables, ends)

    def table(self, place: int) -> Table:
        """The joint states after each letter."""
        return self.tables[place]

    def accepts(self, place: int) -> Mask:
        """True where one of the demands is met."""
        return self.ends[place]


def _with_broken(table: Table) -> Table:
    return np.concatenate([table, np.full((1, table.shape[1]), -1, dtype=np.int32)])


def distinct(after: NDArray[np.int64], alive: Mask) -> tuple[NDArray[np.int64], Table]:
    """The distinct joint states, (S', machines), and which each of (S, letters, machines) is: -1 where not alive."""
    flat = after[alive]
    keys = np.zeros(len(flat), dtype=np.int64)
    for column in flat.T:
        keys = keys * (int(column.max(initial=0)) + 2) + column + 1
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    following = np.full(alive.shape, -1, dtype=np.int32)
    following[alive] = which
    return flat[first], following


class Edits:
    """Within an edit budget, insertions and deletions included."""

    def __init__(self, tables: list[Table], accepts: list[Mask]) -> None:
        self._tables, self._accepts = tables, accepts

    @classmethod
    def of(cls, budget: EditBudget) -> "Edits | None":
        """The machine; None where it has too many transitions."""
        found: Any = letter_tables(budget, _MOST_TRANSITIONS)
        return None if found is None else cls(*found)

    def table(self, place: int) -> Table:
        """The table of the ball's automaton."""
        return self._tables[place]

    def accepts(self, place: int) -> Mask:
        """True where the whole parent is within reach."""
        return self._accepts[place]
