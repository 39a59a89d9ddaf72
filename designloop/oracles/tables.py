"""Reads a measured table: checks every row, reports errors with their line, and merges replicates of a sequence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA, Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.alphabets import guessed_alphabet
from designloop.core.readers.mutants import mutants
from designloop.core.readers.sequences import as_written, checked
from designloop.core.readers.tables import read_table

if TYPE_CHECKING:
    from designloop.core.readers.table import Table as FileTable

Array = NDArray[np.float64]
_FEWEST_REPEATS = 10
"""Fewest repeats to estimate the spread: ten determine it to within about half."""
_EXACT = 1e-100
"""A smaller error counts as 0: its precision overflows a double."""
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


class Columns(Protocol):
    """The fields of a landscape that describe its file and columns."""

    @property
    def path(self) -> str: ...
    @property
    def sequence(self) -> str: ...
    @property
    def mutant(self) -> str | None: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def first(self) -> int: ...
    @property
    def value(self) -> str | None: ...
    @property
    def variance(self) -> str | None: ...
    @property
    def std_error(self) -> str | None: ...
    @property
    def replicates(self) -> tuple[str, ...]: ...
    @property
    def alphabet(self) -> Alphabet | None: ...
    @property
    def transform(self) -> str: ...
    @property
    def both_strands(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Distinct sequences of a file, and their measurements, in the file's units."""

    alphabet: Alphabet
    sequences: list[str]
    values: Array
    variances: Array | None
    rows: NDArray[np.int64]
    """The first row of each sequence in the file, from 0."""
    place: Callable[[int], str]
    """The location of a row of the file, such as `line 3`."""
    is_logged: bool
    """True if replicates were transformed to the log scale one by one."""
    parent: str | None = None
    remarks: tuple[str, ...] = ()
    """What was guessed, dropped or merged, one sentence each."""


def read(landscape: Columns) -> Table:
    """The table of a landscape. Raises InputError with file, column, line and letter."""
    frame = read_table(landscape.path)
    if not len(frame):
        raise InputError(f"{frame.file} contains no rows")
    values, variances, is_logged = _measured(frame, landscape)
    alphabet, sequences = _sequences(frame, landscape)
    kept = np.flatnonzero(~np.isnan(values))  # a missing value: nothing was measured
    if not len(kept):
        raise InputError(f"{frame.file} contains no values")
    parent = _parent(landscape.parent, alphabet, sequences, kept)
    remarks = (*frame.remarks, *_remarks(landscape, alphabet, len(frame), len(kept)))
    rows = np.arange(len(frame))
    table = Table(alphabet, sequences, values, variances, rows, frame.place, is_logged, parent, remarks)
    table = merged(_rows_of(table, kept))
    return _with_other_strand(table) if landscape.both_strands else table


def _remarks(landscape: Columns, alphabet: Alphabet, n_rows: int, n_kept: int) -> Iterator[str]:
    if landscape.alphabet is None:
        yield f"the alphabet, {alphabet.name}, was guessed from the letters; set `alphabet` to change it"
    if n_kept < n_rows:
        yield f"{n_rows - n_kept:,} of {many(n_rows, 'row')} dropped: no value"


def _parent(text: str | None, alphabet: Alphabet, sequences: list[str], kept: NDArray[np.int64]) -> str | None:
    """The parent in the letters of the alphabet. Raises InputError if it is longer or shorter than all sequences."""
    if text is None:
        return None
    (parent,) = checked([text], alphabet, "the landscape's parent, sequence ")
    lengths = {len(sequences[row]) for row in kept.tolist()}
    if not min(lengths) <= len(parent) <= max(lengths):
        raise InputError(
            f"the landscape's parent has {many(len(parent), 'letter')}, but its sequences have {min(lengths)} to "
            f"{max(lengths)}; correct the parent, or remove it"
        )
    return parent


def _sequences(frame: "FileTable", landscape: Columns) -> tuple[Alphabet, list[str]]:
    """The sequence of each row, in the letters of the alphabet."""
    column = landscape.sequence if landscape.mutant is None else landscape.mutant
    raw = frame.texts(column, first_of_same=landscape.both_strands)  # both strands may have a column
    place = partial(_place, frame)
    if landscape.mutant is not None:
        return mutants(raw, landscape.parent, landscape.first, landscape.alphabet, place)
    alphabet = landscape.alphabet or guessed_alphabet(raw, place)
    try:
        return alphabet, _clean(raw, alphabet, place)
    except InputError as error:
        if landscape.alphabet is None:
            error.add_note(f"The alphabet, {alphabet.name}, was guessed from the letters; set `alphabet` to change it.")
        raise


def _place(frame: "FileTable", row: int) -> str:
    return f"{frame.file}, {frame.place(row)}"


def _clean(raw: list[str], alphabet: Alphabet, place: Callable[[int], str]) -> list[str]:
    try:  # all at once if every letter is valid: fast for large tables
        alphabet.encode(raw)
    except InputError:
        return as_written(raw, alphabet, place)
    return raw if all(raw) else as_written(raw, alphabet, place)


def _measured(frame: "FileTable", landscape: Columns) -> tuple[Array, Array | None, bool]:
    """Values, error variances (or None), and whether both are on the log scale already."""
    if not landscape.replicates:
        values = frame.numbers(landscape.value or "value")
        return values, _variances(frame, landscape, values), False
    columns = np.stack([frame.numbers(name) for name in landscape.replicates], axis=1)
    is_logged = landscape.transform == "log" and landscape.value is None
    if is_logged:
        columns = _logged(columns, frame)
    means, spread = _from_replicates(columns)
    values = means if landscape.value is None else frame.numbers(landscape.value)
    variances = _variances(frame, landscape, values)
    return values, spread if variances is None else variances, is_logged


def _variances(frame: "FileTable", landscape: Columns, values: Array) -> Array | None:
    """Error variances of the rows that have a value, from their column or that of standard errors."""
    if landscape.variance is not None:
        return _at_least_zero(frame, landscape.variance, values, "a variance")
    if landscape.std_error is None:
        return None
    return _at_least_zero(frame, landscape.std_error, values, "a standard error") ** 2


def _at_least_zero(frame: "FileTable", name: str, values: Array, what: str) -> Array:
    numbers = frame.numbers(name)
    wrong = ~(numbers >= 0) & ~np.isnan(values)
    if wrong.any():
        place = frame.place(int(np.argmax(wrong)))
        raise InputError(f"{frame.file}, {place}, column '{name}': expected {what} >= 0; correct the cell")
    return np.where(numbers < _EXACT, 0.0, numbers)


def _logged(columns: Array, frame: "FileTable") -> Array:
    if (columns <= 0).any():
        place = frame.place(int(np.argmax((columns <= 0).any(axis=1))))
        raise InputError(f"{frame.file}, {place}: a replicate <= 0 has no logarithm; leave the cell empty")
    return np.asarray(np.log(columns))


def _from_replicates(columns: Array) -> tuple[Array, Array | None]:
    """Mean of each row's replicates, and its error variance by the spread pooled over rows (None without a repeat)."""
    counts = (~np.isnan(columns)).sum(axis=1)
    means = np.where(counts > 0, np.nansum(columns, axis=1) / np.maximum(counts, 1), np.nan)
    freedom = int(np.maximum(counts - 1, 0).sum())
    if freedom == 0:
        return means, None
    pooled = float(np.nansum((columns - means[:, None]) ** 2)) / freedom
    return means, pooled / np.maximum(counts, 1)


def _with_other_strand(table: Table) -> Table:
    """The table, followed by the reverse complements that it does not contain."""
    if table.alphabet != DNA:
        raise InputError(f"`both_strands` requires DNA, got {table.alphabet.name}; remove it")
    named = set(table.sequences)
    other = [(i, s.translate(_COMPLEMENT)[::-1]) for i, s in enumerate(table.sequences)]
    new = [(i, s) for i, s in other if s not in named]
    rows = np.array([*range(len(table.sequences)), *(i for i, _ in new)])
    return replace(_rows_of(table, rows), sequences=[*table.sequences, *(s for _, s in new)])


def _rows_of(table: Table, rows: NDArray[np.int64]) -> Table:
    variances = None if table.variances is None else table.variances[rows]
    sequences = [table.sequences[row] for row in rows.tolist()]
    return replace(table, sequences=sequences, values=table.values[rows], variances=variances, rows=table.rows[rows])


def merged(table: Table) -> Table:
    """Each sequence once: rows of one sequence are its replicates; equal rows count as one row.

    The value is their mean, weighted by precision if each has a variance. If none has one, and there are enough
    replicates, the variance of every row is the pooled variance over its number of replicates.
    """
    distinct = dict.fromkeys(table.sequences)
    if len(distinct) == len(table.sequences):
        return table
    first = {sequence: place for place, sequence in enumerate(distinct)}
    group = np.fromiter(map(first.__getitem__, table.sequences), np.int64, len(table.sequences))
    heads = np.unique(group, return_index=True)[1]
    differs = np.zeros(len(first), dtype=bool)
    np.logical_or.at(differs, group, table.values != table.values[heads][group])
    if not differs.any():
        return _rows_of(table, heads)
    counts = np.where(differs, np.bincount(group), 1)
    values, variances = _means(table, group, counts, differs)
    once = _rows_of(table, heads)
    remark = (
        f"{many(int(counts[differs].sum()), 'row')} of {many(int(differs.sum()), 'repeated sequence')} were merged "
        "into their means"
    )
    values, kept = np.where(differs, values, once.values), once.variances
    if kept is not None and variances is not None:
        variances = np.where(differs, variances, kept)
    return replace(once, values=values, variances=variances, remarks=(*table.remarks, remark))


def _means(
    table: Table, group: NDArray[np.int64], counts: NDArray[np.int64], differs: NDArray[np.bool_]
) -> tuple[Array, Array | None]:
    """Mean of each group's rows and its error variance; None if neither a column nor the spread determines it."""
    if table.variances is not None and (table.variances > 0).all():
        precision = np.bincount(group, 1.0 / table.variances)
        return np.bincount(group, table.values / table.variances) / precision, 1.0 / precision
    means = np.bincount(group, table.values) / np.bincount(group)
    freedom = int((counts - 1).sum())
    if table.variances is not None:
        return means, np.bincount(group, table.variances) / np.bincount(group) ** 2
    if freedom < _FEWEST_REPEATS:
        return means, None
    pooled = float(((table.values - means[group])[differs[group]] ** 2).sum()) / freedom
    return means, pooled / counts
