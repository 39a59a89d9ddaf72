"""Text whose cells are separated by commas, semicolons or tabs: where its header is, and how it is separated."""

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from designloop.core.errors import InputError
from designloop.core.files import suffix
from designloop.core.readers.content import lines

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""The separators, and what messages call them."""
COMMENT = "#"
_SAMPLE, _LETTERS = 60, 100_000
"""Lines from which the separator is guessed, and their letters at most."""

Row = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


@dataclass(frozen=True, slots=True)
class Separated:
    """The text of a table from its header on."""

    file: Path
    text: str
    line: int
    """The line of the header."""
    separator: str
    comment: str = ""
    """The last comment above the header, which may be the header itself."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """The guess of a separator that the file's ending does not imply."""
        is_usual = self.separator == _usual(self.file)
        return () if is_usual else (f"{self.file} is read as separated by {NAMES[self.separator]}",)

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank. Raises InputError with the line of a wrong quote."""
        csv.field_size_limit(sys.maxsize)  # a cell may hold a genome
        reader = csv.reader(StringIO(self.text, newline="\n"), delimiter=self.separator, strict=True)
        line = self.line
        try:
            for row in reader:
                if any(row):
                    yield line, row
                line = self.line + reader.line_num
        except csv.Error as error:
            raise InputError(
                f"{self.file} cannot be read as a table: line {line}: {error}; correct the line (a quoted cell ends "
                "with a quote)"
            ) from error


def separated(file: Path, header: int | None = None) -> Separated:
    """The text of a file from its header on: line `header`, or the first that is neither blank nor a comment."""
    text = lines(file).getvalue()
    line, comment, given, start = 1, "", "", 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        one = text[start:end].strip()
        if header is None and line == 1 and one.lower().startswith("sep=") and one[4:] in NAMES:
            given = one[4:]
        elif line == header or (header is None and one and not one.startswith(COMMENT)):
            break
        elif one.startswith(COMMENT):
            comment = one.lstrip(COMMENT + " ")
        line, start = line + 1, end
    rest = text[start:]
    if header is not None and not rest:
        raise InputError(f"{file} has no line {header}, which `header` gives as the line of the column names")
    return Separated(file, rest, line, given or _guessed(rest, _usual(file)), comment)


def _usual(file: Path) -> str:
    return "\t" if suffix(file) in (".tsv", ".tab", ".txt") else ","


def _guessed(text: str, usual: str) -> str:
    """The separator in the header with which the first rows are as wide as it is; that of the file's ending first."""
    head = [f"{line}\n" for line in text[:_LETTERS].split("\n")]
    sample = [line for place, line in enumerate(head[:_SAMPLE]) if not place or not line.startswith(COMMENT)]
    if len(sample) > 1 and (len(head) > _SAMPLE or len(text) > _LETTERS):
        sample.pop()  # its row may go on behind the sample
    every = [usual, *(sign for sign in NAMES if sign != usual)]
    widths = {sign: _widths(sample, sign) for sign in every}
    even = [sign for sign in every if widths[sign][:1] > [1] and len(set(widths[sign])) == 1]
    wide = [sign for sign in every if widths[sign][:1] > [1]]
    return next(iter([*even, *wide, usual]))


def _widths(sample: Sequence[str], separator: str) -> list[int]:
    """The number of cells in each row of the sample that is not blank."""
    try:
        return [len(row) for row in csv.reader(sample, delimiter=separator) if any(row)]
    except csv.Error:
        return []
