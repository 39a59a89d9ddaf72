"""Clusters of alike sequences, so that a benchmark can hold out whole clusters and not what it has all but seen.

Greedy, as CD-HIT and UCLUST do it (Li and Godzik 2006; Edgar 2010): the longest first, a sequence joins the first
representative it is alike enough to, and becomes one itself where there is none. Identity is that of `neighbours`,
equal letters over columns; CD-HIT's default divides by the shorter length, and forgives a long gap.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.inspection.neighbours import identity as identity_of

Rows = NDArray[np.int64]
_ROUNDING = 1e-9


def clusters(sequences: Sequence[str], identity: float) -> list[list[int]]:
    """Rows, from 0, of each cluster: its representative, the longest, then those that are at least `identity` like it.

    Every row is in one cluster. Sequences of one length come by their letters, and equal ones by their row: the order
    of rows changes neither the clusters, as sequences, nor their order. Two sequences of different clusters may still
    be as alike as that, unless both are representatives. Raises InputError for an identity outside 0 to 1.
    """
    if not 0 < identity <= 1:
        raise InputError(f"clusters of identity {identity}: an identity is above 0 and at most 1, as in 0.8")
    found, representatives, first = list[list[int]](), list[str](), 0
    for row in sorted(range(len(sequences)), key=lambda row: (-len(sequences[row]), sequences[row])):
        sequence = sequences[row]
        # Equal letters are at most as many as the shorter has, columns at least as many as the longer has.
        while first < len(representatives) and len(representatives[first]) * identity > len(sequence) + _ROUNDING:
            first += 1
        place = _joined(sequence, representatives[first:], identity)
        if place is None:
            found.append([row])
            representatives.append(sequence)
        else:
            found[first + place].append(row)
    return found


def split_by_cluster(
    sequences: Sequence[str], identity: float, share: float, rng: np.random.Generator
) -> tuple[Rows, Rows]:
    """(training rows, held-out rows), each ascending: no cluster is in both.

    Clusters come in random order, and each is held out that still fits within `share` of the sequences: never more are,
    and a cluster larger than that never is. From one seed the same sequences are held out, whatever their order.
    A held-out sequence may still be as alike to one of another cluster: `kept_apart` leaves those out of training.
    Raises InputError where not even one cluster fits.
    """
    if not 0 < share < 1:
        raise InputError(f"a share of {share} to hold out: it is above 0 and below 1, as in 0.1")
    found = clusters(sequences, identity)
    room, held = int(share * len(sequences) + _ROUNDING), list[int]()
    for place in rng.permutation(len(found)):
        if len(held) + len(found[place]) <= room:
            held += found[place]
    if not held:
        smallest = min(map(len, found), default=0)
        raise InputError(
            f"no cluster of identity {identity} fits within {share} of {many(len(sequences), 'sequence')} (the "
            f"smallest holds {smallest}); hold out more, or ask for a higher identity"
        )
    is_held = np.zeros(len(sequences), dtype=bool)
    is_held[held] = True
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def kept_apart(sequences: Sequence[str], train: Rows, held_out: Rows, identity: float) -> Rows:
    """Those rows of `train` that are less than `identity` like every sequence of `held_out`; whatever their order."""
    held = [sequences[row] for row in held_out]
    return np.array([row for row in train if _joined(sequences[row], held, identity) is None], dtype=np.int64)


def _joined(sequence: str, representatives: Sequence[str], identity: float) -> int | None:
    """The place of the first representative that the sequence is alike enough to; or None."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extract_iter

    # Columns are at most either length over the identity, and edits are the columns without equal letters. So
    # bound, the search misses none, and takes seconds for 9,000 RNAs. k-mers, of which one edit spoils k, could rule
    # out nothing at an identity of 0.8: two RNAs of 150 letters must share 27 four-mers, and do so by chance.
    most = int(len(sequence) * (1 - identity) / identity + _ROUNDING)
    for other, _, place in extract_iter(sequence, representatives, scorer=Levenshtein.distance, score_cutoff=most):
        if identity_of(sequence, other) >= identity:
            return int(place)
    return None
