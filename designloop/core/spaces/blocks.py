"""Blocks are stretches of a sequence that are drawn by themselves and joined: uniform draws under sliding windows.

Neighbouring blocks are joined in pairs, the pairs in pairs, and so on. Both halves of a pair are uniform among what
obeys the rules by itself, and independent; if a rule is broken across their junction, both are drawn again. What is
left is uniform among what obeys the rules as a whole, as in rejection of whole sequences. But a failure costs two
halves and not all letters, so the cost grows with a power of the length, not exponentially.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes
from designloop.core.spaces.automaton import Automaton
from designloop.core.spaces.estimate import Estimate
from designloop.core.spaces.machines import Codons, Everywhere, Letters, Machine
from designloop.core.spaces.rule_book import RuleBook

Ints = NDArray[np.int64]
_SHORTEST = 6
"""A block has at least about so many letters, and half those of the narrowest window."""


@dataclass(frozen=True)
class Blocks:
    """The blocks of sequences of one length, with the windows and patterns that are checked at junctions."""

    bounds: Ints
    """Where each block begins, and the length, (blocks + 1,)."""
    automata: tuple[Automaton, ...]
    """The distinct automata of blocks."""
    which: Ints
    """The number of the automaton of each block, (blocks,)."""
    table: NDArray[np.int32]
    """The automaton of the forbidden patterns; without rows if there are none."""
    longest: int
    """Letters of the longest pattern."""
    windows: Ints
    """(width, least, most) of counted letters, (windows, 3); a limit on whole sequences is a window of their length."""
    counted: NDArray[np.bool_]
    """True for the letters that each window counts, (windows, letters)."""

    @classmethod
    def of(cls, book: RuleBook, letters: Letters, shortest: int = _SHORTEST) -> "Blocks | None":
        """The blocks of a rule book; None where there is no sequence, or no automaton of a block."""
        length, n_letters = letters.allowed.shape
        windows, counted = book.all_windows
        bounds = _bounds(length, max(int(windows[:, 0].min()) // 2, shortest), 3 if book.codons is not None else 1)
        automata, numbers, which = list[Automaton](), dict[Any, int](), list[int]()
        for first, last in pairwise(bounds):
            allowed = letters.allowed[first:last]
            codons = None if book.codons is None else book.codons[first // 3 : last // 3]
            key = allowed.tobytes(), None if codons is None else codons.tobytes()
            if key not in numbers:
                found = Automaton.of(_machines(book, allowed, codons), last - first, n_letters)
                if found is None or not found.size:
                    return None
                numbers[key] = len(automata)
                automata.append(found)
            which.append(numbers[key])
        table = np.zeros((0, n_letters), dtype=np.int32) if book.table is None else book.table
        return cls(np.array(bounds), tuple(automata), np.array(which), table, book.longest_pattern, windows, counted)

    def draw(self, n: int, most: int, rng: np.random.Generator) -> tuple[Codes, Ints]:
        """(codes, (found, length), tallies of tries and successes): n draws, or what `most` blocks gave."""
        from designloop.core.spaces.joining import joined

        following, chances, starts = self._states
        states = following, chances, starts, self.bounds
        rules = self.table, self.longest, self.windows, self.counted
        return joined(*states, *rules, n, most, int(rng.integers(2**63)))

    @cached_property
    def _states(self) -> tuple[NDArray[np.int32], NDArray[np.float64], Ints]:
        """The states of all automata: (following, chances, the first of each block)."""
        before = np.cumsum([0, *(len(one.ends) for one in self.automata)], dtype=np.int32)
        following = [one.following + shift for one, shift in zip(self.automata, before, strict=False)]
        chances = np.concatenate([one.chances for one in self.automata])
        return np.concatenate(following), chances, before[self.which].astype(np.int64)

    def tried(self, n: int, most: int, rng: np.random.Generator) -> "Joined | None":
        """What a trial of n draws from at most so many blocks tells; None where it gave no sequence."""
        codes, tallies = self.draw(n, most, rng)
        if not len(codes):
            return None
        return Joined(self, self._number(tallies), int(tallies[len(self.which) :, 0].sum()) // len(codes))

    def _number(self, tallies: Ints) -> Estimate:
        """The number of sequences that obey: that of the blocks, times the share of successes of each junction."""
        number, variance = 1, 0.0
        for automaton in self.which.tolist():
            number *= self.automata[automaton].size
        for tries, successes in tallies[1:].tolist():
            number = number * successes // tries
            variance += (1.0 - successes / tries) / successes
        return Estimate(number, sqrt(variance))


@dataclass(frozen=True)
class Joined:
    """Blocks of which sequences could be joined."""

    blocks: Blocks
    number: Estimate
    """How many sequences there are."""
    blocks_for_one: int
    """Blocks that are drawn for one sequence, on average."""

    @property
    def letters_for_one(self) -> float:
        """Letters that are drawn for one sequence, on average."""
        return self.blocks_for_one * float(self.blocks.bounds[-1]) / len(self.blocks.which)

    def n_for(self, n_blocks: int) -> int:
        """How many sequences so many blocks give, on average; at least one."""
        return max(n_blocks // self.blocks_for_one, 1)


def _machines(book: RuleBook, allowed: NDArray[np.bool_], codons: NDArray[np.bool_] | None) -> list[Machine]:
    machines: list[Machine] = [Letters(allowed, len(allowed))]
    if book.table is not None:
        machines.append(Everywhere(book.table))
    if codons is not None:
        machines.append(Codons(codons, allowed.shape[1]))
    return machines


def _bounds(length: int, shortest: int, frame: int) -> list[int]:
    """Bounds of a power of two of blocks, with about `shortest` letters each or more."""
    n_units = length // frame
    n_blocks = 1
    while n_units >= 2 * n_blocks * max(shortest // frame, 1):
        n_blocks *= 2
    return [frame * (i * n_units // n_blocks) for i in range(n_blocks)] + [length]
