"""Units beside numbers: `12.5 nM` in a cell, `value (nM)` in a header. A column has one unit, or none."""

import re
from collections.abc import Callable, Mapping

from designloop.core.errors import InputError

_NUMBER = r"[-+\u2212]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][-+\u2212]?\d{1,3})?"
_UNIT = r"%|(?![eE][-+]?\d)[^\W\d_][\w./·*^\u207b\u00b9\u00b2\u00b3-]*|°[CF]"
_WITH_UNIT = re.compile(rf"(?P<number>{_NUMBER})(?:\s+|(?!\D*\d))(?P<unit>{_UNIT})")
"""Without a blank between them, a unit has no digit: 0x10 and 1e999 are none."""
_IN_HEADER = re.compile(rf"(?P<name>.*\S)\s*[(\[]\s*(?P<unit>{_UNIT})\s*[)\]]")
_USUAL = (
    r"%|°C|[fpnuµ\u03bcm]M|(?<=/)M|(?<=/ )M|[fpnuµ\u03bcm]?mol/[muµ\u03bc]?[lL]"
    r"|[fpnuµ\u03bcmk]g(?:/[muµ\u03bcn]?[lLg])?|g/[lL]|k?cal/mol|k?J/mol|m?A\.?U\.?|a\.u\.|RU|RFU|RLU"
    r"|m?U/m[lLg]|U/[lL]|m?OD|ppm|ppb|1/(?:s|min|h)|(?:s|min|h)\^?-1"
)
"""Units that are known without brackets around them."""
_AFTER_NAME = re.compile(rf"(?P<name>.*[^\s/,;:_-])(?:\s*[/,;:]\s*|\s+in\s+|[\s_-]+)(?P<unit>{_USUAL})")
"""`Kd / nM`, `value_nM`, `value nM`, `value, nM`, `Kd in nM`."""
_MICRO = re.compile(r"\u03bc|^u(?=[A-Z]|g\b|l\b|mol\b|m\b)")
"""A Greek mu, or the u that stands for it."""
_EXPONENTS = ("e", "E", "d", "D")


def without_unit(text: str) -> tuple[str, str]:
    """The number of a cell as text, and its unit; the text itself and no unit where it is not of this form."""
    found = _WITH_UNIT.fullmatch(text)
    if found is None or found["unit"] in _EXPONENTS:
        return text, ""
    return found["number"], _folded(found["unit"])


def named_and_unit(name: str) -> tuple[str, str]:
    """The name of a column and its unit; no unit where the header says none.

    `value (nM)`, `value [nM]`, `value / nM`, `value_nM` and `value nM` are `value` in `nM`. Without brackets, only
    usual units are taken for such.
    """
    found = _IN_HEADER.fullmatch(name.strip()) or _AFTER_NAME.fullmatch(name.strip())
    return (name, "") if found is None else (found["name"], _folded(found["unit"]))


def one_unit(units: Mapping[int, str], text: Callable[[int], str], place: Callable[[int], str]) -> str:
    """The unit of a column, {row: unit}; `text` gives the text of a row. Raises InputError where there are several."""
    first = next(iter(units), None)
    if first is None:
        return ""
    other = next((row for row, unit in units.items() if unit != units[first]), None)
    if other is not None:
        row, against = (other, first) if units[other] else (first, other)
        what = f"is in {units[against]}" if units[against] else "has no unit"
        raise InputError(
            f"{place(row)}: {text(row)!r} is in {units[row]}, but {text(against)!r} in {place(against)} {what}; write "
            "all numbers of a column in one unit"
        )
    return units[first]


def _folded(unit: str) -> str:
    return _MICRO.sub("\u00b5", unit)
