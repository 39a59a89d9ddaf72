"""A space is the set of sequences a campaign may build: alphabet, lengths, fixed and allowed letters, or a pool."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import PAD, Alphabet, AlphabetField, Codes
from designloop.core.errors import ConfigError, InputError
from designloop.core.parts import Part

if TYPE_CHECKING:
    from designloop.core.spaces.narrowing import Narrowing

_MAX_ENUMERATED = 2_000_000


class Space(Part):
    """The sequences that may be built. Positions count from 0, as in Python."""

    alphabet: AlphabetField
    min_length: int = Field(ge=1, description="letters in the shortest sequence")
    max_length: int = Field(ge=1, description="letters in the longest sequence")
    parent: str | None = Field(
        None, description="the sequence that edits are counted from, and fixed letters copied from"
    )
    fixed: tuple[int, ...] = Field((), description="positions that keep the parent's letter")
    allowed: dict[int, str] = Field({}, description="position: the letters allowed there")
    max_edits: int | None = Field(
        None, ge=0, description="insertions, deletions and substitutions allowed from the parent"
    )
    pool: tuple[str, ...] | None = Field(None, repr=False, description="the only sequences that may be built")

    @model_validator(mode="after")
    def _is_consistent(self) -> "Space":
        if self.max_length < self.min_length:
            raise ValueError(f"max_length {self.max_length} is below min_length {self.min_length}")
        if self.parent is None and (self.fixed or self.max_edits is not None):
            raise ValueError("fixed positions and max_edits are counted from a parent; give `parent:`")
        for position in (*self.fixed, *self.allowed):
            if not 0 <= position < self.max_length:
                raise ValueError(f"position {position} is outside 0..{self.max_length - 1}")
        for position in self.fixed:
            if position >= len(self.parent or ""):
                raise ValueError(f"fixed position {position} lies behind the end of the parent")
        for position, letters in self.allowed.items():
            if not letters:
                raise ValueError(f"no letter is allowed at position {position}")
            self.check_letters(letters, f"allowed letters at position {position}")
        if self.parent is not None:
            self.check_letters(self.parent, "the parent")
            if not self._fits_letters([self.parent])[0]:
                raise ValueError("the parent itself is outside the space (its length or an allowed letter)")
        if self.pool is not None and not self.pool:
            raise ValueError("the pool is empty")
        return self

    def check_letters(self, sequence: str, what: str) -> None:
        """Raise ValueError naming the first letter that is not of the alphabet, and its place in `what`."""
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
        """A closed pool. Letters are the caller's to have checked; duplicates are dropped, the order is kept."""
        lengths = [len(sequence) for sequence in pool]
        bounds = {"min_length": min(lengths, default=1), "max_length": max(lengths, default=1)}
        return cls(alphabet=alphabet, **bounds, pool=tuple(dict.fromkeys(pool)), **fields)

    @property
    def has_one_length(self) -> bool:
        """True where every sequence is equally long."""
        return self.min_length == self.max_length

    @cached_property
    def letters_allowed(self) -> NDArray[np.bool_]:
        """True where a letter may stand, shape (max_length, letters)."""
        mask = np.ones((self.max_length, len(self.alphabet)), dtype=bool)
        for position, letters in self.allowed.items():
            mask[position] = [letter in letters for letter in self.alphabet.letters]
        for position in self.fixed:
            mask[position] = [letter == (self.parent or "")[position] for letter in self.alphabet.letters]
        return mask

    @cached_property
    def free_positions(self) -> NDArray[np.int64]:
        """Positions where more than one letter may stand."""
        return np.flatnonzero(self.letters_allowed.sum(axis=1) > 1)

    @cached_property
    def pool_members(self) -> frozenset[str]:
        """The pool as a set; empty where the space is open."""
        return frozenset(self.pool or ())

    def padded_codes(self, sequences: Sequence[str]) -> Codes:
        """Codes of shape (n, max_length), PAD behind the end."""
        codes = np.full((len(sequences), self.max_length), PAD, dtype=np.int16)
        if len(sequences):
            known = self.alphabet.encode(sequences)
            codes[:, : known.shape[1]] = known
        return codes

    def contains(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """True for each sequence of this space, shape (n,). A letter of another alphabet is simply outside."""
        if len(sequences) == 0:
            return np.zeros(0, dtype=bool)
        inside = self._fits_letters(sequences)
        if self.pool is not None:
            inside &= np.fromiter((s in self.pool_members for s in sequences), bool, len(sequences))
        if self.max_edits is not None:
            inside &= self.edits(sequences) <= self.max_edits
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
        """True where lengths, fixed and allowed letters hold, for encoded sequences (n, L); shape (n,)."""
        lengths = (codes != PAD).sum(axis=1)
        inside = (lengths >= self.min_length) & (lengths <= self.max_length)
        codes = codes[:, : self.max_length]
        allowed = self.letters_allowed[np.arange(codes.shape[1]), np.maximum(codes, 0)] | (codes == PAD)
        return np.asarray(inside & allowed.all(axis=1))

    def edits(self, sequences: Sequence[str]) -> NDArray[np.int64]:
        """Insertions, deletions and substitutions (Levenshtein) from the parent, shape (n,)."""
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        if self.parent is None:
            raise ConfigError("edits are counted from a parent; give the space one")
        counts = cdist([self.parent], list(sequences), scorer=Levenshtein.distance, dtype=np.int32)
        return np.asarray(counts[0], dtype=np.int64)

    @cached_property
    def size(self) -> int | None:
        """How many sequences the space holds; None where an edit budget leaves it uncounted."""
        if self.pool is not None:
            return int(self.contains(self.pool).sum())
        if self.max_edits is not None:
            return None
        choices = [int(n) for n in self.letters_allowed.sum(axis=1)]
        total, product_so_far = 0, 1
        for length, n_letters in enumerate(choices, start=1):
            product_so_far *= n_letters
            total += product_so_far if length >= self.min_length else 0
        return total

    def enumerate(self) -> list[str]:
        """Every sequence of the space, in alphabetical order of codes (a pool: in its own order)."""
        return list(self._members)

    @cached_property
    def _members(self) -> tuple[str, ...]:
        if self.pool is not None:
            return tuple(s for s, inside in zip(self.pool, self.contains(self.pool), strict=True) if inside)
        count = self.with_(max_edits=None).size or 0
        if count > _MAX_ENUMERATED:
            raise ConfigError(
                f"a space of {count:.3g} sequences is too large to enumerate (at most {_MAX_ENUMERATED:,}); "
                "narrow it with `fixed`, `allowed` or a pool"
            )
        every_letter = np.array(list(self.alphabet.letters))
        letters = ["".join(every_letter[row]) for row in self.letters_allowed]
        lengths = range(self.min_length, self.max_length + 1)
        every = ["".join(choice) for length in lengths for choice in product(*letters[:length])]
        return tuple(s for s, inside in zip(every, self.contains(every), strict=True) if inside)

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` sequences of the space, uniform over a pool, over letters within a length; may repeat."""
        if self.pool is not None:
            members = self._members
            return [members[i] for i in rng.integers(len(members), size=n)]
        if self.max_edits is not None:
            return self._edited_parents(n, rng)
        lengths = rng.integers(self.min_length, self.max_length + 1, size=n)
        weights = rng.random((n, self.max_length, len(self.alphabet))) * self.letters_allowed
        codes = weights.argmax(axis=2).astype(np.int16)
        codes[np.arange(self.max_length) >= lengths[:, None]] = PAD
        return self.alphabet.decode(codes)

    def _edited_parents(self, n: int, rng: np.random.Generator) -> list[str]:
        """Parents with 0 to max_edits letters substituted at free positions."""
        codes = np.repeat(self.alphabet.encode([self.parent or ""]), n, axis=0)
        free = self.free_positions[self.free_positions < codes.shape[1]]
        n_edits = rng.integers(0, min(self.max_edits or 0, len(free)) + 1, size=n)
        ranks = rng.random((n, len(free))).argsort(axis=1).argsort(axis=1)
        weights = rng.random((n, codes.shape[1], len(self.alphabet))) * self.letters_allowed[: codes.shape[1]]
        letters = weights.argmax(axis=2)
        chosen = ranks < n_edits[:, None]
        codes[:, free] = np.where(chosen, letters[:, free], codes[:, free])
        return self.alphabet.decode(codes)

    def narrowed(self, by: "Narrowing") -> "Space":
        """The part of this space that also lies in what a campaign narrows it to."""
        return by.applied_to(self)


def compress(sequences: Iterable[str], keep: Iterable[bool]) -> list[str]:
    """The sequences whose flag is true."""
    return [sequence for sequence, kept in zip(sequences, keep, strict=True) if kept]
