"""Sequence logos: letter frequencies and information content at each position.

Schneider and Stephens 1990; the small-sample correction is the approximate one of Schneider et al. 1986.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many
from designloop.core.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Logo:
    """The logo of n sequences of length L over s letters."""

    letters: str
    n: int
    frequencies: Floats
    """Share of each letter at each position, (L, s)."""
    information: Floats
    """Information at each position in bits, (L,); never below 0."""

    @property
    def heights(self) -> Floats:
        """Height of each letter at each position in bits, (L, s): frequency times information."""
        return self.frequencies * self.information[:, None]


def logo(
    sequences: Sequence[str],
    letters: str,
    background: Sequence[float] | Floats | None = None,
    *,
    unknown: str = "",
) -> Logo:
    """The logo of aligned sequences, by the relative entropy of their letters to a background.

    `background`: the frequency of each letter, (s,); None: uniform. `unknown`: gaps and ambiguity codes, which are not
    counted; the information of a position is that of its letters, times the share of rows that have one. Raises
    InputError if sequences differ in length, or have a letter that is in neither, or has no background frequency.
    """
    counts = letter_counts(sequences, letters, unknown)
    n_known = counts.sum(axis=1)
    frequencies = counts / np.maximum(n_known, 1)[:, None]
    bits = np.where(n_known > 0, information(frequencies, np.maximum(n_known, 1), background), 0.0)
    return Logo(letters, len(sequences), frequencies, bits * n_known / len(sequences))


def letter_counts(sequences: Sequence[str], letters: str, unknown: str = "") -> Floats:
    """Number of each letter at each position, shape (L, s); `unknown` letters are not counted."""
    if not sequences:
        raise InputError("a logo requires at least one sequence")
    lengths = sorted({len(sequence) for sequence in sequences})
    if len(lengths) > 1:
        raise InputError(
            f"a logo requires sequences of one length, but these have {lengths[0]} to {lengths[-1]} letters; align "
            "them, or keep those of one length"
        )
    table = np.array([list(sequence) for sequence in sequences]).reshape(len(sequences), lengths[0])
    if wrong := sorted(set().union(*sequences) - {*letters, *unknown}):
        raise InputError(
            f"letter {wrong[0]!r} is not in the logo's alphabet ({letters}); give the alphabet of the sequences"
        )
    counts: Floats = np.stack([(table == letter).sum(axis=0) for letter in letters], axis=1).astype(float)
    return counts


def letter_frequencies(sequences: Sequence[str], letters: str) -> Floats:
    """Share of each letter at each position, shape (L, s); each position sums to 1."""
    return letter_counts(sequences, letters) / max(len(sequences), 1)


def information(frequencies: Floats, n: int | Floats, background: Sequence[float] | Floats | None = None) -> Floats:
    """Bits at each position, (L,): sum f log2(f / background) minus `small_sample_correction`, at least 0."""
    n_letters = frequencies.shape[1]
    expected = np.full(n_letters, 1 / n_letters) if background is None else np.asarray(background, dtype=float)
    if expected.shape != (n_letters,):
        raise InputError(
            f"background: expected a frequency for each of {many(n_letters, 'letter')}, got shape {expected.shape}"
        )
    if (frequencies[:, expected <= 0] > 0).any():
        raise InputError("a letter of the sequences has background frequency 0; give it a small frequency")
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(frequencies > 0, frequencies * np.log2(frequencies / expected), 0.0)
    bits: Floats = np.maximum(terms.sum(axis=1) - small_sample_correction(n, n_letters), 0.0)
    return bits


def small_sample_correction(n: int | Floats, n_letters: int) -> float | Floats:
    """Expected bits of n random sequences from the background: (s - 1) / (2 n ln 2)."""
    return (n_letters - 1) / (2 * n * log(2))
