"""Minibatches: so many letters each, of sequences about equally long, so that little of a step is spent on padding."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from designloop.core.random import stream

Rows = NDArray[np.int64]
_POOL = 32
"""Minibatches' worth of sequences that are sorted by length together: more pads less, and mixes less."""


def minibatches(lengths: NDArray[np.int64], n_letters: int, seed: int) -> Iterator[Rows]:
    """Rows of each minibatch, for ever: the corpus in a new order each time round.

    A minibatch has at most `n_letters` letters, padding counted, or one sequence that is longer. Which comes when hangs
    on the seed alone, so that training that was broken off goes on with the one that was next.
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
    """Minibatches of one size; the few that are left over wait for another time round, unless they are all there is."""
    size = min(size, len(order))
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def by_length(pool: Rows, lengths: NDArray[np.int64], n_letters: int) -> Iterator[Rows]:
    """The pool, rows of the corpus, cut into minibatches, longest first: the first row of each says how wide it is."""
    rows = pool[np.argsort(-lengths[pool], kind="stable")]
    start = 0
    while start < len(rows):
        size = max(1, n_letters // max(int(lengths[rows[start]]), 1))
        yield rows[start : start + size]
        start += size
