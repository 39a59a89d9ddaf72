"""The composition of DNA: GC content, how it differs along the sequence, and runs of one letter."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

_GC = frozenset("GC")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one letter."""

    letter: str
    length: int
    start: int
    """The position of its first letter, from 0."""


def gc_content(sequence: str) -> float:
    """Share of G and C, 0 to 1; 0 for an empty sequence."""
    return sum(letter in _GC for letter in sequence) / max(len(sequence), 1)


def gc_spread(sequence: str, window: int) -> float | None:
    """The highest minus the lowest GC content of all windows of this length; None for a sequence that is shorter."""
    if len(sequence) < window:
        return None
    counts = np.cumsum([0, *(letter in _GC for letter in sequence)])
    shares = (counts[window:] - counts[:-window]) / window
    return float(shares.max() - shares.min())


def longest_run(sequence: str, letters: str | None = None) -> Run | None:
    """The longest run of one letter, of these letters or of any; the first of several, None where there is none."""
    best, start = None, 0
    for letter, group in groupby(sequence):
        length = sum(1 for _ in group)
        if (letters is None or letter in letters) and (best is None or length > best.length):
            best = Run(letter, length, start)
        start += length
    return best
