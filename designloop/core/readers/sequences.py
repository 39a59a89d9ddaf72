"""The sequences of a file (FASTA, one per line, or a table), with their locations, in the letters of the alphabet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError
from designloop.core.files import found, suffix
from designloop.core.readers.alphabets import ambiguity, upper
from designloop.core.readers.content import lines
from designloop.core.readers.tables import TABLES, read_table

MASK = "_"
"""The character for one unknown letter in a file, where its reader allows it."""
FASTA = (".fasta", ".fa", ".fna", ".faa", ".fas")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sequence of a file, with its location and header."""

    sequence: str
    place: str
    """Its location in the file, such as `line 3`."""
    header: str = ""
    """Its header line in FASTA, without the `>`."""

    @property
    def name(self) -> str:
        """The first word of its header; empty where there is none."""
        return self.header.split()[0] if self.header.split() else ""

    @property
    def notes(self) -> dict[str, str]:
        """The words of the form `key=value` in the header, such as `family=tmRNA`."""
        words = (word.partition("=") for word in self.header.split()[1:])
        return {key: value for key, mark, value in words if mark}


def read_sequences(path: str | Path, alphabet: Alphabet, *, column: str | None = None) -> list[str]:
    """Sequences of a file, in file order. DNA, RNA and protein are upper-cased; T is U for RNA, and U is T for DNA.

    The extension determines the format: FASTA, a table (`column` of the sequences, default `sequence`), or one sequence
    per line. Raises InputError with file, line and letter, or if the file has no sequences.
    """
    return [entry.sequence for entry in read_entries(path, alphabet, column=column)]


def read_entries(
    path: str | Path, alphabet: Alphabet | None = None, *, column: str | None = None, mask: str = ""
) -> list[Entry]:
    """As `read_sequences`, each with its location and header. Without an alphabet, letters stay unchanged.

    `mask`: a character outside the alphabet that sequences may contain.
    """
    file = found(path)
    entries = list(_entries(file, column))
    if not entries:
        raise InputError(f"{file} contains no sequences")
    if alphabet is None:
        return entries
    return [
        replace(e, sequence=_checked(e.sequence, alphabet, partial(place_of_letter, file, e), mask)) for e in entries
    ]


def checked(sequences: Sequence[str], alphabet: Alphabet, where: str, *, first: int = 1) -> list[str]:
    """As `as_written`, where the location of a row is `where` and its number, counted from `first`."""
    return as_written(sequences, alphabet, lambda row: f"{where}{row + first}")


def as_written(sequences: Sequence[str], alphabet: Alphabet, place: Callable[[int], str]) -> list[str]:
    """`sequences` in the letters of the alphabet. Raises InputError with the letter and the location of its row."""
    whole = in_letters_of(alphabet, "\n".join(sequences))  # all at once; single rows only if a letter is wrong
    written = whole.split("\n")
    if len(written) == len(sequences) and all(written) and set(whole) <= {*alphabet.letters, "\n"}:
        return written
    return [_checked(sequence, alphabet, partial(_in_row, place, row)) for row, sequence in enumerate(sequences)]


def _in_row(place: Callable[[int], str], row: int, _position: int) -> str:
    return place(row)


def in_letters_of(alphabet: Alphabet, text: str) -> str:
    """The text in upper case for DNA, RNA and protein, with T as U for RNA and U as T for DNA; otherwise unchanged."""
    if alphabet.name not in ("dna", "rna", "protein"):
        return text
    old, new = {"rna": ("T", "U"), "dna": ("U", "T")}.get(alphabet.name, ("", ""))
    return upper(text).replace(old, new) if old else upper(text)


def _checked(text: str, alphabet: Alphabet, where: Callable[[int], str], mask: str = "") -> str:
    """The sequence in the letters of the alphabet; `where` gives the location of a letter by its position."""
    sequence = in_letters_of(alphabet, text)
    if not sequence:
        raise InputError(f"{where(0)}: the sequence is empty")
    known = sequence.replace(mask, alphabet.letters[0]) if mask else sequence
    if (wrong := alphabet.wrong_letter(known)) is not None:
        position, letter = wrong
        mend = ambiguity(letter, alphabet) or "correct the file, or give another alphabet"
        raise InputError(
            f"{where(position)}: letter {letter!r} at position {position + 1} is not in the {alphabet.name} alphabet "
            f"({alphabet.letters}); {mend}"
        )
    return sequence


def place_of_letter(file: Path, entry: Entry, position: int) -> str:
    """The location of a letter of an entry. In FASTA, sequences may span several lines: the line of the letter."""
    if suffix(file) in FASTA:
        begins, n_read = int(entry.place.removeprefix("line ")), 0
        for line, text in enumerate(islice(lines(file), begins, None), start=begins + 1):
            if text.startswith(">"):
                break
            n_read += len(text.strip())
            if n_read > position:
                return f"{file}, line {line}" + (f", in '{entry.name}'" if entry.name else "")
    return f"{file}, {entry.place}"


def _entries(file: Path, column: str | None) -> Iterator[Entry]:
    if suffix(file) in TABLES:
        table = read_table(file)
        for row, text in enumerate(table.texts(column or "sequence")):
            yield Entry(text, table.place(row))
    elif suffix(file) in FASTA:
        yield from _fasta(file)
    else:
        for line, text in enumerate(lines(file), start=1):
            if text.strip():
                yield Entry(text.strip(), f"line {line}")


def _fasta(file: Path) -> Iterator[Entry]:
    start, header, parts = "", "", list[str]()
    for line, text in enumerate(lines(file), start=1):
        if text.startswith(">"):
            if start:
                yield Entry("".join(parts), start, header)
            start, header, parts = f"line {line}", text[1:].strip(), []
        elif text.strip():
            if not start:
                raise InputError(f"{file}, line {line}: expected a FASTA header that begins with '>'")
            parts.append(text.strip())
    if start:
        yield Entry("".join(parts), start, header)
