"""The distribution of lengths: the histogram of the corpus, with a small tail for lengths that are not in it.

An end letter would make lengths roughly geometric. Natural lengths are not, so they have a table of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Codes
from designloop.core.spaces import Space
from designloop.core.spaces.moves import moved

_TAIL = 0.01
_LEAST_MEAN = 2.0
"""Least mean of the tail. With a mean of 1, the tail would have no other length."""


@dataclass(frozen=True)
class Lengths:
    """A mixture: weight `_TAIL` on a geometric distribution with the corpus' mean, the rest on the histogram."""

    counts: NDArray[np.float64]
    """Sequences of each length from 0, shape (longest + 1,)."""

    @classmethod
    def of(cls, codes: Codes, space: Space) -> "Lengths":
        """The lengths of encoded sequences (n, L); without any, uniform over the lengths of the space."""
        if len(codes) == 0:
            counts = np.zeros(space.max_length + 1)
            counts[space.min_length :] = 1.0
            return cls(counts)
        return cls(np.bincount((codes != PAD).sum(axis=1)).astype(np.float64))

    def log_probability(self, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """Natural log of the probability of each length, same shape; -inf for zero letters."""
        share = self.counts / self.counts.sum()
        counted = share[np.minimum(lengths, len(share) - 1)] * (lengths < len(share))
        stop = 1.0 / max(float(share @ np.arange(len(share))), _LEAST_MEAN)
        tail = stop * (1.0 - stop) ** np.maximum(lengths - 1, 0)
        found = (1 - _TAIL) * counted + _TAIL * tail
        with np.errstate(divide="ignore"):
            logs = np.log(found * (lengths > 0))
        # Far out the tail underflows, but its log does not.
        is_far = (found < np.finfo(np.float64).tiny) & (lengths > 0)
        return np.where(is_far, log(_TAIL * stop) + (lengths - 1) * log1p(-stop), logs)

    def of_each(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Natural log of the probability of each sequence's length, (n,)."""
        return self.log_probability(np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences)))

    def sample(self, n: int, space: Space, rng: np.random.Generator) -> NDArray[np.int64]:
        """`n` lengths, given that they fit the space, shape (n,)."""
        choices = np.arange(space.min_length, space.max_length + 1)
        log_p = self.log_probability(choices)
        weights = np.exp(log_p - log_p.max()) if np.isfinite(log_p.max()) else np.ones(len(choices))
        return np.asarray(rng.choice(choices, size=n, p=weights / weights.sum()))


def blank(lengths: Lengths, n: int, space: Space, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
    """Codes and missing, both (n, longest), of n sequences that are still to be drawn.

    All their letters are; or, where the space has an edit budget, what its parent lacks after so many edits, or fewer.
    """
    if space.max_edits is not None and space.parent is not None:
        return _near_parent(n, space, rng)
    is_letter = np.arange(space.max_length) < lengths.sample(n, space, rng)[:, None]
    allowed = space.letters_allowed
    missing = is_letter & (allowed.sum(axis=1) > 1)  # what can be one letter only is known, and the others see it
    return np.where(is_letter, allowed.argmax(axis=1), PAD).astype(np.int16), missing


def _near_parent(n: int, space: Space, rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_]]:
    if space.parents:
        around = space.of_each_parent
        counts = rng.multinomial(n, np.full(len(around), 1.0 / len(around))).tolist()
        parts = [_near_parent(count, one, rng) for count, one in zip(counts, around, strict=True)]
        return np.concatenate([codes for codes, _ in parts]), np.concatenate([missing for _, missing in parts])
    codes = np.repeat(space.padded_codes([space.parent or ""]), n, axis=0)
    if space.has_indels:
        return moved(codes, rng.integers(1, max(space.max_edits or 0, 1) + 1, size=n), space, rng)
    free = space.free_positions[codes[0, space.free_positions] != PAD]
    missing = np.zeros(codes.shape, dtype=bool)
    most = min(space.max_edits or 0, len(free))
    if most:
        ranks = rng.random((n, len(free))).argsort(axis=1).argsort(axis=1)
        missing[:, free] = ranks < rng.integers(1, most + 1, size=(n, 1))
    return codes, missing


def allowed_letters(space: Space, width: int) -> NDArray[np.bool_]:
    """True for allowed letters, shape (width, letters). After the space's maximum length every letter is allowed."""
    allowed = space.letters_allowed[:width]
    free = np.ones((width - len(allowed), len(space.alphabet)), dtype=bool)
    return np.concatenate([allowed, free])


def pick(weights: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """One letter per row with probability proportional to `weights` (n, letters), by inversion."""
    sums = weights.cumsum(axis=1)
    height = np.minimum(uniforms * sums[:, -1], np.nextafter(sums[:, -1], 0.0))
    return np.asarray((sums <= height[:, None]).sum(axis=1), dtype=np.int64)
