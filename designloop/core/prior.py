"""The prior: what is known before the first batch. A corpus of unlabelled natural sequences, and starting sequences."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import FilePath, found
from designloop.core.history import Known
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.core.readers.sequences import checked, read_sequences
from designloop.core.readers.tables import Table, read_table
from designloop.core.records import Start
from designloop.core.spaces import Space, compress

Natural = Callable[[int, np.random.Generator], list[str]]
"""An oracle's own analogue of natural sequences: (n, rng) -> n of them, or [] where it has none."""


_LABELLED = "whether the lab's assay measures them before week 0: one replicate each, at no charge"
_MAX_DRAWS = 50


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
    labelled: bool = Field(False, description=_LABELLED)

    @model_validator(mode="after")
    def _is_labelled_once(self) -> Self:
        if self.labelled and self.value is not None:
            raise ValueError(f"values come from column '{self.value}', or from the lab; give `value`, or `labelled`")
        return self


class ListedStarts(Part):
    """Starting sequences written out."""

    sequences: tuple[str, ...] = Field(description="the sequences")
    labelled: bool = Field(False, description=_LABELLED)


class DrawnStarts(Part):
    """Starting sequences drawn by the campaign's seed: the same for every strategy that is compared under it."""

    draw: Literal["random", "viable"] = Field(
        description="`random`: uniform over the space; `viable`: from the corpus of natural sequences"
    )
    n: int = Field(ge=1, description="distinct sequences")
    labelled: bool = Field(False, description=_LABELLED)

    def drawn(self, space: Space, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
        """So many distinct sequences of the space. Raises ConfigError where there are fewer."""
        found = _natural(space, corpus, rng) if self.draw == "viable" else _uniform(self.n, space, rng)
        if len(found) < self.n:
            where, mend = {
                "random": ("were found in the space", "widen the space"),
                "viable": ("of the corpus lie in the space", "give a larger prior.corpus"),
            }[self.draw]
            raise ConfigError(
                f"prior.starts: {self.n} distinct sequences are to be drawn, and only {len(found)} {where}; "
                f"lower `n`, or {mend}"
            )
        return found[: self.n]


def _form(value: Any) -> str:
    """Which form of starts a description has, so that a mistake in it is told once, and of the form that was meant."""
    if isinstance(value, dict):
        return "drawn" if {"draw", "n"} & value.keys() else "listed" if "sequences" in value else "file"
    forms: dict[type, str] = {StartsFile: "file", ListedStarts: "listed", DrawnStarts: "drawn"}
    return forms.get(type(value), "list")


Starts = Annotated[
    Annotated[StartsFile, Tag("file")]
    | Annotated[ListedStarts, Tag("listed")]
    | Annotated[DrawnStarts, Tag("drawn")]
    | Annotated[tuple[str, ...], Tag("list")],
    Discriminator(_form),
]


class Prior(Part):
    """What is known before the first batch; it reaches the strategy through the history."""

    corpus: Literal["oracle"] | CorpusFile | None = Field(
        "oracle", description="`oracle`: its own analogue of natural sequences, where it has one; a file; or nothing"
    )
    corpus_size: int | None = Field(5000, ge=1, description="sequences asked of the oracle, or kept of a larger file")
    starts: Starts = Field((), description="starting sequences: a list, a file, or a draw; measured by the lab or not")

    @property
    def labels_starts(self) -> bool:
        """True where the lab measures the starting sequences before the first batch."""
        return getattr(self.starts, "labelled", False)

    def known(self, space: Space, natural: Natural, seed: int) -> Known:
        """The corpus and the starting sequences, read or drawn, and checked.

        Each draw has a stream of its own under the campaign's seed, and no strategy has a part in it. Raises InputError
        naming file, line and letter, ConfigError where there is not enough to draw from.
        """
        corpus = self._corpus(space, natural, stream(seed, "corpus"))
        if isinstance(self.starts, DrawnStarts):
            starts = [Start(sequence) for sequence in self.starts.drawn(space, corpus, stream(seed, "starts"))]
        elif isinstance(self.starts, StartsFile):
            starts = _inside(_read_starts(self.starts, space.alphabet), space, self.starts.path)
        else:
            listed = self.starts.sequences if isinstance(self.starts, ListedStarts) else self.starts
            sequences = checked(listed, space.alphabet, "prior.starts, entry ")
            starts = _inside([Start(sequence) for sequence in sequences], space, "prior.starts")
        return Known(corpus=tuple(corpus), starts=tuple(starts))

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


def _inside(starts: list[Start], space: Space, where: str) -> list[Start]:
    """The starts, all of them inside the space. Raises ConfigError with the first that is not."""
    sequences = [start.sequence for start in starts]
    outside = compress(sequences, ~space.contains(sequences))
    if outside:
        raise ConfigError(f"{where}: {len(outside)} starting sequences are outside the space; the first: {outside[0]}")
    return starts


def _natural(space: Space, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
    """The distinct sequences of the corpus that lie in the space, in random order."""
    distinct = list(dict.fromkeys(corpus))
    inside = compress(distinct, space.contains(distinct))
    return [inside[i] for i in rng.permutation(len(inside))]


def _uniform(n: int, space: Space, rng: np.random.Generator) -> list[str]:
    """At least n distinct sequences of the space, or those that many draws found."""
    found: dict[str, None] = {}
    for _ in range(_MAX_DRAWS):
        found.update(dict.fromkeys(space.sample(n, rng)))
        if len(found) >= n:
            break
    return list(found)


def _read_starts(file: StartsFile, alphabet: Alphabet) -> list[Start]:
    sequences = read_sequences(file.path, alphabet, column=file.sequence)
    if file.value is None:
        return [Start(sequence) for sequence in sequences]
    path = found(file.path)
    table = read_table(path)
    values = [_number(value, path, file.value, table, row) for row, value in enumerate(table.column(file.value))]
    errors = table.column(file.std_error) if file.std_error else [None] * len(values)
    return [
        Start(sequence, value, None if error is None else _number(error, path, str(file.std_error), table, row))
        for row, (sequence, value, error) in enumerate(zip(sequences, values, errors, strict=True))
    ]


def _number(value: object, path: Path, column: str, table: Table, row: int) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a table holds; what is no number raises
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        raise InputError(f"{path}, {table.place(row)}: {value!r} in column '{column}' is not a finite number")
    return number
