"""Measurements: the values of a table with their standard errors, whichever kind of error the table states."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import InputError
from designloop.core.readers.error_names import doubts
from designloop.core.readers.few_replicates import with_pooled, zeros_among
from designloop.core.readers.measured_file import MeasuredFile
from designloop.core.readers.table import Table

Array = NDArray[np.float64]
_EXACT = 1e-100
"""A smaller error counts as 0: its precision overflows a double."""
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Readings:
    """Columns of values, shape (n, columns) each; a column for the values, or one for each replicate."""

    values: Array
    """NaN where nothing was measured; the limit where a value lies beyond it."""
    sides: NDArray[np.int8]
    """-1 below a limit, 1 above it, 0 observed or missing."""
    unit: str = ""
    """The unit of all columns; empty where they have none."""


@dataclass(frozen=True)
class Measurements:
    """The measured columns of a table. Raises InputError with file, line and column when they are read."""

    table: Table
    file: MeasuredFile
    default: str | None = "value"
    """The column of values where neither values nor replicates are named; None: there is none."""

    @cached_property
    def of_values(self) -> Readings | None:
        """The column of values, (n, 1); None where there is none."""
        name = self.file.value or (None if self.file.replicates else self.default)
        return None if name is None else self._readings([name])

    @cached_property
    def of_replicates(self) -> Readings | None:
        """The replicates, (n, replicates); None where none are named."""
        return self._readings(list(self.file.replicates)) if self.file.replicates else None

    def std_errors(self, values: Array) -> tuple[Array | None, tuple[str, ...]]:
        """The standard errors of the values, NaN where one is unknown, and remarks on them; (n,) each.

        None where no column states them. With the number of replicates, those of one replicate and of equal ones are
        estimated (`few_replicates`).
        """
        stated = self.stated
        if stated is None:
            return None, ()
        self._check_units()
        doubtful = tuple(doubts(self.file, values, stated))
        if self.file.n is None:
            return stated, (*doubtful, *zeros_among(stated, values))
        errors, said = with_pooled(stated, self._counts, values)
        return errors, (*doubtful, *said)

    @property
    def stated(self) -> Array | None:
        """The standard errors that a column states, (n,), NaN where it does not; None where there is no column."""
        file = self.file
        if file.variance is not None:
            return np.sqrt(self._at_least_zero(file.variance, "a variance"))
        if file.std_error is not None:
            return self._at_least_zero(file.std_error, "a standard error")
        if file.std_dev is not None:
            return self._at_least_zero(file.std_dev, "a standard deviation") / np.sqrt(self._counts)
        return None if file.interval is None else self._of_interval(*file.interval)

    def _readings(self, names: list[str]) -> Readings:
        columns = [self.table.measured(name) for name in names]
        values = np.stack([column.values for column in columns], axis=1)
        sides = np.stack([column.sides for column in columns], axis=1)
        units = {name: column.unit for name, column in zip(names, columns, strict=True)}
        other = next((name for name, unit in units.items() if unit != units[names[0]]), None)
        if other is not None:
            raise InputError(
                f"{self.table.file}: column '{names[0]}' is in {units[names[0]] or 'no unit'}, but column '{other}' in "
                f"{units[other] or 'no unit'}; write replicates in one unit"
            )
        return Readings(values, sides, columns[0].unit)

    def _check_units(self) -> None:
        """Raise InputError where errors have another unit than the values."""
        read, file = self.of_values or self.of_replicates, self.file
        names = [name for name in (file.std_error, file.std_dev, *(file.interval or ())) if name is not None]
        for name in names if read is not None else ():
            unit = self.table.measured(name).unit
            if read is not None and unit and unit != read.unit:
                raise InputError(
                    f"{self.table.file}: column '{name}' is in {unit}, but the values are in "
                    f"{read.unit or 'no unit'}; write errors in the unit of the values"
                )

    def _at_least_zero(self, name: str, what: str) -> Array:
        numbers = self.table.numbers(name)
        if (numbers < 0).any():
            row = int(np.argmax(numbers < 0))
            raise InputError(f"{self._cell(row, name)}: expected {what} >= 0, got {numbers[row]:g}; correct the cell")
        return np.where(numbers < _EXACT, 0.0, numbers)

    @property
    def _counts(self) -> Array:
        """Replicates behind each value, (n,); NaN where they are unknown, or 0 without a value."""
        if not isinstance(self.file.n, str):
            return np.full(len(self.table), float(self.file.n or 1))
        counts, read = self.table.numbers(self.file.n), self.of_values or self.of_replicates
        if read is not None:
            counts = np.where((counts == 0) & np.isnan(read.values).all(axis=1), np.nan, counts)
        wrong = ~np.isnan(counts) & ((counts < 1) | (counts % 1 != 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"{self._cell(row, self.file.n)}: expected a number of replicates, 1 or more, got {counts[row]:g}"
            )
        return counts

    def _of_interval(self, lower: str, upper: str) -> Array:
        low, high = self.table.numbers(lower), self.table.numbers(upper)
        wrong, what = low > high, "the lower end is above the upper one"
        if not wrong.any() and self.of_values is not None:
            values = self.of_values.values[:, 0]
            wrong, what = (values < low) | (values > high), "the value is outside its interval"
        if wrong.any():
            row = int(np.argmax(wrong))
            ends = f"{low[row]:g} to {high[row]:g}, columns '{lower}' and '{upper}'"
            raise InputError(f"{self.table.where(row)}: {what} ({ends}); correct the row")
        return np.asarray((high - low) / 2 / self._half_width)

    @property
    def _half_width(self) -> Array | float:
        """Half of a 95% interval, in standard errors; NaN for one replicate, which has none."""
        if self.file.n is None:
            return _NORMAL_95
        from scipy.special import stdtrit

        counts = self._counts
        return np.asarray(stdtrit(np.where(counts > 1, counts - 1, np.nan), 0.975))

    def _cell(self, row: int, name: str) -> str:
        return f"{self.table.where(row)}, column '{name}'"


def means(values: Array) -> Array:
    """The mean of the replicates of each row, (n, replicates) -> (n,); NaN where nothing was measured."""
    counts = (~np.isnan(values)).sum(axis=1)
    return np.where(counts > 0, np.nansum(values, axis=1) / np.maximum(counts, 1), np.nan)
