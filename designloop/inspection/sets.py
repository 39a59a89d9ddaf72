"""Summaries of a set of sequences: lengths, letters, duplicates, leakage from a corpus, and novelty."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import InputError
from designloop.core.readers.sequences import MASK
from designloop.inspection.alignment import aligned
from designloop.inspection.neighbours import Neighbour

Floats = NDArray[np.float64]
STRATA = (0.0, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Lower bound of each stratum of identity. The last holds sequences that are in the corpus."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of n sequences, in letters."""

    n: int
    shortest: int
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class Leakage:
    """Pairs (row of a set, row of the corpus), both from 0, of sequences that are in the corpus or nearly so."""

    exact: tuple[tuple[int, int], ...]
    near: tuple[tuple[int, int], ...]
    """Sequences that are not in the corpus, but have the given identity or more to their nearest neighbour."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """Identities of a set to their nearest neighbours, 0 to 1."""

    lowest: float
    median: float
    highest: float
    counts: tuple[int, ...]
    """Number of sequences in each stratum of STRATA."""


def lengths(sequences: Sequence[str]) -> Lengths:
    """Lengths of at least one sequence. Raises InputError if there is none."""
    if not sequences:
        raise InputError("lengths require at least one sequence")
    found = [len(sequence) for sequence in sequences]
    return Lengths(len(found), min(found), float(np.median(found)), max(found))


def composition(sequences: Iterable[str], letters: str) -> Floats:
    """Frequency of each of `letters`, (s,). Other letters, such as masked ones, are ignored. Zeros if none are left."""
    counts = Counter[str]()
    for sequence in sequences:
        counts.update(sequence)
    found = np.array([counts[letter] for letter in letters], dtype=np.float64)
    shares: Floats = found / max(found.sum(), 1.0)
    return shares


def duplicates(sequences: Sequence[str]) -> list[tuple[int, ...]]:
    """Rows, from 0, of each sequence that occurs more than once, in the order of its first occurrence."""
    rows: dict[str, list[int]] = {}
    for row, sequence in enumerate(sequences):
        rows.setdefault(sequence, []).append(row)
    return [tuple(found) for found in rows.values() if len(found) > 1]


def identities(sequences: Sequence[str], neighbours: Sequence[Neighbour]) -> list[float]:
    """Identity of each sequence to its neighbour, 0 to 1. A masked letter opposite a letter does not count."""
    return [
        aligned(sequence, found.sequence).identity if MASK in sequence else found.identity
        for sequence, found in zip(sequences, neighbours, strict=True)
    ]


def leakage(neighbours: Sequence[Neighbour], alike: Sequence[float], at_least: float) -> Leakage:
    """Rows that equal their neighbour, and rows with identity `at_least` to it; `alike` comes from `identities`.

    The neighbour is the one with the fewest edits. Another, with one more edit, may have a slightly higher identity.
    """
    exact = tuple((row, found.index) for row, found in enumerate(neighbours) if found.distance == 0)
    near = tuple(
        (row, found.index)
        for row, (found, identity) in enumerate(zip(neighbours, alike, strict=True))
        if found.distance > 0 and identity >= at_least
    )
    return Leakage(exact, near)


def novelty(alike: Sequence[float]) -> Novelty:
    """The distribution of identities to the nearest neighbour. Raises InputError if there are none."""
    if not alike:
        raise InputError("novelty requires at least one sequence")
    strata = np.searchsorted(STRATA, alike, side="right") - 1
    counts = np.bincount(strata, minlength=len(STRATA))
    return Novelty(min(alike), float(np.median(alike)), max(alike), tuple(map(int, counts)))
