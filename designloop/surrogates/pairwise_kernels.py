"""Compiled loops over all pairs of two positions. Imported on use: numba compiles each loop once, and keeps it on disk.

Codes (..., F) are int16. Pair p of positions has the features p · letters² + left · letters + right; pairs are in the
order of np.triu_indices. Every function here has one signature, since each costs a compilation.
"""

from typing import Any

import numpy as np

from designloop.core.compiling import compiled


@compiled
def sums(codes: Any, weights: Any, n_letters: Any) -> Any:
    """Sums of weights (D, k) over the pairs of each row of codes (n, F), (n, k)."""
    n, n_positions = codes.shape
    total = np.zeros((n, weights.shape[1]))
    for i in range(n):
        first = 0
        for left in range(n_positions):
            for right in range(left + 1, n_positions):
                if codes[i, left] >= 0 and codes[i, right] >= 0:
                    feature = first + codes[i, left] * n_letters + codes[i, right]
                    for j in range(weights.shape[1]):
                        total[i, j] += weights[feature, j]
                first += n_letters * n_letters
    return total


@compiled
def spread(codes: Any, values: Any, n_letters: Any) -> Any:
    """Sums of values (n, k) over the rows of codes (n, F) that have a pair, (D, k)."""
    n, n_positions = codes.shape
    n_pairs = n_positions * (n_positions - 1) // 2
    total = np.zeros((n_pairs * n_letters * n_letters, values.shape[1]))
    for i in range(n):
        first = 0
        for left in range(n_positions):
            for right in range(left + 1, n_positions):
                if codes[i, left] >= 0 and codes[i, right] >= 0:
                    feature = first + codes[i, left] * n_letters + codes[i, right]
                    for j in range(values.shape[1]):
                        total[feature, j] += values[i, j]
                first += n_letters * n_letters
    return total


@compiled
def sums_of_own(table: Any, codes: Any, n_letters: Any) -> Any:
    """Sums of weights (k, D) over the pairs of function i's own sequences, (k, m), of codes (k, m, F)."""
    k, m, n_positions = codes.shape
    total = np.zeros((k, m))
    for i in range(k):
        for j in range(m):
            first, value = 0, 0.0
            for left in range(n_positions):
                for right in range(left + 1, n_positions):
                    if codes[i, j, left] >= 0 and codes[i, j, right] >= 0:
                        value += table[i, first + codes[i, j, left] * n_letters + codes[i, j, right]]
                    first += n_letters * n_letters
            total[i, j] = value
    return total
