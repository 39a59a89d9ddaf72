"""An alphabet is an ordered set of one-character letters; sequences are strings over it."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    model_validator,
)
from pydantic_core import core_schema

from designloop.core.errors import InputError, did_you_mean

PAD = -1
"""The code that fills an encoded array after the end of a shorter sequence."""

_STATE_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + "".join(
    chr(code) for code in range(0xC0, 0x250) if chr(code).isalpha()
)

Codes = NDArray[np.int16]


class Alphabet(BaseModel):
    """An ordered set of letters. The index of a letter is its code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="name of the alphabet")
    letters: str = Field(min_length=1, description="every letter once, in the order of the codes")

    @model_validator(mode="after")
    def _letters_are_distinct(self) -> "Alphabet":
        if len(set(self.letters)) != len(self.letters):
            raise ValueError(f"alphabet '{self.name}' contains a letter twice: {self.letters!r}; give each letter once")
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alphabet) and (self.name, self.letters) == (other.name, other.letters)

    def __hash__(self) -> int:
        return hash((self.name, self.letters))

    def __len__(self) -> int:
        return len(self.letters)

    @cached_property
    def _code_of(self) -> NDArray[np.int16]:
        """Code of each Unicode point: PAD at zero, -2 where the point is not a letter; shape (max point + 2,)."""
        points = [ord(letter) for letter in self.letters]
        table = np.full(max(points) + 2, -2, dtype=np.int16)
        table[points] = np.arange(len(points), dtype=np.int16)
        table[0] = PAD
        return table

    def encode(self, sequences: Sequence[str]) -> Codes:
        """Codes of `sequences`, shape (n, longest), int16, padded with PAD.

        Raises InputError with the sequence, the position and the letter that is not in this alphabet.
        """
        if len(sequences) == 0:
            return np.zeros((0, 0), dtype=np.int16)
        if (even := self._encoded_evenly(sequences)) is not None:
            return even
        text = np.asarray(sequences, dtype=np.str_)
        width = text.dtype.itemsize // 4
        if width == 0:
            return np.zeros((len(sequences), 0), dtype=np.int16)
        points = np.ascontiguousarray(text).view(np.uint32).reshape(len(sequences), width)
        codes = self._code_of[np.minimum(points, len(self._code_of) - 1)]
        ended = codes == PAD
        codes[:, :-1][ended[:, :-1] & ~ended[:, 1:]] = -2  # a NUL inside a sequence, not after its end
        if (codes == -2).any():
            row, position = (int(i) for i in np.argwhere(codes == -2)[0])
            raise InputError(
                f"letter {sequences[row][position]!r} at position {position + 1} of sequence {row + 1} "
                f"is not in the {self.name} alphabet ({self.letters})"
            )
        return codes

    def _encoded_evenly(self, sequences: Sequence[str]) -> Codes | None:
        """The codes of sequences of one length whose letters are all in this alphabet and ASCII; else None."""
        width = len(sequences[0])
        text = "".join(sequences)
        if not width or not text.isascii() or set(map(len, sequences)) != {width}:
            return None
        table = np.full(128, -2, dtype=np.int16)
        known = self._code_of[1:128]  # without the NUL that pads sequences
        table[1 : len(known) + 1] = known
        codes = table[np.frombuffer(text.encode(), np.uint8)].reshape(len(sequences), width)
        return None if codes.min() < 0 else codes

    def decode(self, codes: NDArray[Any]) -> list[str]:
        """Strings of `codes`, integers of shape (n, L). Each string ends at its first PAD."""
        array = np.asarray(codes)
        if array.ndim != 2 or not np.issubdtype(array.dtype, np.integer):
            raise InputError(f"decode expected integers of shape (n, L), got {array.dtype} of shape {array.shape}")
        if array.size and (array.min() < PAD or array.max() >= len(self)):
            raise InputError(
                f"expected codes of the {self.name} alphabet, 0..{len(self) - 1}, got "
                f"{int(array.max() if array.max() >= len(self) else array.min())}"
            )
        if array.shape[1] == 0:
            return [""] * len(array)
        points = np.array([*(ord(letter) for letter in self.letters), 0], dtype=np.uint32)[array]
        text = np.ascontiguousarray(points).view(f"<U{array.shape[1]}").reshape(len(array))
        return [str(sequence) for sequence in text]

    def wrong_letter(self, sequence: str) -> tuple[int, str] | None:
        """(position from 0, letter) of the first letter that is not in this alphabet, or None."""
        return next(((i, letter) for i, letter in enumerate(sequence) if letter not in self.letters), None)


DNA = Alphabet(name="dna", letters="ACGT")
RNA = Alphabet(name="rna", letters="ACGU")
PROTEIN = Alphabet(name="protein", letters="ACDEFGHIKLMNPQRSTVWY")


@lru_cache
def states(n: int) -> Alphabet:
    """An alphabet of `n` numbered states, for closed-form landscapes: 0-9, A-Z, a-z, then accented letters."""
    if not 1 <= n <= len(_STATE_LETTERS):
        raise InputError(f"states({n}): expected a number from 1 to {len(_STATE_LETTERS)}")
    return Alphabet(name=f"states-{n}", letters=_STATE_LETTERS[:n])


def alphabet_named(value: Any) -> Any:
    """The alphabet called `dna`, `rna`, `protein` or `states-N`. Values other than text are left to pydantic."""
    if not isinstance(value, str):
        return value
    known = {alphabet.name: alphabet for alphabet in (DNA, RNA, PROTEIN)}
    name = value.lower()
    if name in known:
        return known[name]
    if name.startswith("states-") and name.removeprefix("states-").isdigit():
        return states(int(name.removeprefix("states-")))
    raise ValueError(f"unknown alphabet '{value}'{did_you_mean(name, [*known, 'states-32'])}")


def _short(alphabet: Alphabet) -> Any:
    try:
        same = alphabet_named(alphabet.name) == alphabet
    except ValueError:
        same = False
    return alphabet.name if same else alphabet.model_dump()


class _OrName:
    """The schema of what `alphabet_named` reads: a name, or the letters in full."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "examples": ["dna", "rna", "protein", "states-32"]}, handler(schema)]}


AlphabetField = Annotated[Alphabet, BeforeValidator(alphabet_named), PlainSerializer(_short), _OrName()]
"""An alphabet in a description: by name, or as {name, letters}."""
