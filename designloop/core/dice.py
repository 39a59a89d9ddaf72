"""Dice: random numbers within compiled functions. Imported on use.

After a change here, delete the `__pycache__` folders: numba does not compile a cached function again when a function
that it calls has changed in another file.
"""

import numpy as np
from numpy.typing import NDArray

from designloop.core.compiling import compiled

Dice = NDArray[np.uint64]
"""The state of a generator of random bits (SplitMix64; Steele, Lea and Flood 2014), shape (1,)."""


@compiled
def chance(dice: Dice) -> float:
    """A uniform number from [0, 1)."""
    dice[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = dice[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    return np.float64(bits >> np.uint64(11)) * 2.0**-53


@compiled
def below(dice: Dice, n: int) -> int:
    """A uniform whole number from 0 to n - 1."""
    return int(chance(dice) * n)
