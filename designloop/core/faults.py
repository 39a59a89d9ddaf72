"""A fault is an exception in a part of the user's own: which part raised it, and where in their code."""

import linecache
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from os.path import abspath
from pathlib import Path
from traceback import walk_tb
from types import FrameType

from designloop.core.errors import ContractError, OracleError, PartError
from designloop.core.parts import Part

_PACKAGE = str(Path(__file__).parent.parent)
_TOLD_ALREADY = (OracleError, ContractError, PartError)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's own code."""

    file: str
    line: int
    function: str
    code: str

    def __str__(self) -> str:
        """`/home/me/my_oracle.py, line 12, in shape: return 1 / 0`."""
        code = f": {self.code}" if self.code else ""
        return f"{self.file}, line {self.line}, in {self.function}{code}"


def place_of(error: BaseException, packages: frozenset[str] = frozenset()) -> Place | None:
    """The innermost line of the user's own code that raised `error`, or that called what did; None where there is none.

    The user's own is neither designloop's, nor Python's, nor installed; an installed package counts where `packages`
    names it.
    """
    while isinstance(error, PartError | OracleError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return Place(error.filename, error.lineno or 1, "its text", (error.text or "").strip())
    own = [(frame, line) for frame, line in walk_tb(error.__traceback__) if _is_users(frame, packages)]
    return _place(*own[-1]) if own else None


def raised(error: BaseException, packages: frozenset[str] = frozenset()) -> str:
    """`raised ValueError: no such shape (/home/me/my_oracle.py, line 12, in shape: return ...)`."""
    place = place_of(error, packages)
    return f"raised {type(error).__name__}: {error}".rstrip(": ") + (f" ({place})" if place else "")


@contextmanager
def blaming(part: Part) -> Iterator[None]:
    """A block in which `part` works: what the user's own code raises in it becomes a PartError that says where."""
    try:
        yield
    except (Exception, SystemExit) as error:  # a part that ends the program would end it without a word
        packages = frozenset(_package(one) for one in within(part)) - {"designloop"}
        frames = [frame for frame, _ in walk_tb(error.__traceback__) if _is_users(frame, packages)]
        if isinstance(error, _TOLD_ALREADY) or not frames:
            raise
        raise PartError(f"{called(_owner(frames[-1], part))} {raised(error, packages)}") from error


def called(part: Part) -> str:
    """A part by its shelf and its name: `strategy 'my_parts.py:Forest'`."""
    shelf = type(part).shelf
    return f"{_SINGULAR.get(shelf or '', 'part')} '{part.known_as}'"


def within(part: Part) -> Iterator[Part]:
    """The part, and the parts it is made of."""
    yield part
    for name in type(part).model_fields:
        value = getattr(part, name, None)
        for inner in value if isinstance(value, list | tuple) else (value,):
            if isinstance(inner, Part):
                yield from within(inner)


_SINGULAR = {
    "oracles": "oracle",
    "language_models": "language model",
    "scheduling": "scheduler",
    "generators": "generator",
    "surrogates": "surrogate",
    "pending_rules": "pending rule",
    "acquisition": "acquisition",
    "strategies": "strategy",
}


def _owner(frame: FrameType, part: Part) -> Part:
    """The part within `part` whose class stands in the module of `frame`; else `part` itself."""
    module = frame.f_globals.get("__name__")
    return next((one for one in within(part) if type(one).__module__ == module), part)


def _package(part: Part) -> str:
    return type(part).__module__.partition(".")[0]


def _is_users(frame: FrameType, packages: frozenset[str]) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in packages or _is_own(frame.f_code.co_filename)


@cache
def _is_own(file: str) -> bool:
    """False for files of this package, of Python, of what is installed, and for code without a file."""
    if file.startswith("<") and not file.startswith("<ipython"):
        return False
    places = {sysconfig.get_path(key) for key in ("purelib", "platlib", "stdlib", "platstdlib")}
    return not any(Path(abspath(file)).is_relative_to(place) for place in (_PACKAGE, *places))


def _place(frame: FrameType, line: int) -> Place:
    file = frame.f_code.co_filename
    return Place(file, line, frame.f_code.co_name, linecache.getline(file, line, frame.f_globals).strip())
