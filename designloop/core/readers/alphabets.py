"""The one guesser of alphabets: DNA, RNA or protein by the letters of a whole set, or an error that asks.

The rule, by the shares of all letters (digits, gaps and other signs do not count):

- all are bases (A, C, G, T, U): RNA with a U, DNA with a T. Both in one set, neither, or fewer than six letters: asked.
- at least nine in ten are bases: DNA or RNA. What else there is, an ambiguity code such as N among it, is then an error
  of its reader, which names its place.
- else a letter that is neither a base nor an ambiguity code (E, F, I, L, P, Q, ...) says protein, and so do codes that
  are half of the letters, or three in ten of at least twenty.
- else bases with ambiguity codes and protein both fit: asked.

A set that is read as a chosen alphabet is not guessed at; there, T is read as U for RNA, and U as T for DNA.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import InputError

AMBIGUITY = {
    "R": "A or G", "Y": "C or T", "S": "C or G", "W": "A or T", "K": "G or T", "M": "A or C",
    "B": "C, G or T", "D": "A, G or T", "H": "A, C or T", "V": "A, C or G", "N": "any base",
}  # fmt: skip
"""What an IUPAC code of a nucleotide stands for."""
HOW_TO_NAME = "name the alphabet: `alphabet:` in a description, --alphabet on the command line"
_BASES = "ACGTU"
_FEWEST = 6
"""Letters from which on bases alone are not taken for a protein: one in 10,000 such proteins has no other letter."""
_NEARLY_ALL, _HALF, _MANY, _ENOUGH = 0.9, 0.5, 0.3, 20

_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)

Place = Callable[[int], str]
"""Where a sequence stands, by its row from 0: as `file, line 3`."""


def upper(text: str) -> str:
    """The text with a to z in upper case. Other letters stay: Python's `upper` makes SS of one German letter."""
    return text.translate(_UPPER)


@dataclass(frozen=True, slots=True)
class _Letters:
    """How often each letter occurs in a set of sequences, in upper case."""

    counts: dict[str, int]
    are_states: bool
    """Whether a digit is among the signs: then those are numbered states, whatever letters stand beside."""

    @classmethod
    def of(cls, sequences: Sequence[str]) -> "_Letters":
        text = upper("".join(sequences))
        signs = sorted(set(text))
        return cls({sign: text.count(sign) for sign in signs if sign.isalpha()}, any(map(str.isdigit, signs)))

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def has(self, letter: str) -> bool:
        return letter in self.counts

    def share(self, letters: str) -> float:
        return sum(self.counts.get(letter, 0) for letter in letters) / self.n

    def beside(self, *letters: str) -> list[str]:
        """Those that are none of `letters`."""
        return [letter for letter in self.counts if letter not in "".join(letters)]


def guessed_alphabet(sequences: Sequence[str], place: Place) -> Alphabet:
    """DNA, RNA or protein, by the rule above. Raises InputError where two fit, or none does, naming the place.

    A guess is no check: reading the sequences as that alphabet's tells which letter is wrong, and where.
    """
    found = _Letters.of(sequences)
    if not found.n or found.are_states:
        raise InputError(
            f"{place(0)}: the letters are neither DNA, RNA nor protein ({sequences[0][:20]!r}); {HOW_TO_NAME}, as in "
            "states-2 for numbered states"
        )
    if found.share(_BASES) >= _NEARLY_ALL:
        return _bases(found, sequences, place)
    codes = "".join(code for code in AMBIGUITY if code != "N")
    share = found.share(codes)
    if found.beside(_BASES, *AMBIGUITY) or share >= _HALF or (share >= _MANY and found.n >= _ENOUGH):
        return PROTEIN
    if found.has("U"):
        return RNA
    present = ", ".join(code for code in AMBIGUITY if found.has(code))
    raise InputError(
        f"{place(_row_with(sequences, found.beside(_BASES)))}: the letters fit both dna with ambiguity codes "
        f"({present}) and protein; {HOW_TO_NAME}"
    )


def _bases(found: _Letters, sequences: Sequence[str], place: Place) -> Alphabet:
    if found.has("T") and found.has("U"):
        rows = [_row_with(sequences, [letter]) for letter in "TU"]
        raise InputError(
            f"T and U stand in one set of bases: T first in {place(rows[0])}, U first in {place(rows[1])}; write "
            f"one of them throughout, or {HOW_TO_NAME}"
        )
    if found.has("U"):
        return RNA
    if not found.has("T") or found.n < _FEWEST:
        fitting = "dna and protein" if found.has("T") else "dna, rna and protein"
        few = "" if found.n >= _FEWEST else f", {found.n} in all"
        raise InputError(f"{place(0)}: the letters ({', '.join(found.counts)}{few}) fit {fitting}; {HOW_TO_NAME}")
    return DNA


def _row_with(sequences: Sequence[str], letters: Sequence[str]) -> int:
    return next(row for row, sequence in enumerate(sequences) if set(upper(sequence)) & set(letters))


def ambiguity(letter: str, alphabet: Alphabet) -> str:
    """What an ambiguity code of an alphabet of bases stands for, and the mend; empty for any other letter."""
    meaning = AMBIGUITY.get(letter.upper())
    if meaning is None or alphabet not in (DNA, RNA):
        return ""
    meaning = meaning.replace("T", "U") if alphabet == RNA else meaning
    return f"it is the ambiguity code of {meaning}: write the base, or leave the sequence out"
