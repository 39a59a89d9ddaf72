"""Tables from CSV, TSV, Excel and Parquet files. The caller chooses whether a column is read as text or as numbers.

No type is guessed: `0110` in a column of sequences is four letters; in a column of values it is a number.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from designloop.core.counting import many
from designloop.core.errors import InputError, near_word
from designloop.core.files import found, suffix
from designloop.core.readers.content import content, first_bytes, text_of
from designloop.core.readers.headers import folded
from designloop.core.readers.parquet import read_parquet
from designloop.core.readers.plate_maps import COLUMNS, Block, blocks, may_hold
from designloop.core.readers.separated import COMMENT, NAMES, Separated, separated
from designloop.core.readers.table import Form, Places, Table
from designloop.core.readers.workbooks import WORKBOOKS, read_sheet

_PARQUET = (".parquet", ".pq")
_SEARCHED = 100_000
"""Letters in which the first plate of a file begins."""
_PLAIN = (".txt", ".dat", "")
_SHOWN = 6
_TIME_FORMAT = re.compile(r"##BLOCKS=.*\n(.*\n)?Plate:.*\tTimeFormat\t")
"""How an export of SoftMax Pro begins in which each well is a column."""
TABLES = (".csv", ".tsv", ".tab", *_PARQUET, *WORKBOOKS)


def read_table(path: str | Path, form: Form | None = None) -> Table:
    """The table in a file, which may be compressed. Raises InputError with the file and the line of the error."""
    file, how = found(path), form or Form()
    if how.sheet is not None and suffix(file) not in WORKBOOKS:
        raise InputError(f"{file} has no sheets: `sheet` is for Excel files; remove it")
    if suffix(file) in WORKBOOKS:
        return _sheet(file, how)
    return _parquet(file, how) if suffix(file) in _PARQUET else _text(file, how)


def is_table(file: Path, column: str = "sequence") -> bool:
    """Whether a file of sequences is a table: by its ending, or, for plain text, by a header with the column's name."""
    begins = first_bytes(file, _SEARCHED)
    if suffix(file) in TABLES:
        return not begins.startswith(b">")
    rows = (row.strip() for row in begins.decode(errors="replace").splitlines())
    first = next((row for row in rows if row and not row.startswith(COMMENT)), "")
    cells = re.split(rf"[\s{''.join(NAMES)}]+", first.replace('"', ""))
    return suffix(file) in _PLAIN and folded(column) in map(folded, cells)


def column_names(path: str | Path, form: Form | None = None) -> tuple[str, ...]:
    """The column names of a table. Raises InputError as `read_table`."""
    file, how = found(path), form or Form()
    if suffix(file) in (*WORKBOOKS, *_PARQUET):
        return read_table(file, how).names
    _, header = next(separated(file, how.header).rows(), (0, []))
    return tuple(name.strip() for name in header)


# -- CSV and TSV -----------------------------------------------------------------------------------------------------


def _text(file: Path, form: Form) -> Table:
    written, said = text_of(file)
    if _TIME_FORMAT.match(written):
        raise InputError(f"{file} has the time format of SoftMax Pro, a column for each well; export the plate format")
    if form.header is None and (plates := _plates_in_text(file, written)):
        return _of_plates(file, plates, form, "line", *said)
    text = separated(file, form.header)
    return _plain_text(text, form) or _any_text(text, form)


def _plain_text(text: Separated, form: Form) -> Table | None:
    """A table with one row per line, split all at once; None where a line is blank, quoted or of another width."""
    header, _, body = text.text.partition("\n")
    names = header.split(text.separator)
    if body and not body.endswith("\n"):
        body += "\n"
    if not any(names) or '"' in header or '"' in body or not _is_even(body, text.separator, len(names)):
        return None
    if len(names) == 1 and (body.startswith(COMMENT) or f"\n{COMMENT}" in body):
        return None
    cells = body.replace("\n", text.separator).split(text.separator)[:-1]  # behind the last separator is nothing
    n_rows = len(cells) // len(names)
    places = Places(range(text.line + 1, text.line + 1 + n_rows))
    return _table(text, form, names, n_rows, places, partial(_every, cells, len(names)))


def _table(
    text: Separated,
    form: Form,
    names: Sequence[str],
    n_rows: int,
    places: Places,
    cells: Callable[[int], Sequence[object]],
    *remarks: str,
) -> Table:
    stripped, said = tuple(name.strip() for name in names), (*text.remarks, *remarks)
    return Table(text.file, stripped, n_rows, places, cells, said, form, text.separator, text.comment)


def _is_even(body: str, separator: str, width: int) -> bool:
    """Whether each line has `width` cells, at least one of them not empty."""
    blank = separator * (width - 1) + "\n"
    if body.startswith(blank) or f"\n{blank}" in body:
        return False
    signs = np.frombuffer(body.encode(), np.uint8)
    is_end = signs[(signs == ord(separator)) | (signs == ord("\n"))] == ord("\n")
    if len(is_end) % width:
        return False
    ends = is_end.reshape(-1, width)
    return bool(ends[:, -1].all() and not ends[:, :-1].any())


def _every(cells: list[str], width: int, column: int) -> list[str]:
    return cells[column::width]


def _any_text(text: Separated, form: Form) -> Table:
    """A table read row by row, with the line of each row."""
    rows = text.rows()
    _, header = next(rows, (0, None))
    if header is None:
        raise InputError(f"{text.file} cannot be read as a table: it is empty; expected a header")
    columns, begins, comments = [list[str]() for _ in header], list[int](), list[int]()
    for line, row in rows:
        if _is_comment(row, len(header)):
            comments.append(line)
            continue
        if len(row) != len(header):
            raise InputError(_odd_width(line, row, header, text))
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
        begins.append(line)
    said = [_skipped(comments, text.file)] if comments else []
    return _table(text, form, header, len(begins), Places(begins), columns.__getitem__, *said)


def _is_comment(row: Sequence[str], width: int) -> bool:
    """Whether a row is a comment: it begins with `#` and is no row of the table (`#N/A` is a missing value)."""
    return row[0].startswith(COMMENT) and (len(row) != width or (width == 1 and row[0].upper() != "#N/A"))


def _skipped(lines: Sequence[int], file: Path) -> str:
    return f"{file}: {many(len(lines), 'comment')} among the rows skipped, first in line {lines[0]}"


def _odd_width(line: int, row: Sequence[str], header: Sequence[str], text: Separated) -> str:
    between = text.separators if any(text.separator in one for one in (*header, text.text[:1000])) else "','"
    (later, names), mend = _even_from(text), "correct the line"
    if text.separator == "," and len(row) > len(header) and all(map(_is_number, row[-2:])):
        mend = "if the numbers have decimal commas, separate the cells by semicolons"
    elif later:
        mend = f"correct the line, or set `header: {later}` if line {later} is the header ({', '.join(names)})"
    return (
        f"{text.file} cannot be read as a table: line {line} has {many(len(row), 'cell')}, but the header has "
        f"{len(header)} (separated by {between}); {mend}"
    )


def _even_from(text: Separated) -> tuple[int, list[str]]:
    """The line below the first from which all rows have one width, and its cells, if they are names; else (0, [])."""
    line, first, names = 0, 0, list[str]()
    for line, row in text.rows():
        if len(row) != len(names):
            first, names = line, row
    is_header = len(names) > 1 and first != text.line and line > first and not any(map(_is_number, names))
    return (first, names) if is_header else (0, [])


def _is_number(cell: str) -> bool:
    return cell.strip().lstrip("+-")[:1].isdigit()


# -- Excel and Parquet -------------------------------------------------------------------------------------------------


def _sheet(file: Path, form: Form) -> Table:
    sheet = read_sheet(file, form.sheet)
    form = replace(form, sheet=sheet.name)
    where = Path(f"{file}, sheet '{sheet.name}'")
    rows = [(number, row) for number, row in enumerate(sheet.rows, start=1) if not _is_empty(row)]
    if form.header is None and (plates := blocks(rows)):
        return _of_plates(where, plates, form, "row", *sheet.remarks)
    if form.header is not None:
        rows = [(number, row) for number, row in rows if number >= form.header]
    if not rows:
        raise InputError(f"{where} cannot be read as a table: it is empty; expected a header")
    (_, header), *body = rows
    columns = list(zip(*(row for _, row in body), strict=True)) if body else [()] * len(header)
    names = tuple("" if name is None else str(name).strip() for name in header)
    places = Places([number for number, _ in body], "row")
    return Table(where, names, len(body), places, columns.__getitem__, sheet.remarks, form)


def _is_empty(row: Sequence[object]) -> bool:
    """Whether a row of a workbook is empty, or a comment alone."""
    cells = [cell for cell in row if cell is not None]
    return not cells or (len(cells) == 1 and len(row) > 1 and str(cells[0]).startswith(COMMENT))


def _parquet(file: Path, form: Form) -> Table:
    try:
        columns = read_parquet(content(file))
    except ValueError as error:
        raise InputError(f"{file} cannot be read as a table: {error}; create or copy it again") from error
    cells = list(columns.values())
    n_rows = len(cells[0]) if cells else 0
    return Table(file, tuple(columns), n_rows, Places(range(1, n_rows + 1), "row"), cells.__getitem__, (), form)


# -- plates ------------------------------------------------------------------------------------------------------------


def _plates_in_text(file: Path, text: str) -> list[Block]:
    """The plates in the text of a file, if there are any."""
    separator = next((sign for sign in NAMES if may_hold(text[:_SEARCHED], sign)), None)
    return [] if separator is None else blocks(list(Separated(file, text, 1, separator).rows()))


def _of_plates(file: Path, plates: Sequence[Block], form: Form, word: str, *remarks: str) -> Table:
    """The wells of plates as a long table."""
    chosen = _of_one_reading(file, plates, form.reading)
    wells = [
        (_name_of(plate, form.reading) or str(number), *well)
        for number, plate in enumerate(chosen, start=1)
        for well in plate.cells
    ]
    titles, names, places, cells = zip(*wells, strict=True)
    sizes = " and ".join(f"{size:,}" for size in sorted({plate.size for plate in chosen}))
    said = f"{file} is read as {many(len(chosen), 'plate')} of {sizes} wells: columns {', '.join(COLUMNS)}"
    columns = (titles, names, cells)
    return Table(file, COLUMNS, len(wells), Places(places, word), columns.__getitem__, (*remarks, said), form)


def _of_one_reading(file: Path, plates: Sequence[Block], reading: str | None) -> Sequence[Block]:
    """The plates of one reading. Raises InputError where wells were read several times, and none is chosen."""
    names = list(dict.fromkeys(plate.read for plate in plates))
    if reading is None and len(names) > 1:
        more = ", ..." if len(names) > _SHOWN else ""
        shown = ", ".join(map(_or_none, names[:_SHOWN]))
        raise InputError(
            f"{file}: wells were read {len(names)} times: {shown}{more}; export one, or, for a live campaign, choose "
            f"one, as in `--set reading='{names[-1]}'`"
        )
    chosen = [plate for plate in plates if reading is None or folded(reading) in map(folded, (plate.read, plate.label))]
    if not chosen:
        known = [*names, *dict.fromkeys(plate.label for plate in plates)]
        raise InputError(
            f"{file} has no reading '{reading}'; readings: {', '.join(filter(None, known)) or 'one, without a name'}"
            f"{near_word(str(reading), known)}"
        )
    return chosen


def _name_of(plate: Block, reading: str | None) -> str:
    """The name of a plate. A title that is that of the reading names no plate."""
    is_of_reading = reading is not None and folded(plate.title) == folded(reading)
    return plate.plate if is_of_reading else plate.title


def _or_none(name: str) -> str:
    return name or "(without a name)"
