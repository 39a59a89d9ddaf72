"""A notice is a message for the user: a warning, which the record of a run keeps too, or the reason for a wait."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from designloop.core.clock import duration
from designloop.core.errors import Notice
from designloop.core.records import Level

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


class Said:
    """The warnings of one run, each sentence once, until the run records them."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: list[tuple[str, Level]] = []

    def add(self, sentence: str, level: Level) -> bool:
        """Keep a sentence for the record; False if it is known already."""
        if sentence in self._known:
            return False
        self._known.add(sentence)
        self._new.append((sentence, level))
        return True

    def know(self, sentences: Iterable[str]) -> None:
        """Sentences that the record has already."""
        self._known.update(sentences)

    def take(self) -> list[tuple[str, Level]]:
        """The sentences since the last call, with their levels."""
        new, self._new = self._new, []
        return new


_said: ContextVar[Said | None] = ContextVar("designloop_said", default=None)


@contextmanager
def collecting() -> Iterator[Said]:
    """A block whose warnings are kept for the record of a run. A block within it has the same ones."""
    outer = _said.get()
    if outer is not None:
        yield outer
        return
    token = _said.set(said := Said())
    try:
        yield said
    finally:
        _said.reset(token)


def said_here() -> Said:
    """The warnings of the current run; new ones outside of a run."""
    return _said.get() or Said()


def record(sentence: str, level: Level = Level.WARNING) -> bool:
    """Keep a sentence for the record of the current run, if there is one; False if it was said before in this run."""
    said = _said.get()
    return said is None or said.add(sentence, level)


def warn(sentence: str, level: Level = Level.WARNING) -> None:
    """Warn of something that makes results doubtful: once in a run, which records it.

    Without another handler, it is a Python warning.
    """
    if not record(sentence, level):
        return
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
