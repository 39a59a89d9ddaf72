"""The decimal mark of a column: a point or a comma. Where two readings are possible, an error asks."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from designloop.core.errors import InputError

Decimal = Literal[".", ","]
_THOUSANDS = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(,\d{3})+")
_THOUSANDS_BY_POINT = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(\.\d{3})+")
_ONE_MEANING: dict[Decimal, re.Pattern[str]] = {
    ",": re.compile(r"[-+\u2212]?\d{1,3}(\.\d{3})+,\d+|[-+\u2212]?\d{1,3}(\.\d{3}){2,}"),
    ".": re.compile(r"[-+\u2212]?\d{1,3}(,\d{3})+\.\d+|[-+\u2212]?\d{1,3}(,\d{3}){2,}"),
}
"""Decimal mark -> numbers that can be read with no other one, because the other mark separates thousands."""
_WITH_THOUSANDS: dict[Decimal, re.Pattern[str]] = {
    ",": re.compile(r"[-+\u2212]?\d{1,3}(\.\d{3})+(,\d+)?"),
    ".": re.compile(r"[-+\u2212]?\d{1,3}(,\d{3})+(\.\d+)?"),
}
_FIX = "write numbers with one decimal mark and without separators of thousands"
_HOW = 'set `decimal` to "," or "."'


def decimal_mark(
    texts: Mapping[int, str],
    place: Callable[[int], str],
    given: Decimal | None,
    *,
    commas: bool,
    points: bool = False,
) -> Decimal | None:
    """The mark in the numbers of a column, {row: text}; None where they have none.

    A number with one meaning decides for its column: `1.234,5` has a decimal comma, `1,234,567` none. Else raises
    InputError where points and commas occur, or where commas may separate thousands (`1,234`). Where `commas` is true,
    as in files separated by semicolons, a single comma is always the decimal mark, and points may separate thousands.
    They may do so also where `points` is true, as in texts among the numbers of a spreadsheet.
    """
    for mark, meant in _ONE_MEANING.items():
        if (row := next((row for row, text in texts.items() if meant.fullmatch(text)), None)) is not None:
            _check_thousands(texts, row, mark, place, given)
            return mark
    with_comma = {row: text for row, text in texts.items() if "," in text}
    with_point = next((row for row, text in texts.items() if "." in text), None)
    if not with_comma:
        if given == "," and with_point is not None:
            raise InputError(
                f"{place(with_point)}: {texts[with_point]!r} has a point, but `decimal` is a comma; {_FIX}"
            )
        if with_point is None:
            return None
        if given is None and (commas or points) and points_may_be_thousands(texts.values()):
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


def _check_thousands(
    texts: Mapping[int, str], row: int, mark: Decimal, place: Callable[[int], str], given: Decimal | None
) -> None:
    """Raises InputError where a number contradicts that of a row, in which the other mark separates thousands."""
    other = "." if mark == "," else ","
    if given == other:
        name = "comma" if given == "," else "point"
        raise InputError(
            f"{place(row)}: {texts[row]!r} separates thousands by a {name}, but `decimal` is a {name}; {_FIX}"
        )
    wrong = next(
        (at for at, text in texts.items() if other in text and not _WITH_THOUSANDS[mark].fullmatch(text)), None
    )
    if wrong is not None:
        shown = f"{texts[row]!r} in {place(row)}"
        raise InputError(
            f"{place(wrong)}: in {texts[wrong]!r}, '{other}' does not separate thousands, as it does in {shown}; {_FIX}"
        )


def in_python(text: str, mark: Decimal | None) -> str:
    """The text of a number as Python writes it, without separators of thousands."""
    if mark is None:
        return text
    return text.replace(".", "").replace(",", ".") if mark == "," else text.replace(",", "")


def points_may_be_thousands(cells: Iterable[object]) -> bool:
    """Whether some numbers have points, and all of these only where thousands may be separated (`1.234`)."""
    pointed = [text for text in map(str, cells) if "." in text]
    return bool(pointed) and all(map(_THOUSANDS_BY_POINT.fullmatch, pointed))
