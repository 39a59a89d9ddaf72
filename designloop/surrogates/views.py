"""Features of a linear model: one-hot letters, a language model's embedding, or both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from designloop.core.alphabet import PAD, Codes
from designloop.core.history import History
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.surrogates.base import Floats
from designloop.surrogates.features import Places, differing_positions
from designloop.surrogates.rows import DenseRows, LetterRows, Rows

_MAX_REFERENCE = 500
_LEAST_SHARE = 1e-4
"""Directions with less than this share of the largest variance are treated as noise. A judgement."""
_FEW_LETTERS = 10
"""With fewer letters at a position, dense products are faster than look-ups."""


OwnValues = Callable[[Codes], Floats]
"""Codes of m sequences for each of k functions, (k, m, L) -> the values of each function at its own, (k, m)."""


class View(Protocol):
    """Features of sequences.

    It may define `own(weights)`, which makes `OwnValues` of weights (D, k): the products with its rows, but for each
    function at its own sequences only.
    """

    def __call__(self, sequences: Sequence[str]) -> Rows:
        """Features, (n, D)."""
        ...


def products(view: View, sequences: Sequence[str], weights: Floats) -> Floats:
    """Features · weights, (n, k), of weights (D, k)."""
    times = getattr(view, "times", None)
    return view(sequences).times(weights) if times is None else np.asarray(times(sequences, weights))


def own_values(view: View, weights: Floats) -> OwnValues | None:
    """The products of each function at its own sequences, if the view can compute them."""
    make = getattr(view, "own", None)
    own: OwnValues | None = None if make is None else make(weights)
    return own


def codes_within(space: Space, codes: Codes) -> Codes:
    """Codes (k, m, L) of sequences of the space as int16, padded to its longest."""
    missing = space.max_length - codes.shape[-1]
    padded = np.pad(codes, [(0, 0), (0, 0), (0, missing)], constant_values=PAD) if missing else codes
    return np.ascontiguousarray(padded, dtype=np.int16)


@dataclass(frozen=True)
class OneHot:
    """One-hot letters at the positions where sequences may differ, and a constant √c for the c letters that all share.

    The constant is equivalent to c columns of ones, so that letters that cannot vary cost nothing.
    """

    space: Space

    def __call__(self, sequences: Sequence[str]) -> Rows:
        codes = self.space.padded_codes(sequences)
        places = self._columns[np.arange(len(self._positions)), codes[:, self._positions]]
        rows = LetterRows(places, self._width, self._constant)
        is_dense = self._width < _FEW_LETTERS * max(places.shape[1], 1)
        return DenseRows(rows.dense()) if is_dense else rows

    def own(self, weights: Floats) -> OwnValues:
        """Sums of weights (D, k) for each function's own sequences."""
        from designloop.surrogates.compiled import letters_of_own

        table = np.ascontiguousarray(weights.T)
        constant = self._constant * table[:, -1:]
        table[:, -1] = 0.0  # the column of no letter

        def values(codes: Codes) -> Floats:
            found = letters_of_own(table, codes_within(self.space, codes), self._positions, self._columns)
            return np.asarray(found + constant)

        return values

    @cached_property
    def _positions(self) -> Places:
        return differing_positions(self.space)

    @property
    def _constant(self) -> float:
        return float(np.sqrt(self.space.max_length - len(self._positions)))

    @cached_property
    def _columns(self) -> Places:
        """The column of each allowed letter, (positions, letters + 1), `width` for others; PAD = -1 reads the last."""
        allowed = np.pad(self.space.letters_allowed[self._positions], [(0, 0), (0, 1)])
        columns = np.full(allowed.shape, self._width, dtype=np.int64)
        columns[allowed] = np.arange(self._width)
        return columns

    @cached_property
    def _width(self) -> int:
        return int(self.space.letters_allowed[self._positions].sum())


@dataclass(frozen=True)
class Embedded:
    """A language model's embedding, whitened along the principal directions of natural sequences."""

    model: SequenceModel
    centre: Floats
    directions: Floats
    """(width, d)."""
    beside: OneHot | None
    """One-hot letters to append, if any."""

    @classmethod
    def learnt(cls, description: LanguageModel, history: History, beside: OneHot | None) -> "Embedded":
        """The features fitted to this history's corpus, or else to its measured designs, in any order of rows."""
        known = sorted(set(history.known.corpus) or {history.sequences[i] for i in np.flatnonzero(history.is_measured)})
        model = description.pretrained(history.known.corpus, history.space)
        spread = np.linspace(0, len(known) - 1, min(len(known), _MAX_REFERENCE)).astype(int)
        found = model.embed([known[i] for i in spread])
        centre = found.mean(axis=0) if len(found) else np.zeros(found.shape[1])
        _, lengths, axes = np.linalg.svd(found - centre, full_matrices=False)
        axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[
            :, None
        ]  # otherwise signs are arbitrary
        kept = lengths**2 > _LEAST_SHARE * max(float((lengths**2).max(initial=0.0)), 1e-12)
        scale = np.sqrt(len(found) * history.hull.max_length / max(int(kept.sum()), 1))  # the length of one-hot rows
        return cls(model, centre, axes[kept].T * (scale / lengths[kept]), beside)

    def __call__(self, sequences: Sequence[str]) -> Rows:
        own = (self.model.embed(sequences) - self.centre) @ self.directions
        return DenseRows(own if self.beside is None else np.hstack([own, self.beside(sequences).dense()]))
