"""Features of sequences: one-hot letters, and ordered pairs of neighbours."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces import Space
from designloop.surrogates.base import Floats

Places = NDArray[np.int64]


def one_hot(codes: Codes, n_letters: int) -> Floats:
    """One-hot letters, (n, L * letters); zeros where PAD."""
    n, length = codes.shape
    hot = np.zeros((n, length, n_letters + 1))
    np.put_along_axis(hot, codes[:, :, None].astype(np.int64), 1.0, axis=2)  # PAD = -1 is the last, dropped, column
    return hot[:, :, :n_letters].reshape(n, length * n_letters)


def letter_places(codes: Codes, n_letters: int) -> Places:
    """The columns of `one_hot` that are one, (n, L); for PAD, the column after the last.

    Sums over these columns equal products with one-hot rows.
    """
    places = np.arange(codes.shape[1]) * n_letters + codes
    return np.where(codes == PAD, codes.shape[1] * n_letters, places).astype(np.int64)


def pair_places(codes: Codes, n_letters: int) -> Places:
    """The number of each ordered pair of neighbours, left * letters + right, (n, L - 1); letters² where one is PAD."""
    return pairs_of(codes[:, :-1], codes[:, 1:], n_letters)


def pairs_of(left: Codes, right: Codes, n_letters: int) -> Places:
    """The number of each ordered pair, left * letters + right, the shape kept; letters² where one is PAD."""
    is_pair = (left != PAD) & (right != PAD)
    return np.where(is_pair, left.astype(np.int64) * n_letters + right, n_letters**2)


def differing_positions(space: Space) -> Places:
    """Positions where two sequences of the space may differ, by their letter or because one is shorter."""
    may_have_ended = np.arange(space.max_length) >= space.min_length
    return np.flatnonzero(may_have_ended | (space.letters_allowed.sum(axis=1) > 1))
