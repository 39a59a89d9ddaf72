"""A record is one sequence of a file as it is written, with the line of each of its pieces."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from designloop.core.errors import InputError
from designloop.core.readers.alphabets import upper

Numbered = Iterable[tuple[int, str]]
"""The lines of a file, without their ends, and their numbers from 1."""
_NO_QUALITY = re.compile("[^!-~]")
COMMENTS = (";", "#", "!")
"""What a comment in FASTA begins with: by Pearson `;`, by BLAST the others too."""


@dataclass(slots=True)
class Record:
    """One sequence of a file, with gaps and in the case in which it is written."""

    header: str
    line: int
    """The line on which it begins."""
    pieces: list[tuple[int, str]] = field(default_factory=list)
    """(line, letters) of each part of the sequence."""

    @property
    def text(self) -> str:
        """Its letters."""
        return self.pieces[0][1] if len(self.pieces) == 1 else "".join(letters for _, letters in self.pieces)

    def add(self, line: int, text: str) -> None:
        """Append the letters of a line; blanks within it are not part of a sequence."""
        letters = text.strip()
        self.pieces.append((line, letters if letters.isalpha() else "".join(letters.split())))

    def line_of(self, position: int) -> int:
        """The line of the letter at a position, from 0."""
        n_read = 0
        for line, letters in self.pieces:
            n_read += len(letters)
            if n_read > position:
                return line
        return self.line


def listed(lines: Numbered, file: Path) -> Iterator[Record]:
    """One sequence per line. Blank lines, and lines that begin with `#`, are not read."""
    for number, text in lines:
        if (letters := text.strip()) and not letters.startswith("#"):
            yield Record("", number, [(number, letters)])


def fasta(lines: Numbered, file: Path) -> Iterator[Record]:
    """FASTA, aligned or not. Lines that begin with one of `COMMENTS` are not read.

    Raises InputError for other text before the first header, which may be a sequence that lost its own.
    """
    record: Record | None = None
    for number, text in lines:
        if text.startswith(">"):
            if record is not None:
                yield record
            record = Record(text[1:].strip(), number)
        elif text and not text.isspace() and not text.startswith(COMMENTS):
            if record is None:
                raise InputError(
                    f"{file}, line {number}: expected a FASTA header that begins with '>', got {text.strip()[:20]!r}; "
                    "begin the line with '#' if it is a comment, or write a header above it if it is a sequence"
                )
            record.add(number, text)
    if record is not None:
        yield record


def fastq(lines: Numbered, file: Path) -> Iterator[Record]:
    """FASTQ, also on several lines.

    Raises InputError where a record has more or fewer qualities than letters, a character that is not a quality, or
    another name after its `+`.
    """
    rows = iter(lines)
    for number, text in rows:
        if not text.strip():
            continue
        if not text.startswith("@"):
            raise InputError(f"{file}, line {number}: expected a FASTQ header that begins with '@', got {text[:20]!r}")
        record, plus = Record(text[1:].strip(), number), ""
        for at, row in rows:
            if row.startswith("+"):
                plus = row
                break
            record.add(at, row)
        if plus[1:].strip() not in ("", record.header, *record.header.split()[:1]):
            raise InputError(
                f"{file}, line {at}: expected '+' alone or with the name '{record.header}', got {plus[:60]!r}; the "
                "file may be damaged: copy it again"
            )
        n_letters, n_qualities = len(record.text), 0
        while plus and n_qualities < n_letters:  # a quality may begin with '@', so letters are counted
            at, row = next(rows, (0, ""))
            if not (row := row.strip()):
                break
            if wrong := _NO_QUALITY.search(row):
                raise InputError(
                    f"{file}, line {at}: {wrong[0]!r} is not a quality; qualities are the characters from '!' to '~' "
                    "(ASCII 33 to 126), and the file may be damaged: copy it again"
                )
            n_qualities += len(row)
        if not plus or n_qualities != n_letters:
            raise InputError(
                f"{file}, line {number}: '{record.header}' has {n_letters} letters, but {n_qualities} qualities; the "
                "file may be cut off: copy it again"
            )
        yield record


def genbank(lines: Numbered, file: Path) -> Iterator[Record]:
    """The sequence of each GenBank or GenPept record. Raises InputError where one has none, or is cut off."""
    record, length, is_sequence = Record("", 0), 0, False
    for number, text in lines:
        if text.startswith("LOCUS"):
            record, length, is_sequence = Record(" ".join(text.split()[1:2]), number), _length(text), False
        elif text.startswith("DEFINITION"):
            record.header += f" {text[10:].strip()}"
        elif text.startswith("ORIGIN"):
            is_sequence = True
        elif text.startswith("//"):
            _check_whole(record, length, file)
            yield record
            record = Record("", 0)
        elif is_sequence and record.line:
            record.add(number, upper(text.strip().lstrip("0123456789")))
    if record.line:
        raise InputError(
            f"{file}, line {record.line}: the record '{record.header}' does not end with '//'; it is cut off"
        )


def translations(lines: Numbered, file: Path) -> Iterator[Record]:
    """The proteins of a GenBank file of nucleotides: the translation of each coding sequence."""
    record: Record | None = None
    product = ""
    for number, text in lines:
        word = text.strip()
        if word.startswith(("/product=", "/protein_id=", "/locus_tag=")):
            product = " ".join([word.partition("=")[2].strip('"'), product]).strip()
        elif text[:5].isspace() and text[5:6].isalpha():
            product = ""  # the next feature
        if word.startswith("/translation="):
            record, word = Record(product, number), word.removeprefix("/translation=").lstrip('"')
        if record is not None:
            record.add(number, word.rstrip('"'))
            if word.endswith('"'):
                yield record
                record = None


def is_of_nucleotides(lines: Numbered) -> bool:
    """Whether the first record of a GenBank file counts its letters in base pairs, not in amino acids."""
    return any(" bp " in text for _, text in lines if text.startswith("LOCUS"))


def _length(locus: str) -> int:
    """The number of letters that a LOCUS line states; 0 where it states none."""
    words = locus.split()
    before = next((words[place - 1] for place, word in enumerate(words) if word in ("bp", "aa") and place), "")
    return int(before) if before.isdigit() else 0


def _check_whole(record: Record, length: int, file: Path) -> None:
    n_letters = len(record.text)
    where = f"{file}, line {record.line}: the record '{record.header}'"
    if not n_letters:
        raise InputError(f"{where} has no sequence (ORIGIN); download the full record, or remove it")
    if length and n_letters != length:
        raise InputError(f"{where} has {n_letters:,} letters, but its LOCUS line says {length:,}; download it again")
