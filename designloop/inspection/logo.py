"""A sequence logo: how often each letter stands at each position, and how much that says.

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
    """What `logo` found of n sequences of length L over s letters."""

    letters: str
    n: int
    frequencies: Floats
    """Share of each letter at each position, (L, s)."""
    information: Floats
    """Bits at each position, (L,); never below 0."""

    @property
    def heights(self) -> Floats:
        """Bits of each letter at each position, (L, s): its share of the position's."""
        return self.frequencies * self.information[:, None]


def logo(sequences: Sequence[str], letters: str, background: Sequence[float] | Floats | None = None) -> Logo:
    """The logo of aligned sequences, by their letters' distance (relative entropy) from a background.

    `background`: the share of each letter where nothing is preferred, (s,); None: all alike. Raises InputError where
    sequences are not equally long, hold a letter not in `letters`, or one that the background does not have.
    """
    frequencies = letter_frequencies(sequences, letters)
    return Logo(letters, len(sequences), frequencies, information(frequencies, len(sequences), background))


def letter_frequencies(sequences: Sequence[str], letters: str) -> Floats:
    """Share of each letter at each position, shape (L, s); each position sums to 1."""
    if not sequences:
        raise InputError("a logo is of at least one sequence, and there is none")
    lengths = sorted({len(sequence) for sequence in sequences})
    if len(lengths) > 1:
        raise InputError(
            f"a logo is of sequences of one length, and these have {lengths[0]} to {lengths[-1]} letters; align them, "
            "or keep those of one length"
        )
    table = np.array([list(sequence) for sequence in sequences]).reshape(len(sequences), lengths[0])
    frequencies = np.stack([(table == letter).mean(axis=0) for letter in letters], axis=1)
    if unknown := sorted(set().union(*sequences) - set(letters)):
        raise InputError(f"letter {unknown[0]!r} is not one of the logo's ({letters}); name the sequences' alphabet")
    return frequencies


def information(frequencies: Floats, n: int, background: Sequence[float] | Floats | None = None) -> Floats:
    """Bits at each position, (L,): sum f log2(f / background), less `small_sample_correction`, and never below 0."""
    n_letters = frequencies.shape[1]
    expected = np.full(n_letters, 1 / n_letters) if background is None else np.asarray(background, dtype=float)
    if expected.shape != (n_letters,):
        raise InputError(
            f"the background has shape {expected.shape}; give a share for each of {many(n_letters, 'letter')}"
        )
    if (frequencies[:, expected <= 0] > 0).any():
        raise InputError("a letter stands in the sequences that the background does not have; add a little to it")
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(frequencies > 0, frequencies * np.log2(frequencies / expected), 0.0)
    bits: Floats = np.maximum(terms.sum(axis=1) - small_sample_correction(n, n_letters), 0.0)
    return bits


def small_sample_correction(n: int, n_letters: int) -> float:
    """Bits that n sequences drawn from the background seem to hold by chance: (s - 1) / (2 n ln 2)."""
    return (n_letters - 1) / (2 * n * log(2))
