"""The standard genetic code (NCBI translation table 1), for codons in the order of an alphabet's letters."""

from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet
from designloop.core.spaces.patterns import is_nucleic, pattern

_ORDER = "TCAG"
_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""Amino acids of the codons TTT, TTC, TTA, TTG, TCT, ...; `*` is a stop."""
STOP = "*"


@lru_cache
def amino_acids(alphabet: Alphabet) -> str:
    """The amino acid of each codon, 64 letters; codons are numbered in the alphabet's order."""
    of = {"".join(codon): one for codon, one in zip(product(_ORDER, repeat=3), _AMINO_ACIDS, strict=True)}
    return "".join(of["".join(codon).replace("U", "T")] for codon in product(alphabet.letters, repeat=3))


def codons_of(amino_acid: str, alphabet: Alphabet) -> NDArray[np.bool_]:
    """True for the codons of an amino acid, or of a stop (`*`), (64,)."""
    return np.array([one == amino_acid for one in amino_acids(alphabet)])


def codons_meant(text: str, alphabet: Alphabet) -> NDArray[np.bool_]:
    """True for the codons that a degenerate codon such as `NNK` stands for, (64,). Raises ValueError."""
    places = pattern(text, alphabet)
    if len(places) != 3:
        raise ValueError(f"codon {text!r} has {len(places)} letters; a codon has three, such as NNK")
    return np.array([all(code in place for code, place in zip(codon, places, strict=True)) for codon in _numbered()])


def _numbered() -> list[tuple[int, ...]]:
    return list(product(range(4), repeat=3))


def check_reads_codons(alphabet: Alphabet, min_length: int, max_length: int, who: str) -> None:
    """Raise ValueError unless sequences are nucleotides of one length that is divisible by three."""
    if not is_nucleic(alphabet):
        raise ValueError(f"{who} needs nucleotides, but the alphabet is {alphabet.name}; remove the rule")
    if min_length != max_length or min_length % 3:
        lengths = f"{min_length}" if min_length == max_length else f"{min_length} to {max_length}"
        raise ValueError(
            f"{who} needs sequences of one length that is divisible by three, so that no edit shifts the reading "
            f"frame, but they have {lengths} letters; set `length`"
        )
