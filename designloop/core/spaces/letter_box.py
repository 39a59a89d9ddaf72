"""A letter box contains all sequences of given lengths with given letters at each position: counted, listed, drawn."""

from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes


class LetterBox:
    """The sequences of min_length to max_length letters, each letter among those of its place."""

    def __init__(self, allowed: NDArray[np.bool_], min_length: int) -> None:
        self._allowed, self._min_length = allowed, min_length
        """True where a letter may stand, (max_length, letters)."""

    @cached_property
    def _n_letters(self) -> NDArray[np.int64]:
        """Number of allowed letters at each position, (max_length,)."""
        return np.asarray(self._allowed.sum(axis=1))

    @cached_property
    def _letters(self) -> NDArray[np.int16]:
        """The letters of each position, allowed ones first, (max_length, letters)."""
        return np.argsort(~self._allowed, axis=1, kind="stable").astype(np.int16)

    @cached_property
    def _n_of_length(self) -> list[int]:
        """Number of sequences of each length, from the shortest."""
        counts, product_so_far = [], 1
        for n_letters in self._n_letters.tolist():
            product_so_far *= n_letters
            counts.append(product_so_far)
        return counts[self._min_length - 1 :]

    @cached_property
    def size(self) -> int:
        """Number of sequences."""
        return sum(self._n_of_length)

    def every(self) -> Codes:
        """All sequences, (size, max_length), sorted by length and then by codes."""
        places = [row[:n].tolist() for row, n in zip(self._letters, self._n_letters, strict=True)]
        longest = len(places)
        blocks = []
        for length, n in enumerate(self._n_of_length, start=self._min_length):
            letters = np.fromiter(product(*places[:length]), dtype=np.dtype((np.int16, length)), count=n)
            blocks.append(np.pad(letters, ((0, 0), (0, longest - length)), constant_values=PAD))
        return np.concatenate(blocks)

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """N sequences drawn uniformly, with replacement, (n, max_length): a length by its count, then each letter."""
        letter = (rng.random((n, len(self._letters))) * self._n_letters).astype(np.int64)
        codes = self._letters[np.arange(len(self._letters)), letter]
        if len(self._n_of_length) > 1:
            shares = [count / self.size for count in self._n_of_length]
            lengths = rng.choice(len(shares), size=n, p=shares) + self._min_length
            codes[np.arange(len(self._letters)) >= lengths[:, None]] = PAD
        return codes
