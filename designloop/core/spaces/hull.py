"""A hull is the smallest plain space that contains a space and all known sequences. Models define features over it."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet
from designloop.core.spaces.space import Space

Mask = NDArray[np.bool_]


def hull(space: Space, known: Iterable[str]) -> Space:
    """A space without pool, parent or edit budget whose lengths and letters cover `space` and the known sequences.

    A letter is allowed at a position if the space allows it there, or if a known sequence has it there. Known sequences
    may be outside the space, but use its alphabet.
    """
    outside = tuple(sorted(set(known)))
    lengths = [space.min_length, space.max_length, *map(len, outside)]
    mask = _padded(_letters_of_space(space), max(lengths)) | _letters_of(outside, space.alphabet, max(lengths))
    letters = np.array(list(space.alphabet.letters))
    allowed = {place: "".join(letters[row]) for place, row in enumerate(mask) if row.any() and not row.all()}
    return Space(alphabet=space.alphabet, min_length=min(lengths), max_length=max(lengths), allowed=allowed)


def _letters_of_space(space: Space) -> Mask:
    """True where a sequence of the space may have a letter, (max_length, letters)."""
    if space.pool is not None:
        return _letters_of(space.pool, space.alphabet, space.max_length)
    return space.letters_allowed


@lru_cache(maxsize=8)
def _letters_of(sequences: tuple[str, ...], alphabet: Alphabet, length: int) -> Mask:
    """True where one of the sequences has a letter, (length, letters)."""
    codes = alphabet.encode(sequences)
    seen = np.zeros((length, len(alphabet)), dtype=bool)
    rows, places = np.nonzero(codes != PAD)
    seen[places, codes[rows, places]] = True
    return seen


def _padded(mask: Mask, length: int) -> Mask:
    return np.pad(mask, [(0, length - len(mask)), (0, 0)])
