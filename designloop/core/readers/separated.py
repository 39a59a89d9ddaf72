"""Text in columns: where its header is, and whether commas, semicolons, tabs or blanks separate its cells."""

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from designloop.core.errors import InputError
from designloop.core.files import suffix
from designloop.core.readers.content import text_of
from designloop.core.readers.levels import one_header

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""The separators, and what messages call them."""
BLANK = " "
"""Separates the cells of plain text from R, such as that of DiMSum, unless the ending names another separator."""
_ROW_NAMES = (BLANK, "\t")
"""Separators with which R writes a header without a cell above the names of the rows."""
COMMENT = "#"
_OTHER = re.compile(r"\s*(<[!?A-Za-z]|\[\s*[\[{]|\{\s*\")")
"""How JSON, XML and HTML begin; `<>` begins a plate."""
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
    said: tuple[str, ...] = ()

    @property
    def separators(self) -> str:
        """What messages call the separator."""
        return NAMES.get(self.separator, "blanks")

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the header was read, and the guess of a separator that the file's ending does not imply."""
        is_usual = self.separator == _usual(self.file)
        return self.said if is_usual else (f"{self.file} is read as separated by {self.separators}", *self.said)

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
    text, remarks = text_of(file)
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
    if (other := _OTHER.match(rest)) is not None:
        kind = "JSON" if other[0].strip()[0] in "[{" else "XML or HTML"
        raise InputError(f"{file} is {kind}, not a table; save it as CSV")
    separator = given or _guessed(rest, file)
    if separator == BLANK:
        rest = _of_single_blanks(rest)
    rest, n_more, said = one_header(rest, separator)
    if separator in _ROW_NAMES and _lacks_first(_rows(_sample(rest), separator)):
        rest, said = separator + rest, (*said, "the first column, which the header does not name, has names of rows")
    return Separated(file, rest, line + n_more, separator, comment, (*remarks, *(f"{file}: {one}" for one in said)))


def _usual(file: Path) -> str:
    return "\t" if suffix(file) in (".tsv", ".tab", ".txt") else ","


def _guessed(text: str, file: Path) -> str:
    """The separator in the header with which the first rows are as wide as it is; that of the file's ending first."""
    usual, sample = _usual(file), _sample(text)
    every = [usual, *(sign for sign in NAMES if sign != usual)]
    if suffix(file) not in (".csv", ".tsv", ".tab"):
        every.append(BLANK)
    rows = {sign: _rows(sample, sign) for sign in every}
    widths = {sign: [len(row) for row in rows[sign]] for sign in every}
    even = [sign for sign in every if widths[sign][:1] > [1] and len(set(widths[sign])) == 1]
    named = [sign for sign in every if sign in _ROW_NAMES and _lacks_first(rows[sign])]
    wide = [sign for sign in every if widths[sign][:1] > [1 if sign in NAMES else 2]]  # a title may have a blank
    return next(iter([*even, *named, *wide, usual]))


def _sample(text: str) -> list[str]:
    """The first lines, without comments."""
    head = [f"{line}\n" for line in text[:_LETTERS].split("\n")]
    sample = [line for place, line in enumerate(head[:_SAMPLE]) if not place or not line.startswith(COMMENT)]
    if len(sample) > 1 and (len(head) > _SAMPLE or len(text) > _LETTERS):
        sample.pop()  # its row may go on behind the sample
    return sample


def _of_single_blanks(text: str) -> str:
    """The text with single blanks between words, and none around a line."""
    return re.sub(r"(?m)^ | $", "", re.sub(r"[ \t]+", BLANK, text))


def _lacks_first(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row has one cell more than the header, and not because it ends with a separator."""
    (header, *body) = rows or [[]]
    return {len(row) for row in body} == {len(header) + 1} and any(row[-1] for row in body)


def _rows(sample: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of each row of the sample that is not blank."""
    try:
        if separator == BLANK:
            sample = [_of_single_blanks(line) for line in sample]
        return [row for row in csv.reader(sample, delimiter=separator) if any(row)]
    except csv.Error:
        return []
