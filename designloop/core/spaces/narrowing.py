"""A narrowing restricts the oracle's space for a campaign: lengths, letters, edits from a parent, or a pool."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.files import FilePath
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.sequence_file import SequenceFile
from designloop.core.readers.sequences import warned
from designloop.core.spaces.rule import Rule
from designloop.core.spaces.space import Space, compress
from designloop.core.spaces.takes_length import TakesLength


class Narrowing(TakesLength):
    """Restrictions of the oracle's space. A field that is not given keeps the oracle's value.

    `length` is short for equal `min_length` and `max_length`.
    """

    min_length: int | None = Field(None, ge=1, le=1_000_000, description="length of the shortest sequence")
    max_length: int | None = Field(None, ge=1, le=1_000_000, description="length of the longest sequence")
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
    pool: tuple[str, ...] | SequenceFile | FilePath | None = Field(
        None, repr=False, description="the only sequences that may be built: a list or a file"
    )
    rules: tuple[Rule, ...] = Field((), description="demands on the whole sequence, which every design obeys")
    shared: Literal["parent"] | tuple[int, ...] | None = Field(
        None,
        description="what all designs of one batch have in common: `parent`, one of several parents; or positions "
        "from 0 at which they have the same letters, such as the backbone of a plate",
    )
    excluded: tuple[str, ...] | SequenceFile | FilePath | None = Field(
        None, repr=False, description="sequences that may not be built: a list or a file"
    )

    def applied_to(self, space: Space) -> Space:
        """The restricted space. Raises ConfigError where it is empty, or exceeds the oracle's space.

        Sequences are read as those of files: in any case, with T or U, and with blanks.
        """
        return self._written_in(space.alphabet)._applied_to(space)

    def _written_in(self, alphabet: Alphabet) -> Self:
        """The same restrictions, in the letters of the alphabet."""

        def listed(given: tuple[str, ...] | SequenceFile | str | None) -> tuple[str, ...] | SequenceFile | str | None:
            return tuple(map(letters, given)) if isinstance(given, tuple) else given

        def letters(text: str) -> str:
            return in_letters_of(alphabet, "".join(text.split()))

        return self.with_(
            parent=None if self.parent is None else letters(self.parent),
            parents=listed(self.parents),
            allowed={place: letters(text) for place, text in self.allowed.items()},
            pool=listed(self.pool),
            excluded=listed(self.excluded),
        )

    def _applied_to(self, space: Space) -> Space:
        longest = self.max_length if self.max_length is not None else space.max_length
        if longest > space.max_length or (self.min_length or space.min_length) < space.min_length:
            raise ConfigError(
                f"the campaign's lengths {self.min_length or space.min_length}..{longest} exceed the oracle's "
                f"{space.min_length}..{space.max_length}"
            )
        by_code, pool = np.array(list(space.alphabet.letters)), self._narrowed_pool(space)
        excluded, _ = _listed(self.excluded, space.alphabet)
        try:
            mask = self._narrowed_letters(space)
            return space.with_(
                min_length=self.min_length if self.min_length is not None else space.min_length,
                max_length=longest,
                parent=self.parent if self.parent is not None else space.parent,
                parents=self.parents or space.parents,
                fixed=tuple({*space.fixed, *self.fixed}),
                allowed={i: "".join(by_code[row]) for i, row in enumerate(mask[:longest]) if not row.all()},
                max_edits=self._narrowed_edits(space),
                pool=pool,
                shared=self.shared if self.shared is not None else space.shared,
                rules=(*space.rules, *self.rules),
                excluded=tuple(dict.fromkeys([*space.excluded, *excluded])),
            )
        except ValidationError as error:
            reasons = (problem["msg"].removeprefix("Value error, ") for problem in error.errors())
            raise ConfigError(f"the campaign's space does not fit the oracle's: {'; '.join(reasons)}") from error
        except ValueError as error:
            raise ConfigError(f"the campaign's space does not fit the oracle's: {error}") from error

    def _narrowed_letters(self, space: Space) -> NDArray[np.bool_]:
        mask = space.letters_allowed.copy()
        for position, letters in self.allowed.items():
            if not 0 <= position < space.max_length:
                raise ValueError(f"position {position} is outside 0..{space.max_length - 1}")
            space.check_letters(letters, f"allowed letters at position {position}")
            mask[position] &= [letter in letters for letter in space.alphabet.letters]
        return mask

    def _narrowed_edits(self, space: Space) -> int | None:
        if space.max_edits is None:
            return self.max_edits
        if self.parents or self.parent not in (None, space.parent) or (self.max_edits or 0) > space.max_edits:
            raise ValueError(
                f"the oracle allows at most {many(space.max_edits, 'edit')} of {space.parent}; reduce `max_edits`, and "
                "keep that parent"
            )
        return self.max_edits if self.max_edits is not None else space.max_edits

    def _narrowed_pool(self, space: Space) -> tuple[str, ...] | None:
        if self.pool is None:
            return space.pool
        pool, where = _listed(self.pool, space.alphabet)
        outside = compress(pool, ~space.contains(pool))
        if outside:
            raise ConfigError(
                f"the campaign's pool{where}: {many(len(outside), 'sequence', 'are')} outside the oracle's space, "
                f"first {outside[0]!r}"
            )
        return tuple(dict.fromkeys(pool))


def _listed(given: tuple[str, ...] | SequenceFile | str | None, alphabet: Alphabet) -> tuple[tuple[str, ...], str]:
    """The sequences of a list or a file, and ` (file)`."""
    file = SequenceFile(path=given) if isinstance(given, str) else given
    if isinstance(file, SequenceFile):
        return tuple(warned(file.read(alphabet))), f" ({file.path})"
    return file or (), ""
