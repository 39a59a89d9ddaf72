"""Leakage: measured sequences that a corpus of natural sequences already holds, exactly or nearly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.inspection.neighbours import identity as identity_of
from designloop.inspection.shared_pieces import similar_pairs

NEAR = 0.9
"""Identity at which a sequence counts as nearly in the corpus."""
N_BEST = 100


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A sequence and the most similar sequence of the corpus."""

    row: int
    place: int
    """Its index in the corpus."""
    identity: float
    """Share of alignment columns with equal letters; 1 if the two are equal."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """How many measured sequences a corpus holds."""

    n_measured: int
    n_in_corpus: int
    """How many of them are in the corpus."""
    n_best: int
    n_best_in_corpus: int
    n_best_near: int
    """Of the best, how many are not in the corpus, but have identity `near` or more to one that is."""
    near: float

    def __str__(self) -> str:
        """One sentence."""
        n_best, of_all = many(self.n_best, "best measured sequence"), f"{self.n_in_corpus:,} of all {self.n_measured:,}"
        if not (self.n_best_in_corpus or self.n_best_near):
            return f"leakage: none of the {n_best} is in the corpus or nearly so; {of_all} are in it"
        found = f"{self.n_best_in_corpus:,} in the corpus, {self.n_best_near:,} more nearly so"
        return f"leakage: of the {n_best}, {found} (identity {self.near:.0%} or more); {of_all} are in it"


def leakage(
    measured: Sequence[str], values: Sequence[float] | NDArray[np.float64], corpus: Sequence[str], near: float = NEAR
) -> Leakage:
    """How many of the measured sequences, and of the 100 with the highest values, the corpus holds.

    A strategy that learns from such a corpus has seen the answer. NaN is no value.
    """
    known, found = set(corpus), np.asarray(values, dtype=float)
    order = [row for row in np.argsort(-found, kind="stable").tolist() if not np.isnan(found[row])]
    best = [measured[row] for row in order[:N_BEST]]
    duplicates = near_duplicates(best, corpus, near)
    n_exact = sum(duplicate.identity == 1 for duplicate in duplicates)
    n_known = sum(sequence in known for sequence in measured)
    return Leakage(len(measured), n_known, len(best), n_exact, len(duplicates) - n_exact, near)


def near_duplicates(sequences: Sequence[str], corpus: Sequence[str], identity: float = NEAR) -> list[Duplicate]:
    """The most similar sequence of the corpus for each that has one with at least this identity, in order of rows.

    Raises InputError for an identity outside 0.5 to 1.
    """
    if not 0.5 <= identity <= 1:
        raise InputError(f"identity: expected a number from 0.5 to 1, such as 0.9; got {identity}")
    places: dict[str, int] = {}
    for place, other in enumerate(corpus):
        places.setdefault(other, place)
    best = {row: Duplicate(row, places[s], 1.0) for row, s in enumerate(sequences) if s in places}
    others, rows = list(places), [row for row, sequence in enumerate(sequences) if sequence and row not in best]
    for which, at in similar_pairs([sequences[row] for row in rows], others, identity):
        row, place = rows[which], places[others[at]]
        alike = identity_of(sequences[row], others[at])
        if alike >= identity and (row not in best or (-alike, place) < (-best[row].identity, best[row].place)):
            best[row] = Duplicate(row, place, alike)
    return [best[row] for row in sorted(best)]
