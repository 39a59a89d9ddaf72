"""Names of plain substitutions (`H24C`, `A1P:D2N`) read all at once: a large scan is spelt in a second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_OTHER, _LETTER, _DIGIT, _BETWEEN, _END = range(5)
_MOST_DIGITS = 9
_CELLS = 1 << 24
"""Letters that are spelt at once."""


def _kinds() -> NDArray[np.uint8]:
    kinds = np.full(256, _OTHER, dtype=np.uint8)
    for letters, kind in ((b"ABCDEFGHIJKLMNOPQRSTUVWYZ", _LETTER), (b"0123456789", _DIGIT), (b":;,_+/ \t", _BETWEEN)):
        kinds[list(letters)] = kind
    kinds[[letter + 32 for letter in range(256 - 32) if kinds[letter] == _LETTER]] = _LETTER
    kinds[ord("\n")] = _END
    return kinds


_KIND = _kinds()


@dataclass(frozen=True, slots=True)
class Substitutions:
    """The substitutions of the names that are plain."""

    is_plain: NDArray[np.bool_]
    """Of each name, (n,)."""
    rows: NDArray[np.int64]
    """The name of each substitution, rising, (m,)."""
    positions: NDArray[np.int64]
    """As numbered in the names, (m,)."""
    old: NDArray[np.uint8]
    """The letter of the parent, (m,)."""
    new: NDArray[np.uint8]
    """The letter instead, (m,)."""

    def of(self, is_kept: NDArray[np.bool_]) -> "Substitutions":
        """Only those of some names."""
        is_plain = self.is_plain & is_kept
        kept = is_plain[self.rows]
        return Substitutions(is_plain, self.rows[kept], self.positions[kept], self.old[kept], self.new[kept])


def substitutions(names: Sequence[str], letters: bytes) -> Substitutions:
    """The substitutions in the names that consist of nothing else; `letters` translates each byte of a name.

    A name with an X, a stop or anything but letters and numbers is not plain.
    """
    text = "\n".join(names) + "\n"
    if not names or not text.isascii() or text.count("\n") != len(names):
        nothing = np.zeros(0, dtype=np.int64)
        return Substitutions(
            np.zeros(len(names), np.bool_), nothing, nothing, nothing.astype(np.uint8), nothing.astype(np.uint8)
        )
    signs = np.frombuffer(text.encode(), np.uint8)
    kinds = _KIND[signs]
    ends = np.flatnonzero(kinds >= _BETWEEN)
    starts = np.concatenate([[0], ends[:-1] + 1])
    widths = ends - starts
    n_digits = _counted(kinds == _DIGIT, starts, ends)
    good = (widths >= 3) & (widths <= _MOST_DIGITS + 2) & (n_digits == widths - 2)
    good &= (kinds[starts] == _LETTER) & (kinds[ends - 1] == _LETTER)
    rows = np.concatenate([[0], np.cumsum(kinds[ends] == _END)[:-1]])
    is_plain = np.ones(len(names), dtype=np.bool_)
    is_plain[rows[~good]] = False
    kept = is_plain[rows]
    starts, ends, rows, n_digits = starts[kept], ends[kept], rows[kept], n_digits[kept]
    table = np.frombuffer(letters, np.uint8)
    return Substitutions(
        is_plain, rows, _numbers(signs, starts, n_digits), table[signs[starts]], table[signs[ends - 1]]
    )


def _counted(flags: NDArray[np.bool_], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of flags in each stretch."""
    before = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
    counts: NDArray[np.int64] = before[ends] - before[starts]
    return counts


def _numbers(signs: NDArray[np.uint8], starts: NDArray[np.int64], n_digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number that follows the first letter of each word."""
    numbers = np.zeros(len(starts), dtype=np.int64)
    for place in range(int(n_digits.max(initial=0))):
        has = n_digits > place
        numbers[has] = 10 * numbers[has] + (signs[starts[has] + 1 + place] - ord("0"))
    return numbers


def fits(found: Substitutions, parent: bytes, first: int) -> NDArray[np.bool_]:
    """Of each name, whether its substitutions state the parent's letters, change something, and no position twice."""
    places = found.positions - first
    inside = (places >= 0) & (places < len(parent))
    stated = np.frombuffer(parent, np.uint8)[np.where(inside, places, 0)]
    is_right = found.is_plain.copy()
    is_right[found.rows[~inside | (stated != found.old)]] = False
    is_right &= (
        np.bincount(found.rows, found.old != found.new, len(is_right)) > 0
    )  # the reader of names sees the others
    keys = found.rows * (2 * len(parent) + 1) + np.where(inside, places, 0)
    keys.sort()
    is_right[keys[1:][keys[1:] == keys[:-1]] // (2 * len(parent) + 1)] = False
    return is_right


def spelt(found: Substitutions, parent: bytes, first: int) -> list[str]:
    """The sequences of the plain names, in their order; each of them must fit."""
    rows = np.cumsum(found.is_plain)[found.rows] - 1  # among the plain names
    n, width = int(found.is_plain.sum()), len(parent)
    step = max(1, _CELLS // max(width, 1))
    sequences = list[str]()
    for start in range(0, n, step):
        block = np.tile(np.frombuffer(parent, np.uint8), (min(step, n - start), 1))
        among = slice(*np.searchsorted(rows, (start, start + step)))
        block[rows[among] - start, found.positions[among] - first] = found.new[among]
        text = block.tobytes().decode()
        sequences += [text[place : place + width] for place in range(0, len(text), width)]
    return sequences
