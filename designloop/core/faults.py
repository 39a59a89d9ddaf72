"""A fault is an exception in a user-defined part: which part raised it, and on which line of the user's code."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import format_exception, walk_tb
from types import FrameType
from typing import ParamSpec

from designloop.core.errors import ConfigError, ContractError, DesignloopError, OracleError, PartError, ProgramError
from designloop.core.lasting import lasting
from designloop.core.parts import Part
from designloop.core.places import described, is_own, is_users, place_of, raised
from designloop.core.shelves import SHELVES
from designloop.core.threads import one_thread

_TOLD_ALREADY = (OracleError, ContractError, PartError, ProgramError)
P = ParamSpec("P")
_NO_PARTS = "_is_no_parts_fault"
_LONGEST = 20_000
"""Characters of a traceback to keep."""


def in_words(error: BaseException) -> str:
    """An exception as a sentence, with its notes."""
    text = str(error) if isinstance(error, DesignloopError) else described(error)
    return "; ".join([text, *getattr(error, "__notes__", [])])


def traceback_of(error: BaseException) -> str:
    """The traceback as text, so that a worker can send it. A long one is cut to its end, which names the line."""
    return "".join(format_exception(error))[-_LONGEST:]


@contextmanager
def at_work(campaign: Part, folder: Path | None = None) -> Iterator[None]:
    """A block in which a campaign runs, in `folder` if it is kept: in one thread, with errors attributed to the part.

    Outside programs that its parts start end with the block.
    """
    with one_thread(), lasting(folder), blaming(campaign):
        yield


@contextmanager
def blaming(part: Part) -> Iterator[None]:
    """A block in which `part` works: exceptions of the user's code become a PartError with the line."""
    try:
        yield
    except (Exception, SystemExit) as error:  # a part that calls sys.exit would end the program silently
        if getattr(error, _NO_PARTS, False):
            raise
        packages = packages_of(part)
        frames = [frame for frame, _ in walk_tb(error.__traceback__)]
        owner = _owner([frame for frame in frames if is_users(frame, packages)], part)
        if isinstance(error, _TOLD_ALREADY) or owner is None:
            _name_suspects(error, part)
            raise
        fault = PartError(f"{called(owner)} {raised(error, packages)}")
        for note in getattr(error, "__notes__", []):
            fault.add_note(note)
        raise fault from error


@contextmanager
def asked_first(part: Part, name: str) -> Iterator[None]:
    """A block in which a part is asked before any work: what the user's own code raises in it is a ConfigError."""
    try:
        yield
    except DesignloopError:
        raise
    except (Exception, SystemExit) as error:
        packages = packages_of(part)
        if place_of(error, packages) is None:
            raise
        raise ConfigError(f"{called(part)}: `{name}` {raised(error, packages)}") from error


def unblamed(watcher: Callable[P, None] | None) -> Callable[P, None] | None:
    """A watcher whose exceptions end the campaign unchanged, because no part caused them."""
    if watcher is None:
        return None

    def watching(*args: P.args, **fields: P.kwargs) -> None:
        try:
            watcher(*args, **fields)
        except BaseException as error:
            setattr(error, _NO_PARTS, True)
            raise

    return watching


def called(part: Part) -> str:
    """The kind and the name of a part: `strategy 'my_parts.py:Forest'`."""
    shelf = type(part).shelf
    return f"{SHELVES.get(shelf or '', 'part')} '{part.known_as}'"


def packages_of(part: Part) -> frozenset[str]:
    """The packages that define the classes of a part and of its inner parts, except designloop."""
    return frozenset(_package(one) for one in within(part)) - {"designloop"}


def within(part: Part) -> Iterator[Part]:
    """The part and its inner parts."""
    yield part
    for name in type(part).model_fields:
        value = getattr(part, name, None)
        inners = list(value.values()) if isinstance(value, dict) else value
        for inner in inners if isinstance(inners, list | tuple) else (inners,):
            if isinstance(inner, Part):
                yield from within(inner)


def _owner(frames: Sequence[FrameType], part: Part) -> Part | None:
    """The part within `part` that was running in the user's frames, found by `self` or by the module of its class.

    Innermost frame first. A frame outside every part's module (a helper) is attributed to its caller. A part on a shelf
    without inner parts is responsible for everything that it calls.
    """
    parts = [one for one in within(part) if type(one).shelf]
    for frame in reversed(frames):
        module = frame.f_globals.get("__name__")
        here = [one for one in parts if frame.f_locals.get("self") is one or type(one).__module__ == module]
        if here:
            return next((one for one in here if frame.f_locals.get("self") is one), here[0])
    return part if frames and type(part).shelf else None


def _name_suspects(error: BaseException, part: Part) -> None:
    """Where no line of the user's code was running, add a note that the result of their part may be the cause."""
    own = [called(one) for one in within(part) if type(one).shelf and is_own(_file_of(type(one)))]
    if own and not isinstance(error, DesignloopError) and place_of(error) is None:
        suspects = ", ".join(dict.fromkeys(own))
        error.add_note(f"the error was not raised in your code; the result of your part may be the cause: {suspects}")


def _file_of(kind: type) -> str:
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or "<unknown>"


def _package(part: Part) -> str:
    return type(part).__module__.partition(".")[0]
