"""The standard genetic code (NCBI translation table 1), and three-letter names of amino acids."""

from itertools import product

_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
STOP = "*"
CODON_OF = dict(zip(map("".join, product("TCAG", repeat=3)), _AMINO_ACIDS, strict=True))
"""The amino acid of each DNA codon; `*` is a stop."""
ONE_LETTER = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V", "Ter": STOP,
}  # fmt: skip
"""Three-letter names of amino acids, and `Ter` for a stop, by the letter."""


def translated(bases: str) -> str:
    """The protein that DNA or RNA in its first frame encodes, stops as `*`; bases behind the last codon are ignored."""
    dna = bases.replace("U", "T")
    return "".join(CODON_OF[dna[place : place + 3]] for place in range(0, len(dna) - 2, 3))
