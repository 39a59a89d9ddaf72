"""The decimal mark of a column: a point or a comma. Where two readings are possible, an error asks."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from designloop.core.errors import InputError

Decimal = Literal[".", ","]
_THOUSANDS = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(,\d{3})+")
_THOUSANDS_BY_POINT = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(\.\d{3})+")
_FIX = "write numbers with one decimal mark and without separators of thousands"
_HOW = 'set `decimal` to "," or "."'


def decimal_mark(
    texts: Mapping[int, str], place: Callable[[int], str], given: Decimal | None, *, commas: bool
) -> Decimal | None:
    """The mark in the numbers of a column, {row: text}; None where they have none.

    Raises InputError where points and commas occur, or where commas may separate thousands (`1,234`). Where `commas` is
    true, as in files separated by semicolons, a single comma is always the decimal mark, and points may separate
    thousands.
    """
    with_comma = {row: text for row, text in texts.items() if "," in text}
    with_point = next((row for row, text in texts.items() if "." in text), None)
    if not with_comma:
        if given == "," and with_point is not None:
            raise InputError(
                f"{place(with_point)}: {texts[with_point]!r} has a point, but `decimal` is a comma; {_FIX}"
            )
        if with_point is None:
            return None
        if given is None and commas and points_may_be_thousands(texts.values()):
            shown = f"{place(with_point)}: in {texts[with_point]!r}"
            raise InputError(
                f'{shown} the point may separate thousands; set `decimal` to "." if it does not, or {_FIX}'
            )
        return "."
    row, text = next(iter(with_comma.items()))
    if given == ".":
        raise InputError(f"{place(row)}: {text!r} has a comma, but `decimal` is a point; {_FIX}")
    if with_point is not None:
        other = "" if with_point == row else f", and {texts[with_point]!r} in {place(with_point)} has a point"
        raise InputError(f"{place(row)}: {text!r} has a comma{other}; {_FIX}")
    if twice := next((row for row, text in with_comma.items() if text.count(",") > 1), None):
        raise InputError(f"{place(twice)}: {texts[twice]!r} has two commas; {_FIX}")
    if given is None and not commas and all(map(_THOUSANDS.fullmatch, with_comma.values())):
        raise InputError(f"{place(row)}: in {text!r} the comma may separate thousands or decimals; {_HOW}, or {_FIX}")
    return ","


def points_may_be_thousands(cells: Iterable[object]) -> bool:
    """Whether some numbers have points, and all of these only where thousands may be separated (`1.234`)."""
    pointed = [text for text in map(str, cells) if "." in text]
    return bool(pointed) and all(map(_THOUSANDS_BY_POINT.fullmatch, pointed))
