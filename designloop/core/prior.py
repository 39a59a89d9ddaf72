"""Prior information: a corpus of unlabelled natural sequences, and starting sequences."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from designloop.core.belonging import strange_in
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError, explained_by
from designloop.core.files import FilePath, OrFileName, is_file_name
from designloop.core.known import Known
from designloop.core.parts import Part
from designloop.core.past import Past, read_past
from designloop.core.random import stream
from designloop.core.readers.headers import Column
from designloop.core.readers.sequence_file import SequenceFile
from designloop.core.readers.sequences import SEQUENCE_FILES, checked
from designloop.core.readers.starts import (
    Duplicates,
    Rows,
    has_results,
    named_alike,
    read_starts,
    remarks_on,
    unread,
)
from designloop.core.readers.variant_file import VariantFile
from designloop.core.records import Start
from designloop.core.spaces import Space, compress
from designloop.core.uncollected import uncollected

Natural = Callable[[int, np.random.Generator], list[str]]
"""An oracle's analogue of natural sequences: (n, rng) -> n sequences, or [] where it has none."""


_LABELLED = "whether the lab measures the sequences before week 0: one replicate each, at no charge"
_MAX_DRAWS = 50
_MOST_LETTERS = 100_000_000


class CorpusFile(SequenceFile):
    """A file of unlabelled natural sequences."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


class StartsFile(VariantFile):
    """A table of starting sequences with or without results, for example a run's `observations.csv`.

    Rows with the same sequence are replicates. The value is their mean, weighted by precision where every row has a
    standard error. If a row has no error, the error is estimated from the spread of the replicates, pooled over
    sequences (`core.rows.standard_errors`); for a single row it is unknown. If only some replicates lie beyond a
    detection limit (`<0.1`, `OVER`, or by `outcome`), the value is the mean of the likelihood of all. The
    model is trained on sequences outside the space, but they are not chosen.
    """

    path: FilePath = Field(description=SEQUENCE_FILES)
    parent: str | None = Field(None, description="parent sequence of the mutant names; default: that of the space")
    outcome: Column | None = Field(
        None, description="column of the outcomes: observed, synthesis_failed, not_expressed, lost, ..."
    )
    duplicates: Duplicates = Field(
        "replicates", description="rows of one sequence: replicates, only the first or the last is read, or an error"
    )
    labelled: bool = Field(False, description=_LABELLED)

    @model_validator(mode="after")
    def _is_labelled_once(self) -> Self:
        column = self.value or self.outcome or ", ".join(self.columns)
        if self.labelled and column:
            raise ValueError(f"results come from column '{column}' or from the lab, not both; remove `labelled`")
        if self.replicates and self.value is not None:
            raise ValueError("`value` and `replicates` are given; give only the replicates, whose mean is the value")
        return self

    @property
    def _rows(self) -> Rows:
        return Rows(self.outcome, self.duplicates)

    def read(self, space: Space) -> tuple[list[Start], list[str]]:
        """The starting sequences, and remarks on them. Sequences outside the space are kept if they have a result.

        Raises InputError with file, line and column; for a file without results, also for a row outside the space.
        """
        with uncollected():
            read = read_starts(self.path, self._rows, self, space.alphabet, space.parent)
        starts, inside = read.starts, space.contains([start.sequence for start in read.starts])
        if not inside.all() and not has_results(self, self._rows):
            first, n_others = int(np.argmin(inside)), int((~inside).sum()) - 1
            raise InputError(
                f"{read.place(first)}: {starts[first].sequence} is outside the space"
                f"{f', as are {n_others:,} more' if n_others else ''}; remove such rows, or give the column of their "
                "values (`value`) to train the model on them"
            )
        kept = starts if inside.all() else _kept(starts, inside)
        outside = {starts[at].sequence for at in np.flatnonzero(~inside).tolist() if not starts[at].is_unmeasured}
        remarks = [] if self.labelled else list(unread(self.path, self._rows, self))
        return kept, [*read.remarks, *remarks, *remarks_on(kept, len(outside), len(starts) - len(kept))]


def _kept(starts: Sequence[Start], inside: NDArray[np.bool_]) -> list[Start]:
    return [start for start, is_in in zip(starts, inside, strict=True) if is_in or not start.is_unmeasured]


class ListedStarts(Part):
    """A list of starting sequences."""

    sequences: tuple[str, ...] = Field(description="the starting sequences")
    labelled: bool = Field(False, description=_LABELLED)


class DrawnStarts(Part):
    """Starting sequences drawn with the campaign's seed: the same for every strategy compared under that seed."""

    draw: Literal["random", "viable"] = Field(
        description="`random`: uniformly from the space; `viable`: from the corpus of natural sequences"
    )
    n: int = Field(ge=1, le=1_000_000, description="number of distinct sequences")
    labelled: bool = Field(False, description=_LABELLED)

    def drawn(self, space: Space, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
        """`n` distinct sequences of the space. Raises ConfigError where there are fewer, or `n` is too large."""
        _check_size(self.n, space.max_length, "prior.starts.n", "sequences", "shorten the sequences")
        found = _natural(space, corpus, rng) if self.draw == "viable" else _uniform(self.n, space, rng)
        if len(found) < self.n:
            where, mend = {
                "random": ("were found in the space", "widen the space"),
                "viable": ("of the corpus are in the space", "give a larger prior.corpus"),
            }[self.draw]
            raise ConfigError(
                f"prior.starts: {many(self.n, 'distinct sequence')} requested, but only {len(found):,} {where}; "
                f"reduce `n`, or {mend}"
            )
        return found[: self.n]


def _form(value: Any) -> str:
    """The form of starts that a description uses, so that an error is reported once, for the intended form."""
    if isinstance(value, dict):
        is_drawn = "draw" in value or ("n" in value and "path" not in value)
        return "drawn" if is_drawn else "listed" if "sequences" in value else "file"
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
    """Prior information, which the strategy receives through the history."""

    corpus: Annotated[Literal["oracle"] | CorpusFile | None, OrFileName()] = Field(
        "oracle",
        description="natural sequences: `oracle` (the oracle's own, if it has any), a file (`natural.fasta`), or none",
    )
    corpus_size: int | None = Field(
        5000, ge=1, le=10_000_000, description="number of natural sequences to draw from the oracle or a larger file"
    )
    starts: Annotated[Starts, OrFileName()] = Field(
        (), description="starting sequences: a list, a file (`measured.csv`) or a random draw"
    )
    past: FilePath | None = Field(
        None, description="the record with which a simulation begins, as `designloop rehearse` writes it"
    )

    @model_validator(mode="after")
    def _past_has_starts(self) -> Self:
        if self.past is not None and self.starts:
            raise ValueError("`past` and `starts` are given; give only the past, which holds the starting sequences")
        return self

    @property
    def record(self) -> Past | None:
        """The record with which a simulation begins, if there is one. Raises InputError."""
        return None if self.past is None else read_past(self.past)

    @field_validator("corpus", "starts", mode="before")
    @classmethod
    def _is_described(cls, value: Any, info: ValidationInfo) -> Any:
        """The value as given; the name of a file describes the file. Raises ValueError for text that names no file.

        Of a table of starts, columns that are named value, std_error and outcome are read.
        """
        if not isinstance(value, str) or (info.field_name == "corpus" and value == "oracle"):
            return value
        if is_file_name(value):
            return {"path": value, **(named_alike(value) if info.field_name == "starts" else {})}
        form = "`measured.csv`" if info.field_name == "starts" else "`natural.fasta`"
        other = "a list of sequences" if info.field_name == "starts" else "`oracle`"
        raise ValueError(f"expected the name of a file, as in {form}, or {other}, got '{value}'")

    @property
    def labels_starts(self) -> bool:
        """True where the lab measures the starting sequences before the first batch."""
        return getattr(self.starts, "labelled", False)

    def known(self, space: Space, natural: Natural, seed: int) -> Known:
        """The corpus and the starting sequences, read or drawn, and checked.

        Each draw has its own random stream under the campaign's seed, independent of the strategy. Raises InputError
        with file, line and letter, and ConfigError where there are too few sequences to draw from.
        """
        if (record := self.record) is not None:
            return replace(record.known, remarks=tuple(space.remarks))
        corpus, names, said = self._corpus(space, natural, stream(seed, "corpus"))
        said = [*space.remarks, *said]
        if isinstance(self.starts, StartsFile):
            starts, remarks = self.starts.read(space)
            return Known(tuple(corpus), tuple(starts), (*said, *remarks), tuple(names))
        if isinstance(self.starts, DrawnStarts):
            with explained_by(said if self.starts.draw == "viable" else ()):
                starts = [Start(sequence) for sequence in self.starts.drawn(space, corpus, stream(seed, "starts"))]
        else:
            listed = self.starts.sequences if isinstance(self.starts, ListedStarts) else self.starts
            sequences = checked(listed, space.alphabet, "prior.starts, entry ")
            starts = _inside([Start(sequence) for sequence in sequences], space, "prior.starts")
        return Known(tuple(corpus), tuple(starts), tuple(said), tuple(names))

    def _corpus(
        self, space: Space, natural: Natural, rng: np.random.Generator
    ) -> tuple[list[str], list[str], list[str]]:
        """The natural sequences, their headers if the file has any, and remarks on the file."""
        if self.corpus is None:
            return [], [], []
        if self.corpus == "oracle":
            n = self.corpus_size or 5000
            _check_size(n, space.max_length, "prior.corpus_size", "natural sequences", "set `corpus: null`")
            return natural(n, rng), [], []
        reading = self.corpus.read(space.alphabet)
        said = (*reading.remarks, *strange_in(reading.sequences, space))
        entries, remarks = reading.entries, [f"corpus: {remark}" for remark in said]
        if self.corpus_size is not None and len(entries) > self.corpus_size:
            drawn = f"{self.corpus_size:,} of {len(entries):,} sequences drawn at random"
            remarks.append(f"corpus: {drawn} (`corpus_size: null` keeps all)")
            kept = np.sort(rng.choice(len(entries), self.corpus_size, replace=False))
            entries = [entries[i] for i in kept]
        return [entry.sequence for entry in entries], [entry.header for entry in entries], remarks


def _check_size(n: int, length: int, key: str, what: str, otherwise: str) -> None:
    """Raises ConfigError where the sequences to draw would not fit into memory."""
    if n * length > _MOST_LETTERS:
        raise ConfigError(
            f"{key}: {n:,} {what} of up to {many(length, 'letter')} exceed the limit of {_MOST_LETTERS:,} letters; "
            f"reduce it to {_MOST_LETTERS // length:,}, or {otherwise}"
        )


def _inside(starts: list[Start], space: Space, where: str) -> list[Start]:
    """The starts, if all are inside the space. Raises ConfigError with the first that is outside."""
    sequences = [start.sequence for start in starts]
    outside = compress(sequences, ~space.contains(sequences))
    if outside:
        raise ConfigError(
            f"{where}: {many(len(outside), 'starting sequence', 'are')} outside the space, first {outside[0]}"
        )
    return starts


def _natural(space: Space, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
    """The distinct sequences of the corpus that are in the space, in random order."""
    distinct = list(dict.fromkeys(corpus))
    inside = compress(distinct, space.contains(distinct))
    return [inside[i] for i in rng.permutation(len(inside))]


def _uniform(n: int, space: Space, rng: np.random.Generator) -> list[str]:
    """At least n distinct sequences of the space, or as many as repeated draws found."""
    found: dict[str, None] = {}
    for _ in range(_MAX_DRAWS):
        found.update(dict.fromkeys(space.sample(n, rng)))
        if len(found) >= n:
            break
    return list(found)
