"""Joining of blocks that are drawn by themselves. Compiled, and imported on use."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Codes
from designloop.core.compiling import compiled
from designloop.core.dice import Dice, chance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
States = NDArray[np.int32]
Mask = NDArray[np.bool_]


@compiled
def joined(
    following: States,
    chances: Floats,
    starts: Ints,
    bounds: Ints,
    table: States,
    longest: int,
    windows: Ints,
    counted: Mask,
    n: int,
    most: int,
    seed: int,
) -> tuple[Codes, Ints]:
    """(codes (found, length), tallies (2 · blocks, 2)): at most n sequences, fewer where `most` blocks are not enough.

    Block i has the letters from bounds[i] to bounds[i + 1], and its automaton begins in the state starts[i]. There are
    a power of two of them. `table` ends where a forbidden pattern is complete; the longest has `longest` letters.
    A tally holds (tries, successes): of the junction of all halves at 1, of each half at 2 and 3, of the blocks at the
    end.
    """
    n_blocks, length = len(starts), bounds[-1]
    codes, tallies = np.empty((n, length), dtype=np.int16), np.zeros((2 * n_blocks, 2), dtype=np.int64)
    dice, row = np.array([seed], dtype=np.uint64), np.zeros(length, dtype=np.int64)
    found = at = n_drawn = 0
    while found < n and n_drawn < most:
        n_drawn += 1
        _draw(following, chances, starts[at], row, bounds[at], bounds[at + 1], dice)
        tallies[n_blocks + at, 0] += 1
        if not _windows_obeyed(row, bounds[at], bounds[at], bounds[at + 1], windows, counted):
            continue
        tallies[n_blocks + at, 1] += 1
        at, size = at + 1, 2
        while size <= n_blocks and at % size == 0:
            first, middle, last = bounds[at - size], bounds[at - size // 2], bounds[at]
            node = (n_blocks + at - size) // size
            tallies[node, 0] += 1
            if not (
                _patterns_obeyed(row, first, middle, last, table, longest)
                and _windows_obeyed(row, first, middle, last, windows, counted)
            ):
                at -= size
                break
            tallies[node, 1] += 1
            size *= 2
        if at == n_blocks:
            for place in range(length):
                codes[found, place] = row[place]
            found, at = found + 1, 0
    return codes[:found], tallies


@compiled
def _draw(following: States, chances: Floats, state: int, row: Ints, first: int, last: int, dice: Dice) -> None:
    for place in range(first, last):
        letter, u = 0, chance(dice)
        while chances[state, letter] <= u:
            letter += 1
        row[place] = letter
        state = following[state, letter]


@compiled
def _patterns_obeyed(row: Ints, first: int, middle: int, last: int, table: States, longest: int) -> bool:
    """True if no pattern lies across the middle."""
    if len(table) == 0:
        return True
    state = 0
    for place in range(max(first, middle - longest + 1), min(last, middle + longest - 1)):
        state = table[state, row[place]]
        if state < 0:
            return False
    return True


@compiled
def _windows_obeyed(row: Ints, first: int, middle: int, last: int, windows: Ints, counted: Mask) -> bool:
    """True if no window is broken that lies between first and last and across the middle; all, if that is the first."""
    for k in range(len(windows)):
        width, least, most = windows[k, 0], windows[k, 1], windows[k, 2]
        begin = first if middle == first else max(first, middle - width + 1)
        end = last if middle == first else min(last, middle + width - 1)
        if end - begin < width:
            continue
        number = 0
        for place in range(begin, end):
            number += int(counted[k, row[place]])
            if place - begin >= width:
                number -= int(counted[k, row[place - width]])
            if place - begin >= width - 1 and not least <= number <= most:
                return False
    return True
