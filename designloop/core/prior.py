"""The prior: what is known before the first batch. A corpus of unlabelled natural sequences, and starting sequences."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import FilePath, checked, column_of, found, place_of, read_sequences, read_table
from designloop.core.history import Known
from designloop.core.parts import Part
from designloop.core.records import Start
from designloop.core.space import Space, compress

Natural = Callable[[int, np.random.Generator], list[str]]
"""An oracle's own analogue of natural sequences: (n, rng) -> n of them, or [] where it has none."""


class CorpusFile(Part):
    """A file of unlabelled natural sequences."""

    path: FilePath = Field(description="FASTA, plain lines, CSV, TSV or Parquet; gz too")
    column: str | None = Field(None, description="the sequence's column, where the file is a table")


class StartsFile(Part):
    """A table of starting sequences, with or without values."""

    path: FilePath = Field(description="FASTA, plain lines, CSV, TSV or Parquet; gz too")
    sequence: str = Field("sequence", description="the sequence's column, where the file is a table")
    value: str | None = Field(None, description="the measured value's column; higher is better")
    std_error: str | None = Field(None, description="the column of the value's standard error")


class Prior(Part):
    """What is known before the first batch; it reaches the strategy through the history."""

    corpus: Literal["oracle"] | CorpusFile | None = Field(
        "oracle", description="`oracle`: its own analogue of natural sequences, where it has one; a file; or nothing"
    )
    corpus_size: int | None = Field(5000, ge=1, description="sequences asked of the oracle, or kept of a larger file")
    starts: StartsFile | tuple[str, ...] = Field((), description="starting sequences: a file, or a list")

    def known(self, space: Space, natural: Natural, rng: np.random.Generator) -> Known:
        """The corpus and the starting sequences, read and checked. Raises InputError naming file, line and letter."""
        return Known(corpus=tuple(self._corpus(space, natural, rng)), starts=tuple(self._starts(space)))

    def _corpus(self, space: Space, natural: Natural, rng: np.random.Generator) -> list[str]:
        if self.corpus is None:
            return []
        if self.corpus == "oracle":
            return natural(self.corpus_size or 5000, rng)
        sequences = read_sequences(self.corpus.path, space.alphabet, column=self.corpus.column)
        if self.corpus_size is None or len(sequences) <= self.corpus_size:
            return sequences
        kept = np.sort(rng.choice(len(sequences), self.corpus_size, replace=False))
        return [sequences[i] for i in kept]

    def _starts(self, space: Space) -> list[Start]:
        if isinstance(self.starts, StartsFile):
            starts, where = _read_starts(self.starts, space.alphabet), f"{self.starts.path}"
        else:
            sequences = checked(self.starts, space.alphabet, "prior.starts, entry ")
            starts, where = [Start(sequence) for sequence in sequences], "prior.starts"
        inside = space.contains([start.sequence for start in starts])
        outside = compress([start.sequence for start in starts], ~inside)
        if outside:
            raise ConfigError(
                f"{where}: {len(outside)} starting sequences are outside the space; the first: {outside[0]}"
            )
        return starts


def _read_starts(file: StartsFile, alphabet: Alphabet) -> list[Start]:
    sequences = read_sequences(file.path, alphabet, column=file.sequence)
    if file.value is None:
        return [Start(sequence) for sequence in sequences]
    path = found(file.path)
    table = read_table(path)
    values = [_number(value, path, file.value, row) for row, value in enumerate(column_of(table, file.value, path))]
    errors = column_of(table, file.std_error, path) if file.std_error else [0.0] * len(values)
    return [
        Start(sequence, value, _number(error, path, str(file.std_error), row))
        for row, (sequence, value, error) in enumerate(zip(sequences, values, errors, strict=True))
    ]


def _number(value: object, path: Path, column: str, row: int) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a table holds; what is no number raises
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        raise InputError(f"{path}, {place_of(row, path)}: {value!r} in column '{column}' is not a finite number")
    return number
