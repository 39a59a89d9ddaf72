"""Features of sequences: one-hot letters, and counts of neighbouring pairs."""

import numpy as np

from designloop.core.alphabet import PAD, Codes
from designloop.surrogates.base import Floats


def one_hot(codes: Codes, n_letters: int) -> Floats:
    """One-hot letters, (n, L * letters); zeros where PAD."""
    n, length = codes.shape
    hot = np.zeros((n, length, n_letters + 1))
    np.put_along_axis(hot, codes[:, :, None].astype(np.int64), 1.0, axis=2)  # PAD = -1 is the last, dropped, column
    return hot[:, :, :n_letters].reshape(n, length * n_letters)


def pair_counts(codes: Codes, n_letters: int) -> Floats:
    """How often each ordered pair of neighbours stands in a sequence, (n, letters²)."""
    left, right = codes[:, :-1].astype(np.int64), codes[:, 1:].astype(np.int64)
    inside = (left != PAD) & (right != PAD)
    rows = np.broadcast_to(np.arange(len(codes))[:, None], left.shape)
    cells = (rows * n_letters**2 + left * n_letters + right)[inside]
    counts = np.bincount(cells, minlength=len(codes) * n_letters**2)
    return counts.reshape(len(codes), n_letters**2).astype(float)
