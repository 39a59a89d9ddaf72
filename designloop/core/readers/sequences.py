"""The sequences of a file, FASTA, lines or a table: each with its place, and as its alphabet writes it."""

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
"""Stands in a file for one letter that is not known, where its reader allows it."""
FASTA = (".fasta", ".fa", ".fna", ".faa", ".fas")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sequence of a file, and what the file says of it."""

    sequence: str
    place: str
    """Where it stands in the file, as `line 3`."""
    header: str = ""
    """The line before it in FASTA, without the `>`."""

    @property
    def name(self) -> str:
        """The first word of its header; empty where there is none."""
        return self.header.split()[0] if self.header.split() else ""

    @property
    def notes(self) -> dict[str, str]:
        """What the header says as `key=value`, a word each: `family=tmRNA`."""
        words = (word.partition("=") for word in self.header.split()[1:])
        return {key: value for key, mark, value in words if mark}


def read_sequences(path: str | Path, alphabet: Alphabet, *, column: str | None = None) -> list[str]:
    """Sequences of a file, in its order, upper-cased for DNA, RNA and protein; T is read as U for RNA, U as T for DNA.

    The format follows the ending: FASTA, a table (`column` names the sequence's, default `sequence`), else one a line.
    Raises InputError naming file, line and letter, or that the file holds no sequence.
    """
    return [entry.sequence for entry in read_entries(path, alphabet, column=column)]


def read_entries(
    path: str | Path, alphabet: Alphabet | None = None, *, column: str | None = None, mask: str = ""
) -> list[Entry]:
    """As `read_sequences`, each with its place and header; without an alphabet, letters are left as they stand.

    `mask`: a character that the alphabet does not have, and a sequence may.
    """
    file = found(path)
    entries = list(_entries(file, column))
    if not entries:
        raise InputError(f"{file} holds no sequence")
    if alphabet is None:
        return entries
    return [
        replace(e, sequence=_checked(e.sequence, alphabet, partial(place_of_letter, file, e), mask)) for e in entries
    ]


def checked(sequences: Sequence[str], alphabet: Alphabet, where: str, *, first: int = 1) -> list[str]:
    """As `as_written`, where rows are counted from `first` behind the words `where`."""
    return as_written(sequences, alphabet, lambda row: f"{where}{row + first}")


def as_written(sequences: Sequence[str], alphabet: Alphabet, place: Callable[[int], str]) -> list[str]:
    """`sequences` as the alphabet writes them. Raises InputError naming the place of a row (from 0), and the letter."""
    whole = in_letters_of(alphabet, "\n".join(sequences))  # all at once: a row is looked at where a letter is wrong
    written = whole.split("\n")
    if len(written) == len(sequences) and all(written) and set(whole) <= {*alphabet.letters, "\n"}:
        return written
    return [_checked(sequence, alphabet, partial(_in_row, place, row)) for row, sequence in enumerate(sequences)]


def _in_row(place: Callable[[int], str], row: int, _position: int) -> str:
    return place(row)


def in_letters_of(alphabet: Alphabet, text: str) -> str:
    """The text in upper case for DNA, RNA and protein, T as U for RNA, U as T for DNA; for others as it stands."""
    if alphabet.name not in ("dna", "rna", "protein"):
        return text
    old, new = {"rna": ("T", "U"), "dna": ("U", "T")}.get(alphabet.name, ("", ""))
    return upper(text).replace(old, new) if old else upper(text)


def _checked(text: str, alphabet: Alphabet, where: Callable[[int], str], mask: str = "") -> str:
    """The sequence as the alphabet writes it; `where` tells the place of a letter, by its position."""
    sequence = in_letters_of(alphabet, text)
    if not sequence:
        raise InputError(f"{where(0)}: the sequence is empty")
    known = sequence.replace(mask, alphabet.letters[0]) if mask else sequence
    if (wrong := alphabet.wrong_letter(known)) is not None:
        position, letter = wrong
        mend = ambiguity(letter, alphabet) or "mend the file, or name another alphabet"
        raise InputError(
            f"{where(position)}: letter {letter!r} at position {position + 1} is not in the {alphabet.name} alphabet "
            f"({alphabet.letters}); {mend}"
        )
    return sequence


def place_of_letter(file: Path, entry: Entry, position: int) -> str:
    """The place of an entry's letter; in FASTA, whose sequences may be of several lines, the letter's own line."""
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
                raise InputError(f"{file}, line {line}: a FASTA file begins with a '>' header, and this one does not")
            parts.append(text.strip())
    if start:
        yield Entry("".join(parts), start, header)
