"""The sequences of a file (of any format of `formats`, or a table), with locations, in the letters of the alphabet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import found
from designloop.core.notices import warn
from designloop.core.readers.alignments import columns_of
from designloop.core.readers.cleaning import Ambiguous, cleaned, in_letters_of, mend
from designloop.core.readers.formats import ALIGNMENTS, records_of
from designloop.core.readers.records import Record
from designloop.core.readers.table import Form
from designloop.core.readers.tables import is_table, read_table
from designloop.core.uncollected import uncollected

MASK = "_"
"""The character for one unknown letter in a file, where its reader allows it."""
SEQUENCE_FILES = (
    "FASTA, Stockholm, Clustal, A2M, A3M, GenBank, FASTQ, one sequence per line, a table (CSV, TSV, Excel, Parquet) or "
    "(by biopython) EMBL, Swiss-Prot, PIR, NEXUS, PHYLIP, MSF or SnapGene; may be compressed (.gz, .bgz, .bz2, .xz)"
)
"""What a description of a file of sequences says."""
TABLE = "table"


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


@dataclass(frozen=True, slots=True)
class Reading:
    """The sequences of a file, and what was changed and left out."""

    file: Path
    format: str
    """Such as `FASTA`, `Stockholm`, or `table`."""
    entries: list[Entry]
    n_records: int
    """How many sequences the file has, those that were left out included."""
    changes: tuple[str, ...] = ()
    """What was changed and left out, one phrase each."""
    columns: tuple[str, ...] = ()
    """The row of each entry with `-` for gaps and all of one length, if the file is an alignment."""

    @property
    def sequences(self) -> list[str]:
        """The sequences in file order."""
        return [entry.sequence for entry in self.entries]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was changed and left out, one sentence each."""
        return tuple(f"{self.file.name} ({self.format}): {change}" for change in self.changes)


def read_cleaned(
    path: str | Path,
    alphabet: Alphabet,
    *,
    column: str | None = None,
    mask: str = "",
    ambiguous: Ambiguous | None = "error",
    form: Form | None = None,
) -> Reading:
    """The sequences of a file in the letters of the alphabet, and what was changed or left out.

    `column` of the sequences if the file is a table; default `sequence`. `mask`: a character outside the alphabet that
    sequences may contain. `ambiguous`: what to do with letters that stand for several (`cleaning`); None as
    `error`, for a caller that offers no choice. `form` says how a table is written. Raises InputError with file, line
    and letter, or if no sequences are left.
    """
    with uncollected():
        source = _source(path, column, are_proteins=alphabet.name == "protein", form=form)
        return _reading(source, alphabet, mask, ambiguous)


def _reading(source: "_Source", alphabet: Alphabet, mask: str, ambiguous: Ambiguous | None) -> Reading:
    texts = [record.text for record in source.records]
    is_alignment = source.format in ALIGNMENTS
    is_of_residues = alphabet.name in ("dna", "rna", "protein")
    how, columns = columns_of(texts, are_aligned=is_alignment) if is_of_residues else ("", [])
    places = source.place_of_letter
    done = cleaned(texts, alphabet, places, are_aligned=is_alignment or bool(how), ambiguous=ambiguous, mask=mask)
    told = [*source.remarks, *done.remarks()]
    if how:
        told.insert(0, f"{many(len(texts), 'row')} aligned in {many(len(columns[0]), 'column')}")
    if not done.rows:
        raise InputError(f"{source.file}: no sequences are left; {'; '.join(told)}")
    rows = zip(done.rows, done.sequences, strict=True)
    entries = [Entry(text, source.place(source.records[row]), source.records[row].header) for row, text in rows]
    name = source.format if source.is_table or how in ("", "aligned") else how
    kept = tuple(in_letters_of(alphabet, columns[row]) for row in done.rows if columns)
    return Reading(source.file, name, entries, len(texts), tuple(told), kept)


def read_entries(path: str | Path, *, column: str | None = None) -> list[Entry]:
    """The sequences of a file as they are written, each with its location and header."""
    with uncollected():
        source = _source(path, column)
        return [Entry(record.text, source.place(record), record.header) for record in source.records]


def read_sequences(path: str | Path, alphabet: Alphabet, *, column: str | None = None) -> list[str]:
    """The sequences of a file in the letters of the alphabet, in file order.

    Raises InputError with file, line and letter, or if the file has no sequences. Warns of removed gaps and stops.
    """
    return warned(read_cleaned(path, alphabet, column=column, ambiguous=None))


def warned(reading: Reading) -> list[str]:
    """The sequences of a reading. Warns of those that were left out, and of removed and replaced letters."""
    for remark in reading.remarks:
        if any(word in remark for word in ("removed", "left out", "replaced")):
            warn(remark)
    return reading.sequences


def checked(sequences: Sequence[str], alphabet: Alphabet, where: str, *, first: int = 1) -> list[str]:
    """As `as_written`, where the location of a row is `where` and its number, counted from `first`."""
    return as_written(sequences, alphabet, lambda row: f"{where}{row + first}")


def as_written(sequences: Sequence[str], alphabet: Alphabet, place: Callable[[int], str]) -> list[str]:
    """`sequences` in the letters of the alphabet. Raises InputError with the letter and the location of its row."""
    whole = in_letters_of(alphabet, "\n".join(sequences))  # all at once; single rows only if a letter is wrong
    written = whole.split("\n")
    if len(written) == len(sequences) and all(written) and set(whole) <= {*alphabet.letters, "\n"}:
        return written
    return [_checked(sequence, alphabet, place(row)) for row, sequence in enumerate(sequences)]


def _checked(text: str, alphabet: Alphabet, place: str) -> str:
    """The sequence in the letters of the alphabet."""
    sequence = in_letters_of(alphabet, text)
    if not sequence:
        raise InputError(f"{place}: the sequence is empty")
    if (wrong := alphabet.wrong_letter(sequence)) is not None:
        position, letter = wrong
        raise InputError(
            f"{place}: letter {letter!r} at position {position + 1} is not in the {alphabet.name} alphabet "
            f"({alphabet.letters}); {mend(letter, alphabet, has_policy=False)}"
        )
    return sequence


def place_of_letter(path: Path, entry: Entry, position: int) -> str:
    """The location of a letter of an entry, given its position as the file is written."""
    if is_table(path):
        return f"{path}, {entry.place}"
    source = _source(path, None)
    row = next((row for row, record in enumerate(source.records) if source.place(record) == entry.place), None)
    return f"{source.file}, {entry.place}" if row is None else source.place_of_letter(row, position)


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it is written: its format, and its records."""

    file: Path
    format: str
    records: Sequence[Record]
    word: str = "line"
    """`row` or `record` where the file has no lines."""
    remarks: tuple[str, ...] = ()

    @property
    def is_table(self) -> bool:
        return self.format == TABLE

    def place(self, record: Record) -> str:
        return f"{self.word} {record.line}"

    def place_of_letter(self, row: int, position: int) -> str:
        """The location of a letter: the line that it is on, and the name of its record."""
        record = self.records[row]
        if self.is_table or (len(record.pieces) == 1 and not record.header):
            return f"{self.file}, {self.place(record)}"
        name = record.header.split()[0] if record.header.split() else ""
        return f"{self.file}, {self.word} {record.line_of(position)}" + (f", in '{name}'" if name else "")


def _source(path: str | Path, column: str | None, *, are_proteins: bool = False, form: Form | None = None) -> _Source:
    """The records of a file. Raises InputError where there is none."""
    file = found(path)
    if is_table(file, column or "sequence"):
        source = _of_table(file, column or "sequence", form)
    else:
        its, records, remarks = records_of(file, are_proteins=are_proteins)
        source = _Source(file, its.name, records, its.word, remarks)
    if not source.records:
        raise InputError(f"{file} contains no sequences")
    return source


def _of_table(file: Path, column: str, form: Form | None) -> _Source:
    table = read_table(file, form)
    rows = zip(table.place.lines, table.sequences(column), strict=True)
    records = [Record("", line, [(line, text)]) for line, text in rows]
    return _Source(file, TABLE, records, table.place.word, table.remarks)
