"""The fields of a space, what they demand of letters and lengths, and whether they go together."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import PAD, Alphabet, AlphabetField, Codes
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.spaces.rule import Rule
from designloop.core.spaces.rule_book import RuleBook
from designloop.core.spaces.takes_length import TakesLength


class SpaceFields(TakesLength):
    """What a space is described by. `Space` counts its sequences, and draws them."""

    alphabet: AlphabetField
    min_length: int = Field(ge=1, le=1_000_000, description="length of the shortest sequence")
    max_length: int = Field(ge=1, le=1_000_000, description="length of the longest sequence")
    parent: str | None = Field(
        None, description="reference sequence for `max_edits` and for the letters at `fixed` positions"
    )
    parents: tuple[str, ...] = Field(
        (), description="further reference sequences: with `max_edits`, so many edits from any parent are allowed"
    )
    fixed: tuple[int, ...] = Field(
        (), description="positions of the parent, from 0, whose letter is kept; with `max_edits` the letter may move"
    )
    allowed: dict[int, str] = Field({}, description="position in the sequence, from 0: the letters allowed there")
    max_edits: int | None = Field(
        None, ge=0, description="most insertions, deletions and substitutions relative to the parent"
    )
    pool: tuple[str, ...] | None = Field(None, repr=False, description="the only sequences that may be built")
    rules: tuple[Rule, ...] = Field((), description="demands on the whole sequence, which every design obeys")
    excluded: tuple[str, ...] = Field((), repr=False, description="sequences that may not be built")
    shared: Literal["parent"] | tuple[int, ...] | None = Field(
        None,
        description="what all designs of one batch have in common: `parent`, one of several parents; or positions "
        "from 0 at which they have the same letters, such as the backbone of a plate",
    )

    if TYPE_CHECKING:  # `length` is not a field: it stands for two of them

        def __init__(
            self,
            *,
            alphabet: Alphabet | str,
            length: int | None = None,
            min_length: int | None = None,
            max_length: int | None = None,
            parent: str | None = None,
            parents: Sequence[str] = (),
            fixed: Sequence[int] = (),
            allowed: Mapping[int, str] = {},
            max_edits: int | None = None,
            pool: Sequence[str] | None = None,
            rules: Sequence[Rule | str | Mapping[str, Any]] = (),
            excluded: Sequence[str] = (),
            shared: Literal["parent"] | Sequence[int] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.max_length < self.min_length:
            raise ValueError(f"max_length {self.max_length} is below min_length {self.min_length}")
        if self.parent is None and (self.fixed or self.max_edits is not None):
            raise ValueError("`fixed` and `max_edits` require a parent; give `parent:`")
        if self.parents and (self.max_edits is None or self.fixed):
            raise ValueError(
                "`parents` are further ones, beside `parent`, and need `max_edits`; give both, without `fixed`"
            )
        for position in (*self.fixed, *self.allowed):
            if not 0 <= position < self.max_length:
                raise ValueError(f"position {position} is outside 0..{self.max_length - 1}")
        for position in self.fixed:
            if position >= len(self.parent or ""):
                raise ValueError(f"fixed position {position} is beyond the end of the parent")
        for position, letters in self.allowed.items():
            if not letters:
                raise ValueError(f"no letter is allowed at position {position}")
            self.check_letters(letters, f"allowed letters at position {position}")
        self._check_rules()
        for ordinal, parent in enumerate(self.every_parent):
            self._check_parent(parent, f"parent {ordinal + 1}" if self.parents else "the parent")
        if self.pool is not None and not self.pool:
            raise ValueError("the pool is empty")
        self._check_shared()
        return self

    def _check_shared(self) -> None:
        if self.shared == "parent" and not self.parents:
            raise ValueError("`shared: parent` needs several parents; give `parents`")
        if isinstance(self.shared, tuple):
            if not self.has_one_length or self.max_edits is not None:
                raise ValueError("positions in `shared` need sequences of one length, and no `max_edits`; remove one")
            if wrong := [place for place in self.shared if not 0 <= place < self.max_length]:
                raise ValueError(f"position {wrong[0]} in `shared` is outside 0..{self.max_length - 1}")

    def _check_parent(self, parent: str, who: str) -> None:
        self.check_letters(parent, who)
        if not self.min_length <= len(parent) <= self.max_length:
            wanted = f"{self.min_length}" if self.has_one_length else f"{self.min_length} to {self.max_length}"
            raise ValueError(f"{who} has {many(len(parent), 'letter')}, but {wanted} are needed")
        if not self._fits_letters([parent])[0]:
            by_place = enumerate(zip(parent, self.letters_allowed, strict=False))
            place, letter, mask = next((i, a, m) for i, (a, m) in by_place if not m[self.alphabet.letters.index(a)])
            kept = "".join(letter for letter, is_in in zip(self.alphabet.letters, mask, strict=True) if is_in)
            raise ValueError(f"{who} has {letter} at position {place} (from 0), where {kept} may stand")
        if broken := self._book.broken(parent) if self._book is not None else "":
            raise ValueError(
                f"{who} breaks {broken}; every design and parent obeys the rules: change the parent, or relax the rule"
            )

    @property
    def every_parent(self) -> tuple[str, ...]:
        """The parent and the further ones; none where the space has no parent."""
        return () if self.parent is None else (self.parent, *self.parents)

    def _check_rules(self) -> None:
        for rule in self.rules:
            rule.check_fits(self.alphabet, self.min_length, self.max_length)
        for ordinal, sequence in enumerate(self.excluded, start=1):
            self.check_letters(sequence, f"excluded sequence {ordinal}")
        if self._book is not None:
            _ = self._book.table, self._book.codons  # raises where a rule cannot be read

    def check_letters(self, sequence: str, what: str) -> None:
        """Raise ValueError with the first letter that is not in the alphabet, and its position in `what`."""
        if (wrong := self.alphabet.wrong_letter(sequence)) is not None:
            position, letter = wrong
            raise ValueError(
                f"letter {letter!r} at position {position + 1} of {what} is not in the {self.alphabet.name} alphabet"
            )

    @property
    def has_one_length(self) -> bool:
        """True where all sequences have the same length."""
        return self.min_length == self.max_length

    @cached_property
    def has_indels(self) -> bool:
        """True where letters can be inserted or deleted: the length varies, or an edit budget allows both at once.

        Where a rule reads codons, all edits are substitutions.
        """
        if self.reads_codons:
            return False
        if self.max_edits is None:
            return not self.has_one_length
        if any(len(parent) != len(self.parent or "") for parent in self.parents):
            return self.max_edits > 0
        n_loose = len(self.parent or "") - len(set(self.fixed))  # letters that can be deleted
        longer = self.max_edits > 0 and self.max_length > len(self.parent or "")
        shorter = self.max_edits > 0 and self.min_length < len(self.parent or "") and n_loose > 0
        return longer or shorter or (self.max_edits > 1 and n_loose > 0)

    @cached_property
    def _letters_by_place(self) -> NDArray[np.bool_]:
        """True where `allowed` permits a letter, shape (max_length, letters)."""
        mask = np.ones((self.max_length, len(self.alphabet)), dtype=bool)
        for position, letters in self.allowed.items():
            mask[position] = [letter in letters for letter in self.alphabet.letters]
        return mask if self._book is None else mask & self._book.letters

    @cached_property
    def reads_codons(self) -> bool:
        """True where a rule fixes the reading frame."""
        return self._book is not None and self._book.codons is not None

    @cached_property
    def _book(self) -> RuleBook | None:
        """The rules and the excluded sequences; None without any."""
        if not self.rules and not self.excluded and not self.parents:
            return None
        return RuleBook(self.alphabet, self.max_length, self.rules, frozenset(self.excluded))

    @cached_property
    def letters_allowed(self) -> NDArray[np.bool_]:
        """True where a letter may occur, shape (max_length, letters). A fixed letter that can move has no effect."""
        mask = self._letters_by_place.copy()
        for position in () if self.max_edits is not None and self.has_indels else self.fixed:
            mask[position] = [letter == (self.parent or "")[position] for letter in self.alphabet.letters]
        return mask

    @cached_property
    def free_positions(self) -> NDArray[np.int64]:
        """Positions where more than one letter is allowed."""
        return np.flatnonzero(self.letters_allowed.sum(axis=1) > 1)

    def _fits_letters(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        try:
            codes = self.alphabet.encode(sequences)
        except InputError:
            return np.fromiter((self._fits_alone(sequence) for sequence in sequences), bool, len(sequences))
        return self.fits(codes)

    def _fits_alone(self, sequence: str) -> bool:
        known = self.alphabet.wrong_letter(sequence) is None
        return known and bool(self.fits(self.alphabet.encode([sequence]))[0])

    def fits(self, codes: Codes) -> NDArray[np.bool_]:
        """True where encoded sequences (n, L) satisfy lengths and `letters_allowed`; edits are ignored. Shape (n,)."""
        lengths = (codes != PAD).sum(axis=1)
        inside = (lengths >= self.min_length) & (lengths <= self.max_length)
        codes = codes[:, : self.max_length]
        allowed = self.letters_allowed[np.arange(codes.shape[1]), np.maximum(codes, 0)] | (codes == PAD)
        return np.asarray(inside & allowed.all(axis=1))

    def broken(self, sequence: str) -> str:
        """The rule that a sequence breaks, such as `rule 'gc'`; empty where it obeys all."""
        return "" if self._book is None else self._book.broken(sequence)
