"""Patience with an oracle: a call that takes long is told of, and one that takes longer than it may is given up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread, get_ident
from time import monotonic
from typing import Any

from designloop.core.clock import duration
from designloop.core.errors import OracleError
from designloop.core.notices import Tell, waits
from designloop.core.places import place_now
from designloop.core.threads import one_thread_here

FIRST_WORD, LONGEST_SILENCE = 30.0, 600.0
"""Seconds of a call after which it is first told of; and between two words about it, which double up to there."""


class TooLong(OracleError):
    """A call took longer than it may."""


def answer_of(call: Callable[[], Any], who: str, seconds: float | None) -> Any:
    """What `call` answers. Raises TooLong after `seconds`, and what it raises itself.

    With a limit the call runs in a thread of its own, which is left to itself where it does not come back: whatever it
    waits for, Python, C that lets other threads run, or another program. (C that holds Python's lock holds all of it.)
    """
    tell = waits()
    if seconds is not None:
        return _limited(call, who, seconds, tell)
    with _told_of(who, tell, get_ident()):
        return call()


def _limited(call: Callable[[], Any], who: str, seconds: float, tell: Tell | None) -> Any:
    answers: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        one_thread_here()
        try:
            answers.append(call())
        except BaseException as error:  # raised again by the run that waits for it
            errors.append(error)

    thread = Thread(target=copy_context().run, args=(work,), name="designloop-oracle", daemon=True)
    thread.start()
    with _told_of(who, tell, thread.ident or 0):
        thread.join(seconds)
    if thread.is_alive():
        raise TooLong(f"has not answered within the {seconds:g} s that a call may take{_at(thread.ident or 0)}")
    if errors:
        raise errors[0]
    return answers[0]


@contextmanager
def _told_of(who: str, tell: Tell | None, ident: int) -> Iterator[None]:
    """A block in which thread `ident` waits for `who`: told of after a while, and then more and more rarely."""
    if tell is None:
        yield
        return
    is_over = Event()
    Thread(target=_watch, args=(who, tell, ident, is_over), name="designloop-patience", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _watch(who: str, tell: Tell, ident: int, is_over: Event) -> None:
    began, pause = monotonic(), FIRST_WORD
    while not is_over.wait(pause):
        waited = monotonic() - began
        tell(f"waiting for {who} for {duration(waited)}{_at(ident)}; Ctrl-C interrupts, and what is done is kept")
        pause = min(waited, LONGEST_SILENCE)


def _at(ident: int) -> str:
    """Where in the user's code a thread is."""
    place = place_now(ident)
    return f" ({place})" if place else ""
