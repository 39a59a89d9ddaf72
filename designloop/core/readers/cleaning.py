"""Cleans the sequences of a file: case, T and U, gaps of alignments, final stops, and letters that stand for several.

Nothing is changed without a remark. What an alphabet has no letter for is an error, unless the reader says otherwise:

- Ambiguity codes (N, R, ... of bases; B, J, X, Z of amino acids; `?`), selenocysteine (U), pyrrolysine (O), stops
  within a protein and gaps of rows that are not aligned: `error`; `drop` leaves the sequence out; `keep` keeps it, with
  a mask where the reader has one, else with a letter that the code may stand for.
- Any other letter is always an error.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Literal

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.readers.alignments import GAPS
from designloop.core.readers.alphabets import AMBIGUITY, ambiguity, letters_in, upper

Ambiguous = Literal["error", "drop", "keep"]
"""What to do with a sequence that has letters for which the alphabet has no single one."""
AMBIGUOUS = (
    "sequences with ambiguity codes (N, X), U or O in proteins, inner stops (*) or gaps outside an alignment: `error`; "
    "`drop` leaves them out; `keep` draws a letter that each code may stand for"
)
STOP = "*"
_PROTEIN_CODES = {"B": "DN", "J": "IL", "Z": "EQ", "U": "C", "O": "K", "X": PROTEIN.letters}
_SPOKEN = {"B": "D or N", "J": "I or L", "Z": "E or Q", "U": "selenocysteine", "O": "pyrrolysine", "X": "any residue"}
_SHOWN = 12

PlaceOf = Callable[[int, int], str]
"""The location of a letter, given its row and its position, both from 0."""


@dataclass(slots=True)
class Cleaned:
    """The sequences of a file in the letters of an alphabet, and what was changed."""

    rows: list[int]
    """The row of each sequence in the file, from 0."""
    sequences: list[str]
    changes: Counter[str] = field(default_factory=Counter)
    """Sentence, with `{n}` for the number of sequences -> that number."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason -> number of sequences."""
    letters: Counter[str] = field(default_factory=Counter)
    """Ambiguous letters that were found, by their number."""

    def remarks(self) -> Iterator[str]:
        """What was changed and left out, one sentence each."""
        n_out = self.left_out.total()
        if n_out:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in self.left_out.items())
            yield f"{n_out:,} of {many(n_out + len(self.rows), 'sequence')} left out: {reasons}{self._codes()}"
        yield from self.said_changes()

    def said_changes(self) -> Iterator[str]:
        """What was changed, one sentence each."""
        for sentence, n in self.changes.items():
            yield sentence.format(n=many(n, "sequence"))

    def _codes(self) -> str:
        found = self.letters.most_common(_SHOWN)
        return f" (letters: {', '.join(f'{letter} {n:,}' for letter, n in found)})" if found else ""


def codes_of(alphabet: Alphabet) -> dict[str, str]:
    """Ambiguity code -> the letters that it may stand for; empty for alphabets without codes."""
    if alphabet == PROTEIN:
        return {**_PROTEIN_CODES, "?": PROTEIN.letters}
    if alphabet not in (DNA, RNA):
        return {}
    to = str.maketrans("T", "U") if alphabet == RNA else {}
    spoken = {**AMBIGUITY, "N": "ACGT", "X": "ACGT", "?": "ACGT"}
    return {code: "".join(c for c in said if c in "ACGT").translate(to) for code, said in spoken.items()}


def in_letters_of(alphabet: Alphabet, text: str) -> str:
    """The text in upper case for DNA, RNA and protein, with T as U for RNA and U as T for DNA; otherwise unchanged."""
    if alphabet.name not in ("dna", "rna", "protein"):
        return text
    old, new = {"rna": ("T", "U"), "dna": ("U", "T")}.get(alphabet.name, ("", ""))
    return upper(text).replace(old, new) if old else upper(text)


def cleaned(
    texts: Sequence[str],
    alphabet: Alphabet,
    place: PlaceOf,
    *,
    are_aligned: bool = False,
    ambiguous: Ambiguous | None = "error",
    mask: str = "",
) -> Cleaned:
    """The sequences of the rows, in the letters of the alphabet. Raises InputError with the place of a wrong letter.

    `are_aligned`: gaps are removed. `mask`: a character for an unknown letter, which sequences may contain.
    """
    found = Cleaned(list(range(len(texts))), list(texts))
    if alphabet.name in ("dna", "rna", "protein"):
        _change_all(found, alphabet, are_aligned=are_aligned)
    known = {*alphabet.letters, *mask}
    if letters_in(found.sequences) <= known and all(found.sequences):
        return found
    each = _Each(texts, alphabet, place, are_aligned, ambiguous, mask, found)
    kept = [(row, text if text and known.issuperset(text) else each.mended(row, text)) for row, text in _rows(found)]
    found.rows = [row for row, text in kept if text]
    found.sequences = [text for _, text in kept if text]
    return found


def _rows(found: Cleaned) -> list[tuple[int, str]]:
    return list(zip(found.rows, found.sequences, strict=True))


def _change_all(found: Cleaned, alphabet: Alphabet, *, are_aligned: bool) -> None:
    """What is changed in every row alike: case, T or U, gaps of an alignment, the final stop of a protein."""
    written, letters = found.sequences, letters_in(found.sequences)
    old, new = {"rna": ("T", "U"), "dna": ("U", "T")}.get(alphabet.name, ("", ""))
    steps: list[tuple[str, Callable[[str], str]]] = []
    if letters & set(ascii_lowercase):
        steps.append(("{n}: lower-case letters read as upper case", upper))
    if old and letters & {old, old.lower()}:
        steps.append((f"{{n}}: {old} read as {new}", lambda text: text.replace(old, new)))
    if are_aligned and letters & set(GAPS):
        without = {ord(gap): None for gap in GAPS}
        steps.append(("{n}: gaps of the alignment removed", lambda text: text.translate(without)))
    if alphabet == PROTEIN and STOP in letters:
        steps.append(("{n}: the final stop (*) removed", lambda text: text.removesuffix(STOP)))
    for sentence, change in steps:
        changed = [change(text) for text in written]
        if n := sum(map(str.__ne__, written, changed)):
            found.changes[sentence] = n
        written = changed
    found.sequences = written


@dataclass(slots=True)
class _Each:
    """Mends one row after the other; the rows are few that need it."""

    texts: Sequence[str]
    alphabet: Alphabet
    place: PlaceOf
    are_aligned: bool
    ambiguous: Ambiguous | None
    mask: str
    found: Cleaned

    def mended(self, row: int, text: str) -> str:
        """The sequence; empty where it is left out."""
        codes = codes_of(self.alphabet)
        odd = [letter for letter in text if letter not in self.alphabet.letters and letter not in self.mask]
        doubtful = {*codes, *GAPS, *([STOP] if self.alphabet == PROTEIN else [])} if codes else set()
        if not text and self.texts[row].strip(GAPS + STOP) == "" != self.texts[row]:
            self.found.left_out["with gaps only"] += 1
            return ""
        if not set(odd) <= doubtful or self.ambiguous in (None, "error") or not text:
            if not text and self.ambiguous == "drop":
                self.found.left_out["without letters"] += 1
                return ""
            raise InputError(self._wrong(row, odd, codes))
        self.found.letters.update(odd)
        if self.ambiguous == "drop" or STOP in odd:
            self.found.left_out["with a stop inside" if STOP in odd else _reason(odd)] += 1
            return ""
        return self._kept(text, codes)

    def _kept(self, text: str, codes: dict[str, str]) -> str:
        spelt = "".join(letter for letter in text if letter not in GAPS)
        if spelt != text:
            self.found.changes["{n}: gaps removed, though the rows are not aligned"] += 1
        if not set(spelt) & codes.keys():
            return spelt
        if self.mask:
            self.found.changes[f"{{n}}: ambiguity codes read as unknown letters ({self.mask})"] += 1
            return "".join(self.mask if letter in codes else letter for letter in spelt)
        self.found.changes["{n}: each ambiguity code replaced by a letter that it may stand for, drawn at random"] += 1
        rng = stream(0, "ambiguous", spelt)  # named by the sequence: independent of the order of rows
        return "".join(
            codes[letter][rng.integers(len(codes[letter]))] if letter in codes else letter for letter in spelt
        )

    def _wrong(self, row: int, odd: Sequence[str], codes: dict[str, str]) -> str:
        if not odd:
            return f"{self.place(row, 0)}: the sequence is empty"
        wrong = next((letter for letter in odd if letter not in codes and letter not in GAPS + STOP), odd[0])
        written = in_letters_of(self.alphabet, self.texts[row])
        position = written.index(wrong)
        letter = self.texts[row][position]
        how = mend(wrong, self.alphabet, has_policy=self.ambiguous is not None)
        return (
            f"{self.place(row, position)}: letter {letter!r} at position {position + 1} is not in the "
            f"{self.alphabet.name} alphabet ({self.alphabet.letters}); {how}"
        )


def _reason(odd: Sequence[str]) -> str:
    return "with gaps outside an alignment" if set(odd) <= set(GAPS) else "with ambiguity codes"


def mend(letter: str, alphabet: Alphabet, *, has_policy: bool) -> str:
    """How to go on with a letter that is not in the alphabet; `has_policy` if the caller has the option `ambiguous`."""
    said, kept = _said(letter, alphabet)
    if not said:
        return "correct the file, or give another alphabet"
    if has_policy:
        return f"{said}; `ambiguous: drop` (or --ambiguous drop) leaves such sequences out{kept}"
    return f"{said}; correct or remove the sequence"


def _said(letter: str, alphabet: Alphabet) -> tuple[str, str]:
    """(what a doubtful letter means, what `keep` does with it); empty for any other letter."""
    if said := ambiguity(letter, alphabet):
        return said, ", `keep` draws a base"
    if alphabet == PROTEIN and letter in _SPOKEN:
        return f"it stands for {_SPOKEN[letter]}", ", `keep` draws a residue"
    if alphabet in (DNA, RNA, PROTEIN) and letter in GAPS:
        return "it is a gap, but the rows are not aligned", ", `keep` removes the gaps"
    if alphabet == PROTEIN and letter == STOP:
        return "it is a stop within the sequence", ""
    return "", ""
