"""Embeddings: the features that a surrogate uses instead of letters, by a language model or from a file of vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import FilePath, found
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.parts import Part
from designloop.core.readers.tables import TABLES
from designloop.core.readers.vectors import ARRAYS, VectorColumns, read_vectors
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel
from designloop.surrogates.base import Floats
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.views import Embedded, OneHot, View


class VectorFile(Part):
    """A file of vectors, one for each sequence: embeddings that were computed elsewhere.

    Only sequences with a vector can be predicted, so the space needs a pool of such sequences.
    """

    path: FilePath = Field(
        description="CSV, TSV or Parquet with a column of sequences and a column for each dimension (may be gzipped), "
        "or .npz with the arrays `sequences` and `vectors`"
    )
    sequence: str = Field("sequence", description="column of the sequences, if the file is a table")
    mutant: str | None = Field(
        None, description="column of mutant names, instead of `sequence`: H24C, A1P:D2N, or wt for the parent"
    )
    parent: str | None = Field(None, description="parent sequence of the mutant names")
    first: int = Field(1, description="number of the parent's first letter in the mutant names")
    columns: tuple[str, ...] = Field(
        (), description="columns of the vector; default: all except that of the sequences or mutants"
    )

    @model_validator(mode="after")
    def _has_a_parent(self) -> Self:
        if (self.mutant is None) != (self.parent is None):
            raise ValueError("`mutant` requires the parent sequence, and `parent` the column of mutants; give both")
        return self

    def check_before_run(self, space: Space, known: Known) -> None:
        """Raise InputError where a sequence that may be built, or a starting sequence, has no vector."""
        vectors = self.vectors(space.alphabet)
        if space.pool is None and (space.size is None or space.size > len(vectors.place)):
            n_space = "an unknown number of sequences" if space.size is None else many(space.size, "sequence")
            raise InputError(
                f"{self.path} has vectors of {many(len(vectors.place), 'sequence')}, but the space holds {n_space}; "
                f"restrict it to those of the file: `space: {{pool: {{path: ..., column: {self.sequence}}}}}`"
            )
        vectors.rows_of([*space.enumerate(), *(start.sequence for start in known.starts)])

    def vectors(self, alphabet: Alphabet) -> "Vectors":
        """The standardised vectors, read once per process. Raises InputError with file, line and column."""
        file = found(self.path).stat()
        return _vectors(self.model_dump_json(), alphabet, file.st_mtime_ns, file.st_size)


@dataclass(frozen=True)
class Vectors:
    """Vectors of known sequences. Each dimension has zero mean and unit variance over the file."""

    path: str
    place: dict[str, int]
    """Sequence -> row."""
    standard: Floats
    """(n, d)."""

    def rows_of(self, sequences: Sequence[str]) -> list[int]:
        """The row of each sequence. Raises InputError with the first that has no vector."""
        missing = list(dict.fromkeys(sequence for sequence in sequences if sequence not in self.place))
        if missing:
            others = f" and {many(len(missing) - 1, 'other')}" if len(missing) > 1 else ""
            raise InputError(
                f"{self.path} has no vector of {missing[0]}{others}; add it, or restrict the space to a pool of "
                "sequences with vectors"
            )
        return [self.place[sequence] for sequence in sequences]


@lru_cache(maxsize=4)
def _vectors(description: str, alphabet: Alphabet, _modified: int, _size: int) -> Vectors:
    """The vectors of a described file; its time and size are part of the key."""
    part = VectorFile.model_validate_json(description)
    columns = VectorColumns(part.sequence, part.mutant, part.parent, part.first, part.columns)
    sequences, vectors = read_vectors(part.path, columns, alphabet)
    order = sorted(range(len(sequences)), key=sequences.__getitem__)  # so that the order of rows does not matter
    vectors = vectors[order] / np.maximum(np.abs(vectors).max(axis=0), 1e-300)  # squares do not overflow
    spread = vectors.std(axis=0)
    varies = spread > 1e-12
    standard = (vectors[:, varies] - vectors[:, varies].mean(axis=0)) / spread[varies]
    return Vectors(part.path, {sequences[row]: place for place, row in enumerate(order)}, standard)


@dataclass(frozen=True)
class Looked:
    """Vectors from a file as features: squared lengths are on average those of one-hot rows."""

    vectors: Vectors
    scale: float
    beside: OneHot | None
    """One-hot letters to append, if any."""

    @classmethod
    def up(cls, file: VectorFile, space: Space, beside: OneHot | None) -> "Looked":
        """The features of the sequences in a file."""
        vectors = file.vectors(space.alphabet)
        return cls(vectors, float(np.sqrt(space.max_length / max(vectors.standard.shape[1], 1))), beside)

    def __call__(self, sequences: Sequence[str]) -> DenseRows:
        own = self.scale * self.vectors.standard[self.vectors.rows_of(sequences)]
        return DenseRows(own if self.beside is None else np.hstack([own, self.beside(sequences).dense()]))


def _is_described(value: Any) -> Any:
    """The value as given. Raises ValueError for the bare name of a file."""
    is_file = (
        isinstance(value, str) and ":" not in value and value.lower().removesuffix(".gz").endswith((*TABLES, *ARRAYS))
    )
    if is_file:
        raise ValueError(f"expected a language model or a file, as in `{{path: {value}}}`, got '{value}'")
    return value


def _form(value: Any) -> str:
    """The form of an embedding that a description uses, so that an error is reported once, for the intended form."""
    if isinstance(value, dict):
        return "file" if "kind" not in value and value.keys() & VectorFile.model_fields.keys() else "model"
    return "file" if isinstance(value, VectorFile) else "model"


Embedding = Annotated[
    Annotated[VectorFile, Tag("file")] | Annotated[LanguageModel, Tag("model")],
    Discriminator(_form),
]
"""A language model's embedding, or vectors from a file."""
EmbeddingField = Annotated[Embedding | None, BeforeValidator(_is_described)]


def features_of(history: History, embedding: VectorFile | LanguageModel | None, *, with_letters: bool) -> View:
    """One-hot letters; or the embedding, with one-hot letters beside it if `with_letters`."""
    letters = OneHot(history.hull)
    if embedding is None:
        return letters
    beside = letters if with_letters else None
    if isinstance(embedding, VectorFile):
        return Looked.up(embedding, history.hull, beside)
    return Embedded.learnt(embedding, history, beside)
