"""A place is a line of the user's code that raised an exception or is running."""

import linecache
import sys
import sysconfig
from dataclasses import dataclass, replace
from functools import cache
from os.path import abspath
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType

from pydantic import ValidationError

from designloop.core.errors import OracleError, PartError

_PACKAGE = str(Path(__file__).parent.parent)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's code."""

    file: str
    line: int
    function: str
    code: str

    def __str__(self) -> str:
        """`/home/me/my_oracle.py, line 12, in shape: return 1 / 0`."""
        code = f": {self.code}" if self.code else ""
        return f"{self.file}, line {self.line}, in {self.function}{code}"


def place_of(error: BaseException, packages: frozenset[str] = frozenset()) -> Place | None:
    """The innermost line of the user's code in the traceback of `error`, or None.

    The user's code excludes designloop, Python and installed packages, except those in `packages`.
    """
    while isinstance(error, PartError | OracleError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename):
        return Place(error.filename, error.lineno or 1, "its text", (error.text or "").strip())
    own = [(frame, line) for frame, line in walk_tb(error.__traceback__) if is_users(frame, packages)]
    return _place(*own[-1]) if own else None


def place_now(thread: int) -> Place | None:
    """The line that a thread is running: the innermost line of the user's code, else of designloop."""
    frame = sys._current_frames().get(thread)
    steps = [(step, line) for step, line in walk_stack(frame)] if frame is not None else []
    own = [step for step in steps if is_users(step[0], frozenset())]
    ours = [step for step in steps if step[0].f_code.co_filename.startswith(_PACKAGE)]
    return next((_place(*step) for step in (*own[:1], *ours[:1])), None)


def raised(error: BaseException, packages: frozenset[str] = frozenset()) -> str:
    """`raised ValueError: no such shape (/home/me/my_oracle.py, line 12, in shape: return ...)`."""
    return f"raised {described(error, packages)}"


def described(error: BaseException, packages: frozenset[str] = frozenset()) -> str:
    """The same without the verb. Without a line of the user's code, it names the innermost line of designloop."""
    place = place_of(error, packages) or _ours(error)
    return f"{type(error).__name__}: {_said(error)}".rstrip(": ") + (f" ({place})" if place else "")


def _said(error: BaseException) -> str:
    """The message of an exception; for a validation error, the message of each field without pydantic's URL."""
    if not isinstance(error, ValidationError):
        return str(error)
    told = [(".".join(map(str, its["loc"])), its["msg"].removeprefix("Value error, ")) for its in error.errors()]
    return "; ".join(f"{place}: {message}" if place else message for place, message in told)


def is_users(frame: FrameType, packages: frozenset[str]) -> bool:
    """True where a frame runs the user's code, or code of an installed package in `packages`."""
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in packages or is_own(frame.f_code.co_filename)


@cache
def is_own(file: str) -> bool:
    """False for files of this package, of Python and of installed packages, and for code without a file."""
    if file.startswith("<") and not file.startswith("<ipython"):
        return False
    places = {sysconfig.get_path(key) for key in ("purelib", "platlib", "stdlib", "platstdlib")}
    return not any(Path(abspath(file)).is_relative_to(place) for place in (_PACKAGE, *places))


def _ours(error: BaseException) -> Place | None:
    """The innermost line of designloop, with its file relative to the folder of the package."""
    steps = [(f, line) for f, line in walk_tb(error.__traceback__) if f.f_code.co_filename.startswith(_PACKAGE)]
    if not steps:
        return None
    place = _place(*steps[-1])
    return replace(place, file=str(Path(place.file).relative_to(Path(_PACKAGE).parent)))


def _place(frame: FrameType, line: int) -> Place:
    file = frame.f_code.co_filename
    return Place(file, line, frame.f_code.co_name, linecache.getline(file, line, frame.f_globals).strip())
