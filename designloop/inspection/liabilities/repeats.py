"""Repeats of DNA: pieces that occur twice, and pieces that pair with a later one as the stem of a hairpin."""

from collections.abc import Callable
from dataclasses import dataclass

LEAST_LOOP = 3
"""Letters that the loop of a hairpin has at least."""
_PAIRS = str.maketrans("ACGTU", "TGCAA")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Two pieces of a sequence, which are equal or pair with each other."""

    length: int
    first: int
    """Where the first piece begins, from 0."""
    second: int


def longest_repeat(sequence: str) -> Repeat | None:
    """The longest piece that occurs twice without overlap; None where no letter does."""
    return _longest(sequence, _repeated)


def longest_hairpin(sequence: str) -> Repeat | None:
    """The longest stem: a piece, and behind a loop of three letters or more its reverse complement; None without one.

    Pairs are those of Watson and Crick, without mismatches: a count of letters, not a free energy.
    """
    reverse = sequence.translate(_PAIRS)[::-1]
    return _longest(sequence, lambda text, size: _stem(text, reverse, size))


def _longest(sequence: str, find: Callable[[str, int], Repeat | None]) -> Repeat | None:
    """The longest that `find` finds. Where there is one of a length, there is one of each smaller length."""
    best, size, high = None, 1, len(sequence) // 2 + 1
    while size < high and (found := find(sequence, size)) is not None:
        best, size = found, 2 * size
    low, high = size // 2, min(size, high)
    while high - low > 1:
        middle = (low + high) // 2
        found = find(sequence, middle)
        best, low, high = (found, middle, high) if found is not None else (best, low, middle)
    return best


def _repeated(text: str, size: int) -> Repeat | None:
    seen = dict[str, int]()
    for at in range(len(text) - size + 1):
        before = seen.setdefault(text[at : at + size], at)
        if at - before >= size:
            return Repeat(size, before, at)
    return None


def _stem(text: str, reverse: str, size: int) -> Repeat | None:
    """The first stem of a size; the reverse complement of text[a:b] is reverse[n - b:n - a]."""
    n, seen = len(text), dict[str, int]()
    for at in range(n - size + 1):
        if (ready := at - size - LEAST_LOOP) >= 0:
            seen.setdefault(text[ready : ready + size], ready)
        before = seen.get(reverse[n - at - size : n - at])
        if before is not None:
            return Repeat(size, before, at)
    return None
