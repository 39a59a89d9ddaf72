"""The prior: what is known before the first batch. A corpus of unlabelled natural sequences, and starting sequences."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import FilePath
from designloop.core.history import Known
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.core.readers.sequences import checked, read_sequences
from designloop.core.readers.starts import Columns, read_starts, remarks_on, unread
from designloop.core.records import Start
from designloop.core.spaces import Space, compress

Natural = Callable[[int, np.random.Generator], list[str]]
"""An oracle's own analogue of natural sequences: (n, rng) -> n of them, or [] where it has none."""


_LABELLED = "whether the lab's assay measures them before week 0: one replicate each, at no charge"
_MAX_DRAWS = 50
_MOST_LETTERS = 100_000_000


class CorpusFile(Part):
    """A file of unlabelled natural sequences."""

    path: FilePath = Field(description="FASTA, plain lines, CSV, TSV or Parquet; gz too")
    column: str | None = Field(None, description="the sequence's column, where the file is a table")


class StartsFile(Part):
    """A table of starting sequences, with or without results; among them a run's own `observations.csv`.

    Rows of one sequence are its replicates: the value is their mean, weighted by precision where each has an error. The
    error is that of the weights; where a row has none, it follows the spread of the replicates, pooled over sequences
    (`core.rows.standard_errors`), and of a single row it is unknown. Where only some lie beyond a detection limit (by
    `outcome`), the value is what all of them leave likely. Sequences outside the space teach, and are not chosen.
    """

    path: FilePath = Field(description="FASTA, plain lines, CSV, TSV or Parquet; gz too")
    sequence: str = Field("sequence", description="the sequence's column, where the file is a table")
    value: str | None = Field(
        None, description="the measured value's column; higher is better, missing where there is none"
    )
    std_error: str | None = Field(
        None, description="the column of the value's standard error: 0 where it is exact, missing where it is unknown"
    )
    outcome: str | None = Field(
        None, description="the column that says how each ended: observed, synthesis_failed, not_expressed, lost, ..."
    )
    labelled: bool = Field(False, description=_LABELLED)

    @model_validator(mode="after")
    def _is_labelled_once(self) -> Self:
        if self.labelled and (column := self.value or self.outcome) is not None:
            raise ValueError(f"results come from column '{column}', or from the lab; give `value`, or `labelled`")
        if self.std_error is not None and self.value is None:
            raise ValueError(f"column '{self.std_error}' holds the error of no value; give `value` too")
        return self

    def read(self, space: Space) -> tuple[list[Start], list[str]]:
        """The starts, and what is worth saying of them. One outside the space is kept where there is a result of it.

        Raises InputError naming file, line and column; of a file without results, also for a row outside the space.
        """
        columns = Columns(self.sequence, self.value, self.std_error, self.outcome)
        rows = read_starts(self.path, columns, space.alphabet)
        inside = space.contains([row.start.sequence for row in rows])
        if not inside.all() and self.value is None and self.outcome is None:
            first = rows[int(np.argmin(inside))]
            raise InputError(
                f"{first.place}: {first.start.sequence} lies outside the space, as do {int((~inside).sum()) - 1} more; "
                "leave them out, or name the column of their values, so that they teach the model"
            )
        kept = [
            (row.start, is_in) for row, is_in in zip(rows, inside, strict=True) if is_in or not row.start.is_unmeasured
        ]
        outside = {start.sequence for start, is_in in kept if not is_in}
        starts = [start for start, _ in kept]
        remarks = [] if self.labelled else list(unread(self.path, columns))
        return starts, [*remarks, *remarks_on(starts, len(outside), len(rows) - len(kept))]


class ListedStarts(Part):
    """Starting sequences written out."""

    sequences: tuple[str, ...] = Field(description="the sequences")
    labelled: bool = Field(False, description=_LABELLED)


class DrawnStarts(Part):
    """Starting sequences drawn by the campaign's seed: the same for every strategy that is compared under it."""

    draw: Literal["random", "viable"] = Field(
        description="`random`: uniform over the space; `viable`: from the corpus of natural sequences"
    )
    n: int = Field(ge=1, le=1_000_000, description="distinct sequences")
    labelled: bool = Field(False, description=_LABELLED)

    def drawn(self, space: Space, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
        """So many distinct sequences of the space. Raises ConfigError where there are fewer, or they are too many."""
        _check_size(self.n, space.max_length, "prior.starts.n", "sequences", "fewer")
        found = _natural(space, corpus, rng) if self.draw == "viable" else _uniform(self.n, space, rng)
        if len(found) < self.n:
            where, mend = {
                "random": ("were found in the space", "widen the space"),
                "viable": ("of the corpus lie in the space", "give a larger prior.corpus"),
            }[self.draw]
            raise ConfigError(
                f"prior.starts: {many(self.n, 'distinct sequence', 'are')} to be drawn, and only {len(found)} {where}; "
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
    corpus_size: int | None = Field(
        5000, ge=1, le=10_000_000, description="sequences asked of the oracle, or kept of a larger file"
    )
    starts: Starts = Field((), description="starting sequences: a list, a file, or a draw; measured by the lab or not")

    @field_validator("corpus", "starts", mode="before")
    @classmethod
    def _is_described(cls, value: Any, info: ValidationInfo) -> Any:
        """As given, or an error where it is a mere name."""
        if not isinstance(value, str) or (info.field_name == "corpus" and value == "oracle"):
            return value
        what = "its columns, as in `{path: old.csv, value: activity}`" if info.field_name == "starts" else "its `path`"
        other = "sequences stand in a list" if info.field_name == "starts" else "the oracle's own are `oracle`"
        raise ValueError(f"a file is named by {what}, and {other}; got '{value}'")

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
        if isinstance(self.starts, StartsFile):
            starts, remarks = self.starts.read(space)
            return Known(tuple(corpus), tuple(starts), tuple(remarks))
        if isinstance(self.starts, DrawnStarts):
            starts = [Start(sequence) for sequence in self.starts.drawn(space, corpus, stream(seed, "starts"))]
        else:
            listed = self.starts.sequences if isinstance(self.starts, ListedStarts) else self.starts
            sequences = checked(listed, space.alphabet, "prior.starts, entry ")
            starts = _inside([Start(sequence) for sequence in sequences], space, "prior.starts")
        return Known(corpus=tuple(corpus), starts=tuple(starts))

    def _corpus(self, space: Space, natural: Natural, rng: np.random.Generator) -> list[str]:
        if self.corpus is None:
            return []
        if self.corpus == "oracle":
            n = self.corpus_size or 5000
            _check_size(n, space.max_length, "prior.corpus_size", "natural sequences", "`corpus: null`")
            return natural(n, rng)
        sequences = read_sequences(self.corpus.path, space.alphabet, column=self.corpus.column)
        if self.corpus_size is None or len(sequences) <= self.corpus_size:
            return sequences
        kept = np.sort(rng.choice(len(sequences), self.corpus_size, replace=False))
        return [sequences[i] for i in kept]


def _check_size(n: int, length: int, key: str, what: str, otherwise: str) -> None:
    """Raises ConfigError where what is to be drawn would not fit into memory."""
    if n * length > _MOST_LETTERS:
        raise ConfigError(
            f"{key}: {n:,} {what} of up to {many(length, 'letter')} would be drawn, {n * length:,} letters in all; at "
            f"most {_MOST_LETTERS:,} are: give {_MOST_LETTERS // length:,}, or {otherwise}"
        )


def _inside(starts: list[Start], space: Space, where: str) -> list[Start]:
    """The starts, all of them inside the space. Raises ConfigError with the first that is not."""
    sequences = [start.sequence for start in starts]
    outside = compress(sequences, ~space.contains(sequences))
    if outside:
        raise ConfigError(
            f"{where}: {many(len(outside), 'starting sequence', 'are')} outside the space; the first: {outside[0]}"
        )
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
