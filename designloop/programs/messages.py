"""The messages: JSON objects, one a line. What a program answers is checked strictly, and refused in words."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from designloop.core.errors import ProgramError, did_you_mean
from designloop.programs.process import shown

PROTOCOL = 1
"""The version of the protocol. New keys in our messages do not change it."""
_MOST_TOLD = 3


class Message(BaseModel):
    """What a program may answer. Keys that are not in the protocol, NaN and infinity are refused.

    `mend` ends the error for an answer that is of this kind, but wrong.
    """

    mend: ClassVar[str] = ""
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Ready(Message):
    """The answer to `hello`."""

    type: Literal["ready"]
    protocol: int
    name: str = ""


class Failure(Message):
    """A program's own error, in place of any answer."""

    type: Literal["error"]
    message: str


class Reported(ProgramError):
    """A program reported an error of its own."""


class _Any(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    type: str


M = TypeVar("M", bound=Message)


def line_of(message: Mapping[str, Any]) -> bytes:
    """A message as a line of ASCII: other letters are escaped, which every reader of JSON understands."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def type_of(kind: type[Message]) -> str:
    """The word by which a message says of which kind it is."""
    word: str = kind.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]  # a Literal of one word
    return word


def read(line: bytes, kind: type[M]) -> M:
    """The message of this kind in a line. Raises ProgramError: the program's own error, or what is wrong."""
    wanted = type_of(kind)
    found = _parsed(line, _Any, f'expected a JSON object with "type": "{wanted}"').type
    if found == "error":
        raise Reported(f"reported an error: {_parsed(line, Failure, 'the answer `error` is wrong').message}")
    if found != wanted:
        raise ProgramError(f"answered `{found[:40]}`, expected `{wanted}`")
    answer: M = _parsed(line, kind, f"the answer `{wanted}` is wrong", kind.mend)
    return answer


def _parsed(line: bytes, kind: type[BaseModel], wrong: str, mend: str = "") -> Any:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        told = [_told(one, kind) for one in error.errors()[:_MOST_TOLD]]
        mend = mend and f"; {mend}"
        raise ProgramError(f"{wrong}: {'; '.join(told)} in {shown(line)}{mend}") from None


def _told(error: Any, kind: type[BaseModel]) -> str:
    """`choices.3.mean: Input should be a finite number`."""
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = kind.model_fields if len(error["loc"]) == 1 else ()
        return f"unknown key '{place}'{did_you_mean(place, known)}"
    return f"{place}: {error['msg']}" if place else str(error["msg"])
