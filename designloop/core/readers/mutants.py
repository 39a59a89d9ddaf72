"""Sequences from the names of mutants (`H24C`, `A1P:D2N`, `p.Ala1Pro`, `c.4A>G`, ...) and their parent."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.alphabets import guessed_alphabet, upper
from designloop.core.readers.cleaning import codes_of, in_letters_of
from designloop.core.readers.codons import STOP, translated
from designloop.core.readers.mutant_names import (
    CHANGES_PROTEIN,
    FORMS,
    PARENTS,
    AmbiguousName,
    BadName,
    Mutant,
    read_name,
)
from designloop.core.readers.mutant_spelling import (
    BadChange,
    fitting_first,
    implied_parent,
    spelt_out,
    stated_letters,
    written,
)
from designloop.core.readers.plain_mutants import Substitutions, fits, spelt, substitutions
from designloop.core.readers.sequences import as_written
from designloop.core.readers.variants import DROPPED_INDEL, DROPPED_STOP, WITH_STOPS, Policy, Variants, remarks

_NO_NAME = frozenset({"na", "n/a", "nan", "null", "none", "#n/a", "<na>", "-"})
"""Words for a missing name, in lower case; MaveDB writes NA."""
_DROPPED_CODE = "with ambiguity codes"
_SAMPLE = 1000
"""Sequences from which the alphabet is guessed, besides the parent."""
_BASES = 0.9
"""A parent with this share of bases is not a protein."""

Place = Callable[[int], str]


def mutants(
    names: Sequence[str],
    parent: str | None,
    first: int,
    alphabet: Alphabet | None,
    place: Place,
    policy: Policy | None = None,
) -> Variants:
    """The sequence of each mutant. An alphabet of None is guessed from parent and mutants.

    `first` is the number of the parent's first letter in the names; `place` gives the location of a name (from 0).
    Raises InputError with the location of a name that contradicts the parent, or changes a position twice.
    """
    if parent is None:
        raise InputError(
            f"{place(0)}: the names of mutants require their parent sequence; give `parent:`{_implied(names)}"
        )
    reader = _Reader(names, _parent(parent, alphabet), first, alphabet, place, policy or Policy())
    if reader.is_protein and reader.policy.synonymous == "keep":
        raise InputError(
            "synonymous variants of a protein have the parent's sequence; set `synonymous: merge` or `drop`"
        )
    return reader.read()


def _parent(text: str, alphabet: Alphabet | None) -> str:
    """The parent in the letters of the alphabet. It may end with a stop."""
    whole = upper(text) if alphabet is None else in_letters_of(alphabet, text)
    if alphabet is not None and (wrong := alphabet.wrong_letter(whole.removesuffix(STOP))) is not None:
        raise InputError(
            f"letter {wrong[1]!r} at position {wrong[0] + 1} of the parent is not in the {alphabet.name} alphabet"
        )
    if not whole.removesuffix(STOP):
        raise InputError("the parent of the mutants is empty; give its sequence")
    return whole


def _implied(names: Sequence[str]) -> str:
    """The fix where the names determine the parent."""
    found = implied_parent(stated_letters(_readable(names, is_protein=True, first=1)))
    return "" if found is None else f"; the names imply `parent: {found[0]}` with `first: {found[1]}`"


def _readable(names: Sequence[str], *, is_protein: bool, first: int) -> Iterator[Mutant]:
    """The mutants whose names can be read, each name once."""
    for name in dict.fromkeys(names):
        try:
            yield written(read_name(name, is_protein=is_protein, first=first), None)
        except BadName:
            continue


@dataclass(slots=True)
class _Reader:
    """Reads the names of one file. Names of plain substitutions are read all at once, and others one by one."""

    names: Sequence[str]
    whole: str
    """The parent, which may end with a stop."""
    first: int
    alphabet: Alphabet | None
    place: Place
    policy: Policy
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason -> number of rows."""
    notes: Counter[str] = field(default_factory=Counter)
    """How rows were read -> number of rows."""
    _read: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    """Name -> its sequence or None, and the reason or the note."""

    @property
    def parent(self) -> str:
        return self.whole.removesuffix(STOP)

    @property
    def is_protein(self) -> bool:
        if self.alphabet is not None:
            return self.alphabet not in (DNA, RNA)
        return sum(letter in "ACGTU" for letter in self.parent) < _BASES * len(self.parent)

    def read(self) -> Variants:
        sequences, is_kept = [""] * len(self.names), np.ones(len(self.names), dtype=np.bool_)
        plain = self._plain()
        for row, sequence in zip(np.flatnonzero(plain.is_plain).tolist(), self._spelt(plain), strict=True):
            sequences[row] = sequence
        is_protein, names_parent = self.is_protein, any(name.strip().lower() in PARENTS for name in self.names)
        for row in np.flatnonzero(~plain.is_plain).tolist():
            name = self.names[row]
            if name not in self._read:
                self._read[name] = self._one(name, row, is_protein=is_protein, names_parent=names_parent)
            found, why = self._read[name]
            (self.left_out if found is None else self.notes)[why] += 1
            sequences[row], is_kept[row] = found or "", found is not None
        return self._finished(sequences, is_kept, plain)

    def _plain(self) -> Substitutions:
        found = substitutions(self.names, self._letters())
        if not self.parent.isascii():
            return found.of(np.zeros_like(found.is_plain))
        is_plain = fits(found, self.parent.encode(), self.first)
        if self.policy.ambiguous == "drop":
            is_plain[found.rows[np.isin(found.new, list(map(ord, self._codes)))]] = False
        return found.of(is_plain)

    def _spelt(self, plain: Substitutions) -> list[str]:
        return spelt(plain, self.parent.encode(), self.first) if plain.is_plain.any() else []

    def _letters(self) -> bytes:
        """The letter that each byte of a name stands for."""
        old, new = "TU" if self.alphabet == RNA else "UT" if self.alphabet == DNA else ("", "")
        table = bytes(range(256)).decode("latin-1").translate(str.maketrans(ascii_lowercase, ascii_uppercase))
        return (table.replace(old, new) if old else table).encode("latin-1")

    def _one(self, name: str, row: int, *, is_protein: bool, names_parent: bool) -> tuple[str | None, str]:
        """The sequence of a name and a note, or None and the reason why it is left out."""
        word = name.strip().lower()
        if word in _NO_NAME or (not word and names_parent):
            return None, "without a name"
        if not word:
            return self.parent, "with an empty name read as the parent"
        try:
            mutant = written(read_name(name, is_protein=is_protein, first=self.first), self.alphabet)
            if self.policy.ambiguous == "drop" and not self._codes.isdisjoint(
                "".join(one.new for one in mutant.changes)
            ):
                return None, _DROPPED_CODE
            return self._judged(mutant, is_protein=is_protein)
        except BadName as error:
            if isinstance(error, AmbiguousName) and self.policy.ambiguous == "drop":
                return None, _DROPPED_CODE
            raise InputError(f"{self.place(row)}: {self._not_a_name(error)}") from error
        except BadChange as error:
            mend = self._numbering(is_protein) if error.is_numbering else ""
            raise InputError(f"{self.place(row)}: {name.strip()[:60]!r} {error}{mend}") from error

    def _judged(self, mutant: Mutant, *, is_protein: bool) -> tuple[str | None, str]:
        if mutant.unknown:
            return None, f"with {mutant.unknown}"
        if mutant.is_synonymous and not is_protein and not mutant.changes:
            return None, "with a synonymous variant whose bases are not named"
        sequence = spelt_out(mutant, self.whole, self.first)
        if mutant.is_synonymous and is_protein:
            if self.policy.synonymous == "drop":
                return None, "with a synonymous variant (`synonymous: merge` reads them)"
            return self.parent, "with a synonymous variant read as the parent"
        if mutant.is_indel and self.policy.indels == "drop":
            return None, DROPPED_INDEL
        note = "with a repeated change read once" if mutant.n_repeats else ""
        return self._cut(sequence, note) if is_protein else (sequence, note)

    def _cut(self, sequence: str, note: str) -> tuple[str | None, str]:
        """A protein without the stop at its end, and with its other stops treated as told."""
        sequence = sequence.removesuffix(STOP) if self.whole.endswith(STOP) else sequence
        if STOP not in sequence or self._keeps_stops:
            return sequence, note
        if self.policy.stops == "drop":
            return None, DROPPED_STOP
        cut = sequence.partition(STOP)[0]
        return (cut, "with a stop cut before it") if cut else (None, "with a stop at the first position")

    @property
    def _codes(self) -> frozenset[str]:
        """Letters that stand for several."""
        return frozenset(codes_of(self.alphabet or (PROTEIN if self.is_protein else DNA)))

    @property
    def _keeps_stops(self) -> bool:
        return self.policy.stops == "keep" or (self.alphabet is not None and STOP in self.alphabet.letters)

    # -- What is wrong with a name -----------------------------------------------------------------------------------

    def _not_a_name(self, error: BadName) -> str:
        why = f" ({error})" if str(error) else ""
        shown = error.word if len(error.word) <= 60 else f"{error.word[:57]}..."
        mend = ""
        if str(error) == CHANGES_PROTEIN and len(self.parent) % 3 == 0:
            mend = f"; give the protein as `parent`: {translated(self.parent)}"
        return f"expected the name of a mutant ({FORMS}), got {shown!r}{why}{mend}"

    def _of_codes(self, kept: Sequence[str]) -> str:
        """The fix where mutants bring ambiguity codes; else empty."""
        if self._codes.isdisjoint(set("".join(kept)) - set(self.parent)):
            return ""
        return ", or set `ambiguous: drop`, which leaves out such mutants (`keep` is for whole sequences only)"

    def _numbering(self, is_protein: bool) -> str:
        """The fix: the numbering in which every name matches the parent, where exactly one exists."""
        every = _readable(self.names, is_protein=is_protein, first=self.first)
        first = fitting_first(stated_letters(every), self.whole)
        if first is not None:
            return f"; every name matches with `first: {first}`"
        return "; correct the name, the parent, or `first`, the number of the parent's first letter"

    # -- The alphabet, and what is said ------------------------------------------------------------------------------

    def _finished(self, sequences: list[str], is_kept: NDArray[np.bool_], plain: Substitutions) -> Variants:
        rows = np.flatnonzero(is_kept).tolist()
        if not rows:
            raise InputError(f"{self.place(0)}: no variant can be read: {self._remarks[0]}")
        kept = [sequences[row] for row in rows]
        alphabet, parent = self._alphabet(kept, rows), self.parent
        if not self._is_written(sequences, plain, alphabet):
            parent = in_letters_of(alphabet, parent)
            try:
                every = as_written(kept, alphabet, lambda row: self.place(rows[row]))
            except InputError as error:
                raise InputError(f"{error}{self._of_codes(kept)}") from error
            for row, sequence in zip(rows, every, strict=True):
                sequences[row] = sequence
        if not self.is_protein:
            self._without_synonyms(sequences, is_kept, parent)
        return Variants(alphabet, parent, sequences, is_kept, self._remarks)

    def _alphabet(self, kept: list[str], rows: list[int]) -> Alphabet:
        if self.is_protein and self._keeps_stops and self.alphabet in (None, PROTEIN) and any(STOP in s for s in kept):
            return WITH_STOPS
        if self.alphabet is not None:
            return self.alphabet
        some = [self.parent, *kept[:_SAMPLE]]
        return guessed_alphabet(some, lambda row: self.place(rows[row - 1]) if row else "the parent")

    def _is_written(self, sequences: list[str], plain: Substitutions, alphabet: Alphabet) -> bool:
        """Whether all sequences consist of letters of the alphabet."""
        letters = {*self.parent, *map(chr, np.unique(plain.new).tolist())}
        letters.update(*(sequences[row] for row in np.flatnonzero(~plain.is_plain).tolist()))
        return letters <= set(alphabet.letters)

    def _without_synonyms(self, sequences: list[str], is_kept: NDArray[np.bool_], parent: str) -> None:
        """Where names are of bases: variants that encode the parent's protein become the parent, or are left out."""
        if self.policy.synonymous in (None, "keep"):
            return
        if len(parent) % 3:
            raise InputError(
                f"`synonymous: {self.policy.synonymous}` needs a parent of whole codons, but it has "
                f"{many(len(parent), 'base')}; remove `synonymous`, or give the coding sequence"
            )
        protein = translated(parent)
        for row in np.flatnonzero(is_kept).tolist():
            sequence = sequences[row]
            if sequence == parent or len(sequence) != len(parent) or translated(sequence) != protein:
                continue
            if self.policy.synonymous == "drop":
                is_kept[row], sequences[row] = False, ""
                self.left_out["with a synonymous variant (`synonymous: keep` reads them)"] += 1
            else:
                sequences[row] = parent
                self.notes["with a synonymous variant read as the parent"] += 1

    @property
    def _remarks(self) -> tuple[str, ...]:
        return remarks(self.left_out, self.notes, len(self.names))
