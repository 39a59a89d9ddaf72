"""A space is the set of sequences a campaign may build: alphabet, lengths, fixed and allowed letters, or a pool."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import PAD, Alphabet, AlphabetField, Codes
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError
from designloop.core.spaces.columns import EditBudget
from designloop.core.spaces.edit_ball import EditBall
from designloop.core.spaces.edit_scripts import EditScripts
from designloop.core.spaces.letter_box import LetterBox
from designloop.core.spaces.takes_length import TakesLength

_MAX_ENUMERATED = 2_000_000


class Narrows(Protocol):
    """Restricts a space, as a campaign's `Narrowing` does."""

    def applied_to(self, space: "Space") -> "Space":
        """The restricted space."""
        ...


class Space(TakesLength):
    """The sequences that may be built. Positions count from 0, as in Python.

    Without `max_edits`, a fixed position keeps the parent's letter at its place. With `max_edits`, the letter is kept
    but may move: a sequence is inside if at most `max_edits` insertions, deletions and substitutions convert the parent
    into it, none of which deletes or substitutes a fixed letter. `allowed` always refers to positions in the sequence.
    `length=12` is short for `min_length=12, max_length=12`.
    """

    alphabet: AlphabetField
    min_length: int = Field(ge=1, le=1_000_000, description="length of the shortest sequence")
    max_length: int = Field(ge=1, le=1_000_000, description="length of the longest sequence")
    parent: str | None = Field(
        None, description="reference sequence for `max_edits` and for the letters at `fixed` positions"
    )
    fixed: tuple[int, ...] = Field(
        (), description="positions of the parent, from 0, whose letter is kept; with `max_edits` the letter may move"
    )
    allowed: dict[int, str] = Field({}, description="position in the sequence, from 0: the letters allowed there")
    max_edits: int | None = Field(
        None, ge=0, description="most insertions, deletions and substitutions relative to the parent"
    )
    pool: tuple[str, ...] | None = Field(None, repr=False, description="the only sequences that may be built")

    if TYPE_CHECKING:  # `length` is not a field: it stands for two of them

        def __init__(
            self,
            *,
            alphabet: Alphabet | str,
            length: int | None = None,
            min_length: int | None = None,
            max_length: int | None = None,
            parent: str | None = None,
            fixed: Sequence[int] = (),
            allowed: Mapping[int, str] = {},
            max_edits: int | None = None,
            pool: Sequence[str] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _is_consistent(self) -> "Space":
        if self.max_length < self.min_length:
            raise ValueError(f"max_length {self.max_length} is below min_length {self.min_length}")
        if self.parent is None and (self.fixed or self.max_edits is not None):
            raise ValueError("`fixed` and `max_edits` require a parent; give `parent:`")
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
        if self.parent is not None:
            self.check_letters(self.parent, "the parent")
            if not self._fits_letters([self.parent])[0]:
                raise ValueError("the parent is outside the space; check its length and the allowed letters")
        if self.pool is not None and not self.pool:
            raise ValueError("the pool is empty")
        return self

    def check_letters(self, sequence: str, what: str) -> None:
        """Raise ValueError with the first letter that is not in the alphabet, and its position in `what`."""
        if (wrong := self.alphabet.wrong_letter(sequence)) is not None:
            position, letter = wrong
            raise ValueError(
                f"letter {letter!r} at position {position + 1} of {what} is not in the {self.alphabet.name} alphabet"
            )

    @classmethod
    def of_length(cls, alphabet: Alphabet, length: int, **fields: Any) -> "Space":
        """A space of one length."""
        return cls(alphabet=alphabet, min_length=length, max_length=length, **fields)

    @classmethod
    def of_pool(cls, alphabet: Alphabet, pool: Sequence[str], **fields: Any) -> "Space":
        """A closed pool. The caller has checked the letters; duplicates are dropped, and the order is kept."""
        lengths = [len(sequence) for sequence in pool]
        low, high = min(lengths, default=1), max(lengths, default=1)
        return cls(alphabet=alphabet, min_length=low, max_length=high, pool=tuple(dict.fromkeys(pool)), **fields)

    @property
    def has_one_length(self) -> bool:
        """True where all sequences have the same length."""
        return self.min_length == self.max_length

    @cached_property
    def has_indels(self) -> bool:
        """True where letters can be inserted or deleted: the length varies, or an edit budget allows both at once."""
        if self.max_edits is None:
            return not self.has_one_length
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
        return mask

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

    @cached_property
    def pool_members(self) -> frozenset[str]:
        """The pool as a set; empty where the space is open."""
        return frozenset(self.pool or ())

    def padded_codes(self, sequences: Sequence[str]) -> Codes:
        """Codes of shape (n, max_length), PAD after the end."""
        codes = np.full((len(sequences), self.max_length), PAD, dtype=np.int16)
        if len(sequences):
            known = self.alphabet.encode(sequences)
            codes[:, : known.shape[1]] = known
        return codes

    def contains(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """True for each sequence in this space, shape (n,). Sequences with letters of another alphabet are outside."""
        if len(sequences) == 0:
            return np.zeros(0, dtype=bool)
        inside = self._fits_letters(sequences)
        if self.pool is not None:
            inside &= np.fromiter((s in self.pool_members for s in sequences), bool, len(sequences))
        if self.max_edits is not None:
            near = np.flatnonzero(inside)
            inside[near] = self.edits([sequences[int(i)] for i in near]) <= self.max_edits
        return inside

    def contains_codes(self, codes: Codes) -> NDArray[np.bool_]:
        """True for each row of codes (n, L), padded after its end, in this space; shape (n,)."""
        inside = self.fits(codes)
        if self.pool is not None or self.max_edits is not None:
            near = np.flatnonzero(inside)
            inside[near] = self.contains(self.alphabet.decode(codes[near]))
        return inside

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

    def edits(self, sequences: Sequence[str]) -> NDArray[np.int64]:
        """Fewest insertions, deletions and substitutions that convert the parent into each sequence, shape (n,).

        Within an edit budget, no edit touches a fixed letter. Above the budget, the number is a lower bound.
        """
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        if self.parent is None:
            raise ConfigError("counting edits requires a parent; give the space a `parent`")
        if len(sequences) == 0:
            return np.zeros(0, dtype=np.int64)
        counts = cdist([self.parent], list(sequences), scorer=Levenshtein.distance, dtype=np.int32)[0].astype(np.int64)
        if self.edit_budget is not None and self.fixed:  # Levenshtein may edit fixed letters: recount within the budget
            near = np.flatnonzero(counts <= self.edit_budget.max_edits)
            counts[near] = self.edit_budget.fewest_edits(self.alphabet.encode([sequences[int(i)] for i in near]))
        return np.asarray(counts)

    @cached_property
    def edit_budget(self) -> EditBudget | None:
        """The limits on edits from the parent; None without `max_edits`."""
        if self.max_edits is None or self.parent is None:
            return None
        kept = np.isin(np.arange(len(self.parent)), self.fixed)
        # No two sequences of the space are further apart than all letters of both.
        most = min(self.max_edits, len(self.parent) + self.max_length)
        return EditBudget(self.alphabet.encode([self.parent])[0], kept, self._letters_by_place, self.min_length, most)

    @cached_property
    def _ball(self) -> EditBall | None:
        """The counted edit budget; None without a budget, or where counting would take too long."""
        return None if self.edit_budget is None else EditBall.of(self.edit_budget)

    @cached_property
    def _scripts(self) -> EditScripts:
        """Draws from an edit budget that is too wide to be counted."""
        assert self.edit_budget is not None
        return EditScripts(self.edit_budget, self._box)

    @cached_property
    def _box(self) -> LetterBox:
        """The space without its edit budget."""
        return LetterBox(self.letters_allowed, self.min_length)

    @cached_property
    def size(self) -> int | None:
        """The exact number of sequences; None where the edit budget is too wide to be counted."""
        if self.pool is not None:
            return len(self._members)
        if self.max_edits is not None:
            return None if self._ball is None else self._ball.size
        return self._box.size

    def enumerate(self) -> list[str]:
        """Every sequence of the space, sorted by length and then by codes (a pool: in its own order)."""
        return list(self._members)

    @cached_property
    def _members(self) -> tuple[str, ...]:
        if self.pool is not None:
            return tuple(dict.fromkeys(compress(self.pool, self.contains(self.pool))))
        if self.size is None or self.size > _MAX_ENUMERATED:
            how_many = (
                f"of {_in_short(self.size)} sequences"
                if self.size
                else f"within {many(self.max_edits or 0, 'edit')}, too many to count,"
            )
            raise ConfigError(
                f"a space {how_many} is too large to enumerate (at most {_MAX_ENUMERATED:,}); "
                "narrow it with `fixed`, `allowed`, `max_edits` or a pool, or use a generator that does not enumerate"
            )
        whole = self._box.every() if self._ball is None else self._ball.every()
        return tuple(self.alphabet.decode(whole))

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` sequences drawn uniformly from the space, with replacement.

        Most draws are long, because there are more long sequences than short ones.
        """
        if self.pool is not None:
            members = self._members
            return [members[i] for i in rng.integers(len(members), size=n)]
        if self.edit_budget is None:
            return self.alphabet.decode(self._box.sample(n, rng))
        return self.alphabet.decode((self._ball or self._scripts).sample(n, rng))

    def narrowed(self, by: "Narrows") -> "Space":
        """The part of the space that a campaign's narrowing leaves."""
        return by.applied_to(self)


def compress(sequences: Iterable[str], keep: Iterable[bool]) -> list[str]:
    """The sequences whose flag is true."""
    return [sequence for sequence, kept in zip(sequences, keep, strict=True) if kept]


def _in_short(count: int) -> str:
    """A count to three digits; it may exceed the range of a float."""
    return f"{float(count):.3g}" if count.bit_length() < 1000 else f"{Decimal(count):.2e}"
