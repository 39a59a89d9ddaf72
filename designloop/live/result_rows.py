"""Reads the rows of a result file: what each says of a design or a well, and where."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.headers import folded
from designloop.core.readers.layouts import laid_out
from designloop.core.readers.measurements import Array, Measurements, Readings, means
from designloop.core.readers.outcomes import agreed, outcome_in
from designloop.core.readers.plate_maps import well_name
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table
from designloop.core.records import Outcome
from designloop.live.as_written import AsWritten
from designloop.live.dates import is_day, minute_of, moment_in
from designloop.live.plate_sheets import with_sheet
from designloop.live.result_columns import error_column, naming, unit_of, value_column
from designloop.live.result_dates import dated, is_blank, undated
from designloop.live.result_file import ResultFile
from designloop.live.result_wells import placed
from designloop.live.unread import unread

_OPPOSITE = {Outcome.ABOVE_DETECTION: Outcome.BELOW_DETECTION, Outcome.BELOW_DETECTION: Outcome.ABOVE_DETECTION}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What one row says of one well."""

    row: int
    design: str
    """The text that names the design; empty where the well does."""
    plate: str
    well: str
    round: int | None
    replicate: int | None
    value: float | None
    std_error: float | None
    outcome: Outcome | None
    """None for a row without a result."""
    minute: int | None
    """The minute of the measurement; None where the file does not say it."""
    n_wells: int = 1
    """The wells of which the value is the mean."""
    is_day: bool = False
    """Whether the file says the day of the measurement only: its minute is that of noon."""
    rounding: float = 0.0
    """Half of the last digit that the file writes of the value; 0 where it writes too few to recognise a value."""
    error_rounding: float = 0.0
    """The same of its standard error."""
    sequence: str = ""
    """The sequence of the design, where the file names designs and writes sequences too."""
    is_error_estimated: bool = False
    """Whether the error is not stated, but pooled over the rows of the file."""


@dataclass(frozen=True)
class ResultRows:
    """The rows of a result file."""

    rows: Sequence[ResultRow]
    by: str
    """The column that names the designs; `well` where plates and wells do."""
    value: str | None
    """The column of the values."""
    remarks: tuple[str, ...]
    where: Callable[[int], str]
    file: str = ""
    """The name of the file."""
    sheet: str = ""
    """The name of the sheet of a workbook."""
    unit: str = ""
    """The unit of the values; empty where the file says none."""

    @property
    def is_by_well(self) -> bool:
        """Whether wells name the designs."""
        return not any(row.design for row in self.rows)


def read_results(path: str | Path, how: ResultFile, began: datetime, plate: str | None = None) -> ResultRows:
    """The rows of a result file. Raises InputError with file, line and column.

    `began` is the moment of minute 0. A workbook may have a sheet for each plate; that of `plate` is read.
    """
    how = how if plate is None else with_sheet(path, how, plate)
    table, how = placed(read_table(path, how.form), how)
    table = laid_out(table, how, how.sequence)
    if not len(table):
        raise InputError(f"{table.file} has a header, but no rows below it; tell the file with the results")
    by, dates = naming(table, how), dated(table, how)
    value = value_column(table, dates)
    file = dates.with_(value=value, std_error=error_column(table, how, value))
    reader = RowReader(table, file, by, began)
    rows = list(reader.all())
    remarks = (*table.remarks, *said_of_errors(table, file), *unread(table, file), *undated(table, file))
    sheet = str(table.form.sheet or "")
    return ResultRows(rows, by, value, remarks, table.where, Path(path).name, sheet, unit_of(table, file))


def said_of_errors(table: Table, file: ResultFile) -> Iterator[str]:
    """What is doubtful about the errors, and which are missing, one sentence each."""
    measured = Measurements(table, file, None)
    read = measured.of_replicates or measured.of_values
    if read is None:
        return
    values = means(read.values)
    errors, said = measured.std_errors(values)
    yield from (f"{table.file}: {remark}" for remark in said)
    missing = np.zeros(0) if errors is None else np.isnan(errors) & ~np.isnan(values)
    if 0 < (n := int(missing.sum())) < int((~np.isnan(values)).sum()):
        yield f"{table.file}: {many(n, 'value')} without an error beside others that have one; it is unknown"


@dataclass(frozen=True)
class RowReader:
    """The columns of a result file, row by row."""

    table: Table
    file: ResultFile
    by: str
    began: datetime

    def all(self) -> Iterator[ResultRow]:
        """Each row, or each of its replicates."""
        read = self._readings()
        errors, minutes, days = self._errors(read), self._minutes(), self._days()
        columns = [self._texts(), self._column("plate"), self._column("well"), self._wholes("round", least=0)]
        replicates, outcomes, counts = self._wholes("replicate"), self._column("outcome"), self._counts()
        sequences, written = self._sequences(), AsWritten(self.table, self.file, errors)
        for row, (design, plate, well, round_) in enumerate(zip(*columns, strict=True)):
            place = partial(self._cell, row, self.file.outcome)
            outcome = outcome_in(outcomes[row], place)
            wells = [(n, v, s) for n, (v, s) in enumerate(self._wells(read, row), start=1) if not np.isnan(v)]
            facts = str(design or ""), _label(plate), _well(well), round_
            for number, value, side in wells:
                replicate = number if self.file.replicates else replicates[row]
                its = agreed(value, side, outcome, place) or Outcome.OBSERVED
                result = ResultRow(
                    row, *facts, replicate, value, errors[row], its, minutes[row], counts[row], days[row],
                    sequence=sequences[row], **written.facts(row, number),
                )  # fmt: skip
                yield self._signed(result)
            if not wells:
                failure = agreed(None, 0, outcome, place)
                yield ResultRow(
                    row,
                    *facts,
                    replicates[row],
                    None,
                    None,
                    failure,
                    minutes[row],
                    is_day=days[row],
                    sequence=sequences[row],
                )

    def _readings(self) -> Readings | None:
        read = Measurements(self.table, self.file, None)
        return read.of_replicates or read.of_values

    @staticmethod
    def _wells(read: Readings | None, row: int) -> Iterator[tuple[float, int]]:
        if read is not None:
            yield from zip(read.values[row].tolist(), read.sides[row].tolist(), strict=True)

    def _errors(self, read: Readings | None) -> list[float | None]:
        """The standard error of a well of each row; None where it is unknown."""
        values: Array = np.full((len(self.table), 1), np.nan) if read is None else read.values
        stated, _ = Measurements(self.table, self.file, None).std_errors(means(values))
        if stated is None:
            return [None] * len(self.table)
        of_wells = stated * np.sqrt((~np.isnan(values)).sum(axis=1))
        return [None if np.isnan(error) else float(error) for error in of_wells]

    def _texts(self) -> Sequence[object]:
        """What names the design of each row; empty where wells do."""
        if folded(self.by) == folded(self.file.well):
            return [""] * len(self.table)
        return ["" if cell is None else str(cell).strip() for cell in self.table.column(self.by)]

    def _sequences(self) -> list[str]:
        """The sequence of each row; empty where another column does not name the designs."""
        if not self.table.has(self.file.sequence) or folded(self.by) == folded(self.file.sequence):
            return [""] * len(self.table)
        return ["" if cell is None else str(cell).strip() for cell in self.table.column(self.file.sequence)]

    def _column(self, field: str) -> Sequence[object]:
        """The cells of a column, if it is there; else None for each row."""
        name = getattr(self.file, field)
        is_there = name is not None and self.table.has(name)
        return self.table.column(name) if is_there else [None] * len(self.table)

    def _wholes(self, field: str, least: int = 1) -> list[int | None]:
        """A column of whole numbers."""
        name = getattr(self.file, field)
        return [self._whole(row, field, name, cell, least) for row, cell in enumerate(self._column(field))]

    def _whole(self, row: int, field: str, name: str, cell: object, least: int = 1) -> int | None:
        text = "" if cell is None else str(cell).strip().removesuffix(".0")
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and int(text) >= least):
            raise InputError(
                f"{self._cell(row, name)}: expected a whole number from {least}, got {text!r}; correct it, or say "
                f"which column it is, as in `--set {field}=COLUMN`"
            )
        return int(text)

    def _counts(self) -> list[int]:
        """The wells of which each value is the mean."""
        n = None if self.file.replicates else self.file.n  # beside replicates, that of their errors
        if not isinstance(n, str):
            return [n or 1] * len(self.table)
        return [self._whole(row, "n", n, cell) or 1 for row, cell in enumerate(self.table.column(n))]

    def _minutes(self) -> list[int | None]:
        """The minute of each measurement."""
        given = self._wholes("minute", least=0)
        if not self.table.has(self.file.date):
            return given
        dates = zip(given, self._column("date"), self._column("time"), strict=True)
        return [
            self._dated(row, day, hour, self.file.date) if known is None else known
            for row, (known, day, hour) in enumerate(dates)
        ]

    def _days(self) -> list[bool]:
        """Whether each row says the day of its measurement only."""
        dates = zip(self._column("minute"), self._column("date"), self._column("time"), strict=True)
        return [is_blank(minute) and not is_blank(day) and is_day(day, hour) for minute, day, hour in dates]

    def minutes_of(self, name: str) -> list[int | None]:
        """The minutes of a column of dates, which may hold times of day too."""
        return [self._dated(row, cell, None, name) for row, cell in enumerate(self.table.column(name))]

    def _dated(self, row: int, day: object, hour: object, name: str) -> int | None:
        if is_blank(day):
            return None
        return minute_of(moment_in(day, hour, self._cell(row, name)), self.began)

    def _signed(self, row: ResultRow) -> ResultRow:
        """The row, of the opposite sign where lower values are better."""
        if self.file.maximise or row.value is None or row.outcome is None:
            return row
        return replace(row, value=-row.value, outcome=_OPPOSITE.get(row.outcome, row.outcome))

    def _cell(self, row: int, name: str) -> str:
        return f"{self.table.where(row)}, column '{name}'"


def _label(cell: object) -> str:
    """A plate as text: 1 where Excel stores 1.0."""
    return "" if cell is None else str(cell).strip().removesuffix(".0")


def _well(cell: object) -> str:
    return "" if cell is None else well_name(cell) or str(cell).strip()
