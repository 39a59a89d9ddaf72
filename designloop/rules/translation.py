"""Translates-to: every design codes for one protein, so that only synonymous codons differ."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import PROTEIN, Alphabet
from designloop.core.spaces.genetic_code import STOP, check_reads_codons, codons_of
from designloop.core.spaces.rule import Rule


class TranslatesTo(Rule):
    """Every design translates to this protein, by the standard genetic code, from its first letter to its last."""

    protein: str = Field(
        min_length=1, description="amino acids of the whole design; `*` is a stop, and X any amino acid but no stop"
    )

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError where a letter is no amino acid, or the lengths differ."""
        check_reads_codons(alphabet, min_length, max_length, "rule 'translates-to'")
        for place, letter in enumerate(self.protein, start=1):
            if letter not in f"{PROTEIN.letters}{STOP}X":
                raise ValueError(
                    f"rule 'translates-to': {letter!r} at position {place} of the protein is no amino acid "
                    f"({PROTEIN.letters}, {STOP} for a stop, X for any)"
                )
        if 3 * len(self.protein) != max_length:
            raise ValueError(
                f"rule 'translates-to': a protein of {len(self.protein)} amino acids needs {3 * len(self.protein)} "
                f"letters, but a sequence has {max_length}; set `length: {3 * len(self.protein)}`"
            )

    def codons(self, alphabet: Alphabet, n_codons: int) -> NDArray[np.bool_]:
        """The codons of each amino acid, (n_codons, 64)."""
        is_stop = codons_of(STOP, alphabet)
        return np.array([~is_stop if one == "X" else codons_of(one, alphabet) for one in self.protein])
