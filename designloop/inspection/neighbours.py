"""The nearest neighbour of a sequence in a corpus: its distance, its identity and the edits between them.

The distance is Levenshtein's: insertions, deletions and substitutions. The result is exact for a corpus of any size: in
a large corpus, k-mers only exclude sequences that cannot be nearer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designloop.inspection.alignment import aligned, in_order

PREFILTER_ABOVE = 50_000
"""Size of a corpus above which k-mers are counted first; also the number of sequences in one chunk."""
_FIRST_LOOKED_AT = 100
_FEW_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The nearest sequence of a corpus; the first if several are equally near."""

    index: int
    """Its index in the corpus."""
    sequence: str
    distance: int
    """Number of insertions, deletions and substitutions."""
    identity: float
    """Share of alignment columns with equal letters, 0 to 1."""
    edits: str
    """The edits from the neighbour to the sequence, as `edits_between` writes them."""


def nearest(sequences: Sequence[str], corpus: Sequence[str]) -> list[Neighbour | None]:
    """The nearest neighbour of each sequence in `corpus`; None for each if the corpus is empty."""
    places: dict[str, int] = {}
    for place, other in enumerate(corpus):
        places.setdefault(other, place)
    found = [(0, places[s]) if s in places else None for s in sequences]  # (distance, index)
    for start in range(0, len(corpus), PREFILTER_ABOVE):
        chunk = corpus[start : start + PREFILTER_ABOVE]
        index = _KmerIndex(chunk) if len(corpus) > PREFILTER_ABOVE else None
        for row, sequence in enumerate(sequences):
            before = found[row]
            if before is not None and before[0] == 0:
                continue
            nearer = _nearer(sequence, chunk, index, None if before is None else before[0] - 1)
            if nearer is not None:
                found[row] = (nearer[0], start + nearer[1])
    return [
        None if place is None else _neighbour(sequence, corpus[place[1]], *place)
        for sequence, place in zip(sequences, found, strict=True)
    ]


def identity(sequence: str, other: str) -> float:
    """Share of alignment columns with equal letters, 0 to 1. Symmetric; 1 for two empty sequences."""
    from rapidfuzz.distance import Levenshtein

    longer, shorter = in_order(sequence, other)
    operations = Levenshtein.editops(longer, shorter)
    n_columns = len(shorter) + sum(operation.tag == "delete" for operation in operations)
    return (n_columns - len(operations)) / n_columns if n_columns else 1.0


def edits_between(origin: str, sequence: str) -> str:
    """The edits from `origin` to `sequence` in biologists' notation; positions count from 1 in `origin`.

    `A12G` is a substitution, `A12del` and `A12_C14del` are deletions, `12insGA` is an insertion after position 12; ""
    if the two are equal.
    If the alphabet has digits, a colon follows the position: `12:A>G`, `12:delA`, `12:insGA`. Substitutions are
    preferred where they are as few.
    """
    write = _with_digits if any(letter.isdigit() for letter in origin + sequence) else _as_biologists
    steps = _substitutions(origin, sequence) or aligned(sequence, origin).steps()
    return " ".join(word for step in steps for word in write(*step))


def _substitutions(origin: str, sequence: str) -> list[tuple[int, str, str]]:
    """The edits as substitutions alone, where no fewer edits lead from one to the other; else nothing."""
    from rapidfuzz.distance import Levenshtein

    if len(origin) != len(sequence):
        return []
    found = [(i, a, b) for i, (a, b) in enumerate(zip(origin, sequence, strict=True)) if a != b]
    return found if len(found) == Levenshtein.distance(origin, sequence) else []


def _as_biologists(start: int, before: str, after: str) -> Iterator[str]:
    """`before`, behind the position `start`, becomes `after`; as long as it, or one of the two is empty."""
    if not before:
        yield f"{start}ins{after}"
    elif after:
        for place, (old, new) in enumerate(zip(before, after, strict=True), start=start + 1):
            yield f"{old}{place}{new}"
    elif len(before) == 1:
        yield f"{before}{start + 1}del"
    else:
        yield f"{before[0]}{start + 1}_{before[-1]}{start + len(before)}del"


def _with_digits(start: int, before: str, after: str) -> Iterator[str]:
    if not before:
        yield f"{start}:ins{after}"
    elif after:
        for place, (old, new) in enumerate(zip(before, after, strict=True), start=start + 1):
            yield f"{place}:{old}>{new}"
    else:
        yield f"{start + 1}:del{before}"


def _neighbour(sequence: str, other: str, distance: int, index: int) -> Neighbour:
    return Neighbour(index, other, distance, identity(sequence, other), edits_between(other, sequence))


def _nearer(
    sequence: str, chunk: Sequence[str], index: "_KmerIndex | None", limit: int | None
) -> tuple[int, int] | None:
    """(distance, place in the chunk) of the nearest sequence within `limit` edits, the first of several; or None."""
    if index is None:
        return _best(sequence, chunk, range(len(chunk)), limit)
    shared = index.shared(sequence)
    likely = np.argsort(-shared, kind="stable")[:_FIRST_LOOKED_AT]
    guess = _best(sequence, chunk, np.sort(likely).tolist(), limit)
    reach = guess[0] if guess is not None else limit
    if reach is None:  # pragma: no cover - without a limit there is always a nearest one
        return None
    return _best(sequence, chunk, np.flatnonzero(shared >= index.needed(sequence, reach)).tolist(), reach)


def _best(sequence: str, chunk: Sequence[str], places: Sequence[int], limit: int | None) -> tuple[int, int] | None:
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extractOne

    if limit is not None and limit < 0:
        return None
    best = extractOne(sequence, [chunk[i] for i in places], scorer=Levenshtein.distance, score_cutoff=limit)
    return None if best is None else (int(best[1]), places[best[2]])


class _KmerIndex:
    """Which sequences of a chunk hold which k-mers, how often."""

    def __init__(self, chunk: Sequence[str]) -> None:
        letters = sorted(set().union(*chunk))
        self._k = 6 if len(letters) <= _FEW_LETTERS else 3
        self._lengths = np.array([len(sequence) for sequence in chunk])
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for place, sequence in enumerate(chunk):
            for kmer, count in Counter(self._kmers(sequence)).items():
                places, counts = postings.setdefault(kmer, ([], []))
                places.append(place)
                counts.append(count)
        self._postings = {kmer: (np.array(places), np.array(counts)) for kmer, (places, counts) in postings.items()}

    def shared(self, sequence: str) -> NDArray[np.int64]:
        """k-mers that each sequence of the chunk shares with this one, counted as often as both have them; (n,)."""
        total = np.zeros(len(self._lengths), dtype=np.int64)
        for kmer, count in Counter(self._kmers(sequence)).items():
            if kmer in self._postings:
                places, counts = self._postings[kmer]
                total[places] += np.minimum(counts, count)
        return total

    def needed(self, sequence: str, distance: int) -> NDArray[np.int64]:
        """The fewest k-mers a sequence within `distance` edits shares, (n,): one edit spoils at most k of them.

        Ukkonen 1992, Approximate string matching with q-grams.
        """
        longest: NDArray[np.int64] = np.maximum(self._lengths, len(sequence))
        return longest - self._k + 1 - self._k * distance

    def _kmers(self, sequence: str) -> list[str]:
        return [sequence[i : i + self._k] for i in range(len(sequence) - self._k + 1)]
