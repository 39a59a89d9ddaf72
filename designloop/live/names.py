"""The names of designs: what order sheets call them, and how result files may name them."""

import re
from collections.abc import Collection, Iterable

from designloop.core.errors import near_word

_NUMBER = re.compile(r"(?:(?P<word>.+)_)?(?P<number>\d{1,9})")
_PLATE = re.compile(r"(?<![A-Z0-9])R\d+P\d+(?![A-Z0-9])", re.IGNORECASE)
_OTHER = re.compile(r"[^a-z0-9]+")
PLAIN = "design"
"""What a design may be called in every campaign: `design_12`."""


def slug(name: str) -> str:
    """A name in small letters, digits and `_`: `My RBS` is `my_rbs`."""
    return _OTHER.sub("_", name.lower()).strip("_") or PLAIN


def design_name(campaign: str, design: int) -> str:
    """`my_rbs_12`: no name of a well, and nothing that a spreadsheet takes for a date or a number."""
    return f"{slug(campaign)}_{design}"


def number_in(text: str, campaign: str) -> int | None:
    """The design that a text names: `my_rbs_12`, `design 12`, `12`; None where it names none."""
    found = _NUMBER.fullmatch(slug(text.strip().removesuffix(".0")))
    if found is None or text.strip().startswith("-") or found["word"] not in (None, PLAIN, slug(campaign)):
        return None
    return int(found["number"])


def no_plate(name: str, plates: Iterable[str]) -> str:
    """The message on a plate that is none of the campaign."""
    known = list(plates)
    return f"no plate '{name}' (plates: {', '.join(known) or 'none'}){near_word(name, known)}"


def no_round(number: int, known: Collection[int]) -> str:
    """`there is no round 7 (rounds: 1, 2)`, or that there is none yet."""
    if not known:
        return "no round is ordered yet; ask for a batch first (`designloop live ask`)"
    return f"there is no round {number} (rounds: {', '.join(map(str, sorted(known)))})"


def plates_in(text: str, plates: Iterable[str]) -> list[str]:
    """The plates that a text names, in any case: `plate r1p1, GFP`, `R1P1_reader.csv`."""
    words = set(re.split(r"[^A-Z0-9]+", text.upper()))
    return [name for name in plates if name in words]


def is_like_a_plate(text: str) -> bool:
    """Whether a text has a word that is written as the names of plates are."""
    return _PLATE.search(text) is not None
