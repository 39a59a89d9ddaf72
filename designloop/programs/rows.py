"""Rows: the messages as one row of CSV each, for programs that read no JSON. The first cell is the type of the message.

hello,1,0.2.0,ACGT        ready,1
evaluate,7,ACGT,ACGA      values,7,0.25,NA
                          error,no such file
"""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from designloop.core.errors import ProgramError
from designloop.programs import messages
from designloop.programs.messages import Message, Reported, type_of
from designloop.programs.process import shown

M = TypeVar("M", bound=Message)

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MISSING = ("na", "nan")


def line_of(message: Mapping[str, Any]) -> bytes:
    """A message as a row, without quotes. No value may hold a comma, a quote or a line's end."""
    return ",".join(_cells_of(message)).encode() + b"\n"


def _cells_of(message: Mapping[str, Any]) -> Iterator[str]:
    for value in message.values():
        yield from map(str, value) if isinstance(value, list | tuple) else (str(value),)


def read(line: bytes, kind: type[M]) -> M:
    """The message of this kind in a row. Raises ProgramError: the program's own error, or what is wrong."""
    word, *cells = _cells(line)
    if word == "error":
        raise Reported(f"reported an error: {', '.join(cells)}")
    if word != (wanted := type_of(kind)):
        raise ProgramError(f"answered {shown(line)}, expected a row that begins with `{wanted}`")
    names = [name for name in kind.model_fields if name != "type"]
    found: dict[str, Any] = {"type": word, **dict(zip(names, map(_fact, cells), strict=False))}
    if "values" in names:
        first = names.index("values")
        found["values"] = [_value(cell, place) for place, cell in enumerate(cells[first:], start=1)]
    return messages.read(messages.line_of(found), kind)


def _fact(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdecimal() else cell


def _cells(line: bytes) -> list[str]:
    try:
        text = line.decode()
        (cells,) = csv.reader([text.rstrip("\r")], strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ProgramError(f"answered {shown(line)}, which is not one row of CSV in UTF-8 ({error})") from None
    return [cell.strip() for cell in cells] or [""]


def _value(cell: str, place: int) -> float | None:
    """A cell as a number; None where it says that there is none. A bare cell is neither."""
    if cell.casefold() in _MISSING:
        return None
    number = float(cell) if _NUMBER.fullmatch(cell) else float("inf")
    if abs(number) == float("inf"):
        raise ProgramError(
            f"answered {cell!r} as value {place}; write a finite number with a decimal point, or NA for a sequence "
            "that is not viable"
        )
    return number
