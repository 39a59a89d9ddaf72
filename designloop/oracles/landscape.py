"""A landscape is a measured table that serves as the truth: sequences and values from a user's file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from designloop.core.alphabet import AlphabetField
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import FilePath, found
from designloop.core.readers.cells import is_missing
from designloop.core.readers.design_bench import values_beside
from designloop.core.readers.headers import Column
from designloop.core.readers.table import Form
from designloop.core.readers.tables import column_names, read_table
from designloop.core.readers.variant_file import VariantFile
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, Scale
from designloop.oracles.denoising import denoised
from designloop.oracles.formats import FormatName, reading
from designloop.oracles.merging import DUPLICATES, Duplicates
from designloop.oracles.tables import Table, read
from designloop.oracles.value_remarks import flattened, remarks_on_values


@dataclass(frozen=True, slots=True)
class Truth:
    """The table behind the oracle: measured and true values, in the oracle's units; higher is better."""

    described: "Landscape"
    """The landscape with the fields that its format fills in."""
    table: Table
    measured: NDArray[np.float64]
    variances: NDArray[np.float64] | None
    values: NDArray[np.float64]
    place: dict[str, int]


class Landscape(VariantFile, Oracle):
    """A measured table. By default, only its sequences can be built; `absent` changes that."""

    path: FilePath = Field(description="CSV, TSV, Excel or Parquet; may be compressed")
    format: FormatName | None = Field(
        None,
        description="format of a public data set, which names the columns; default: recognised by the header, if the "
        "columns are not given (plain: not recognised)",
    )
    array: FilePath | None = Field(
        None, description="values of an array of Design-Bench (.npy); default: the file beside it, -y- for -x-"
    )
    sequence: Column = Field("sequence", description="column of the sequences")
    duplicates: Duplicates = Field("weighted", description=DUPLICATES)
    alphabet: AlphabetField | None = Field(
        None, description="dna, rna, protein or states-N; default: guessed from the letters, if only one fits"
    )
    scale: Scale = Field("linear", description="linear: multiplicative noise; log: additive noise")
    transform: Literal["none", "log", "unit"] = Field("none", description="log: natural log; unit: scaled to 0..1")
    both_strands: bool = Field(False, description="the reverse complement of a DNA sequence has the same value")
    denoise: bool = Field(True, description="shrink measured values according to their variance or replicates")
    absent: Literal["unmeasured", "allowed"] | float = Field(
        "unmeasured",
        description="sequences missing in the table: unmeasured (they cannot be built), allowed (they can be built, "
        "but return no value), or a number (their value)",
    )
    floor: float | None = Field(None, description="value of 'no signal'")

    @model_validator(mode="before")
    @classmethod
    def _values_of_an_array(cls, value: Any) -> Any:
        path = value.get("path") if isinstance(value, dict) else None
        beside = values_beside(path) if isinstance(path, str) else None
        return {"array": beside, **value} if beside is not None else value

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A format fills in what is not given, so a description that gave every default would be another table."""
        return {name: value for name, value in whole(self).items() if name in self.model_fields_set}

    def with_(self, **changes: Any) -> Self:
        """A copy with `changes`, in which the other fields are given as far as they were."""
        return type(self).model_validate({**{name: getattr(self, name) for name in self.model_fields_set}, **changes})

    @cached_property
    def truth(self) -> Truth:
        """The table, read and denoised once per process; a later change of the file is not noticed.

        Raises InputError with file, line and column.
        """
        read = (found(path).stat() for path in (self.path, self.layout) if path is not None)
        versions = tuple((file.st_mtime_ns, file.st_size) for file in read)
        return _truth(self.model_dump_json(exclude_unset=True), versions)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was guessed, dropped or merged while reading the file, and on its values; one sentence each."""
        truth, absent = self.truth, self.absent if isinstance(self.absent, float) else None
        signs = {"unit": "the value is 1 less the scaled one"}.get(truth.described.transform, "the sign is changed")
        sign = () if self.maximise else (f"the lowest value in the file is the best (`maximise: false`): {signs}",)
        return (*truth.table.remarks, *sign, *remarks_on_values(truth.measured, truth.values, absent))

    def check_ready(self) -> None:
        """Raise ConfigError where denoising left one value for all sequences."""
        if why := flattened(self.truth.measured, self.truth.values):
            raise ConfigError(f"{self.path}: {why}")

    @cached_property
    def space(self) -> Space:
        """The table's sequences; or, if absent ones are allowed, all sequences of its alphabet and lengths."""
        table = self.truth.table
        if self.absent == "unmeasured":
            return Space.of_pool(table.alphabet, table.sequences, parent=table.parent)
        lengths = [len(sequence) for sequence in table.sequences]
        low, high = min(lengths), max(lengths)
        return Space(alphabet=table.alphabet, parent=table.parent, min_length=low, max_length=high)

    @cached_property
    def optimum(self) -> float | None:
        """The highest true value."""
        best = float(self.truth.values.max())
        return max(best, self.absent) if isinstance(self.absent, float) else best

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """True values, shape (n,); sequences missing in the table have the value of `absent`, else NaN."""
        missing = self.absent if isinstance(self.absent, float) else np.nan
        values = np.append(self.truth.values, missing)
        return np.asarray(values[self._places(sequences)])

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """False for sequences missing in the table, unless `absent` is a value; shape (n,)."""
        return (self._places(sequences) >= 0) | isinstance(self.absent, float)

    def _places(self, sequences: Sequence[str]) -> NDArray[np.int64]:
        """Row of each sequence in the table, -1 where it is absent, shape (n,)."""
        place = self.truth.place
        return np.fromiter((place.get(sequence, -1) for sequence in sequences), np.int64, len(sequences))


@lru_cache(maxsize=4)
def _truth(description: str, _versions: tuple[tuple[int, int], ...]) -> Truth:
    """The truth of a described landscape; times and sizes of its files are part of the key."""
    landscape, remark = _described(Landscape.model_validate_json(description))
    table = read(landscape, landscape)
    table = replace(table, remarks=(*((remark,) if remark else ()), *table.remarks))
    measured, variances = _transformed(landscape, table)
    values = measured
    if landscape.denoise and variances is not None:
        codes = table.alphabet.encode(table.sequences)
        values = denoised(codes, len(table.alphabet), measured, variances)
    return Truth(landscape, table, measured, variances, values, {s: i for i, s in enumerate(table.sequences)})


def _described(landscape: Landscape) -> tuple[Landscape, str]:
    """The landscape with the fields that its format fills in, and what was recognised."""
    file = found(landscape.path)
    if landscape.array is not None:
        return landscape, "recognised as design-bench: the numbers 0 to 3 are read as A, C, G and T"
    given = {name: getattr(landscape, name) for name in landscape.model_fields_set}
    names = column_names(file, landscape.form)
    try:
        how = reading(names, landscape.format, given, partial(_is_blank, file, landscape.form))
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    return Landscape.model_validate({**given, **how.fields}), how.remark


def _is_blank(file: Path, form: Form, column: str) -> bool:
    return all(map(is_missing, read_table(file, form).column(column)))


def _transformed(landscape: Landscape, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Values and error variances in the oracle's units, higher is better."""
    values, variances = table.values, table.variances
    if landscape.transform == "log":
        _check_positive(landscape, table)
        # First-order delta method; replicates have already been transformed one by one.
        variances = None if variances is None else variances if table.is_logged else variances / values**2
        values = values if table.is_logged else np.log(values)
    if landscape.transform == "unit":
        width = float(np.ptp(values)) or 1.0
        values = (values - values.min()) / width
        variances = None if variances is None else variances / width**2
    if not landscape.maximise:
        values = 1.0 - values if landscape.transform == "unit" else -values
    return values, variances


def _check_positive(landscape: Landscape, table: Table) -> None:
    if table.is_logged or (table.values > 0).all():
        return
    row = int(np.argmax(table.values <= 0))
    raise InputError(
        f"{landscape.path}, {table.place(int(table.rows[row]))}: {table.values[row]:g} has no logarithm; "
        "remove such rows, or set `transform: none`"
    )
