"""A rough Mount Fuji landscape: a smooth slope up to one sequence, and a random value of every sequence.

F(s) = -cost(s) + eta(s): the cost of the letters that differ from the summit's, and independent random values. Aita et
al. 2000, Biopolymers 54, 64; Neidhart, Szendro and Krug 2014, Genetics 198, 699. The slope over the standard deviation
of the random part sets the ruggedness: 0 is a house of cards, and a large ratio an additive landscape.
"""

from collections.abc import Sequence
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
_MOST = 4_000_000
"""Sequences to look at when the optimum is sought: a few seconds."""
_EULER = 0.5772156649015329
_LOWEST, _HIGHEST = 2.0**-54, 1 - 2.0**-54
"""The quantiles of the random part lie between these."""


class RoughMtFuji(Oracle):
    """A rough Mount Fuji landscape: additive costs of letters, and a random value of each sequence.

    Every sequence is viable. Values are on an additive scale, and the summit of the slope has 0 plus its random value.
    The optimum is exact, or unknown if too many sequences could hold it, because the slope is flat.
    """

    scale: ClassVar[Scale] = "log"

    alphabet: AlphabetField = Field(DNA, description="alphabet: dna, rna, protein or states-N")
    length: int = Field(20, ge=1, le=10_000, description="length of every sequence")
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
        return self._quantile(((_mixed(words) >> np.uint64(11)) + 0.5) * 2.0**-53)

    def _quantile(self, share: Floats) -> Floats:
        return self.roughness * _QUANTILES[self.distribution](np.clip(share, _LOWEST, _HIGHEST))

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
        highest = float(self._quantile(np.array([_HIGHEST]))[0])
        found = _climbed(self, self._summit)
        left = _within(self._costs, highest - float(self.values(found[None])[0]))
        if left is None:
            return None
        values = self.values(left)
        return left[int(np.argmax(values))]


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


def _within(costs: Floats, most: float) -> Codes | None:
    """Every encoded sequence that costs at most `most`, (n, length); None if there are too many.

    No other can be the best: even the highest random value would leave it below one that is known.
    """
    rows, spent = np.zeros((1, 0), dtype=np.int16), np.zeros(1)
    for cost in costs:
        sums = spent[:, None] + cost
        places, letters = np.nonzero(sums <= most + 1e-9)
        if len(places) * len(costs) > 20 * _MOST or len(places) > _MOST:
            return None
        rows, spent = np.column_stack([rows[places], letters.astype(np.int16)]), sums[places, letters]
    return rows


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


_QUANTILES = {
    "normal": _normal,
    "gumbel": lambda share: (-np.log(-np.log(share)) - _EULER) * sqrt(6) / pi,
    "exponential": lambda share: -np.log1p(-share) - 1.0,
    "uniform": lambda share: (share - 0.5) * sqrt(12),
}
"""The quantile function of each distribution, with mean 0 and standard deviation 1."""
