"""Errors say what was expected, what was found, and how to fix it.

    DesignloopError
    ├── ConfigError       invalid configuration: names the key, the line and the nearest valid name
    ├── InputError        invalid file, sequence or letter: names the location and the fix
    ├── StoreError        a store or a run directory cannot be used as requested
    │   └── StoreLost     the store was removed or renamed while it was being written; earlier data may be lost too
    ├── LiveError         a command that the record of a live campaign does not allow; nothing was recorded
    ├── ReplayError       a replayed run did not reproduce the recorded events
    ├── OracleError       an oracle raised an exception, or returned an invalid result
    ├── PartError         a user-defined part raised an exception: names the part and the line of the user's code
    ├── ProgramError      an outside program ended, did not answer in time, or answered something else
    ├── ContractError     a part broke its contract (a strategy chose a pending sequence, ...)
    └── ConvergenceError  an iteration did not converge, and its result is not used

The first four are detected before any work starts, and the command line exits with code 2. The others, and StoreLost,
exit with code 1.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from types import FunctionType, ModuleType
from typing import Any

DID_YOU_MEAN = ". Did you mean "
_CLOSE = 0.75
"""A name at least this similar is preferred to an abbreviation. A judgement."""
_SHORTEST = 3
"""Letters that an abbreviation has at least."""


class DesignloopError(Exception):
    """The base of every error that designloop raises on purpose. `exit_code` is that of the command line."""

    exit_code = 1


class Notice(UserWarning):
    """A warning that does not end the program. The command line prints it on standard error."""


class ConfigError(DesignloopError):
    """A configuration is invalid."""

    exit_code = 2


class InputError(DesignloopError, ValueError):
    """A file, a sequence or a letter is invalid."""

    exit_code = 2


class StoreError(DesignloopError):
    """A store or a run directory cannot be used as requested."""

    exit_code = 2


class StoreLost(StoreError):
    """A store was removed, renamed or replaced while it was being written."""

    exit_code = 1


class LiveError(DesignloopError):
    """A command that the record of a live campaign does not allow. Nothing was recorded."""

    exit_code = 2


class ReplayError(DesignloopError):
    """A campaign that was replayed from its seed did not reproduce its recorded events."""


class OracleError(DesignloopError):
    """An oracle raised an exception, or returned something other than (n,) float64."""


class PartError(DesignloopError):
    """A user-defined part raised an exception."""


class ProgramError(DesignloopError):
    """An outside program ended without an answer, did not answer in time, or broke the protocol."""


class ContractError(DesignloopError):
    """A part returned a result that its contract forbids."""


class ConvergenceError(DesignloopError):
    """An iteration did not converge."""


@contextmanager
def explained_by(remarks: Iterable[str]) -> Iterator[None]:
    """An error raised within gets as notes those remarks on a file that say what was left out of it."""
    try:
        yield
    except DesignloopError as error:
        for remark in remarks:
            if " left out" in remark or " dropped" in remark:
                error.add_note(f"{remark}.")
        raise


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message: `. Did you mean 'x'?` for the nearest known word, else `; known: a, b, c`."""
    names = sorted(known)
    return near_word(word, names) or (f"; known: {', '.join(names)}" if names else "")


def near_word(word: str, names: Iterable[str]) -> str:
    """`. Did you mean 'x'?` for the nearest of the names; empty where none is near."""
    names = sorted(names)
    # Among equally near names, prefer one with the same letters: `axse` is `axes`, not `base`.
    near = get_close_matches(word, names, n=3, cutoff=0.5)
    near = sorted(near, key=lambda name: sorted(name) != sorted(word))
    if not get_close_matches(word, near, cutoff=_CLOSE):
        near = _longer_or_shorter(word, names) or near
    return f"{DID_YOU_MEAN}'{near[0]}'?" if near else ""


def _longer_or_shorter(word: str, names: Iterable[str]) -> list[str]:
    """The names that begin with the word, or with which it begins: `eps` for `epsilon`. The longest come first."""
    pairs = ((name, min(len(name), len(word))) for name in names if name.startswith(word) or word.startswith(name))
    return [name for name, n in sorted(pairs, key=lambda pair: (-pair[1], pair[0])) if n >= _SHORTEST]


def what_it_is(value: Any) -> str:
    """Names a value that is not a part: `the module designloop.oracles`, `the class Random`."""
    what = {ModuleType: "module", FunctionType: "function"}.get(type(value)) or (
        "class" if isinstance(value, type) else ""
    )
    if what:
        return f"the {what} {value.__name__}"
    is_part = hasattr(type(value), "model_fields")  # shown with all of its fields otherwise
    return f"an object of the class {type(value).__name__}" if is_part else repr(value)
