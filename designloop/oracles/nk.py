"""An NK landscape: each letter interacts with its K neighbours; K sets the ruggedness of the landscape.

The value is the mean of N contributions. Contribution i is drawn uniformly for each combination of letter i and the K
letters after it, on a circle. Kauffman and Weinberger 1989, J. Theor. Biol. 141, 211. With K = 0 the landscape is
additive; with K = N - 1 neighbouring sequences are uncorrelated. Over instances, the values of sequences one letter
apart have the correlation 1 - (K + 1) / N.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import DNA, AlphabetField, Codes
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle

Floats = NDArray[np.float64]
_MAX_STEPS = 2_000_000_000
"""Largest number of additions in the search for one end of the range: a few seconds."""
_MAX_CONTRIBUTIONS = 30_000_000
_CELLS = 1 << 18
"""Numbers held at once by the search."""
_ROWS = 1 << 15


class NK(Oracle):
    """An NK landscape, scaled so that the worst sequence has the value 0 and the best 1. Every sequence is viable."""

    floor: ClassVar[float | None] = 0.0
    optimum: ClassVar[float | None] = 1.0

    alphabet: AlphabetField = Field(DNA, description="alphabet: dna, rna, protein or states-N")
    length: int = Field(20, ge=1, le=100_000, description="N: length of every sequence")
    neighbours: int = Field(2, ge=0, description="K: following letters, on a circle, that each letter interacts with")
    seed: int = Field(0, ge=0, description="seed of the instance")

    @model_validator(mode="after")
    def _can_be_solved(self) -> "NK":
        n_letters = len(self.alphabet)
        if n_letters < 2:
            raise ValueError(f"expected an alphabet of at least 2 letters, got {self.alphabet.name} with 1")
        if self.neighbours >= self.length:
            raise ValueError(
                f"neighbours: expected at most length - 1 = {self.length - 1}, got {self.neighbours}; reduce it, or "
                "increase `length`"
            )
        if not _is_within_reach(n_letters, self.length, self.neighbours):
            most = next((k for k in range(self.neighbours)[::-1] if _is_within_reach(n_letters, self.length, k)), 0)
            raise ValueError(
                f"the exact optimum takes too long to find for length {self.length}, {n_letters} letters and "
                f"{many(self.neighbours, 'neighbour')}; use at most {many(most, 'neighbour')}, or a smaller alphabet"
            )
        return self

    @cached_property
    def space(self) -> Space:
        """Every sequence of this length."""
        return Space.of_length(self.alphabet, self.length)

    @property
    def instance(self) -> "Instance":
        """What the seed draws."""
        return _instance(len(self.alphabet), self.length, self.neighbours, self.seed)

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Values in 0..1, shape (n,). Raises InputError for a wrong length."""
        for row, sequence in enumerate(sequences):
            if len(sequence) != self.length:
                raise InputError(
                    f"sequence {row + 1}: this NK landscape expects {many(self.length, 'letter')}, got {len(sequence)}"
                )
        return self.values(self.space.padded_codes(sequences))

    def values(self, codes: Codes) -> Floats:
        """As a call, for encoded sequences, shape (n, N)."""
        low, high = self.instance.ends
        # Another sequence of the same worth may lie a last bit beyond the one that was found.
        return np.clip((self.instance.means(codes) - low) / (high - low), 0.0, 1.0)

    def optimal_solution(self) -> str:
        """A sequence of value 1."""
        return self.alphabet.decode(self.instance.best[None])[0]


@dataclass(frozen=True)
class Instance:
    """The contributions that a seed draws, and the sequences at both ends of the range."""

    n_letters: int
    neighbours: int
    contributions: Floats
    """Of each position (row), for each choice of it (the slowest) and the K letters behind it, (N, A^(K+1))."""

    def means(self, codes: Codes) -> Floats:
        """Mean contribution of encoded sequences (n, N), shape (n,)."""
        parts = (self._means(codes[i : i + _ROWS]) for i in range(0, len(codes), _ROWS))
        return np.concatenate([np.zeros(0), *parts])

    def _means(self, codes: Codes) -> Floats:
        columns = np.ascontiguousarray(codes.T, dtype=np.int64)  # (N, n): steps along memory
        choice, total = np.zeros(len(codes), dtype=np.int64), np.zeros(len(codes))
        for entering in columns[: self.neighbours]:
            choice = choice * self.n_letters + entering
        for leaving, entering, worth in zip(
            columns, np.roll(columns, -self.neighbours, axis=0), self.contributions, strict=True
        ):
            choice = choice * self.n_letters + entering  # the letter and those behind it, read as one number
            total += worth.take(choice)
            choice -= leaving * self.n_letters**self.neighbours
        return total / len(columns)

    @cached_property
    def best(self) -> Codes:
        """A sequence of the highest value, (N,)."""
        return self._highest(self.contributions)

    @cached_property
    def worst(self) -> Codes:
        """A sequence of the lowest value, (N,)."""
        return self._highest(-self.contributions)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest mean contribution, summed as those of any sequence are."""
        low, high = self.means(np.stack([self.worst, self.best]))
        return float(low), float(high)

    def _highest(self, contributions: Floats) -> Codes:
        length, n_letters = len(contributions), self.n_letters
        if length <= 2 * self.neighbours + 1:
            return _highest_of_all(Instance(n_letters, self.neighbours, contributions), length)
        if self.neighbours == 0:  # there is no state to carry: let one letter behind change nothing
            contributions = np.repeat(contributions, n_letters, axis=1)
        steps = contributions.reshape(length, -1, n_letters)  # (N, A^K, A)
        return _traced(steps, _best_start(steps))


@lru_cache(maxsize=16)
def _instance(n_letters: int, length: int, neighbours: int, seed: int) -> Instance:
    draws = [stream(seed, "nk", "contribution", i).random(n_letters ** (neighbours + 1)) for i in range(length)]
    return Instance(n_letters, neighbours, np.stack(draws))


def _is_within_reach(n_letters: int, length: int, neighbours: int) -> bool:
    """True where the ends of the range can be found: all sequences tried, or letter by letter."""
    n_steps: int = length * n_letters ** min(length, 2 * neighbours + 1)
    n_contributions: int = length * n_letters ** (neighbours + 1)
    return n_steps <= _MAX_STEPS and n_contributions <= _MAX_CONTRIBUTIONS


def _highest_of_all(instance: Instance, length: int) -> Codes:
    """The best of all A^N encoded sequences, (N,), each tried."""
    powers = instance.n_letters ** np.arange(length)[::-1]
    n_sequences, best = instance.n_letters**length, (-np.inf, np.zeros(length, dtype=np.int16))
    for first in range(0, n_sequences, _ROWS):
        numbers = np.arange(first, min(first + _ROWS, n_sequences))
        codes = (numbers[:, None] // powers % instance.n_letters).astype(np.int16)
        values = instance.means(codes)
        place = int(np.argmax(values))
        best = max(best, (float(values[place]), codes[place]), key=lambda found: found[0])
    return best[1]


# Along the circle, the state is the last K letters. V_0 is 0 for one start s, and
# V_{i+1}(x_{i+1} .. x_{i+K}) = max over x_i of V_i(x_i .. x_{i+K-1}) + contribution_i(x_i .. x_{i+K}). The best
# sequence that starts with s has the sum V_N(s), because the circle ends where it began.


def _best_start(steps: Floats) -> int:
    """The K letters, read as one number, that the best sequence starts with; `steps` is (N, A^K, A)."""
    n_states, n_letters = steps.shape[1:]
    at_once = max(_CELLS // (n_states * n_letters), 1)
    sums = np.full(n_states, -np.inf)
    for first in range(0, n_states, at_once):
        starts = np.arange(first, min(first + at_once, n_states))
        values = np.full((len(starts), n_states), -np.inf)
        values[np.arange(len(starts)), starts] = 0.0
        for step in steps:
            values = _entered(values, step).max(axis=1).reshape(len(starts), n_states)
        sums[starts] = values[np.arange(len(starts)), starts]
    return int(np.argmax(sums))


def _entered(values: Floats, step: Floats) -> Floats:
    """Sums once the next letter has entered, (starts, the letter that leaves, the next state)."""
    n_letters = step.shape[1]
    return (values[:, :, None] + step).reshape(len(values), n_letters, -1)


def _traced(steps: Floats, start: int) -> Codes:
    """The best sequence that starts with these K letters, (N,)."""
    n_states, n_letters = steps.shape[1:]
    values = np.full((1, n_states), -np.inf)
    values[0, start] = 0.0
    left: list[NDArray[np.int64]] = []
    for step in steps:
        sums = _entered(values, step)[0]
        left.append(sums.argmax(axis=0))
        values = sums.max(axis=0)[None]
    state, letters = start, []
    for leaving in reversed(left):
        letters.append(int(leaving[state]))
        state = letters[-1] * (n_states // n_letters) + state // n_letters
    return np.array(letters[::-1], dtype=np.int16)
