"""Errors say what was wanted, what came, and what to do.

    DesignloopError
    ├── ConfigError       a description is wrong: the key, the line, the nearest right name
    ├── InputError        a file, a sequence or a letter is wrong: the place and the mend
    ├── StoreError        a store or a run directory is not what was asked for
    │   └── StoreLost     it was removed or renamed while it was being written: what came before may be gone too
    ├── ReplayError       a run, done again, did not give the recorded events
    ├── OracleError       an oracle raised, or returned what an oracle may not return
    ├── PartError         a part of the user's own raised: which part, and the line of theirs
    ├── ContractError     a part broke its contract (a strategy chose a pending sequence, ...)
    └── ConvergenceError  an iteration ended away from its solution, which is not used

The first three are found before any work starts, and end the command line with exit code 2; the others, and StoreLost,
end it with 1.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from types import FunctionType, ModuleType
from typing import Any


class DesignloopError(Exception):
    """Anything that designloop raises on purpose. `exit_code` is what the command line ends with."""

    exit_code = 1


class Notice(UserWarning):
    """What a user should know though nothing ends: the command line prints it on standard error."""


class ConfigError(DesignloopError):
    """A description cannot be read as the part it should be."""

    exit_code = 2


class InputError(DesignloopError, ValueError):
    """A file, a sequence or a letter is not what it should be."""

    exit_code = 2


class StoreError(DesignloopError):
    """A store or a run directory cannot be used as asked."""

    exit_code = 2


class StoreLost(StoreError):
    """A store was removed, renamed or replaced while it was being written."""

    exit_code = 1


class ReplayError(DesignloopError):
    """A campaign, run again from its seed, did not regenerate its recorded events."""


class OracleError(DesignloopError):
    """An oracle raised, or returned something other than (n,) float64."""


class PartError(DesignloopError):
    """A part of the user's own raised."""


class ContractError(DesignloopError):
    """A part returned what its contract forbids."""


class ConvergenceError(DesignloopError):
    """An iteration ended away from its solution."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest known word, else `; known: a, b, c`."""
    names = sorted(known)
    # Of names that are equally near, one of the same letters: `axse` is `axes`, and not `base`.
    near = sorted(get_close_matches(word, names, n=3, cutoff=0.5), key=lambda name: sorted(name) != sorted(word))
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""


def what_it_is(value: Any) -> str:
    """What something is that should be a part: `the module designloop.oracles`, `the class Random`."""
    what = {ModuleType: "module", FunctionType: "function"}.get(type(value)) or (
        "class" if isinstance(value, type) else ""
    )
    return f"the {what} {value.__name__}" if what else repr(value)
