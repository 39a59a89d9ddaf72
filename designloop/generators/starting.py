"""Starting populations: the measured and pending designs with which a climb begins, and donors of segments."""

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from designloop.core.history import History
from designloop.core.shrinkage import shrunk_means
from designloop.core.spaces import compress
from designloop.generators.base import Floats
from designloop.generators.offspring import Offspring, parents_of

Worth = Callable[[list[str]], Floats]
"""Measured or pending sequences -> their expected values, (n,), on any monotone scale."""


def starting_population(
    history: History, n: int, fill: Callable[[int], list[str]], worth: Worth | None = None
) -> Offspring:
    """The n best measured sequences inside the space, completed with free proposals.

    The best by `worth`, or by shrunk means.
    """
    starts = best_measured(history, worth)[:n]
    if len(starts) >= n:
        return Offspring(starts)
    free = fill(n - len(starts))
    return Offspring(list(dict.fromkeys([*starts, *free]))[:n], parents_of(free))


def best_measured(history: History, worth: Worth | None = None) -> list[str]:
    """Measured sequences inside the space, best first."""
    known, places = history.sequences, np.flatnonzero(history.is_measured)
    sequences = [known[i] for i in places]
    if worth is None or not sequences:
        return _best_first(history, sequences, shrunk_means(history)[places])
    return _best_first(history, sequences, worth(sequences))


def best_pending(history: History, worth: Worth) -> list[str]:
    """Pending sequences inside the space, the highest expected value first."""
    sequences = sorted(set(history.pending_sequences))
    return _best_first(history, sequences, worth(sequences)) if sequences else []


def _best_first(history: History, sequences: list[str], values: Floats) -> list[str]:
    order = sorted(range(len(sequences)), key=lambda i: (-values[i], _lot(sequences[i])))
    ranked = list(dict.fromkeys(sequences[i] for i in order))
    return compress(ranked, history.space.contains(ranked))


def _lot(sequence: str) -> bytes:
    """A tie-breaker independent of row and alphabetical order, in which similar sequences are neighbours."""
    return blake2b(sequence.encode(), digest_size=8).digest()
