"""A Metropolis walk: letters change one at a time, and the frequency of a sequence converges to its weight.

Metropolis et al. 1953, J. Chem. Phys. 21, 1087. A step proposes another letter at one free position, both drawn
uniformly. The proposal is symmetric, so acceptance with probability min(1, new weight / old weight) satisfies detailed
balance. Lengths are kept.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces import Space

LogWeights = Callable[[Codes], NDArray[np.float64]]
"""Natural log of the weight of encoded sequences (n, L), shape (n,); -inf for excluded sequences."""


class Walk:
    """Independent chains, one per row, that step together. Each must start at a sequence of positive weight."""

    def __init__(self, codes: Codes, space: Space, log_weights: LogWeights) -> None:
        self.codes = codes.copy()
        self._log_weights = log_weights
        self._here = log_weights(codes)
        self._mutations = _Mutations(space, codes)

    def steps(self, n_steps: int, rng: np.random.Generator) -> None:
        """Try `n_steps` mutations on each chain."""
        for _ in range(n_steps):
            self._step(rng)

    def _step(self, rng: np.random.Generator) -> None:
        mutants = self._mutations.of(self.codes, rng)
        there = self._log_weights(mutants)
        odds = np.log(rng.random(len(mutants)))
        moves = odds < there - self._here
        self.codes[moves], self._here[moves] = mutants[moves], there[moves]


class _Mutations:
    """Point mutations within the letters a space allows, for sequences of the lengths of `codes`."""

    def __init__(self, space: Space, codes: Codes) -> None:
        self._free = space.free_positions
        self._n_free = np.searchsorted(self._free, (codes != PAD).sum(axis=1))  # of each chain: those it has letters at
        allowed = space.letters_allowed
        self._n_letters = allowed.sum(axis=1)
        self._letters = np.argsort(~allowed, axis=1, kind="stable").astype(np.int16)  # (L, A): allowed ones first
        self._place = np.argsort(self._letters, axis=1)  # (L, A): where each letter stands among them

    def of(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Each sequence with another letter at one of its free positions; unchanged where it has none."""
        uniform, rows = rng.random((2, len(codes))), np.flatnonzero(self._n_free)
        positions = self._free[(uniform[0, rows] * self._n_free[rows]).astype(np.int64)]
        n_letters, before = self._n_letters[positions], codes[rows, positions]
        shift = 1 + (uniform[1, rows] * (n_letters - 1)).astype(np.int64)
        mutants = codes.copy()
        mutants[rows, positions] = self._letters[positions, (self._place[positions, before] + shift) % n_letters]
        return mutants
