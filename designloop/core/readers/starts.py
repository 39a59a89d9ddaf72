"""Reads starting sequences from a file. A row is a sequence with its measurement, or with the reason for none."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import found
from designloop.core.readers.headers import folded, places_of
from designloop.core.readers.measurements import Measurements, means
from designloop.core.readers.outcomes import agreed, outcome_in
from designloop.core.readers.sequences import read_cleaned
from designloop.core.readers.table import Table
from designloop.core.readers.tables import column_names, is_table, read_table
from designloop.core.readers.variant_file import VariantFile
from designloop.core.records import Outcome, Start

Duplicates = Literal["replicates", "first", "last", "error"]
_OTHER_SIDE = {
    Outcome.ABOVE_DETECTION: Outcome.BELOW_DETECTION,
    Outcome.BELOW_DETECTION: Outcome.ABOVE_DETECTION,
}
_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of a table of starts are, besides variants with their measurements."""

    outcome: str | None = None
    """The column of the outcomes."""
    duplicates: Duplicates = "replicates"


@dataclass(frozen=True, slots=True)
class Read:
    """The starts of a file."""

    starts: list[Start]
    place: Callable[[int], str]
    """The location of a start, given its place in the list: `starts.csv, line 3`."""
    remarks: tuple[str, ...]
    """What was guessed, changed or left out, one sentence each."""


def has_results(file: VariantFile, rows: Rows) -> bool:
    """Whether a column of results is named: of values, of replicates, of errors or of outcomes."""
    return any((file.columns, rows.outcome, file.layout))


def read_starts(path: str, how: Rows, file: VariantFile, alphabet: Alphabet, parent: str | None = None) -> Read:
    """The starts of a file: one for each measured value, or one for a row without any.

    Rows of one sequence are replicates, as are several columns of one row. Rows without a result are dropped where
    their sequence has another one. `parent` is that of mutants, if the file's description gives none. Raises
    InputError with file, line and column.
    """
    if not has_results(file, how) and file.mutant is None:
        reading = read_cleaned(path, alphabet, column=file.sequence, ambiguous=file.ambiguous, form=file.form)
        entries = reading.entries
        starts = [Start(entry.sequence) for entry in entries]
        return Read(starts, lambda at: f"{reading.file}, {entries[at].place}", reading.remarks)
    whole = file.table_in(path)
    if not len(whole):
        raise InputError(f"{whole.file} contains no sequences")
    read = file.variants_in(whole, alphabet, file.parent or parent)
    if read.alphabet != alphabet:
        raise InputError(f"{whole.file}: the {alphabet.name} alphabet of the space has no stop; set `stops: drop`")
    rows = np.flatnonzero(read.is_kept).tolist()
    table, sequences = whole.of(rows), [read.sequences[row] for row in rows]
    results = _results(table, how, file)
    said = [*table.remarks, *(f"{table.file}: {remark}" for remark in read.remarks), *results.said]
    kept = _kept(sequences, results, how.duplicates, table, said)
    if not file.maximise:
        said.append(f"{table.file}: the lowest value is the best (`maximise: false`): the sign is changed")
    starts, rows = list[Start](), list[int]()
    if (plain := results.plain_starts(sequences)) is not None and len(kept) == len(sequences):
        starts, rows = plain, list(kept)
    else:
        for row in kept:
            for start in results.starts(row, sequences[row], table):
                starts.append(start)
                rows.append(row)
    starts = starts if file.maximise else list(map(_of_other_sign, starts))
    return Read(*_without_blanks(starts, rows, table), tuple(said))


def _of_other_sign(start: Start) -> Start:
    """The start where lower values are better: its value negated, and the side of its limit changed."""
    if start.value is None:
        return start
    outcome = None if start.outcome is None else _OTHER_SIDE.get(start.outcome, start.outcome)
    return replace(start, value=-start.value, outcome=outcome)


def _without_blanks(starts: list[Start], rows: Sequence[int], table: Table) -> tuple[list[Start], Callable[[int], str]]:
    """The starts, without those that have no result where their sequence has another one."""
    if any(start.is_unmeasured for start in starts):
        known = {start.sequence for start in starts if not start.is_unmeasured}
        both = [(s, r) for s, r in zip(starts, rows, strict=True) if not (s.is_unmeasured and s.sequence in known)]
        starts, rows = [start for start, _ in both], [row for _, row in both]
    return starts, lambda at: table.where(rows[at])


@dataclass(frozen=True, slots=True)
class _Results:
    """The results of the rows of a table."""

    values: NDArray[np.float64]
    """The values of each row, (n, wells); NaN where one is missing."""
    sides: NDArray[np.int8]
    errors: NDArray[np.float64]
    """The standard error of each well of a row, (n,); NaN where it is unknown."""
    words: Sequence[object]
    outcome: str | None
    said: tuple[str, ...]
    """Remarks on the errors, one sentence each."""

    def starts(self, row: int, sequence: str, table: Table) -> Iterator[Start]:
        """A start for each measured value of a row, or one without a value."""
        outcome = self._outcome(row, table)
        error, n_values = float(self.errors[row]), 0
        for value, side in zip(self.values[row].tolist(), self.sides[row].tolist(), strict=True):
            if value == value:  # noqa: PLR0124  # not NaN
                n_values += 1
                its = agreed(value, side, outcome, lambda: table.where(row))
                yield Start(sequence, value, None if error != error else error, its)  # noqa: PLR0124
        if not n_values:
            yield Start(sequence, None, None, agreed(None, 0, outcome, lambda: table.where(row)))

    def plain_starts(self, sequences: Sequence[str]) -> list[Start] | None:
        """A start for each row, all at once; None where a row has several wells, a limit or an outcome."""
        if self.outcome is not None or self.values.shape[1] > 1 or self.sides.any():
            return None
        values = [None if value != value else value for value in self.values[:, 0].tolist()]  # noqa: PLR0124  # NaN
        pairs = zip(values, self.errors.tolist(), strict=True)
        errors = [None if value is None or error != error else error for value, error in pairs]  # noqa: PLR0124
        return list(map(Start, sequences, values, errors))

    def _outcome(self, row: int, table: Table) -> Outcome | None:
        return outcome_in(self.words[row], lambda: f"{table.where(row)}, column '{self.outcome}'")


def _results(table: Table, how: Rows, file: VariantFile) -> _Results:
    read = Measurements(table, file, "value" if file.layout or file.errors else None)
    wells = read.of_replicates or read.of_values
    n = len(table)
    values: NDArray[np.float64] = np.full((n, 1), np.nan) if wells is None else wells.values
    sides = np.zeros((n, 1), np.int8) if wells is None else wells.sides
    stated, said = read.std_errors(means(values))
    # The stated error is that of the mean. Wells with these errors have it, also where some are beyond a limit.
    errors = np.full(n, np.nan) if stated is None else stated * np.sqrt((~np.isnan(values)).sum(axis=1))
    words: Sequence[object] = [None] * n if how.outcome is None else table.column(how.outcome)
    return _Results(values, sides, errors, words, how.outcome, said)


def _kept(sequences: Sequence[str], results: _Results, how: Duplicates, table: Table, said: list[str]) -> Sequence[int]:
    """The rows to read. Raises InputError for `error` with the places of two rows of one sequence."""
    if how == "replicates":
        return range(len(sequences))
    rows: dict[str, int] = {}
    for row, sequence in enumerate(sequences):
        if how == "error" and sequence in rows:
            raise InputError(
                f"{table.where(rows[sequence])} and {table.place(row)} have one sequence, {sequence}; remove one, or "
                "set `duplicates`"
            )
        if how == "last" or sequence not in rows:
            rows[sequence] = row
    if len(rows) < len(sequences):
        said.append(f"{many(len(sequences) - len(rows), 'row')} dropped: the {how} row of each sequence was kept")
    return sorted(rows.values())


# -- remarks -----------------------------------------------------------------------------------------------------------


def named_alike(path: str) -> dict[str, str]:
    """The fields of starts of which an existing table has a column of the same name; empty for any other file."""
    with suppress(InputError):
        file = found(path)
        names = column_names(file) if is_table(file) else ()
        its: dict[str, str] = {name: name for name in ("value", "std_error", "outcome") if places_of(name, names)}
        its = its if "value" in its else {name: name for name in its if name == "outcome"}
        is_of_mutants = places_of("mutant", names) and not places_of("sequence", names)
        return {**its, "mutant": "mutant"} if is_of_mutants else its
    return {}


def unread(path: str, how: Rows, file: VariantFile) -> Iterator[str]:
    """A remark on the columns of a table that are not read, or nothing."""
    place = found(path)
    if not is_table(place, file.of_rows) or file.layout is not None:
        return
    value = () if file.value or file.replicates or not file.errors else ("value",)
    used = {folded(name) for name in (file.of_rows, how.outcome or "", *value, *file.columns)}
    others = [name for name in column_names(place, file.form) if folded(name) not in used]
    missed = [name for name in others if folded(name) in ("value", "std error", "outcome")]
    if not has_results(file, how) and others:
        yield (
            f"{place}: only the sequences are read, not the other columns ({_listed(others)}); to train on them, give "
            "their names in prior.starts: `value`, `std_error`, `outcome`"
        )
    elif missed:
        named = ", ".join(f"{folded(name).replace(' ', '_')}: {name}" for name in sorted(missed))
        yield f"{place} has columns that are not read: {_listed(missed)}; to read them, add `{named}` to prior.starts"
    elif how.outcome is not None and not file.columns and (numeric := _numeric(path, file, others)):
        yield (
            f"{place}: the outcomes are read, but not the columns of numbers ({_listed(numeric)}); if one of them "
            f"holds the values, give it in prior.starts, as in `value: {numeric[0]}`"
        )


def _numeric(path: str, file: VariantFile, names: Sequence[str]) -> list[str]:
    """The columns that hold numbers, of some columns of a table."""
    table, its = read_table(path, file.form), list[str]()
    for name in names:
        with suppress(InputError):
            its += [name] if name and not np.isnan(table.measured(name).values).all() else []
    return its


def _listed(names: Iterable[str]) -> str:
    all_names = sorted(names)
    return ", ".join([*all_names[:_NAMES_SHOWN], *(["..."] if len(all_names) > _NAMES_SHOWN else [])])


def remarks_on(starts: Sequence[Start], n_outside: int, n_left_out: int) -> Iterator[str]:
    """Remarks on the starting sequences of a file, one sentence each."""
    counts = Counter([start.sequence for start in starts])
    repeats = [n for n in counts.values() if n > 1]
    if repeats:
        yield f"{many(sum(repeats), 'row')} of {many(len(repeats), 'starting sequence')} are replicates and were merged"
    failed = Counter(str(start.outcome) for start in starts if start.outcome is not None and start.value is None)
    if failed:
        each = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(failed.items()))
        yield f"starting sequences: {many(failed.total(), 'row', 'have')} a failure as outcome ({each})"
    n_unmeasured = sum(start.is_unmeasured for start in starts)
    if 0 < n_unmeasured < len(starts):
        yield f"{n_unmeasured:,} of {many(len(counts), 'starting sequence')} without a result: not measured yet"
    if n_outside:
        yield f"{many(n_outside, 'starting sequence', 'are')} outside the space: used for training, but not chosen"
    if n_left_out:
        yield f"{many(n_left_out, 'row', 'were')} dropped: outside the space and without a result"
