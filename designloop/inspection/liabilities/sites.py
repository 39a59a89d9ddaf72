"""Sites: short patterns of letters, such as the recognition sites of restriction enzymes, and motifs of proteins."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from designloop.core.errors import near_word
from designloop.core.parts import Part

_ENZYMES = Path(__file__).parent / "presets" / "enzymes.yaml"
_CODES = {
    **{letter: letter for letter in "ACGT"},
    "R": "[AG]", "Y": "[CT]", "S": "[CG]", "W": "[AT]", "K": "[GT]", "M": "[AC]",
    "B": "[CGT]", "D": "[AGT]", "H": "[ACT]", "V": "[ACG]", "N": "[ACGT]",
}  # fmt: skip
_PAIRS = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")
_MOTIF = re.compile(r"(?:[A-Z]|\[\^?[A-Z]+\]|\.)+[$]?|\^(?:[A-Z]|\[\^?[A-Z]+\]|\.)+")
Flag = Literal["any", "gained", "never"]


@cache
def enzymes() -> dict[str, str]:
    """Name of a restriction enzyme -> its recognition site in IUPAC codes."""
    from designloop.core.config import read_document

    return {str(name): str(letters) for name, letters in read_document(_ENZYMES).data.items()}


class Site(Part):
    """A site of DNA that a sequence should not hold on either strand: the name of an enzyme, or letters of its own."""

    name: str = Field(min_length=1, description="its name, as of a restriction enzyme")
    letters: str = Field(
        min_length=1, max_length=100, description="its letters in IUPAC codes; default: those of the enzyme"
    )

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        value = {"name": value} if isinstance(value, str) else value
        if not isinstance(value, dict) or "letters" in value or not isinstance(value.get("name"), str):
            return value
        known = {name.lower(): name for name in enzymes()}
        name = known.get(value["name"].lower())
        if name is None:
            raise ValueError(
                f"the site of enzyme '{value['name']}' is not known; give its letters, as in "
                f"{{name: MyEnzyme, letters: GGTCTC}}{near_word(value['name'], enzymes())}"
            )
        return {"name": name, "letters": enzymes()[name]}

    @field_validator("letters")
    @classmethod
    def _is_iupac(cls, value: str) -> str:
        letters = value.upper().replace("U", "T")
        if wrong := sorted(set(letters) - set(_CODES)):
            raise ValueError(f"{wrong[0]!r} is no IUPAC code of DNA ({''.join(_CODES)})")
        return letters

    def places(self, sequence: str) -> list[int]:
        """Where it begins on either strand of a sequence of A, C, G and T, from 0; overlapping sites too."""
        return sorted({at for pattern in _both(self.letters) for at in _matches(pattern, sequence)})


class Motif(Part):
    """A motif of a protein, such as a site of glycosylation."""

    name: str = Field(min_length=1, description="what happens there")
    pattern: str = Field(
        min_length=1,
        max_length=100,
        description="letters, `.` for any, `[ST]` for one of several, `[^P]` for any other; `^` and `$` are the ends",
    )
    flag: Flag = Field(
        "gained",
        description="`any`: each one is a liability; `gained`: one that the parent of the space, else the nearest "
        "known sequence, does not have at its place; `never`: it is listed only",
    )

    @field_validator("pattern")
    @classmethod
    def _is_simple(cls, value: str) -> str:
        if not _MOTIF.fullmatch(value):
            raise ValueError(f"cannot read '{value}'; write letters, `.`, `[ST]` or `[^P]`, as in N[^P][ST]")
        return value

    def places(self, sequence: str) -> list[int]:
        """Where it begins in a sequence, from 0; overlapping ones too."""
        return list(_matches(_compiled(self.pattern), sequence))


@cache
def _both(letters: str) -> tuple[re.Pattern[str], ...]:
    strands = dict.fromkeys((letters, letters.translate(_PAIRS)[::-1]))
    return tuple(_compiled("".join(_CODES[letter] for letter in strand)) for strand in strands)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that also finds overlapping places."""
    body = pattern.removeprefix("^")
    return re.compile(f"{'^' if body != pattern else ''}(?={body})")


def _matches(pattern: re.Pattern[str], sequence: str) -> Iterator[int]:
    return (found.start() for found in pattern.finditer(sequence))
