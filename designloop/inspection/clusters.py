"""Clusters of similar sequences, so that a benchmark can hold out whole clusters and no near-duplicates.

The method is greedy, as in CD-HIT and UCLUST (Li and Godzik 2006; Edgar 2010): the longest sequence comes first.
Each joins the first representative that is similar enough, or becomes a representative itself. Identity is that of
`neighbours`, equal letters over columns. CD-HIT's default divides by the shorter length, which ignores long gaps.
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
    """Rows, from 0, of each cluster: the representative (the longest), then those of at least `identity` to it.

    Every row is in one cluster. Sequences of equal length are sorted by their letters, and equal ones by row, so the
    order of rows does not affect the clusters. Two sequences of different clusters may still be that similar, unless
    both are representatives. Raises InputError for an identity outside 0 to 1.
    """
    if not 0 < identity <= 1:
        raise InputError(f"identity: expected a number above 0 and at most 1, such as 0.8; got {identity}")
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
    """(training rows, held-out rows), each ascending; no cluster is in both.

    Clusters are taken in random order, and each that still fits into `share` of the sequences is held out. The same
    seed holds out the same sequences in any order of rows. A held-out sequence may still be similar to one of another
    cluster: `kept_apart` removes those from training. Raises InputError if no cluster fits.
    """
    if not 0 < share < 1:
        raise InputError(f"held-out share: expected a number above 0 and below 1, such as 0.1; got {share}")
    found = clusters(sequences, identity)
    room, held = int(share * len(sequences) + _ROUNDING), list[int]()
    for place in rng.permutation(len(found)):
        if len(held) + len(found[place]) <= room:
            held += found[place]
    if not held:
        smallest = min(map(len, found), default=0)
        raise InputError(
            f"no cluster of identity {identity} fits into a share {share} of {many(len(sequences), 'sequence')} (the "
            f"smallest has {smallest}); hold out more, or use a higher identity"
        )
    is_held = np.zeros(len(sequences), dtype=bool)
    is_held[held] = True
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def kept_apart(sequences: Sequence[str], train: Rows, held_out: Rows, identity: float) -> Rows:
    """The rows of `train` whose identity to every sequence of `held_out` is below `identity`."""
    held = [sequences[row] for row in held_out]
    return np.array([row for row in train if _joined(sequences[row], held, identity) is None], dtype=np.int64)


def _joined(sequence: str, representatives: Sequence[str], identity: float) -> int | None:
    """The index of the first representative that is similar enough, or None."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extract_iter

    # There are at most length / identity columns, and edits are the columns without equal letters. With this bound
    # the search misses nothing, and takes seconds for 9,000 RNAs. k-mers cannot rule anything out at an identity of
    # 0.8: two RNAs of 150 letters must share 27 four-mers, and do so by chance.
    most = int(len(sequence) * (1 - identity) / identity + _ROUNDING)
    for other, _, place in extract_iter(sequence, representatives, scorer=Levenshtein.distance, score_cutoff=most):
        if identity_of(sequence, other) >= identity:
            return int(place)
    return None
