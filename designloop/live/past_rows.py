"""Reads the rows of past rounds: each is a design of a round, with its result."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from designloop.core.contents import file_digest
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import found as file_at
from designloop.core.readers.cells import is_missing
from designloop.core.readers.headers import folded, no_column
from designloop.core.readers.layouts import NO_DESIGN
from designloop.core.readers.table import Table
from designloop.core.readers.variants import Variants
from designloop.core.spaces import Space
from designloop.live.past_file import PastFile
from designloop.live.result_columns import NAMING, error_column, first_of, has_values, unit_of, value_column
from designloop.live.result_dates import dated, undated
from designloop.live.result_rows import ResultRow, RowReader, said_of_errors
from designloop.live.unread import unread


@dataclass(frozen=True, slots=True)
class PastRow:
    """A design of a past round, with its result."""

    file: str
    where: str
    """The file and the line."""
    round: int | None
    """The round as the file counts it."""
    sequence: str
    name: str
    who: str
    ordered: int | None
    """The minute of the order."""
    result: ResultRow
    """Its `row` is the place of this one among all rows."""


@dataclass(frozen=True)
class PastRows:
    """The rows of all files."""

    rows: Sequence[PastRow]
    remarks: Sequence[str]
    digests: Sequence[str]
    unit: str = ""
    """The unit of the values; empty where the files say none."""

    def where(self, row: int) -> str:
        """The file and the line of a row."""
        return self.rows[row].where


def read_past(paths: Sequence[str | Path], how: PastFile, space: Space, began: datetime) -> PastRows:
    """The rows of files of past rounds. Raises InputError with file, line and column."""
    rows, remarks, digests, units = list[PastRow](), list[str](), list[str](), dict[str, str]()
    for path in map(file_at, paths):
        digests.append(file_digest(path))
        if digests[-1] in digests[:-1]:
            raise InputError(f"{path} is given twice, or is a copy of another of the files; give it once")
        file = _File.of(path, how, space)
        rows += file.rows(began)
        remarks += file.remarks
        units.setdefault(file.unit, str(path))
    numbered = [replace(row, result=replace(row.result, row=at)) for at, row in enumerate(rows)]
    remarks += _alike(numbered)
    _check_names(numbered)
    if len(units) > 1:
        said = ", and ".join(f"in {unit or 'no unit'} in {file}" for unit, file in units.items())
        raise InputError(f"the values are {said}; write them in one unit, and say it in each file")
    return PastRows(numbered, remarks, digests, next(iter(units), ""))


@dataclass(frozen=True)
class _File:
    """One file: its rows that name designs, and their sequences."""

    table: Table
    how: PastFile
    variants: Variants
    said: Sequence[str]

    @classmethod
    def of(cls, path: str | Path, how: PastFile, space: Space) -> "_File":
        whole = how.table_in(str(path))
        if not whole.has(how.of_rows):
            raise InputError(
                f"{whole.file} {no_column(how.of_rows, whole.names)}; name the column of the sequences, as in `--set "
                "sequence=COLUMN`, or that of mutants (`--set mutant=COLUMN`)"
            )
        cells, ignored = whole.column(how.of_rows), {*map(str.lower, how.ignore)}
        words = ["" if cell is None or is_missing(cell) else str(cell).strip().lower() for cell in cells]
        kept = [row for row, word in enumerate(words) if word and word not in NO_DESIGN and word not in ignored]
        if not kept:
            raise InputError(f"{whole.file}: column '{how.of_rows}' names no design; name another column")
        others = Counter(word or "empty" for word in words) - Counter(words[row] for row in kept)
        said = [f"{whole.file}: {many(n, 'row')} left out: {word}" for word, n in sorted(others.items())]
        table = whole.of(kept)
        read = how.variants_in(table, space.alphabet, how.parent or space.parent)
        if read.alphabet != space.alphabet:
            raise InputError(f"{whole.file}: the {space.alphabet.name} alphabet has no stop; set `stops: drop`")
        return cls(table, _completed(table, how), read, [*said, *(f"{whole.file}: {one}" for one in read.remarks)])

    @property
    def remarks(self) -> Iterator[str]:
        """How the file was read, one sentence each."""
        yield from self.table.remarks
        yield from self.said
        yield from said_of_errors(self.table, self.how)
        yield from unread(self.table, self.how)
        yield from undated(self.table, self.how)
        values = self.how.replicates or [name for name in [self.how.value] if name is not None]
        if self._naming and not self.table.has(self._naming):
            yield f"{self.table.file}: there is no column '{self._naming}', so that designs have no names of their own"
        columns = {
            f"{'mutants' if self.how.mutant else 'sequences'}": [self.how.of_rows],
            "names": [self._naming] if self.table.has(self._naming) else [],
        }
        columns |= {"values": list(values), "errors": [str(getattr(self.how, kind)) for kind in self.how.errors]}
        named = [(what, names) for what, names in columns.items() if any(names)]
        said = ", ".join(f"{what} in column{'s' * (len(names) > 1)} {' '.join(names)}" for what, names in named)
        yield f"{self.table.file}: {many(len(self.table), 'row')}: {said}"
        if not self.how.maximise:
            yield f"{self.table.file}: the lowest value is the best (`maximise: false`): the sign is changed"

    @property
    def unit(self) -> str:
        return unit_of(self.table, self.how)

    def rows(self, began: datetime) -> Iterator[PastRow]:
        reader = RowReader(self.table, self.how, self.how.of_rows, began)
        ordered = reader.minutes_of(self.how.ordered) if self.table.has(self.how.ordered) else [None] * len(self.table)
        names, people = self._texts(self._naming), self._texts(self.how.who)
        for result in reader.all():
            at, its = result.row, result
            if self.how.replicates:  # one row of a design is one of several wells that have such columns
                its = replace(result, replicate=None)
            if self.variants.is_kept[at]:
                facts = self.variants.sequences[at], names[at], people[at], ordered[at]
                yield PastRow(str(self.table.file), self.table.where(at), result.round, *facts, its)

    @property
    def _naming(self) -> str:
        """The column of the designs' own names; empty where there is none."""
        if self.how.design is not None:
            return self.how.design
        others = [name for name in NAMING if folded(name) != folded(self.how.of_rows)]
        return first_of(self.table, others) or ""

    def _texts(self, name: str) -> list[str]:
        if not name or not self.table.has(name):
            return [""] * len(self.table)
        cells = self.table.column(name)
        return ["" if is_missing(cell) else str(cell).strip().removesuffix(".0") for cell in cells]


def _completed(table: Table, how: PastFile) -> PastFile:
    """The description with the columns of values, errors and dates that are found by their names."""
    dates = how if table.has(how.date) else dated(table, how.with_(date="date"))
    value = value_column(table, dates) if has_values(table, dates) else None
    return dates.with_(value=value, std_error=error_column(table, how, value))


def _alike(rows: Sequence[PastRow]) -> Iterator[str]:
    """A remark on rows that are the same measurement, or nothing. Raises InputError where they are in two files."""
    seen, again = dict[object, PastRow](), list[PastRow]()
    for row in rows:
        one = row.result
        key = row.round, row.sequence, one.value, one.outcome, one.plate, one.well, one.replicate
        first = seen.setdefault(key, row)
        if one.value is not None and first.file != row.file:
            raise InputError(
                f"{row.where}: {row.sequence} has the value {one.value:.10g} in {first.where} too, so it would count "
                "twice; remove one, or tell them apart by `well` or `replicate`"
            )
        again += [row] if one.value is not None and first is not row else []
    if again:
        yield (
            f"{many(len(again), 'row')} with the value of another row of the same design and round, first "
            f"{again[0].where}: counted as further wells"
        )


def _check_names(rows: Sequence[PastRow]) -> None:
    """Raise InputError where one name stands for two sequences."""
    seen = dict[str, PastRow]()
    for row in rows:
        first = seen.setdefault(row.name.lower(), row) if row.name else row
        if first.sequence != row.sequence:
            raise InputError(
                f"{row.where}: '{row.name}' is {row.sequence}, but it is {first.sequence} in {first.where}; correct "
                "one, or name another column of names, as in `--set design=COLUMN`"
            )
