"""Advice names what the user typed: options and commands on the command line, arguments and functions in Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_typed: ContextVar[bool] = ContextVar("designloop_is_command_line", default=False)


@contextmanager
def for_the_command_line() -> Iterator[None]:
    """Within the block, advice names commands and their options."""
    token = _is_typed.set(True)
    try:
        yield
    finally:
        _is_typed.reset(token)


def either(command: str, python: str) -> str:
    """The advice for the command line, or that for Python."""
    return command if _is_typed.get() else python


def option_out() -> str:
    """How to choose the directory of a run: `--out`, or `store=` in Python."""
    return either("--out", "store=")
