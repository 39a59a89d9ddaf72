"""A notice is a sentence for the person at the screen, a warning or what a run waits for; no part of the record."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[str], None]

_warn: ContextVar[Tell | None] = ContextVar("designloop_warn", default=None)
_wait: ContextVar[Tell | None] = ContextVar("designloop_wait", default=None)


class Notice(UserWarning):
    """What designloop warns of where nobody has asked to be told in another way."""


@contextmanager
def heard(warn: Tell, wait: Tell | None) -> Iterator[None]:
    """A block whose warnings are told by `warn`, and what it waits for by `wait` (from another thread), if at all."""
    tokens = _warn.set(warn), _wait.set(wait)
    try:
        yield
    finally:
        _warn.reset(tokens[0])
        _wait.reset(tokens[1])


def warn(sentence: str) -> None:
    """Tell of something that makes results doubtful; as a Python warning where nobody else listens."""
    tell = _warn.get()
    if tell is None:
        warnings.warn(sentence, Notice, stacklevel=3)
    else:
        tell(f"warning: {sentence}")


def waits() -> Tell | None:
    """Whom to tell what is waited for; None where nobody asked."""
    return _wait.get()
