"""Pairs of similar sequences in two large sets, found by the pieces that they share. No pair is missed.

If a sequence is cut into d + 1 pieces, d edits leave one piece intact. A near-duplicate therefore holds one of the
pieces, shifted by at most d letters (Navarro 2001, A guided tour to approximate string matching, section 8.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LONGEST_PIECE = 10  # six bits a letter fit into 64
_PAIRS_AT_ONCE, _ROWS_AT_ONCE = 2_000_000, 2_000
_ROUNDING = 1e-9

Ints = NDArray[np.int64]


def most_edits(length: int, identity: float) -> int:
    """The most edits between a sequence of this length and one of this identity to it.

    Equal columns are at most as many as letters, so columns are at most length / identity.
    """
    return int(length * (1 - identity) / identity + _ROUNDING)


def similar_pairs(sequences: Sequence[str], corpus: Sequence[str], identity: float) -> Iterator[tuple[int, int]]:
    """(row, index in the corpus) of every pair within `most_edits`, each once. Pairs may have a lower identity."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    for rows, places, edits in _sharing(sequences, corpus, identity):
        first, second = [sequences[row] for row in rows], [corpus[place] for place in places]
        distances = cpdist(first, second, scorer=Levenshtein.distance, score_cutoff=int(edits.max()), dtype=np.int32)
        is_near = distances <= edits
        yield from zip(rows[is_near].tolist(), places[is_near].tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Every piece of k letters in a set of sequences, sorted by its letters."""

    keys: Ints
    owner: Ints
    start: Ints
    lengths: Ints

    @classmethod
    def of(cls, corpus: Sequence[str], code: Ints, k: int) -> "_Pieces":
        lengths = np.fromiter(map(len, corpus), np.int64, len(corpus))
        letters = code[np.frombuffer("".join(corpus).encode("utf-32-le"), np.uint32)]
        owner = np.repeat(np.arange(len(corpus)), lengths)
        start = np.arange(len(letters)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        fits = np.flatnonzero(start + k <= lengths[owner])
        keys = _keys(letters, fits, k)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], owner[fits][order], start[fits][order], lengths)


def _keys(letters: Ints, starts: Ints, k: int) -> Ints:
    """A number for the k letters at each start."""
    keys = np.zeros(len(starts), np.int64)
    for offset in range(k):
        keys = keys * 64 + letters[starts + offset]
    return keys


def _sharing(sequences: Sequence[str], corpus: Sequence[str], identity: float) -> Iterator[tuple[Ints, Ints, Ints]]:
    """(rows, indices in the corpus, most edits) of the pairs that share a piece, in blocks."""
    code = _codes([*sequences, *corpus])
    by_size: dict[int, list[int]] = {}
    for row, sequence in enumerate(sequences):
        size = len(sequence) // (most_edits(len(sequence), identity) + 1)
        if size:
            by_size.setdefault(min(size, _LONGEST_PIECE), []).append(row)
    for size, rows in sorted(by_size.items()):
        index = _Pieces.of(corpus, code, size)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            yield from _found(index, rows[start : start + _ROWS_AT_ONCE], code, sequences, identity, size)


def _codes(texts: Sequence[str]) -> Ints:
    """Code of each Unicode point that occurs, 0 to 63; letters beyond 64 share codes, which only costs time."""
    points = sorted({ord(letter) for letter in set().union(*texts)})
    code = np.zeros(max(points, default=0) + 1, np.int64)
    code[points] = np.arange(len(points)) % 64
    return code


def _found(
    index: _Pieces, rows: list[int], code: Ints, sequences: Sequence[str], identity: float, k: int
) -> Iterator[tuple[Ints, Ints, Ints]]:
    owner, start, edits, keys = _cut([sequences[row] for row in rows], rows, code, identity, k)
    low = np.searchsorted(index.keys, keys, "left")
    counts = np.searchsorted(index.keys, keys, "right") - low
    for pieces in _groups(owner, counts):
        size = counts[pieces]
        pick = np.repeat(np.arange(len(keys))[pieces], size)
        hit = low[pick] + np.arange(len(pick)) - np.repeat(np.cumsum(size) - size, size)
        near = np.abs(index.start[hit] - start[pick]) <= edits[pick]
        pick, hit = pick[near], hit[near]
        pairs, first = np.unique(owner[pick] * len(index.lengths) + index.owner[hit], return_index=True)
        if len(pairs):
            yield pairs // len(index.lengths), pairs % len(index.lengths), edits[pick][first]


def _groups(owner: Ints, counts: Ints) -> Iterator[slice]:
    """Runs of pieces with about `_PAIRS_AT_ONCE` pairs; all pieces of one sequence are in the same run."""
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    totals = np.cumsum(np.add.reduceat(counts, begins)) if len(begins) else counts
    run = np.maximum(totals - 1, 0) // _PAIRS_AT_ONCE
    edges = begins[np.flatnonzero(np.diff(run, prepend=-1))]
    for begin, end in zip(edges, [*edges[1:], len(owner)], strict=True):
        yield slice(begin, end)


def _cut(texts: list[str], rows: list[int], code: Ints, identity: float, k: int) -> tuple[Ints, Ints, Ints, Ints]:
    """(row, start, most edits, key) of the pieces of each text."""
    owner, start, edits, keys = list[int](), list[int](), list[int](), list[Ints]()
    for row, text in zip(rows, texts, strict=True):
        most = most_edits(len(text), identity)
        begins = np.arange(most + 1) * (len(text) // (most + 1))
        owner += [row] * len(begins)
        edits += [most] * len(begins)
        start += begins.tolist()
        keys.append(_keys(code[np.frombuffer(text.encode("utf-32-le"), np.uint32)], begins, k))
    whole = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    return np.array(owner, np.int64), np.array(start, np.int64), np.array(edits, np.int64), whole
