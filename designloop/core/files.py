"""Files: sequences and tables are read (FASTA, lines, CSV, TSV, Parquet; gzipped or not), and any is written whole."""

import csv
import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from designloop.core.alphabet import Alphabet
from designloop.core.errors import InputError, did_you_mean

if TYPE_CHECKING:
    import polars

TABLES = (".csv", ".tsv", ".parquet")
MASK = "_"
"""Stands in a file for one letter that is not known, where its reader allows it."""
_TEXT = "utf-8-sig"  # spreadsheets put a byte order mark before the first letter
FASTA = (".fasta", ".fa", ".fna", ".faa", ".fas")


def found(path: str | Path) -> Path:
    """The existing file at `path`, with `~` and `$VARIABLES` expanded. Raises InputError saying what is missing."""
    text = str(path)
    expanded = os.path.expandvars(text)
    if "$" in expanded:
        name = expanded[expanded.index("$") :].lstrip("${").split("}")[0].split("/")[0]
        raise InputError(f"{text}: the environment variable ${name} is not set; set it, or give the path itself")
    file = Path(expanded).expanduser()
    if not file.is_file():
        if file.is_dir():
            raise InputError(f"{file} is a folder, not a file; name a file (looked from {Path.cwd()})")
        near = did_you_mean(file.name, [p.name for p in file.parent.iterdir()][:500]) if file.parent.is_dir() else ""
        raise InputError(f"{file} does not exist{near if 'mean' in near else f' (looked from {Path.cwd()})'}")
    return file


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place as the block ends; after an error `path` is as it was."""
    part = path.with_name(f".{path.name}-{token_hex(4)}")
    try:
        part.touch()
        mode = part.stat().st_mode
        yield part
        if part.stat().st_mode != mode:  # as of what safetensors writes: for its owner alone
            part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _absolute(path: str) -> str:
    """A relative path made absolute, so that a run can be resumed from elsewhere; `$VARIABLES` are left as written."""
    return path if "$" in path or path.startswith("~") else str(Path(path).absolute())


FilePath = Annotated[str, AfterValidator(_absolute)]
"""A path in a description. It is looked at when the file is used, not when the description is read."""


def suffix(path: Path) -> str:
    """The file's ending in lower case, less `.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


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
    return [replace(e, sequence=_checked(e.sequence, alphabet, partial(_where, file, e), mask)) for e in entries]


def checked(sequences: Sequence[str], alphabet: Alphabet, where: str, *, first: int = 1) -> list[str]:
    """`sequences` as the alphabet writes them. Raises InputError naming `where`, the row (from `first`), the letter."""
    return [
        _checked(sequence, alphabet, partial(_in_row, where, row))
        for row, sequence in enumerate(sequences, start=first)
    ]


def _checked(text: str, alphabet: Alphabet, where: Callable[[int], str], mask: str = "") -> str:
    """The sequence as the alphabet writes it; `where` tells the place of a letter, by its position."""
    sequence = text
    if alphabet.name in ("dna", "rna", "protein"):
        sequence = text.upper()
    if alphabet.name == "rna":
        sequence = sequence.replace("T", "U")
    elif alphabet.name == "dna":
        sequence = sequence.replace("U", "T")
    if not sequence:
        raise InputError(f"{where(0)}: the sequence is empty")
    known = sequence.replace(mask, alphabet.letters[0]) if mask else sequence
    if (wrong := alphabet.wrong_letter(known)) is not None:
        position, letter = wrong
        raise InputError(
            f"{where(position)}: letter {letter!r} at position {position + 1} is not in the {alphabet.name} alphabet "
            f"({alphabet.letters}); mend the file, or name another alphabet"
        )
    return sequence


def _in_row(where: str, row: int, _position: int) -> str:
    return f"{where}{row}"


def _where(file: Path, entry: Entry, position: int) -> str:
    """The place of an entry's letter; in FASTA, whose sequences may be of several lines, the letter's own line."""
    if suffix(file) in FASTA:
        begins, n_read = int(entry.place.removeprefix("line ")), 0
        for line, text in enumerate(islice(_lines(file), begins, None), start=begins + 1):
            if text.startswith(">"):
                break
            n_read += len(text.strip())
            if n_read > position:
                return f"{file}, line {line}" + (f", in '{entry.name}'" if entry.name else "")
    return f"{file}, {entry.place}"


def _entries(file: Path, column: str | None) -> Iterator[Entry]:
    if suffix(file) in TABLES:
        table = read_table(file, as_text=True)
        for row, value in enumerate(column_of(table, column or "sequence", file)):
            yield Entry("" if value is None else str(value), place_of(row, file))
    elif suffix(file) in FASTA:
        yield from _fasta(file)
    else:
        for line, text in enumerate(_lines(file), start=1):
            if text.strip():
                yield Entry(text.strip(), f"line {line}")


def place_of(row: int, file: Path) -> str:
    """Where a table's row (from 0) stands: its line below the header, or its row where a file has no lines."""
    return f"row {row + 1}" if suffix(file) == ".parquet" else f"line {row + 2}"


def _fasta(file: Path) -> Iterator[Entry]:
    start, header, parts = "", "", list[str]()
    for line, text in enumerate(_lines(file), start=1):
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


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding=_TEXT) if file.suffix == ".gz" else file.open(encoding=_TEXT) as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no text in UTF-8 ({error.reason}); save it as such, or name another") from error
    except (OSError, EOFError, zlib.error) as error:  # among them gzip.BadGzipFile
        raise InputError(f"{file} cannot be read: {error}; write or copy it again") from error


def read_table(path: str | Path, *, separator: str | None = None, as_text: bool = False) -> "polars.DataFrame":
    """A table from CSV, TSV or Parquet; gz too. Raises InputError naming the file.

    `as_text` leaves the cells of CSV and TSV as they stand: a sequence of numbered states, `0110`, is no number.
    """
    import polars

    file = found(path)
    mark = separator or ("\t" if suffix(file) in (".tsv", ".txt") else ",")
    try:
        if suffix(file) == ".parquet":
            return polars.read_parquet(file)
        return polars.read_csv(file, separator=mark, infer_schema=not as_text, infer_schema_length=100_000)
    except (polars.exceptions.PolarsError, OSError) as error:
        ragged = isinstance(error, polars.exceptions.ComputeError) and suffix(file) != ".parquet"
        reason = (ragged and _odd_line(file, mark)) or str(error).splitlines()[0]
        raise InputError(f"{file} cannot be read as a table: {reason}") from error


def _odd_line(file: Path, separator: str) -> str:
    """What is wrong with the first line that has more or fewer cells than the header; empty where none has."""
    rows = csv.reader((line.replace("\0", " ") for line in _lines(file)), delimiter=separator)
    width = len(next(rows, []))
    for row in rows:
        if row and len(row) != width:
            between = "tabs" if separator == "\t" else f"{separator!r}"
            return (
                f"line {rows.line_num} has {len(row)} cells, and the header {width} (cells are parted by {between}); "
                "mend that line"
            )
    return ""


def column_of(table: "polars.DataFrame", name: str, file: Path) -> "polars.Series":
    """The column called `name`. Raises InputError with the nearest name, and all there are."""
    if name not in table.columns:
        raise InputError(
            f"{file} has no column '{name}'{did_you_mean(name, table.columns)} (columns: {', '.join(table.columns)})"
        )
    return table[name]
