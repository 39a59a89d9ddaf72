"""Forbidden motifs: short texts that do not occur in a design."""

from typing import Literal

from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.spaces.patterns import Pattern, is_nucleic, pattern, reverse_complement
from designloop.core.spaces.rule import Rule


class ForbiddenMotifs(Rule):
    """Motifs that do not occur in a design, on either strand of nucleotides.

    A place of a motif is a letter, an IUPAC code of nucleotides (`GGNCC`), `X` for any amino acid, or a choice in
    brackets: `N[^P][ST]` is the signal for N-glycosylation.
    """

    motifs: tuple[str, ...] = Field(min_length=1, description="the motifs, from 5' to 3' or from N to C terminus")
    strands: Literal["both", "given"] = Field(
        "both",
        description="both: the reverse complement of a motif is forbidden too; given: only the motif as written, which "
        "is always so for letters other than nucleotides",
    )

    def forbidden(self, alphabet: Alphabet) -> tuple[Pattern, ...]:
        """The motifs, and their reverse complements. Raises ValueError with the place of an unknown letter."""
        given = [pattern(motif, alphabet) for motif in self.motifs]
        if self.strands == "given" or not is_nucleic(alphabet):
            return tuple(given)
        return tuple(dict.fromkeys([*given, *(reverse_complement(one, alphabet) for one in given)]))
