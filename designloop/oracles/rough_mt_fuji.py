"""A rough Mount Fuji landscape: a smooth slope up to one sequence, and a random value of every sequence.

F(s) = -cost(s) + eta(s): the cost of the letters that differ from the summit's, and independent random values. Aita et
al. 2000, Biopolymers 54, 64; Neidhart, Szendro and Krug 2014, Genetics 198, 699. The slope over the standard deviation
of the random part sets the ruggedness: 0 is a house of cards, and a large ratio an additive landscape.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from math import inf, pi, sqrt
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import DNA, AlphabetField, Codes
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale

Floats = NDArray[np.float64]
Distribution = Literal["normal", "gumbel", "exponential", "uniform"]
_MOST = 20_000_000
"""Sequences to look at when the optimum is sought: a few seconds."""
_ROWS, _GRID = 1 << 16, 1000
_EULER = 0.5772156649015329
_BITS = 52
_HIGHEST = 1 - 2.0 ** -(_BITS + 1)
"""The highest quantile of the random part; the next double is 1."""


class RoughMtFuji(Oracle):
    """A rough Mount Fuji landscape: additive costs of letters, and a random value of each sequence.

    Every sequence is viable. Values are on an additive scale, and the summit of the slope has 0 plus its random value.
    The optimum is exact, or unknown if too many sequences could hold it, because the slope is flat.
    """

    scale: ClassVar[Scale] = "log"

    alphabet: AlphabetField = Field(DNA, description="alphabet: dna, rna, protein or states-N")
    length: int = Field(16, ge=1, le=10_000, description="length of every sequence")
    slope: float = Field(1.0, ge=0, description="mean cost of a letter that differs from the summit's")
    costs: Literal["equal", "drawn"] = Field(
        "equal",
        description="equal: each substitution costs `slope` (Neidhart et al.); drawn: each letter at each position has "
        "a cost of its own, uniform from 0 to 2 * slope (after Aita et al.)",
    )
    roughness: float = Field(1.0, ge=0, description="standard deviation of the random part")
    distribution: Distribution = Field("normal", description="distribution of the random part, with mean 0")
    seed: int = Field(0, ge=0, description="seed of the instance: the summit, the costs and the random part")

    @model_validator(mode="after")
    def _has_a_shape(self) -> "RoughMtFuji":
        if len(self.alphabet) < 2:
            raise ValueError(f"expected an alphabet of at least 2 letters, got {self.alphabet.name} with 1")
        if self.slope == 0 == self.roughness:
            raise ValueError("slope and roughness are both 0, so all values are equal; give one of them")
        return self

    @cached_property
    def space(self) -> Space:
        """Every sequence of this length."""
        return Space.of_length(self.alphabet, self.length)

    @cached_property
    def summit(self) -> str:
        """The sequence at the top of the slope; by its random value, another may be better."""
        return self.alphabet.decode(self._summit[None])[0]

    @property
    def optimum(self) -> float | None:
        """The highest value; None if it is not known."""
        return None if self._best is None else float(self.values(self._best[None])[0])

    def optimal_solution(self) -> str | None:
        """The sequence of the highest value; None if it is not known."""
        return None if self._best is None else self.alphabet.decode(self._best[None])[0]

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Values, shape (n,), in units of `slope` and `roughness`. Raises InputError for a wrong length."""
        for row, sequence in enumerate(sequences):
            if len(sequence) != self.length:
                raise InputError(
                    f"sequence {row + 1}: this landscape expects {many(self.length, 'letter')}, got {len(sequence)}"
                )
        return self.values(self.space.padded_codes(sequences))

    def values(self, codes: Codes) -> Floats:
        """As a call, for encoded sequences, shape (n, length)."""
        return self.additive(codes) + self.random(codes)

    def additive(self, codes: Codes) -> Floats:
        """The slope at encoded sequences, (n,): minus the cost of their letters."""
        total = np.zeros(len(codes))
        for column, cost in zip(codes.T, self._costs, strict=True):
            total -= cost[column]
        return total

    def random(self, codes: Codes) -> Floats:
        """The random part at encoded sequences, (n,): independent values with mean 0 and sd `roughness`."""
        words = np.zeros(len(codes), dtype=np.uint64)
        for column, key in zip(codes.T, self._keys, strict=True):
            words ^= key[column]
        share = ((_mixed(words) >> np.uint64(64 - _BITS)) + 0.5) * 2.0**-_BITS
        return self._quantile(share.astype(np.float64))

    def _quantile(self, share: Floats) -> Floats:
        return self.roughness * _QUANTILES[self.distribution](share)

    @property
    def _summit(self) -> Codes:
        return _instance(len(self.alphabet), self.length, self.seed)[0]

    @property
    def _keys(self) -> NDArray[np.uint64]:
        """A random number of each letter at each position, (length, letters)."""
        return _instance(len(self.alphabet), self.length, self.seed)[1]

    @cached_property
    def _costs(self) -> Floats:
        """The cost of each letter at each position, (length, letters): 0 for the summit's."""
        shares = _instance(len(self.alphabet), self.length, self.seed)[2]
        costs = self.slope * (2.0 * shares if self.costs == "drawn" else np.ones_like(shares))
        costs[np.arange(self.length), self._summit] = 0.0
        return costs

    @cached_property
    def _best(self) -> Codes | None:
        """The encoded sequence of the highest value, (length,)."""
        best = _climbed(self, self._summit)
        value = float(self.values(best[None])[0])
        # No other can be the best: even the highest random value would leave it below this one.
        most = float(self._quantile(np.array([_HIGHEST]))[0]) - value
        if _n_within(self._costs, most) > _MOST:
            return None
        for codes in _within(self._costs, most):
            values = self.values(codes)
            place = int(np.argmax(values))
            if values[place] > value:
                best, value = codes[place], float(values[place])
        return best


def _climbed(landscape: RoughMtFuji, codes: Codes) -> Codes:
    """The local maximum that is reached from encoded letters, (length,), by the best single substitutions."""
    value, n_letters = -inf, len(landscape.alphabet)
    while True:
        near = np.repeat(codes[None], landscape.length * n_letters, axis=0)
        near[np.arange(len(near)), np.repeat(np.arange(landscape.length), n_letters)] = np.tile(
            np.arange(n_letters, dtype=codes.dtype), landscape.length
        )
        values = landscape.values(near)
        place = int(np.argmax(values))
        if values[place] <= value:
            return codes
        codes, value = near[place], float(values[place])


def _n_within(costs: Floats, most: float) -> float:
    """At least the number of sequences that cost at most `most`: their costs are rounded down to a grid."""
    counts = np.zeros(_GRID + 1)
    counts[0] = 1.0
    for cost in costs:
        steps = np.floor(np.minimum(cost / max(most, 1e-12), 2.0) * _GRID).astype(int)
        counts = sum((np.pad(counts[: _GRID + 1 - step], (step, 0)) for step in steps if step <= _GRID), 0 * counts)
    return float(counts.sum())


def _within(costs: Floats, most: float) -> Iterator[Codes]:
    """Every encoded sequence that costs at most `most`, in blocks (n, length)."""
    todo = [(np.zeros((1, 0), dtype=np.int16), np.zeros(1))]
    while todo:
        rows, spent = todo.pop()
        if rows.shape[1] == len(costs):
            yield rows
            continue
        sums = spent[:, None] + costs[rows.shape[1]]
        places, letters = np.nonzero(sums <= most + 1e-9)
        longer, sums = np.column_stack([rows[places], letters.astype(np.int16)]), sums[places, letters]
        todo += [(longer[i : i + _ROWS], sums[i : i + _ROWS]) for i in range(0, len(longer), _ROWS)]


@lru_cache(maxsize=16)
def _instance(n_letters: int, length: int, seed: int) -> tuple[Codes, NDArray[np.uint64], Floats]:
    """The summit, (length,); a number of each letter, and its share of the largest cost, both (length, letters)."""
    size = length, n_letters
    summit = stream(seed, "rough-mt-fuji", "summit").integers(n_letters, size=length).astype(np.int16)
    keys = stream(seed, "rough-mt-fuji", "random").integers(2**64, size=size, dtype=np.uint64)
    return summit, keys, stream(seed, "rough-mt-fuji", "costs").random(size)


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele et al. 2014): words that differ in one bit become independent."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _normal(share: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(share))


_QUANTILES: Mapping[str, Callable[[Floats], Floats]] = {
    "normal": _normal,
    "gumbel": lambda share: (-np.log(-np.log(share)) - _EULER) * sqrt(6) / pi,
    "exponential": lambda share: -np.log1p(-share) - 1.0,
    "uniform": lambda share: (share - 0.5) * sqrt(12),
}
"""The quantile function of each distribution, with mean 0 and standard deviation 1."""
