"""Reads vectors from a file, one for each sequence: a table with a column for each dimension, or arrays of numpy."""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import found, suffix
from designloop.core.notices import warn
from designloop.core.readers.cells import LARGEST
from designloop.core.readers.content import content
from designloop.core.readers.mutants import mutants
from designloop.core.readers.sequences import as_written
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table

ARRAYS = (".npz", ".npy")
_SEQUENCES, _VECTORS = "sequences", "vectors"
_SAVE = f"np.savez('vectors.npz', {_SEQUENCES}=[...], {_VECTORS}=[...])"


@dataclass(frozen=True, slots=True)
class VectorColumns:
    """How to read a file of vectors; the names of columns apply to tables."""

    sequence: str = "sequence"
    mutant: str | None = None
    """Column of mutant names, instead of `sequence`."""
    parent: str | None = None
    first: int = 1
    columns: tuple[str, ...] = ()
    """Columns of the numbers; none: all except that of the sequences."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """What a file holds."""

    names: Sequence[str]
    """Sequences, or names of mutants, as written."""
    vectors: NDArray[np.float64]
    """(n, d)."""
    place: Callable[[int], str]
    """The location of a row."""
    label: Callable[[int], str]
    """The location of a dimension within a row."""


def read_vectors(path: str, columns: VectorColumns, alphabet: Alphabet) -> tuple[list[str], NDArray[np.float64]]:
    """The distinct sequences of a file and their vectors, (n, d). Equal rows count once.

    Raises InputError with file, line and column of a missing or invalid number, an invalid letter, or a sequence with
    two vectors.
    """
    file = found(path)
    raw = _of_arrays(file) if suffix(file) in ARRAYS else _of_table(file, columns)
    _check_numbers(raw, file)
    if columns.mutant is None:
        sequences, is_kept = as_written(raw.names, alphabet, raw.place), np.ones(len(raw.names), np.bool_)
    else:
        named = mutants(raw.names, columns.parent, columns.first, alphabet, raw.place)
        sequences, is_kept = named.sequences, named.is_kept
        for remark in named.remarks:
            warn(f"{file}: {remark}")
    kept = _first_rows(sequences, raw, np.flatnonzero(is_kept).tolist())
    return [sequences[row] for row in kept], raw.vectors[kept]


def _of_table(file: Path, columns: VectorColumns) -> _Raw:
    table = read_table(file)
    named = columns.sequence if columns.mutant is None else columns.mutant
    names = table.texts(named)
    numeric = columns.columns or tuple(name for name in table.names if name not in (columns.sequence, columns.mutant))
    vectors = np.empty((len(table), len(numeric)))
    for place, name in enumerate(numeric):
        vectors[:, place] = _numbers(table, name, named)
    return _Raw(names, vectors, lambda row: f"{file}, {table.place(row)}", lambda place: f"column '{numeric[place]}'")


def _numbers(table: Table, name: str, named: str) -> NDArray[np.float64]:
    try:
        return table.numbers(name)
    except InputError as error:
        what = str(error).partition("; correct it, ")[0]
        raise InputError(
            f"{what}; every column except '{named}' belongs to the vector: correct it, or list the vector's `columns`"
        ) from error


def _of_arrays(file: Path) -> _Raw:
    arrays = _arrays(file)
    if not {_SEQUENCES, _VECTORS} <= set(arrays):
        held = ", ".join(sorted(arrays)) or "nothing"
        raise InputError(
            f"{file} needs the arrays '{_SEQUENCES}' and '{_VECTORS}', but holds {held}; save it by {_SAVE}"
        )
    names, vectors = arrays[_SEQUENCES], arrays[_VECTORS]
    if names.ndim != 1 or names.dtype.kind not in "US":
        raise InputError(f"{file}: '{_SEQUENCES}' is an array of {names.dtype}, not a list of text; save it by {_SAVE}")
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu" or len(vectors) != len(names):
        raise InputError(
            f"{file}: '{_VECTORS}' is an array of {vectors.dtype} of shape {vectors.shape}; expected a row of numbers "
            f"for each of {many(len(names), 'sequence')}, shape ({len(names)}, dimensions)"
        )
    texts = [str(name) for name in names.astype(str)]
    return _Raw(
        texts, vectors.astype(float), lambda row: f"{file}, row {row + 1}", lambda place: f"dimension {place + 1}"
    )


def _arrays(file: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file by name; pickled ones are refused."""
    if suffix(file) == ".npy":
        raise InputError(f"{file} has vectors without sequences; save both in one file by {_SAVE}")
    try:
        with np.load(BytesIO(content(file)), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"{file} cannot be read as arrays of numpy: {error}; save it by {_SAVE}") from error


def _check_numbers(raw: _Raw, file: Path) -> None:
    if 0 in raw.vectors.shape:
        raise InputError(f"{file} contains no vectors: it has shape {raw.vectors.shape} (sequences, dimensions)")
    wrong = np.argwhere(~(np.abs(raw.vectors) <= LARGEST))
    if len(wrong):
        row, place = map(int, wrong[0])
        number = raw.vectors[row, place]
        what = "is missing" if np.isnan(number) else f"is {number:g}; expected at most 1e100 in size"
        raise InputError(
            f"{raw.place(row)}, {raw.label(place)}: the number {what}; every vector needs all of its numbers: "
            "complete the row, or remove it"
        )


def _first_rows(sequences: Sequence[str], raw: _Raw, kept: Sequence[int]) -> list[int]:
    """The first row of each sequence among those kept. Raises InputError where a later one has another vector."""
    rows: dict[str, int] = {}
    for row in kept:
        sequence = sequences[row]
        first = rows.setdefault(sequence, row)
        if first != row and not np.array_equal(raw.vectors[first], raw.vectors[row]):
            raise InputError(
                f"{raw.place(row)}: sequence {sequence} has another vector in {raw.place(first)}; keep one of them"
            )
    return list(rows.values())
