"""Codons: which codons a coding sequence may have, at each place."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.spaces.genetic_code import STOP, amino_acids, check_reads_codons, codons_meant, codons_of
from designloop.core.spaces.rule import Rule

Mask = NDArray[np.bool_]


class Codons(Rule):
    """Codons at each place of a coding sequence, by degenerate codons such as `NNK`, `NDT` or `ATG`.

    Several codons are separated by a space: `at: {3: NDT VHG TGG}` is the mixture known as the 22c trick. The reading
    frame begins at the first letter. Positions count codons from 0.
    """

    at: dict[int, str] = Field({}, description="position of a codon, from 0: the degenerate codons allowed there")
    elsewhere: str = Field("NNN", min_length=3, description="degenerate codons allowed at all other positions")
    without: tuple[str, ...] = Field(
        (), description="degenerate codons that are not allowed anywhere, also where `at` includes them: TAG is amber"
    )
    stops: Literal["none", "last", "any"] = Field(
        "none",
        description="where a stop codon may be: nowhere, at the last position, or at any. Positions in `at` are "
        "limited too",
    )
    one_for_each: dict[str, str] = Field(
        {}, description="amino acid (or * for a stop): its only codon, at positions that are not in `at`"
    )

    def check_fits(self, alphabet: Alphabet, min_length: int, max_length: int) -> None:
        """Raise ValueError where sequences have no codons, or a position is beyond the end."""
        check_reads_codons(alphabet, min_length, max_length, "rule 'codons'")
        for position in self.at:
            if not 0 <= position < max_length // 3:
                raise ValueError(f"rule 'codons': position {position} is outside 0..{max_length // 3 - 1}")

    def codons(self, alphabet: Alphabet, n_codons: int) -> Mask:
        """The codons allowed at each place, (n_codons, 64)."""
        allowed = np.repeat(self._usual(alphabet)[None], n_codons, axis=0)
        for position, text in self.at.items():
            allowed[position] = _any_of(text, alphabet)
        for text in self.without:
            allowed &= ~_any_of(text, alphabet)
        if self.stops != "any":
            allowed[: -1 if self.stops == "last" else None] &= ~codons_of(STOP, alphabet)
        if (empty := np.flatnonzero(~allowed.any(axis=1))).size:
            raise ValueError(f"rule 'codons': no codon is left at position {empty[0]}; allow one there")
        return allowed

    def _usual(self, alphabet: Alphabet) -> Mask:
        allowed = _any_of(self.elsewhere, alphabet)
        for amino_acid, codon in self.one_for_each.items():
            allowed &= _not_another(amino_acid, codon, alphabet)
        return allowed


def _any_of(text: str, alphabet: Alphabet) -> Mask:
    """True for the codons of one of several degenerate codons, (64,)."""
    words = text.replace(",", " ").split()
    if not words:
        raise ValueError("rule 'codons': a list of codons is empty; give a degenerate codon, such as NNK")
    return np.asarray(np.any([codons_meant(one, alphabet) for one in words], axis=0))


def _not_another(amino_acid: str, codon: str, alphabet: Alphabet) -> Mask:
    """True for the codon, and for codons of other amino acids, (64,)."""
    meant, others = codons_meant(codon, alphabet), ~codons_of(amino_acid, alphabet)
    if others.all():
        raise ValueError(f"rule 'codons': {amino_acid!r} is not an amino acid of the genetic code, nor * for a stop")
    if (meant & others).any() or not meant.any():
        coded = amino_acids(alphabet)[int(np.flatnonzero(meant)[0])]
        raise ValueError(f"rule 'codons': {codon} is a codon of {coded}, not of {amino_acid}")
    return meant | others
