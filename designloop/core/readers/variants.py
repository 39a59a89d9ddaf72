"""Variants are the rows of a measured table. Some have a stop, another length, or the parent's protein."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PROTEIN, Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.alphabets import guessed_alphabet
from designloop.core.readers.cleaning import Ambiguous, cleaned
from designloop.core.readers.codons import STOP

Stops = Literal["drop", "keep", "merge"]
Indels = Literal["keep", "drop"]
Synonymous = Literal["merge", "drop", "keep"]
WITH_STOPS = Alphabet(name="protein-with-stops", letters=f"{PROTEIN.letters}{STOP}")
"""The alphabet of proteins whose stops are kept."""
DROPPED_STOP = "with a stop (`stops: keep` or `stops: merge` reads them)"
DROPPED_INDEL = "with an insertion or deletion (`indels: keep` reads them)"

Place = Callable[[int], str]
"""The location of a row, from 0."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How to read variants that a set of proteins, or of sequences of one length, cannot hold."""

    stops: Stops = "drop"
    """Proteins with a stop: leave them out, keep the letter `*`, or cut them before it."""
    indels: Indels = "keep"
    ambiguous: Ambiguous = "error"
    """Sequences with letters that stand for several (`cleaning`)."""
    synonymous: Synonymous | None = None
    """Variants with the parent's protein: rows of the parent, left out, or, if names are of bases, kept. None: merged
    if names are of proteins, else kept."""


@dataclass(frozen=True, slots=True)
class Variants:
    """The sequences of the rows of a table."""

    alphabet: Alphabet
    parent: str | None
    sequences: list[str]
    """Of each row; empty where it was left out."""
    is_kept: NDArray[np.bool_]
    """(n,)."""
    remarks: tuple[str, ...] = ()
    """What was left out or merged, one sentence each."""


def whole_sequences(
    raw: Sequence[str], parent: str | None, alphabet: Alphabet | None, place: Place, policy: Policy
) -> Variants:
    """The rows of a column of sequences. A stop that ends every sequence is removed, and others are treated as told.

    Raises InputError with the location of an invalid letter, or if the alphabet cannot be guessed.
    """
    found = alphabet or guessed_alphabet(raw, place)
    reading = _Reading(list(raw), np.ones(len(raw), np.bool_))
    if found == PROTEIN and any(STOP in sequence for sequence in raw):
        found = reading.treat_stops(policy.stops)
        parent = None if parent is None else parent.removesuffix(STOP)
    try:
        reading.clean(found, place, policy.ambiguous)
    except InputError as error:
        if alphabet is None:
            error.add_note(f"The alphabet, {found.name}, was guessed from the letters; set `alphabet` to change it.")
        raise
    if parent is not None and policy.indels == "drop":
        reading.drop_indels(len(parent))
    said = reading.remarks
    if not reading.is_kept.any():
        raise InputError(f"{place(0)}: no row can be read: {said[0]}")
    return Variants(found, parent, reading.sequences, reading.is_kept, said)


@dataclass(slots=True)
class _Reading:
    """The sequences of a column, and what becomes of them."""

    sequences: list[str]
    is_kept: NDArray[np.bool_]
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    changes: tuple[str, ...] = ()

    def treat_stops(self, stops: Stops) -> Alphabet:
        """Remove, keep or cut at stops; the alphabet of the rest."""
        if all(sequence.endswith(STOP) for sequence in self.sequences):
            self.sequences = [sequence.removesuffix(STOP) for sequence in self.sequences]
            self.notes["whose final stop was removed"] = len(self.sequences)
        stopped = [row for row, sequence in enumerate(self.sequences) if STOP in sequence]
        if stops == "keep" and stopped:
            return WITH_STOPS
        for row in stopped:
            cut = self.sequences[row].partition(STOP)[0] if stops == "merge" else ""
            self.sequences[row], self.is_kept[row] = cut, bool(cut)
            if cut:
                self.notes["with a stop cut before it"] += 1
            else:
                self.left_out[DROPPED_STOP if stops == "drop" else "with a stop at the first position"] += 1
        return PROTEIN

    def clean(self, alphabet: Alphabet, place: Place, ambiguous: Ambiguous) -> None:
        """Write the sequences in the letters of the alphabet. Raises InputError with the location of a wrong letter."""
        rows = np.flatnonzero(self.is_kept).tolist()
        every = [self.sequences[row] for row in rows]
        done = cleaned(every, alphabet, lambda row, _: place(rows[row]), ambiguous=ambiguous)
        kept = dict(zip((rows[row] for row in done.rows), done.sequences, strict=True))
        self.sequences = [kept.get(row, "") for row in range(len(self.sequences))]
        self.is_kept = np.array([bool(sequence) for sequence in self.sequences])
        self.left_out.update(done.left_out)
        self.changes = tuple(done.said_changes())

    def drop_indels(self, length: int) -> None:
        """Leave out sequences of another length."""
        for row in np.flatnonzero(self.is_kept).tolist():
            if len(self.sequences[row]) != length:
                self.is_kept[row], self.sequences[row] = False, ""
                self.left_out[DROPPED_INDEL] += 1

    @property
    def remarks(self) -> tuple[str, ...]:
        return (*remarks(self.left_out, self.notes, len(self.sequences)), *self.changes)


def remarks(left_out: Counter[str], notes: Counter[str], n_rows: int) -> tuple[str, ...]:
    """What was left out of so many rows, with the reasons, and how others were read: one sentence each."""
    said = [f"{many(n, 'row')} {note}" for note, n in notes.items() if note]
    if not left_out:
        return tuple(said)
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in left_out.most_common())
    return f"{left_out.total():,} of {many(n_rows, 'row')} dropped: {reasons}", *said
