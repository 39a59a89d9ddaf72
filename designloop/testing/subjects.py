"""A language model under test: its description, its training corpus, and the inputs of the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.testing.given import kind_of, require

TOLERANCE = 1e-4
_N_ASKED = 16
_MOST_ENUMERATED = 300
_LEAST_EXPECTED = 5.0
Floats = NDArray[np.float64]


@dataclass
class Subject:
    """A description with its corpus and space. Everything derived from them is computed when it is needed."""

    part: LanguageModel
    corpus: list[str]
    space: Space

    @cached_property
    def model(self) -> SequenceModel:
        """The pretrained model."""
        return self.part.pretrained(self.corpus, self.space)

    @cached_property
    def sequences(self) -> list[str]:
        """Distinct sequences of the space, of several lengths if it allows them."""
        drawn = self.space.sample(_N_ASKED, stream(0, "language-model-contract"))
        return list(dict.fromkeys([*drawn, *self.corpus[: _N_ASKED // 4]]))

    @cached_property
    def codes(self) -> Codes:
        """The sequences' codes, (n, longest)."""
        return self.space.alphabet.encode(self.sequences)

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Missing letters, (n, longest): about a third of each sequence, all of the first, none of the second."""
        missing = stream(0, "language-model-contract", "missing").random(self.codes.shape) < 1 / 3
        missing[0], missing[1] = True, False
        missing &= self.codes != PAD
        return missing

    @cached_property
    def bound(self) -> Space:
        """The space with its first letter fixed and two allowed letters at the second position."""
        parent = self.space.parent or self.sequences[0]
        letters = [
            letter
            for letter, may in zip(self.space.alphabet.letters, self.space.letters_allowed[1], strict=True)
            if may and letter != parent[1]
        ]
        allowed = {**self.space.allowed, 1: "".join([parent[1], *letters[:1]])}
        return self.space.with_(parent=parent, fixed=(*self.space.fixed, 0), allowed=allowed)

    @cached_property
    def near(self) -> Space:
        """The same, at most two edits from its parent."""
        return self.bound.with_(max_edits=2)

    @cached_property
    def small(self) -> Space:
        """A space of one length that is short enough to enumerate all sequences."""
        length = 1
        while len(self.space.alphabet) ** (length + 1) <= _MOST_ENUMERATED and length < self.space.max_length:
            length += 1
        return Space.of_length(self.space.alphabet, length)

    def infill(self, codes: Codes, space: Space | None = None, **options: Any) -> Codes:
        """`codes` with the missing letters drawn, always from the same seed."""
        rng = stream(0, "language-model-contract", "infill")
        return self.model.infill(codes.copy(), self.missing.copy(), space or self.space, rng, **options)

    def with_others(self, where: NDArray[np.bool_]) -> Codes:
        """The codes, with another letter at each position in `where`."""
        return np.where(where, (self.codes + 1) % len(self.space.alphabet), self.codes).astype(np.int16)


def same(one: Floats, other: Floats, sentence: str) -> None:
    """Require equal shapes, and values equal within `TOLERANCE`."""
    require(one.shape == other.shape, f"{sentence}: shape {one.shape}, then {other.shape}")
    away = np.abs(one - other).max(initial=0.0)
    require(bool(away <= TOLERANCE), f"{sentence}: the difference is {away:.2g}, more than {TOLERANCE:g}")


def floats(values: Any, shape: tuple[int | None, ...], what: str) -> None:
    """Require finite float64 values of this shape; None stands for any size."""
    found = isinstance(values, np.ndarray) and values.dtype == np.float64
    require(found, f"{what} returns {kind_of(values)}; return a numpy array of float64")
    fits = len(values.shape) == len(shape) and all(n in (None, m) for n, m in zip(shape, values.shape, strict=True))
    wanted = ", ".join("any" if n is None else str(n) for n in shape)
    require(fits, f"{what} returns shape {values.shape}; expected ({wanted})")
    require(
        bool(np.isfinite(values).all()),
        f"{what} returns {values[~np.isfinite(values)][:1]}; return finite numbers, also for very unlikely sequences",
    )


def alone_as_together(ask: Callable[[list[str]], Floats], subject: Subject, what: str) -> None:
    """Require the same result for a sequence alone and among others, some of them longer."""
    together = ask(subject.sequences)
    for row, sequence in enumerate(subject.sequences):
        alone = ask([sequence])[0]
        found = together[row] if together.ndim == 1 else together[row, : len(alone)]
        same(
            np.atleast_1d(found),
            np.atleast_1d(alone),
            f"{what} of {sequence!r} differs alone and among others; other sequences and padding must not affect it",
        )


def chance_of(counts: NDArray[np.int64], p: Floats) -> float:
    """The p-value of a chi-square test that `counts` come from `p`. Rare categories are pooled."""
    from scipy.stats import chisquare

    expected = counts.sum() * p / p.sum()
    rare = expected < _LEAST_EXPECTED
    found = np.append(counts[~rare], counts[rare].sum())
    wanted = np.append(expected[~rare], expected[rare].sum())
    return float(chisquare(found[wanted > 0], wanted[wanted > 0]).pvalue)
