"""Draws from an automaton. Compiled, and imported on use."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.compiling import compiled
from designloop.core.dice import Dice, chance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Following = NDArray[np.int32]
Mask = NDArray[np.bool_]

_TOGETHER = 512
"""Draws that are made letter by letter together, so that the states of one place stay in the processor's cache."""


@compiled
def drawn(
    following: Following,
    chances: Floats,
    windows: Ints,
    counted: Mask,
    n: int,
    length: int,
    most_tries: int,
    seed: int,
) -> tuple[Codes, int, int]:
    """(codes (n, length), how many of them are drawn, tries): uniform draws that also obey the windows.

    `windows` holds (width, least, most) of the letters that `counted` marks, (windows, letters), in each stretch of
    `width` letters. A draw that breaks one is abandoned. Ends early after `most_tries`.
    """
    codes = np.full((n, length), PAD, dtype=np.int16)
    dice, whole = np.array([seed], dtype=np.uint64), np.zeros(_TOGETHER, dtype=np.bool_)
    block = np.full((length, _TOGETHER), PAD, dtype=np.int16)
    found = tries = 0
    while found < n and tries < most_tries:
        together = _TOGETHER if tries else min(_TOGETHER, n)
        _draw_together(following, chances, windows, counted, block, whole, together, dice)
        for one in range(together):  # in the order of the draws, so that none is favoured where not all are needed
            if found == n:
                break
            tries += 1
            if whole[one]:
                for at in range(length):
                    codes[found, at] = block[at, one]
                found += 1
    return codes, found, tries


@compiled
def _draw_together(
    following: Following,
    chances: Floats,
    windows: Ints,
    counted: Mask,
    block: Codes,
    whole: Mask,
    together: int,
    dice: Dice,
) -> None:
    """Draw the first `together` of a block, (length, ...), and mark the draws that break no window, (...,)."""
    length, n_letters = len(block), chances.shape[1]
    states, numbers = np.zeros(together, dtype=np.int64), np.zeros((len(windows), together), dtype=np.int64)
    going, n_going = np.arange(together), together
    block[:], whole[:] = PAD, False
    for at in range(length):
        n_kept = 0
        for i in range(n_going):
            one = going[i]
            state, letter, u = states[one], 0, chance(dice)
            while letter < n_letters and chances[state, letter] <= u:
                letter += 1
            if letter == n_letters:
                whole[one] = True
                continue
            block[at, one] = letter
            states[one] = following[state, letter]
            if _obeys(block, at, one, windows, counted, numbers):
                going[n_kept] = one
                n_kept += 1
        n_going = n_kept
    for i in range(n_going):
        whole[going[i]] = True


@compiled
def _obeys(block: Codes, at: int, one: int, windows: Ints, counted: Mask, numbers: Ints) -> bool:
    """Count the letter at a place; True if no window that ends there is broken."""
    for k in range(len(windows)):
        width = windows[k, 0]
        numbers[k, one] += int(counted[k, block[at, one]])
        if at >= width:
            numbers[k, one] -= int(counted[k, block[at - width, one]])
        if at >= width - 1 and not windows[k, 1] <= numbers[k, one] <= windows[k, 2]:
            return False
    return True
