"""Redrawing: positions drawn at random, and uniform letters for them. Compiled, and imported on use."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.compiling import compiled
from designloop.core.dice import Dice, below, chance

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


@compiled
def places_drawn(codes: Codes, counts: Ints, free: Ints, seed: int) -> Mask:
    """`counts` of the free letters of each row, uniformly without replacement, (n, L); all if there are fewer."""
    found = np.zeros(codes.shape, dtype=np.bool_)
    dice = np.array([seed], dtype=np.uint64)
    for row in range(len(codes)):
        left = 0
        for place in free:
            left += int(codes[row, place] != PAD)
        wanted = min(counts[row], left)
        for place in free:  # selection sampling (Knuth 1997, vol. 2, algorithm S)
            if wanted and codes[row, place] != PAD:
                if chance(dice) * left < wanted:
                    found[row, place] = True
                    wanted -= 1
                left -= 1
    return found


@compiled
def letters_drawn(codes: Codes, missing: Mask, allowed: Mask, seen: Mask, seed: int) -> Codes:
    """Codes with each missing letter replaced by another one, uniform among those allowed there.

    Where possible, it is one that the corpus has next to both neighbours. A right neighbour that is still to be drawn
    does not matter.
    """
    found, dice = codes.copy(), np.array([seed], dtype=np.uint64)
    for row in range(len(codes)):
        for at in range(codes.shape[1]):
            if missing[row, at]:
                right_is_known = at + 1 < codes.shape[1] and codes[row, at + 1] != PAD and not missing[row, at + 1]
                left = found[row, at - 1] if at else PAD
                right = found[row, at + 1] if right_is_known else PAD
                found[row, at] = _letter(dice, found[row, at], left, right, allowed[at], seen)
    return found


@compiled
def _letter(dice: Dice, old: int, left: int, right: int, allowed: Mask, seen: Mask) -> int:
    best, n_best, is_natural = old, 0, False
    for letter in range(len(allowed)):
        if letter == old or not allowed[letter]:
            continue
        fits = (left == PAD or seen[left, letter]) and (right == PAD or seen[letter, right])
        if fits and not is_natural:
            n_best, is_natural = 0, True
        if fits == is_natural:
            n_best += 1
            if below(dice, n_best) == 0:
                best = letter
    return best
