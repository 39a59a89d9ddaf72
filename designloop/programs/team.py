"""A team: several processes of one program, which share the questions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from queue import LifoQueue
from threading import Event
from typing import Any

from designloop.core.errors import ProgramError
from designloop.core.lasting import kept
from designloop.core.unrecorded import Unrecorded
from designloop.programs.conversation import Conversation
from designloop.programs.messages import M
from designloop.programs.program import Outside

Question = tuple[Mapping[str, Any], Callable[[M], None]]
"""A question, and the check of its answer."""


class Team:
    """At most `n` processes, each started when it is first needed."""

    def __init__(self, program: Outside, who: str, n: int, folder: Path | None = None) -> None:
        """`who` names the program in warnings; `folder` is the directory of the run, for the log."""
        titles = [f"{program.program} (worker {i})" if n > 1 else "" for i in range(1, n + 1)]
        self.unrecorded = Unrecorded(program, folder)
        """Answers that `resume` need not ask for again."""
        self._talks = [Conversation(program, who, folder, subject="the program", title=title) for title in titles]
        self._idle: LifoQueue[Conversation] = LifoQueue()
        for talk in reversed(self._talks):
            self._idle.put(talk)
        self._threads = ThreadPoolExecutor(n, thread_name_prefix="designloop-program") if n > 1 else None

    def ask(self, questions: Sequence[Question[M]], kind: type[M]) -> list[M]:
        """The answers, in the order of the questions. After a failure, no further question is begun.

        Raises the first ProgramError in that order.
        """
        has_failed = Event()
        jobs = [partial(self._one, *question, kind, has_failed) for question in questions]
        if self._threads is None or len(jobs) < 2:
            found = [job() for job in jobs]
        else:
            futures = [self._threads.submit(copy_context().run, job) for job in jobs]
            found = [future.result() for future in futures]
        for error in found:
            if isinstance(error, ProgramError):
                raise error
        return [answer for answer in found if isinstance(answer, kind)]

    def end(self) -> None:
        """End all processes for good."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for talk in self._talks:
            talk.end()

    def _one(
        self, question: Mapping[str, Any], check: Callable[[M], None], kind: type[M], has_failed: Event
    ) -> M | ProgramError | None:
        """An answer, or the error; None where it was not asked any more."""
        talk = self._idle.get()
        try:
            return None if has_failed.is_set() else talk.ask(question, kind, check)
        except ProgramError as error:
            has_failed.set()
            return error
        finally:
            self._idle.put(talk)


def team(program: Outside, who: str, n: int) -> AbstractContextManager[Team]:
    """The team of a program, which lasts as long as the run; outside a run, as long as the block."""

    @contextmanager
    def opened(folder: Path | None) -> Iterator[Team]:
        several = Team(program, who, n, folder)
        try:
            yield several
        finally:
            several.end()

    return kept(("team", id(program)), opened)  # by identity: a space may be large, and the team keeps the program
