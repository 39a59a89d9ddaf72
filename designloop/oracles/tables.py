"""Reads a measured table: checks every row, reports errors with their line, and merges replicates of a sequence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA, Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.design_bench import read_arrays
from designloop.core.readers.error_names import kind_of
from designloop.core.readers.measurements import Measurements, means
from designloop.core.readers.sequences import checked
from designloop.core.readers.variant_file import VariantFile
from designloop.oracles.merging import Duplicates, merged

if TYPE_CHECKING:
    from designloop.core.readers.table import Table as FileTable

Array = NDArray[np.float64]
_ROUNDING = 1e-12
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


class Described(Protocol):
    """The fields of a landscape that its reader needs, besides those of a variant file."""

    @property
    def path(self) -> str: ...
    @property
    def array(self) -> str | None: ...
    @property
    def duplicates(self) -> Duplicates: ...
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


@dataclass(frozen=True, slots=True)
class _Measured:
    """The values of the rows of a file, and their error variances, if they are known."""

    values: Array
    variances: Array | None
    is_logged: bool
    """True if both are on the log scale already."""
    remarks: list[str]


def read(landscape: Described, file: VariantFile) -> Table:
    """The table of a landscape. Raises InputError with file, column, line and letter."""
    frame = _frame(landscape, file)
    if not len(frame):
        raise InputError(f"{frame.file} contains no rows")
    found = _measured(frame, landscape, file)
    values, variances = found.values, found.variances
    read = file.variants_in(frame, landscape.alphabet, file.parent, first_of_same=landscape.both_strands)
    is_measured = ~np.isnan(values)  # a missing value: nothing was measured
    kept = np.flatnonzero(is_measured & read.is_kept)
    if not len(kept):
        raise InputError(f"{frame.file} contains no values")
    alphabet, sequences = read.alphabet, read.sequences
    parent = _parent(read.parent, alphabet, sequences, kept)
    n_without = len(values) - int(is_measured.sum())
    remarks = (*frame.remarks, *found.remarks, *_remarks(landscape, alphabet, len(frame), n_without), *read.remarks)
    rows = np.arange(len(frame))
    table = Table(alphabet, sequences, values, variances, rows, frame.place, found.is_logged, parent, remarks)
    table = _once(_rows_of(table, kept), landscape.duplicates, frame)
    return _with_other_strand(table) if landscape.both_strands else table


def _frame(landscape: Described, file: VariantFile) -> "FileTable":
    if landscape.array is not None:
        return read_arrays(landscape.path, landscape.array)
    return file.table_in(landscape.path)


def _remarks(landscape: Described, alphabet: Alphabet, n_rows: int, n_without: int) -> Iterator[str]:
    if landscape.alphabet is None:
        yield f"the alphabet, {alphabet.name}, was guessed from the letters; set `alphabet` to change it"
    if n_without:
        yield f"{n_without:,} of {many(n_rows, 'row')} dropped: no value"


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


def _measured(frame: "FileTable", landscape: Described, file: VariantFile) -> _Measured:
    """The values of the rows, their error variances, and what was remarked."""
    read = Measurements(frame, file)
    columns = read.of_replicates
    is_logged = landscape.transform == "log" and read.of_values is None and not file.errors  # errors are not logged
    mean, spread = np.empty(0), None
    if columns is not None:
        mean, spread = _from_replicates(_logged(columns.values, frame) if is_logged else columns.values)
    values = mean if read.of_values is None else read.of_values.values[:, 0]
    errors, said = read.std_errors(values)
    remarks = list(said)
    if errors is not None:
        spread = _without_gaps(errors, values, remarks) ** 2
    elif columns is not None and spread is None:
        remarks.append("no row has replicates that differ: the errors of the values are unknown")
    elif columns is None:
        remarks += _unread_errors(frame.names)
    return _Measured(values, spread, is_logged, remarks)


def _unread_errors(names: Sequence[str]) -> Iterator[str]:
    """A remark on the first column that is named like one of errors."""
    found = next(((name, kind) for name in names if (kind := kind_of(name))), None)
    if found is not None:
        yield f"column '{found[0]}' is not read; if it holds errors of the values, give `{found[1]}: {found[0]}`"


def _without_gaps(errors: Array, values: Array, remarks: list[str]) -> Array:
    """The errors, with the typical one where it is unknown. Raises InputError where all are unknown."""
    lacks = np.isnan(errors) & ~np.isnan(values)
    if not lacks.any():
        return errors
    stated = errors[~np.isnan(errors) & ~np.isnan(values)]
    known = stated[stated > 0] if stated.any() else stated  # an exact value says nothing of the others
    if not len(known):
        why = f" ({'; '.join(remarks)})" if remarks else ""
        raise InputError(f"no row with a value has a known error{why}; remove the column of errors, or correct it")
    typical = float(np.sqrt(np.mean(known**2)))
    remarks.append(
        f"{many(int(lacks.sum()), 'row')} without an error: the mean variance of the others, ± {typical:.3g}"
    )
    return np.where(lacks, typical, errors)


def _logged(columns: Array, frame: "FileTable") -> Array:
    if (columns <= 0).any():
        place = frame.where(int(np.argmax((columns <= 0).any(axis=1))))
        raise InputError(f"{place}: a replicate <= 0 has no logarithm; leave the cell empty")
    return np.asarray(np.log(columns))


def _from_replicates(columns: Array) -> tuple[Array, Array | None]:
    """Mean of each row's replicates, and its error variance by the spread pooled over rows.

    None without repeats, or if they are all equal: rounded readings are not exact.
    """
    counts, values = (~np.isnan(columns)).sum(axis=1), means(columns)
    freedom = int(np.maximum(counts - 1, 0).sum())
    if freedom == 0:
        return values, None
    pooled = float(np.nansum((columns - values[:, None]) ** 2)) / freedom
    is_rounding = pooled <= (_ROUNDING * float(np.nanmax(np.abs(values)))) ** 2
    return values, None if is_rounding else pooled / np.maximum(counts, 1)


def _once(table: Table, how: Duplicates, frame: "FileTable") -> Table:
    """Each sequence once."""
    once = merged(table.sequences, table.values, table.variances, how, lambda row: frame.where(int(table.rows[row])))
    kept = _rows_of(table, once.rows)
    return replace(kept, values=once.values, variances=once.variances, remarks=(*table.remarks, *once.remarks))


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
