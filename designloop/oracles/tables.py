"""Reading a measured table: every row checked, and a mistake named by its line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import InputError
from designloop.core.files import checked, column_of, found, read_table
from designloop.oracles.mutants import spelt_out

if TYPE_CHECKING:
    import polars

    from designloop.oracles.landscape import Landscape

Array = NDArray[np.float64]
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True, slots=True)
class Table:
    """Distinct sequences of a file, and what was measured of each, in the file's units."""

    alphabet: Alphabet
    sequences: list[str]
    values: Array
    variances: Array | None
    lines: NDArray[np.int64]
    is_logged: bool
    """True where replicates were brought to the log scale one by one."""
    parent: str | None = None


def read(landscape: "Landscape") -> Table:
    """The table a landscape names. Raises InputError naming file, column, line and letter."""
    file = found(landscape.path)
    frame = read_table(file)
    if not len(frame):
        raise InputError(f"{file} holds no row")
    alphabet, sequences = _sequences(frame, landscape, file)
    values, variances, is_logged = _measured(frame, landscape, file)
    lines = np.arange(2, len(frame) + 2)
    kept = ~np.isnan(values)  # an empty cell: nothing was measured
    if not kept.any():
        raise InputError(f"{file} holds no value")
    sequences = [sequence for sequence, is_kept in zip(sequences, kept, strict=True) if is_kept]
    kept_variances = None if variances is None else variances[kept]
    parent = _parent(landscape.parent, alphabet, sequences)
    table = Table(alphabet, sequences, values[kept], kept_variances, lines[kept], is_logged, parent)
    return _distinct(_with_other_strand(table) if landscape.both_strands else table, file)


def _parent(text: str | None, alphabet: Alphabet, sequences: Sequence[str]) -> str | None:
    """The parent as the alphabet writes it. Raises InputError where it is longer or shorter than any sequence."""
    if text is None:
        return None
    (parent,) = checked([text], alphabet, "the landscape's parent, sequence ")
    lengths = {len(sequence) for sequence in sequences}
    if not min(lengths) <= len(parent) <= max(lengths):
        raise InputError(
            f"the landscape's parent has {len(parent)} letters, and its sequences {min(lengths)} to {max(lengths)}; "
            "give a parent of their length, or leave it out"
        )
    return parent


def _sequences(frame: "polars.DataFrame", landscape: "Landscape", file: Path) -> tuple[Alphabet, list[str]]:
    """The sequence of each row, as the alphabet writes it."""
    column = landscape.sequence if landscape.mutant is None else landscape.mutant
    raw = [str(text or "") for text in column_of(frame, column, file).to_list()]
    if landscape.mutant is not None:
        alphabet = landscape.alphabet or PROTEIN  # A, C and G alone would be read as DNA
        return alphabet, spelt_out(raw, landscape.parent, landscape.first, alphabet, f"{file}, line ")
    alphabet = landscape.alphabet or inferred_alphabet(raw, f"{file}, column '{column}'")
    return alphabet, _clean(raw, alphabet, file)


def inferred_alphabet(sequences: Sequence[str], where: str) -> Alphabet:
    """DNA if all letters are ACGT, else RNA if all are ACGU, else protein if all are amino acids."""
    letters = set("".join(sequences).upper())
    for alphabet in (DNA, RNA, PROTEIN):
        if letters <= set(alphabet.letters):
            return alphabet
    odd = "".join(sorted(letters - set(PROTEIN.letters)))
    raise InputError(
        f"{where}: the letters are neither DNA, RNA nor protein ({odd!r} are not amino acids); "
        "mend the file, or give `alphabet: {name: ..., letters: ...}`"
    )


def _clean(raw: list[str], alphabet: Alphabet, file: Path) -> list[str]:
    try:  # all at once where every letter is right as it stands: a quarter of a million rows in a breath
        alphabet.encode(raw)
    except InputError:
        return checked(raw, alphabet, f"{file}, line ", first=2)
    return raw if all(raw) else checked(raw, alphabet, f"{file}, line ", first=2)


def _measured(frame: "polars.DataFrame", landscape: "Landscape", file: Path) -> tuple[Array, Array | None, bool]:
    """Values, error variances (or None), and whether both are on the log scale already."""
    variances = None if landscape.variance is None else _errors(frame, landscape.variance, file)
    if not landscape.replicates:
        return _numbers(frame, landscape.value or "value", file), variances, False
    columns = np.stack([_numbers(frame, name, file) for name in landscape.replicates], axis=1)
    is_logged = landscape.transform == "log" and landscape.value is None
    if is_logged:
        columns = _logged(columns, file)
    means, spread = _from_replicates(columns)
    values = means if landscape.value is None else _numbers(frame, landscape.value, file)
    return values, spread if variances is None else variances, is_logged


def _numbers(frame: "polars.DataFrame", name: str, file: Path) -> Array:
    """A column as float64, NaN where a cell is empty. Raises InputError naming the line of what is no number."""
    import polars

    column = column_of(frame, name, file)
    texts = column.cast(polars.String).str.strip_chars() if column.dtype == polars.String else None
    numbers = (column if texts is None else texts).cast(polars.Float64, strict=False)
    array = numbers.fill_null(float("nan")).to_numpy().astype(np.float64)
    wrong = ~np.isfinite(array) & (
        column.is_not_null().to_numpy() if texts is None else (texts.fill_null("") != "").to_numpy()
    )
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{file}, line {row + 2}, column '{name}': {str(column[row])!r} is not a number; "
            "mend it, or leave the cell empty where nothing was measured"
        )
    return array


def _errors(frame: "polars.DataFrame", name: str, file: Path) -> Array:
    variances = _numbers(frame, name, file)
    wrong = ~(variances >= 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{file}, line {row + 2}, column '{name}': a variance is a number of at least 0; mend the cell"
        )
    return variances


def _logged(columns: Array, file: Path) -> Array:
    if (columns <= 0).any():
        row = int(np.argmax((columns <= 0).any(axis=1)))
        raise InputError(f"{file}, line {row + 2}: a replicate of 0 or less has no logarithm; leave its cell empty")
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
    """The table, and behind it the reverse complements it does not name itself."""
    if table.alphabet != DNA:
        raise InputError("both_strands is for DNA: no other alphabet has reverse complements here; leave it out")
    named = set(table.sequences)
    other = [(i, s.translate(_COMPLEMENT)[::-1]) for i, s in enumerate(table.sequences)]
    new = [(i, s) for i, s in other if s not in named]
    rows = np.array([*range(len(table.sequences)), *(i for i, _ in new)])
    variances = None if table.variances is None else table.variances[rows]
    sequences = [*table.sequences, *(s for _, s in new)]
    return replace(table, sequences=sequences, values=table.values[rows], variances=variances, lines=table.lines[rows])


def _distinct(table: Table, file: Path) -> Table:
    """Each sequence once. Raises InputError where two rows of one sequence disagree."""
    first = dict(zip(reversed(table.sequences), range(len(table.sequences) - 1, -1, -1), strict=True))
    if len(first) == len(table.sequences):
        return table
    for row, sequence in enumerate(table.sequences):
        if table.values[row] != table.values[first[sequence]]:
            raise InputError(
                f"{file}, lines {table.lines[first[sequence]]} and {table.lines[row]}: {sequence} stands twice, "
                f"with values {table.values[first[sequence]]:g} and {table.values[row]:g}; "
                "keep one row of it, or their mean"
            )
    rows = np.sort(np.fromiter(first.values(), np.int64))
    variances = None if table.variances is None else table.variances[rows]
    sequences = [table.sequences[row] for row in rows]
    return replace(table, sequences=sequences, values=table.values[rows], variances=variances, lines=table.lines[rows])
