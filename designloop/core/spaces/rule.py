"""A rule is a demand on the whole sequence: what must not occur in it, what share of letters it has, which codons.

A rule tells its demand in one of four forms. The first three are counted and drawn exactly, or by a fast rejection;
`obeyed` may be any function of a sequence, and draws that break it are rejected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet
from designloop.core.parts import Part
from designloop.core.spaces.patterns import Pattern

Mask = NDArray[np.bool_]
_TOLERANCE = 1e-9
"""A share of .4 of 20 letters is 8, whatever the last bit of the product."""


@dataclass(frozen=True)
class Share:
    """Limits on the share of some letters, in the whole sequence or in every stretch of `window` letters."""

    letters: str
    least: float
    most: float
    window: int | None = None

    def limits(self, lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the greatest number of the letters among so many, (n,) each."""
        least, most = np.ceil(self.least * lengths - _TOLERANCE), np.floor(self.most * lengths + _TOLERANCE)
        return least.astype(np.int64), most.astype(np.int64)


class Rule(Part):
    """A demand on the whole sequence, obeyed by every design.

    Your own rule defines `obeyed`, or `forbidden` patterns, `shares` or `codons`, which are drawn much faster.
    """

    shelf: ClassVar[str] = "rules"

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError where the rule makes no sense for these sequences."""

    def forbidden(self, alphabet: Alphabet) -> tuple[Pattern, ...]:
        """Patterns that do not occur in a sequence."""
        return ()

    def shares(self, alphabet: Alphabet) -> tuple[Share, ...]:
        """Limits on shares of letters."""
        return ()

    def codons(self, alphabet: Alphabet, n_codons: int) -> Mask | None:
        """True for the codons allowed at each place, (n_codons, 64), numbered in the alphabet's order; None: any.

        A rule on codons fixes the reading frame: lengths are equal and divisible by three, and edits are substitutions.
        """
        return None

    def obeyed(self, sequences: Sequence[str]) -> Mask | None:
        """True for each sequence that obeys the rule, (n,), beyond the forms above; None: any."""
        return None
