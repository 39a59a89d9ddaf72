"""Alignments in files: Stockholm, Clustal, and FASTA whose rows are aligned (also A2M and A3M).

In A2M and A3M, a lower-case letter is an insertion relative to the other rows, and has no column. A2M fills the other
rows with dots, so that all have the same length; A3M does not, so that rows differ in length.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from designloop.core.errors import InputError
from designloop.core.readers.alphabets import letters_in
from designloop.core.readers.records import Numbered, Record

GAPS = "-.~"
"""Characters for a gap."""
_AS_GAP = str.maketrans(".~", "--")
_INSERTION = {ord(letter): None for letter in "abcdefghijklmnopqrstuvwxyz."}


def stockholm(lines: Numbered, file: Path) -> Iterator[Record]:
    """The rows of each alignment of a Stockholm file. Raises InputError where rows differ in length."""
    rows = _Rows(file)
    for number, text in lines:
        if text.startswith("//"):
            yield from rows.whole()
            rows = _Rows(file)
        elif not text.strip():
            rows.end_block()
        elif not text.startswith("#"):
            rows.add(number, text.split())
    if rows.any:
        raise InputError(f"{file}: the alignment does not end with '//'; the file is cut off: copy it again")


def clustal(lines: Numbered, file: Path) -> Iterator[Record]:
    """The rows of a Clustal alignment. Raises InputError where rows differ in length."""
    rows = _Rows(file)
    for number, text in list(lines)[1:]:
        if not text.strip():
            rows.end_block()
        elif not text[0].isspace():  # a line that begins with blanks marks conserved columns
            rows.add(number, text.split())
    yield from rows.whole()


class _Rows:
    """The rows of an alignment that is written in blocks: in each block, a piece of every row."""

    def __init__(self, file: Path) -> None:
        self._file, self._rows, self._in_block = file, dict[str, Record](), set[str]()

    @property
    def any(self) -> bool:
        return bool(self._rows)

    def end_block(self) -> None:
        self._in_block.clear()

    def add(self, line: int, words: list[str]) -> None:
        name = words[0]
        if len(words) < 2:
            raise InputError(f"{self._file}, line {line}: expected a name and a row of the alignment, got '{name}'")
        if name in self._in_block:
            raise InputError(
                f"{self._file}, line {line}: '{name}' is there twice in one block of the alignment; give each row its "
                "own name"
            )
        self._in_block.add(name)
        self._rows.setdefault(name, Record(name, line)).add(line, words[1])

    def whole(self) -> Iterator[Record]:
        """The rows. Raises InputError for the first that has another length than the first row."""
        rows = list(self._rows.values())
        for row in rows:
            if len(row.text) != len(rows[0].text):
                raise InputError(
                    f"{self._file}, line {row.line}: row '{row.header}' has {len(row.text)} columns, but the first row "
                    f"has {len(rows[0].text)}; the file is damaged: copy it again"
                )
        yield from rows


def columns_of(rows: Sequence[str], *, are_aligned: bool = False) -> tuple[str, list[str]]:
    """(A2M, A3M, aligned, or nothing if the rows of a FASTA file are not aligned; its columns, each with `-` as gap).

    Rows are aligned if their format says so (`are_aligned`), or if some have gaps and all have the same length, or, in
    A3M, the same number of columns.
    """
    has_gaps = len(rows) > 1 and not letters_in(rows).isdisjoint(GAPS)
    if are_aligned and not has_gaps:
        return ("aligned", list(rows)) if len(set(map(len, rows))) == 1 else ("", [])
    if not has_gaps:
        return "", []
    matches = [row.translate(_INSERTION) for row in rows]
    have_same = len(set(map(len, matches))) == 1 and len(matches[0]) > 0
    if len(set(map(len, rows))) > 1:
        has_insertions = any(letter.islower() for row in rows for letter in row)
        return ("A3M", matches) if have_same and has_insertions else ("", [])
    if have_same and any("." in row for row in rows) and _are_insertions(rows):
        return "A2M", matches
    return "aligned", [row.translate(_AS_GAP) for row in rows]


def _are_insertions(rows: Sequence[str]) -> bool:
    """Whether each column has only capitals and `-`, or only lower-case letters and dots."""
    places = {tuple(letter.islower() or letter == "." for letter in row) for row in rows}
    return len(places) == 1 and any(next(iter(places)))


def check_a3m(rows: Sequence[Record], file: Path) -> None:
    """Raises InputError where a row of an A3M or A2M file has another number of columns than the first."""
    counts = [len(row.text.translate(_INSERTION)) for row in rows]
    for row, count in zip(rows, counts, strict=True):
        if count != counts[0]:
            raise InputError(
                f"{file}, line {row.line}: '{row.header.split(' ')[0]}' has {count} columns (capitals and '-'), but "
                f"the first row has {counts[0]}; in A2M and A3M they are equal: correct the row, or rename the file "
                "to .fasta if it is not an alignment"
            )
