"""Time limits on oracle calls: a long call is reported, and a call beyond the limit is abandoned."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread, get_ident
from time import monotonic
from typing import Any

from designloop.core.clock import duration
from designloop.core.errors import OracleError
from designloop.core.notices import FIRST_WORD, LONGEST_SILENCE, Tell, waits
from designloop.core.places import place_now
from designloop.core.threads import one_thread_here


class TooLong(OracleError):
    """A call exceeded its time limit."""


def answer_of(call: Callable[[], Any], who: str, seconds: float | None) -> Any:
    """The result of `call`. Raises TooLong after `seconds`, and any exception of the call.

    With a limit, the call runs in its own thread, which is abandoned if it does not return in time. This works unless
    the call is C code that holds Python's global lock.
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
        raise TooLong(f"no answer within {seconds:g} s, the limit for a call{_at(thread.ident or 0)}")
    if errors:
        raise errors[0]
    return answers[0]


@contextmanager
def _told_of(who: str, tell: Tell | None, ident: int) -> Iterator[None]:
    """A block in which thread `ident` waits for `who`. Long waits are reported, at growing intervals."""
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
        tell(f"waiting for {who} for {duration(waited)}{_at(ident)}; Ctrl-C interrupts, finished work is kept")
        pause = min(waited, LONGEST_SILENCE)


def _at(ident: int) -> str:
    """The line of the user's code that a thread is running."""
    place = place_now(ident)
    return f" ({place})" if place else ""
