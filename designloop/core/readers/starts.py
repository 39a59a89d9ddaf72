"""Reads starting sequences from a file. A row is a sequence with its measurement, or with the reason for none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError, did_you_mean
from designloop.core.files import found, suffix
from designloop.core.readers.cells import is_missing
from designloop.core.readers.headers import places_of
from designloop.core.readers.sequences import as_written, read_cleaned
from designloop.core.readers.table import Table
from designloop.core.readers.tables import TABLES, column_names, read_table
from designloop.core.records import Outcome, Start

_EXACT = 1e-100
"""A smaller error counts as 0: the square of its inverse overflows a double."""

_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns; None for a missing column."""

    sequence: str = "sequence"
    value: str | None = None
    std_error: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of the file, and its location, such as `starts.csv, line 3`."""

    start: Start
    place: str


def read_starts(path: str, columns: Columns, alphabet: Alphabet) -> tuple[list[Placed], tuple[str, ...]]:
    """A start for each row, and remarks on what was changed in their sequences.

    Rows with the same sequence are replicates; those without a result are then dropped. An empty cell is a missing
    value or an unknown error. Raises InputError with file, line and column.
    """
    file = found(path)
    if columns.value is None and columns.outcome is None:
        reading = read_cleaned(file, alphabet, column=columns.sequence, ambiguous=None)
        rows = [Placed(Start(entry.sequence), f"{file}, {entry.place}") for entry in reading.entries]
        return rows, reading.remarks
    table = read_table(file)
    places = [f"{file}, {table.place(row)}" for row in range(len(table))]
    sequences = as_written(table.texts(columns.sequence), alphabet, places.__getitem__)
    if not sequences:
        raise InputError(f"{file} contains no sequences")
    rows = list(_rows(sequences, table, columns, places))
    measured = {row.start.sequence for row in rows if not row.start.is_unmeasured}
    return [row for row in rows if not (row.start.is_unmeasured and row.start.sequence in measured)], ()


def _rows(sequences: Sequence[str], table: Table, columns: Columns, places: Sequence[str]) -> Iterator[Placed]:
    nothing: list[None] = [None] * len(sequences)
    values = nothing if columns.value is None else _numbers(table, columns.value)
    errors = nothing if columns.std_error is None else _numbers(table, columns.std_error)
    words = nothing if columns.outcome is None else table.column(columns.outcome)
    for sequence, value, error, word, place in zip(sequences, values, errors, words, places, strict=True):
        if error is not None and error < 0:
            raise InputError(f"{place}, column '{columns.std_error}': expected a standard error >= 0, got {error:g}")
        outcome = None if is_missing(word) else _outcome(str(word), f"{place}, column '{columns.outcome}'")
        _check_agrees(value, outcome, place)
        yield Placed(Start(sequence, value, None if value is None else _in_full(error), outcome), place)


def _numbers(table: Table, name: str) -> list[float | None]:
    return [None if number != number else float(number) for number in table.numbers(name)]  # noqa: PLR0124  # NaN


def _in_full(error: float | None) -> float | None:
    return 0.0 if error is not None and error < _EXACT else error


def _outcome(word: str, place: str) -> Outcome:
    name = word.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in set(Outcome):
        raise InputError(f"{place}: unknown outcome '{word}'{did_you_mean(name, Outcome)}")
    return Outcome(name)


def _check_agrees(value: float | None, outcome: Outcome | None, place: str) -> None:
    if outcome is not None and outcome.has_value != (value is not None):
        what = "no value" if value is None else f"the value {value:g}"
        mend = "add the value, or correct the outcome" if value is None else "remove one of them"
        raise InputError(f"{place}: the outcome is {outcome}, but there is {what}; {mend}")


def named_alike(path: str) -> dict[str, str]:
    """The fields of `Columns` of which an existing table has a column of the same name; empty for any other file."""
    with suppress(InputError):
        file = found(path)
        names = column_names(file) if suffix(file) in TABLES else ()
        its: dict[str, str] = {name: name for name in ("value", "std_error", "outcome") if places_of(name, names)}
        return its if "value" in its else {name: name for name in its if name == "outcome"}
    return {}


def unread(path: str, columns: Columns) -> Iterator[str]:
    """A remark on the columns of a table that are not read, or nothing."""
    file = found(path)
    if suffix(file) not in TABLES:
        return
    fields = {name: getattr(columns, name) for name in ("value", "std_error", "outcome")}
    others = set(column_names(file)) - {columns.sequence, *fields.values()}
    if columns.value is None and columns.outcome is None and others:
        yield (
            f"{file}: only the sequences are read, not the other columns ({_listed(others)}); to train on them, give "
            "their names in prior.starts: `value`, `std_error`, `outcome`"
        )
    elif missed := sorted(name for name, named in fields.items() if named is None and name in others):
        named = ", ".join(f"{name}: {name}" for name in missed)
        yield f"{file} has columns that are not read: {_listed(missed)}; to read them, add `{named}` to prior.starts"


def _listed(names: Iterable[str]) -> str:
    all_names = sorted(names)
    return ", ".join([*all_names[:_NAMES_SHOWN], *(["..."] if len(all_names) > _NAMES_SHOWN else [])])


def remarks_on(starts: Sequence[Start], n_outside: int, n_left_out: int) -> Iterator[str]:
    """Remarks on the starting sequences of a file, one sentence each."""
    counts = Counter(start.sequence for start in starts)
    repeats = [n for n in counts.values() if n > 1]
    if repeats:
        yield f"{many(sum(repeats), 'row')} of {many(len(repeats), 'starting sequence')} are replicates and were merged"
    failed = Counter(str(start.outcome) for start in starts if start.outcome is not None and start.value is None)
    if failed:
        each = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(failed.items()))
        yield f"starting sequences: {many(failed.total(), 'row', 'have')} a failure as outcome ({each})"
    n_unmeasured = sum(start.is_unmeasured for start in starts)
    if 0 < n_unmeasured < len(starts):
        yield (f"{n_unmeasured:,} of {many(len(counts), 'starting sequence')} without a result: not built yet")
    if n_outside:
        yield f"{many(n_outside, 'starting sequence', 'are')} outside the space: used for training, but not chosen"
    if n_left_out:
        yield f"{many(n_left_out, 'row', 'were')} dropped: outside the space and without a result"
