"""A space is the set of sequences a campaign may build: alphabet, lengths, fixed and allowed letters, or a pool."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.spaces.columns import EditBudget
from designloop.core.spaces.edit_ball import EditBall
from designloop.core.spaces.edit_scripts import EditScripts
from designloop.core.spaces.estimate import Estimate
from designloop.core.spaces.fields import SpaceFields
from designloop.core.spaces.letter_box import LetterBox
from designloop.core.spaces.machines import AnyOf, Edits, Letters, Machine, Substitutions
from designloop.core.spaces.rule_book import RuleBook
from designloop.core.spaces.ruled_draws import MOST_LISTED, RuledDraws


class Narrows(Protocol):
    """Restricts a space, as a campaign's `Narrowing` does."""

    def applied_to(self, space: "Space") -> "Space":
        """The restricted space."""
        ...


class Space(SpaceFields):
    """The sequences that may be built. Positions count from 0, as in Python.

    Without `max_edits`, a fixed position keeps the parent's letter at its place. With `max_edits`, the letter is kept
    but may move: a sequence is inside if at most `max_edits` insertions, deletions and substitutions convert the parent
    into it, none of which deletes or substitutes a fixed letter. `allowed` always refers to positions in the sequence.
    `length=12` is short for `min_length=12, max_length=12`.
    """

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
        if self._book is not None:
            left = np.flatnonzero(inside)
            inside[left] = self._book.allow(self.alphabet.encode([sequences[int(i)] for i in left]))
        if self.max_edits is not None:
            near = np.flatnonzero(inside)
            inside[near] = self.edits([sequences[int(i)] for i in near]) <= self.max_edits
        return inside

    def contains_codes(self, codes: Codes) -> NDArray[np.bool_]:
        """True for each row of codes (n, L), padded after its end, in this space; shape (n,)."""
        inside = self.fits(codes)
        near = np.flatnonzero(inside)
        if self.pool is not None or self.max_edits is not None:
            inside[near] = self.contains(self.alphabet.decode(codes[near]))
        elif self._book is not None:
            inside[near] = self._book.allow(codes[near])
        return inside

    def edits(self, sequences: Sequence[str]) -> NDArray[np.int64]:
        """Fewest insertions, deletions and substitutions that convert the parent into each sequence, shape (n,).

        Within an edit budget, no edit touches a fixed letter. Above the budget, the number is a lower bound. Where a
        rule reads codons, only substitutions are edits, and letters that one sequence has more.
        """
        from rapidfuzz.distance import Hamming, Levenshtein
        from rapidfuzz.process import cdist

        if self.parents:
            return np.asarray(np.min([one.edits(sequences) for one in self.of_each_parent], axis=0))
        if self.parent is None:
            raise ConfigError("counting edits requires a parent; give the space a `parent`")
        if len(sequences) == 0:
            return np.zeros(0, dtype=np.int64)
        if self.reads_codons:
            return np.asarray(cdist([self.parent], list(sequences), scorer=Hamming.distance)[0].astype(np.int64))
        counts = cdist([self.parent], list(sequences), scorer=Levenshtein.distance, dtype=np.int32)[0].astype(np.int64)
        if self.edit_budget is not None and self.fixed:  # Levenshtein may edit fixed letters: recount within the budget
            near = np.flatnonzero(counts <= self.edit_budget.max_edits)
            counts[near] = self.edit_budget.fewest_edits(self.alphabet.encode([sequences[int(i)] for i in near]))
        return np.asarray(counts)

    @cached_property
    def of_each_parent(self) -> "tuple[Space, ...]":
        """The space around each parent alone, in their order."""
        return tuple(self.with_(parent=parent, parents=(), shared=None) for parent in self.every_parent)

    def levels(self, sequences: Sequence[str]) -> "list[Space]":
        """The parts of the space of which a batch is in one, where it has something `shared`: those of these sequences.

        Around each parent; or with the letters that each sequence has at the shared positions. The part with the most
        of the sequences comes first.
        """
        if self.shared == "parent":
            parts = list(self.of_each_parent)
        else:
            places = self.shared or ()
            seen = dict.fromkeys(tuple(one[place] for place in places) for one in sequences)
            parts = [self._with_letters(dict(zip(places, letters, strict=True))) for letters in seen]
        return sorted(parts, key=lambda part: -int(part.contains(sequences).sum()))

    def _with_letters(self, letters: Mapping[int, str]) -> "Space":
        """The part of the space with these letters; a parent that has others is not in it."""
        kept = {place: self.parent[place] for place in self.fixed} if self.parent is not None else {}
        has = self.parent is None or all(self.parent[place] == letter for place, letter in letters.items())
        rest: dict[str, Any] = {} if has else {"parent": None, "fixed": ()}
        return self.with_(allowed={**self.allowed, **kept, **letters}, shared=None, **rest)

    @cached_property
    def edit_budget(self) -> EditBudget | None:
        """The limits on edits from the (first) parent; None without `max_edits`."""
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
        if self._ruled is not None:
            return self._ruled.size
        if self.max_edits is not None:
            return None if self._ball is None else self._ball.size
        return self._box.size

    def estimate(self) -> Estimate:
        """The number of sequences: exact, or with its standard error. Raises ConfigError where it is out of reach."""
        if (size := self.size) is not None:
            return Estimate(size)
        return self._scripts.estimate() if self._ruled is None else self._ruled.estimate()

    @property
    def acceptance(self) -> float:
        """How hard it is to draw from: the share of draws that are kept. 1 where every draw is."""
        if self.pool is not None or (self._ruled is None and self.size is not None):
            return 1.0
        return self._scripts.acceptance if self._ruled is None else self._ruled.acceptance

    def checked(self) -> "Space":
        """The space. Raises ConfigError where no sequence obeys its rules, or fewer than one draw in a million does."""
        if self.pool is None and self._ruled is not None:
            self._ruled.check()
        elif self._ruled is not None and not self._members:
            raise ConfigError("no sequence of the pool obeys the rules of the space; relax a rule, or widen the pool")
        return self

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the rules leave out of a pool, and what an estimate of the size says, one sentence each."""
        if self._ruled is None:
            return ()
        if self.pool is not None:
            n_left_out = len(self.pool_members) - len(self._members)
            remark = f"{n_left_out:,} of {many(len(self.pool_members), 'sequence')} of the pool break the rules of the "
            return (f"{remark}space: they are not built",) if n_left_out else ()
        if self.size is not None:
            return ()
        how = "; sequences are joined from blocks, which is uniform too" if self._ruled.is_joined else ""
        share = f"{100 * self.acceptance:.2g}%" if self.acceptance else "less than 1e-300%"
        return (f"{share} of uniform draws obey all rules of the space{how}",)

    @cached_property
    def _ruled(self) -> RuledDraws | None:
        """Draws that obey the rules; None without rules."""
        return None if self._book is None else _ruled_draws(self)

    def _draws_by(self, book: RuleBook) -> RuledDraws:
        letters, edits = Letters(self.letters_allowed, self.min_length), self._edits_machine
        shape, box = (self.max_length, len(self.alphabet)), self._box
        if edits is None and self.parents:
            raise ConfigError("`max_edits` is too wide to count the edits from several parents; reduce it")
        if edits is None and self.edit_budget is not None:
            return RuledDraws(
                book, letters, None, *shape, (self._scripts.sample, self._scripts.estimate), is_too_wide=True
            )
        return RuledDraws(book, letters, edits, *shape, (box.sample, lambda: Estimate(box.size)))

    @property
    def _edits_machine(self) -> Machine | None:
        """The edit budget as a machine; None without one, or where it is too wide."""
        if self.edit_budget is None or self.max_edits is None:
            return None
        if self.parents:
            found = [one._edits_machine for one in self.of_each_parent]
            machines = [machine for machine in found if machine is not None]
            return AnyOf.of(machines, self.max_length) if len(machines) == len(found) else None
        if self.reads_codons:
            differs = np.array([[letter != own for letter in self.alphabet.letters] for own in self.parent or ""])
            return Substitutions(differs, min(self.max_edits, self.max_length))
        return Edits.of(self.edit_budget)

    def enumerate(self) -> list[str]:
        """Every sequence of the space, sorted by length and then by codes (a pool: in its own order)."""
        return list(self._members)

    @cached_property
    def _members(self) -> tuple[str, ...]:
        if self.pool is not None:
            return tuple(dict.fromkeys(compress(self.pool, self.contains(self.pool))))
        if self.size is None or self.size > MOST_LISTED:
            how_many = f"of {self.how_many}"
            raise ConfigError(
                f"a space {how_many} is too large to enumerate (at most {MOST_LISTED:,}); "
                "narrow it with `fixed`, `allowed`, `max_edits` or a pool, or use a generator that does not enumerate"
            )
        counted = self._ruled or self._ball or self._box
        return tuple(self.alphabet.decode(counted.every()))

    @property
    def how_many(self) -> str:
        """`1.2e+09 sequences`, or `too many sequences to count`."""
        try:
            return f"{self.estimate()} sequences"
        except ConfigError:
            return "too many sequences to count"

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` sequences drawn uniformly from the space, with replacement.

        Most draws are long, because there are more long sequences than short ones.
        """
        if self.pool is not None:
            members = self._members
            return [members[i] for i in rng.integers(len(members), size=n)]
        if self._ruled is not None:
            return self.alphabet.decode(self._ruled.sample(n, rng))
        if self.edit_budget is None:
            return self.alphabet.decode(self._box.sample(n, rng))
        return self.alphabet.decode((self._ball or self._scripts).sample(n, rng))

    def mended(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Encoded sequences, (n, L), where those that break a rule have a few letters drawn again until they obey.

        Those for which no such letters are found stay as they are, outside the space. Nothing is drawn without rules.
        """
        if self._ruled is None or self.pool is not None:
            return codes
        return self._ruled.mended(codes, 3 if self.reads_codons else 1, rng)

    def mended_texts(self, sequences: list[str], rng: np.random.Generator) -> list[str]:
        """The same for texts in the letters of the alphabet; those that are too long for the space stay as they are."""
        if self._ruled is None or self.pool is not None or not sequences:
            return sequences
        return self.alphabet.decode(self.mended(self.alphabet.encode(sequences), rng))

    def narrowed(self, by: "Narrows") -> "Space":
        """The part of the space that a campaign's narrowing leaves."""
        return by.applied_to(self)


def compress(sequences: Iterable[str], keep: Iterable[bool]) -> list[str]:
    """The sequences whose flag is true."""
    return [sequence for sequence, kept in zip(sequences, keep, strict=True) if kept]


@lru_cache(maxsize=16)
def _ruled_draws(space: Space) -> RuledDraws:
    """The draws of a space with rules: equal spaces share them, because a campaign makes its space several times."""
    assert space._book is not None
    return space._draws_by(space._book)
