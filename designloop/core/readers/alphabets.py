"""Guesses the alphabet of a set of sequences, DNA, RNA or protein, or raises an error that asks for it.

The rule depends on the shares of all letters (digits, gaps and other characters do not count):

- All letters are bases (A, C, G, T, U): RNA if there is a U, DNA if there is a T. With both, with neither, or with
  fewer than six letters, an error asks.
- At least nine in ten letters are bases: DNA or RNA. Other letters, such as the ambiguity code N, are then reported by
  the reader with their location.
- Otherwise a letter that is neither a base nor an ambiguity code (E, F, I, L, P, Q, ...) means protein, and so do
  ambiguity codes that make up half of the letters, or three in ten of at least twenty letters.
- Otherwise both bases with ambiguity codes and protein fit: an error asks.

Sequences with a given alphabet are not guessed. There, T is read as U for RNA, and U as T for DNA.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

import numpy as np

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import InputError

AMBIGUITY = {
    "R": "A or G", "Y": "C or T", "S": "C or G", "W": "A or T", "K": "G or T", "M": "A or C",
    "B": "C, G or T", "D": "A, G or T", "H": "A, C or T", "V": "A, C or G", "N": "any base",
}  # fmt: skip
"""The meaning of each IUPAC nucleotide code."""
HOW_TO_NAME = "give the alphabet: `alphabet:` in a description, --alphabet on the command line"
_BASES = "ACGTU"
_FEWEST = 6
"""At least this many letters, all of them bases, are not protein: one in 10,000 proteins has only these letters."""
_NEARLY_ALL, _HALF, _MANY, _ENOUGH = 0.9, 0.5, 0.3, 20

_AT_ONCE = 1_000_000
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)

LetterAt = Callable[[int, int], str]
"""The location of a letter, given its row and its position in the row."""
Place = Callable[[int], str]
"""The location of a sequence, given its row from 0: `file, line 3`."""


def upper(text: str) -> str:
    """The text with a to z in upper case. Other letters stay: Python's `upper` makes SS of one German letter."""
    return text.translate(_UPPER)


def letters_in(texts: Sequence[str]) -> set[str]:
    """The distinct letters of many texts."""
    whole = "".join(texts)
    if not whole.isascii():
        return set(whole)
    letters, occurs = np.frombuffer(whole.encode(), np.uint8), np.zeros(128, dtype=bool)
    for start in range(0, len(letters), _AT_ONCE):
        occurs[letters[start : start + _AT_ONCE]] = True
    return set(map(chr, np.flatnonzero(occurs).tolist()))


@dataclass(frozen=True, slots=True)
class _Letters:
    """How often each letter occurs in a set of sequences, in upper case."""

    counts: dict[str, int]
    are_states: bool
    """Whether there is a digit: then the characters are numbered states, whatever the letters."""

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
        """Letters other than `letters`."""
        return [letter for letter in self.counts if letter not in "".join(letters)]


def guessed_alphabet(sequences: Sequence[str], place: Place, letter_at: LetterAt | None = None) -> Alphabet:
    """DNA, RNA or protein, by the rule above. Raises InputError with the location where two fit, or none does.

    `place` gives the location of a row, `letter_at` that of a letter in a row, which may span several lines.

    The guess does not validate the sequences: the reader reports invalid letters and their location.
    """
    found = _Letters.of(sequences)
    if not found.n or found.are_states:
        raise InputError(
            f"{place(0)}: not DNA, RNA or protein ({sequences[0][:20]!r}); {HOW_TO_NAME} (states-2 for two numbered "
            "states)"
        )
    if found.share(_BASES) >= _NEARLY_ALL:
        return _bases(found, sequences, place, letter_at or _in_its_row(place))
    codes = "".join(code for code in AMBIGUITY if code != "N")
    share = found.share(codes)
    if found.beside(_BASES, *AMBIGUITY) or share >= _HALF or (share >= _MANY and found.n >= _ENOUGH):
        return PROTEIN
    if found.has("U"):
        return RNA
    present = ", ".join(code for code in AMBIGUITY if found.has(code))
    first = _first_of(sequences, found.beside(_BASES), letter_at or _in_its_row(place))
    raise InputError(f"{first}: the letters match both dna with ambiguity codes ({present}) and protein; {HOW_TO_NAME}")


def _bases(found: _Letters, sequences: Sequence[str], place: Place, letter_at: LetterAt) -> Alphabet:
    if found.has("T") and found.has("U"):
        first = [_first_of(sequences, [letter], letter_at) for letter in "TU"]
        raise InputError(
            f"both T and U occur: T first in {first[0]}, U first in {first[1]}; use only one of them, or {HOW_TO_NAME}"
        )
    if found.has("U"):
        return RNA
    if not found.has("T") or found.n < _FEWEST:
        fitting = "dna and protein" if found.has("T") else "dna, rna and protein"
        few = "" if found.n >= _FEWEST else f", {found.n} in all"
        raise InputError(f"{place(0)}: the letters ({', '.join(found.counts)}{few}) match {fitting}; {HOW_TO_NAME}")
    return DNA


def _in_its_row(place: Place) -> LetterAt:
    return lambda row, _position: place(row)


def _first_of(sequences: Sequence[str], letters: Sequence[str], letter_at: LetterAt) -> str:
    """The location of the first of these letters."""
    found = ((row, upper(sequence)) for row, sequence in enumerate(sequences))
    row, text = next((row, text) for row, text in found if set(text) & set(letters))
    return letter_at(row, min(text.index(letter) for letter in letters if letter in text))


def ambiguity(letter: str, alphabet: Alphabet) -> str:
    """The meaning of an ambiguity code of DNA or RNA; empty for any other letter."""
    meaning = AMBIGUITY.get(letter.upper())
    if meaning is None or alphabet not in (DNA, RNA):
        return ""
    meaning = meaning.replace("T", "U") if alphabet == RNA else meaning
    return f"it is the ambiguity code for {meaning}"
