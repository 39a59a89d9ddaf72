"""A notice is a message for the user, a warning or the reason for a wait. It is not part of the record."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from designloop.core.clock import duration
from designloop.core.errors import Notice

Tell = Callable[[str], None]

_warn: ContextVar[Tell | None] = ContextVar("designloop_warn", default=None)
_wait: ContextVar[Tell | None] = ContextVar("designloop_wait", default=None)


@contextmanager
def heard(warn: Tell, wait: Tell | None) -> Iterator[None]:
    """A block whose warnings are passed to `warn`, and whose waits to `wait` (from another thread), if given."""
    tokens = _warn.set(warn), _wait.set(wait)
    try:
        yield
    finally:
        _warn.reset(tokens[0])
        _wait.reset(tokens[1])


def warn(sentence: str) -> None:
    """Warn of something that makes results doubtful; as a Python warning where no other handler is set."""
    tell = _warn.get()
    if tell is None:
        warnings.warn(sentence, Notice, stacklevel=3)
    else:
        tell(f"warning: {sentence}")


def waits() -> Tell | None:
    """The handler for waits; None if there is none."""
    return _wait.get()


FIRST_WORD, LONGEST_SILENCE = 30.0, 600.0
"""Seconds until a wait is first reported, and the longest pause between reports; pauses double up to it."""


class Waiting:
    """A wait for something outside, reported at growing intervals. `tell` is called regularly meanwhile."""

    def __init__(self, who: str) -> None:
        self._who, self._began, self._next = who, monotonic(), FIRST_WORD

    def tell(self) -> None:
        """Report the wait where a report is due."""
        waited, tell = monotonic() - self._began, waits()
        if tell is not None and waited >= self._next:
            tell(f"waiting for {self._who} for {duration(waited)}; Ctrl-C interrupts, finished work is kept")
            self._next = waited + min(waited, LONGEST_SILENCE)
