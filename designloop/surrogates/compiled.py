"""Compiled loops over letters and gapped pairs. Imported on use: numba compiles each loop once, and keeps it on disk.

A pair is described by its two positions and the first of its features, `bases`: (gap - 1) · letters². Its feature is
then base + left · letters + right. Every function here has one signature, since each costs a compilation.
"""

from typing import Any

import numpy as np

from designloop.core.compiling import compiled


@compiled
def present(codes: Any, lefts: Any, rights: Any, bases: Any, n_letters: Any, is_constant: Any) -> Any:
    """The distinct pairs in each row of codes (n, L), int16: the ends of rows, (n + 1,), and features, rows in order.

    Features that `is_constant` marks are left out.
    """
    n, n_pairs = len(codes), len(lefts)
    seen = np.full(len(is_constant), -1, dtype=np.int32)
    ends = np.zeros(n + 1, dtype=np.int64)
    found = np.empty(n * n_pairs, dtype=np.int32)
    at = 0
    for i in range(n):
        for p in range(n_pairs):
            left, right = codes[i, lefts[p]], codes[i, rights[p]]
            if left >= 0 and right >= 0:
                feature = bases[p] + left * n_letters + right
                if seen[feature] != i and is_constant[feature] == 0:
                    seen[feature] = i
                    found[at] = feature
                    at += 1
        ends[i + 1] = at
    return ends, found[:at].copy()


@compiled
def bits(ends: Any, features: Any, square: Any, n_gaps: Any) -> Any:
    """One bit for each feature of each row, (n, gaps, words); `square` features belong to a gap."""
    n, n_words = len(ends) - 1, (square + 63) // 64
    words = np.zeros((n, n_gaps, n_words), dtype=np.uint64)
    for i in range(n):
        for at in range(ends[i], ends[i + 1]):
            gap, pair = features[at] // square, features[at] % square
            words[i, gap, pair // 64] |= np.uint64(1) << np.uint64(pair % 64)
    return words


@compiled
def _count(word: Any) -> Any:
    """Number of ones of a 64-bit word; the compiler makes it one instruction. Warren 2012, section 5.1."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def shared(rows: Any, others: Any, variances: Any) -> Any:
    """Sum over gaps of variance · number of shared pairs, (n, m), of `bits` of n and m rows."""
    n, n_gaps, n_words = rows.shape
    total = np.empty((n, len(others)))
    for i in range(n):
        for j in range(len(others)):
            both = 0.0
            for gap in range(n_gaps):
                count = np.uint64(0)
                for word in range(n_words):
                    count += _count(rows[i, gap, word] & others[j, gap, word])
                both += variances[gap] * count
            total[i, j] = both
    return total


@compiled
def sums(ends: Any, features: Any, roots: Any, square: Any, weights: Any) -> Any:
    """X · weights (D, k), (n, k), of `present` rows whose features are `roots` (gaps + 1,); the last is a constant."""
    n, k = len(ends) - 1, weights.shape[1]
    total = np.zeros((n, k))
    for i in range(n):
        for at in range(ends[i], ends[i + 1]):
            root = roots[features[at] // square]
            for j in range(k):
                total[i, j] += root * weights[features[at], j]
        for j in range(k):
            total[i, j] += roots[-1] * weights[-1, j]
    return total


@compiled
def spread(ends: Any, features: Any, roots: Any, square: Any, values: Any) -> Any:
    """Xᵀ · values (n, k), (D, k), of the rows of `sums`."""
    n, k = values.shape
    total = np.zeros(((len(roots) - 1) * square + 1, k))
    for i in range(n):
        for at in range(ends[i], ends[i + 1]):
            root = roots[features[at] // square]
            for j in range(k):
                total[features[at], j] += root * values[i, j]
        for j in range(k):
            total[-1, j] += roots[-1] * values[i, j]
    return total


@compiled
def pairs_of_own(
    weights: Any, codes: Any, lefts: Any, rights: Any, bases: Any, n_letters: Any, is_constant: Any
) -> Any:
    """Sum of weights (k, D) of the pairs in function i's own sequences, (k, m), of codes (k, m, L), int16."""
    k, m, _ = codes.shape
    total = np.zeros((k, m))
    seen = np.full(len(is_constant), -1, dtype=np.int32)
    for i in range(k):
        for j in range(m):
            value, mark = 0.0, i * m + j
            for p in range(len(lefts)):
                left, right = codes[i, j, lefts[p]], codes[i, j, rights[p]]
                if left >= 0 and right >= 0:
                    feature = bases[p] + left * n_letters + right
                    if seen[feature] != mark and is_constant[feature] == 0:
                        seen[feature] = mark
                        value += weights[i, feature]
            total[i, j] = value
    return total


@compiled
def letters_of_own(weights: Any, codes: Any, positions: Any, columns: Any) -> Any:
    """Sum of weights (k, D) of the letters in function i's own sequences, (k, m), of codes (k, m, L), int16.

    `columns` (positions, letters + 1) holds the weight's place of each letter, in its last column that of no letter.
    """
    k, m, _ = codes.shape
    total = np.zeros((k, m))
    nothing = columns.shape[1] - 1
    for i in range(k):
        for j in range(m):
            value = 0.0
            for p in range(len(positions)):
                code = codes[i, j, positions[p]]
                value += weights[i, columns[p, code if code >= 0 else nothing]]
            total[i, j] = value
    return total
