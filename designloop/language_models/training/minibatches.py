"""Minibatches of a fixed number of letters, from sequences of similar length, so that there is little padding."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from designloop.core.random import stream

Rows = NDArray[np.int64]
_POOL = 32
"""Number of minibatches whose sequences are sorted by length together. More means less padding and less mixing."""


def minibatches(lengths: NDArray[np.int64], n_letters: int, seed: int) -> Iterator[Rows]:
    """An infinite sequence of minibatches, as rows of the corpus, which is shuffled again in each epoch.

    A minibatch has at most `n_letters` letters with padding, or a single longer sequence. The order depends only on the
    seed, so that interrupted training continues with the next minibatch.
    """
    for time_round in range(2**62):
        yield from _once(lengths, n_letters, stream(seed, "minibatches", time_round))


def _once(lengths: NDArray[np.int64], n_letters: int, rng: np.random.Generator) -> Iterator[Rows]:
    order = rng.permutation(len(lengths))
    if lengths.min() == lengths.max():
        yield from _full(order, max(1, n_letters // max(int(lengths[0]), 1)))
        return
    cuts = np.cumsum(lengths[order]) // max(_POOL * n_letters, 1)
    found = [rows for pool in np.unique(cuts) for rows in by_length(order[cuts == pool], lengths, n_letters)]
    for place in rng.permutation(len(found)):
        yield found[place]


def _full(order: Rows, size: int) -> Iterator[Rows]:
    """Minibatches of equal size. Left-over rows are dropped from this epoch."""
    size = min(size, len(order))
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def by_length(pool: Rows, lengths: NDArray[np.int64], n_letters: int) -> Iterator[Rows]:
    """The pool of rows divided into minibatches, longest first. The first row of each has its maximum length."""
    rows = pool[np.argsort(-lengths[pool], kind="stable")]
    start = 0
    while start < len(rows):
        size = max(1, n_letters // max(int(lengths[rows[start]]), 1))
        yield rows[start : start + size]
        start += size
