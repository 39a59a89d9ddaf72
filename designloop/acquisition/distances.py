"""Distances between sequences: the letters that differ, or edits where lengths do."""

from collections.abc import Sequence

import numpy as np

from designloop.surrogates.base import Floats


def distances_from(sequence: str, others: Sequence[str]) -> Floats:
    """Hamming distances if all sequences have one length, else Levenshtein distances, (n,)."""
    from rapidfuzz.distance import Hamming, Levenshtein
    from rapidfuzz.process import cdist

    if len(others) == 0:
        return np.zeros(0)
    measure = Hamming if {len(other) for other in others} == {len(sequence)} else Levenshtein
    return np.asarray(cdist([sequence], others, scorer=measure.distance)[0], dtype=float)
