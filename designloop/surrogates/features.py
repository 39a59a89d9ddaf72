"""Features of sequences: one-hot letters, and counts of neighbouring pairs."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.surrogates.base import Floats


def one_hot(codes: Codes, n_letters: int) -> Floats:
    """One-hot letters, (n, L * letters); zeros where PAD."""
    n, length = codes.shape
    hot = np.zeros((n, length, n_letters + 1))
    np.put_along_axis(hot, codes[:, :, None].astype(np.int64), 1.0, axis=2)  # PAD = -1 is the last, dropped, column
    return hot[:, :, :n_letters].reshape(n, length * n_letters)


def letter_places(codes: Codes, n_letters: int) -> NDArray[np.int64]:
    """The columns of `one_hot` that are one, (n, L); where PAD, the column behind the last.

    Summing what stands there is a product with one-hot rows, without the zeros.
    """
    places = np.arange(codes.shape[1]) * n_letters + codes
    return np.where(codes == PAD, codes.shape[1] * n_letters, places).astype(np.int64)


def pair_places(codes: Codes, n_letters: int) -> NDArray[np.int64]:
    """The columns of `pair_counts` that a sequence counts in, (n, L - 1); where PAD, the column behind the last."""
    left, right = codes[:, :-1].astype(np.int64), codes[:, 1:].astype(np.int64)
    return np.where((left != PAD) & (right != PAD), left * n_letters + right, n_letters**2)


def pair_counts(codes: Codes, n_letters: int) -> Floats:
    """How often each ordered pair of neighbours stands in a sequence, (n, letters²)."""
    places = pair_places(codes, n_letters)
    cells = (np.arange(len(codes))[:, None] * n_letters**2 + places)[places < n_letters**2]
    counts = np.bincount(cells, minlength=len(codes) * n_letters**2)
    return counts.reshape(len(codes), n_letters**2).astype(float)
