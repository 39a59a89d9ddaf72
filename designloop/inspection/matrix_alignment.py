"""Global alignments by a substitution matrix and affine gap costs, through biopython (extra `[search]`).

Needleman and Wunsch 1970, Gotoh 1982. They are for reading: a gap of many letters is one event, and exchanges of
similar residues cost less. Edits, distances and identities are those of `alignment`, which needs no matrix.
"""

from functools import lru_cache
from typing import Any

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import ConfigError, InputError, did_you_mean
from designloop.core.readers.sequences import MASK
from designloop.inspection.alignment import DIFFERENT, EQUAL, GAP, MASKED, SIMILAR, Alignment

OPEN, EXTEND = 11.0, 1.0
"""Costs of a gap, and of each letter in it: those of BLAST for BLOSUM62."""


def aligned_by(
    sequence: str, other: str, alphabet: Alphabet, matrix: str, *, open_gap: float = OPEN, extend_gap: float = EXTEND
) -> tuple[Alignment, float]:
    """(the alignment with the highest score, that score); of several, the first that biopython finds.

    A gap of n letters costs `open_gap` + n `extend_gap`. A masked letter scores as an unknown one. Raises ConfigError
    without biopython, InputError for an unknown matrix, or one of another alphabet.
    """
    aligner = _aligner(matrix, open_gap, extend_gap)
    _check_fits(matrix, aligner.substitution_matrix.alphabet, alphabet)
    first, second = (_in_matrix(text, alphabet) for text in (sequence, other))
    best = aligner.align(first, second)[0]
    rows = _with_letters(best[0], sequence), _with_letters(best[1], other)
    matches = "".join(_match(*pair, aligner.substitution_matrix) for pair in zip(*rows, strict=True))
    return Alignment(*rows, matches), float(best.score)


@lru_cache(maxsize=16)
def _aligner(matrix: str, open_gap: float, extend_gap: float) -> Any:
    try:
        from Bio.Align import PairwiseAligner, substitution_matrices
    except ImportError as error:
        raise ConfigError("alignment by a matrix requires biopython: pip install 'designloop[search]'") from error
    known = substitution_matrices.load()
    if matrix not in known:
        raise InputError(f"unknown substitution matrix '{matrix}'{did_you_mean(matrix, known)}")
    return PairwiseAligner(
        mode="global",
        substitution_matrix=substitution_matrices.load(matrix),
        open_gap_score=-(open_gap + extend_gap),  # that of the first letter of a gap
        extend_gap_score=-extend_gap,
    )


def _check_fits(matrix: str, letters: str, alphabet: Alphabet) -> None:
    """A matrix of amino acids also has the letters A, C, G and T, but means residues by them."""
    is_for_proteins = "E" in letters
    if alphabet not in (DNA, RNA, PROTEIN) or is_for_proteins != (alphabet == PROTEIN):
        kind = "amino acids" if is_for_proteins else "nucleotides"
        raise InputError(
            f"{matrix} is a matrix of {kind}, but the sequences are {alphabet.name}; BLOSUM62 is one for proteins, "
            "NUC.4.4 one for DNA and RNA"
        )


def _in_matrix(text: str, alphabet: Alphabet) -> str:
    return text.replace(MASK, "X" if alphabet == PROTEIN else "N").replace("U", "T" if alphabet == RNA else "U")


def _with_letters(row: str, text: str) -> str:
    """The row of an alignment in the letters of the sequence."""
    given = iter(text)
    return "".join(GAP if letter == GAP else next(given) for letter in row)


def _match(letter: str, other: str, scores: Any) -> str:
    if GAP in (letter, other):
        return DIFFERENT
    if MASK in (letter, other):
        return MASKED
    if letter == other:
        return EQUAL
    pair = tuple(each if each in scores.alphabet else "T" for each in (letter, other))
    return SIMILAR if scores[pair] > 0 else DIFFERENT
