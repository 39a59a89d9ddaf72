"""A set of sequences as a whole: lengths, letters, duplicates; what of it a corpus holds, and how new the rest is."""

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
"""Where each stratum of identity begins; the last holds what equals a sequence of the corpus."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long n sequences are, in letters."""

    n: int
    shortest: int
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class Leakage:
    """Rows of a set that stand in a corpus already, or nearly so; each with its place there, both from 0."""

    exact: tuple[tuple[int, int], ...]
    near: tuple[tuple[int, int], ...]
    """Those that do not, and are as alike to their nearest neighbour as was asked."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """Identities of a set to their nearest neighbours, 0 to 1."""

    lowest: float
    median: float
    highest: float
    counts: tuple[int, ...]
    """How many fall into each of STRATA."""


def lengths(sequences: Sequence[str]) -> Lengths:
    """Lengths of at least one sequence. Raises InputError where there is none."""
    if not sequences:
        raise InputError("the lengths of no sequences are asked for; give at least one")
    found = [len(sequence) for sequence in sequences]
    return Lengths(len(found), min(found), float(np.median(found)), max(found))


def composition(sequences: Iterable[str], letters: str) -> Floats:
    """Share of each of `letters` among them all, (s,); others, as masked ones, do not count. Zeros where none is."""
    counts = Counter[str]()
    for sequence in sequences:
        counts.update(sequence)
    found = np.array([counts[letter] for letter in letters], dtype=np.float64)
    shares: Floats = found / max(found.sum(), 1.0)
    return shares


def duplicates(sequences: Sequence[str]) -> list[tuple[int, ...]]:
    """Rows, from 0, of each sequence that stands more than once; in the order of their first."""
    rows: dict[str, list[int]] = {}
    for row, sequence in enumerate(sequences):
        rows.setdefault(sequence, []).append(row)
    return [tuple(found) for found in rows.values() if len(found) > 1]


def identities(sequences: Sequence[str], neighbours: Sequence[Neighbour]) -> list[float]:
    """How alike each sequence is to its neighbour, 0 to 1; a masked letter opposite a letter does not count."""
    return [
        aligned(sequence, found.sequence).identity if MASK in sequence else found.identity
        for sequence, found in zip(sequences, neighbours, strict=True)
    ]


def leakage(neighbours: Sequence[Neighbour], alike: Sequence[float], at_least: float) -> Leakage:
    """Which rows equal their neighbour, and which are `at_least` as alike to it; `alike` as `identities` gives them.

    The neighbour is the one with the fewest edits; another, with one edit more, may be a little more alike.
    """
    exact = tuple((row, found.index) for row, found in enumerate(neighbours) if found.distance == 0)
    near = tuple(
        (row, found.index)
        for row, (found, identity) in enumerate(zip(neighbours, alike, strict=True))
        if found.distance > 0 and identity >= at_least
    )
    return Leakage(exact, near)


def novelty(alike: Sequence[float]) -> Novelty:
    """How identities to the nearest neighbour are distributed. Raises InputError where there is none."""
    if not alike:
        raise InputError("the novelty of no sequences is asked for; give at least one")
    strata = np.searchsorted(STRATA, alike, side="right") - 1
    counts = np.bincount(strata, minlength=len(STRATA))
    return Novelty(min(alike), float(np.median(alike)), max(alike), tuple(map(int, counts)))
