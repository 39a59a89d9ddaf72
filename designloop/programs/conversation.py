"""A conversation: `hello`, `ready`, then questions and answers. A program that ends is started again, with pauses."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock
from typing import Any

from designloop.core.errors import ProgramError
from designloop.core.lasting import kept
from designloop.core.notices import Waiting, warn
from designloop.core.version import __version__
from designloop.programs import messages, rows
from designloop.programs.log import Log
from designloop.programs.messages import PROTOCOL, M, Ready, Reported
from designloop.programs.process import Ended, Limits, Process
from designloop.programs.program import Outside

_LONGEST_PAUSE = 60.0
_OVER = "was ended with the run"


def _nothing(_: Any = None) -> None:
    """Nothing to check, or to tell."""


class Conversation:
    """Questions to a program, which is started at the first one. After a failure it is not running.

    One thread asks; another may `end` it for good.
    """

    def __init__(
        self, program: Outside, who: str, folder: Path | None = None, *, subject: str = "", title: str = ""
    ) -> None:
        """`who` names the program in warnings, and `subject` in errors, `who` if it is empty; `folder` is the directory
        of the run, for the log, where the program has the `title`. With a `subject`, the caller reports waits.
        """
        self._program, self._who, self._subject = program, who, subject or who
        self._tells_waits = not subject
        self._log = Log(folder, title or program.program)
        self._process: Process | None = None
        self._turn, self._is_over, self._is_asked = Lock(), Event(), False

    def ask(self, question: Mapping[str, Any], kind: type[M], check: Callable[[M], None] = _nothing) -> M:
        """The answer, after `check`, which may raise ProgramError. A program that ends without one is started and asked
        again.

        Raises ProgramError with the program, its failure, and its last words on standard error.
        """
        program, line, n_ended = self._program, self._line_of(question), 0
        limits = Limits(program.seconds, program.max_output)
        while True:
            try:
                with self._running() as process:
                    answer = self._read(process.ask(line, limits, self._waiting()), kind)
                    check(answer)
                    return answer
            except Ended as ended:
                n_ended += 1
                if self._is_over.is_set():
                    raise self._failure(_OVER) from ended
                if n_ended > program.restarts:
                    times = f", {n_ended} times" if n_ended > 1 else ""
                    raise self._failure(f"{ended} before it answered{times}; correct the program") from ended
                self._pause(ended, n_ended)
            except ProgramError as error:
                raise self._failure(str(error), words=not isinstance(error, Reported)) from error

    def greet(self) -> None:
        """Start the program. Raises ProgramError where it is not ready in time."""
        try:
            with self._running():
                return
        except Ended as ended:
            raise self._failure(f"{ended} before it was ready; correct the program") from ended
        except ProgramError as error:
            raise self._failure(str(error), words=not isinstance(error, Reported)) from error

    def end(self) -> None:
        """End the program and its children, if it is running, for good: nothing starts it again.

        It is killed if another thread asks it, because nobody wants that answer any more.
        """
        with self._turn:
            self._is_over.set()
        self._close(at_once=self._is_asked)

    def _close(self, *, at_once: bool) -> None:
        with self._turn:
            process, self._process = self._process, None
        if process is not None:
            process.close(at_once=at_once)

    @contextmanager
    def _running(self) -> Iterator[Process]:
        """A block with the running program, which is killed if the block raises."""
        process, is_new = self._started()
        self._is_asked = True
        try:
            if is_new:
                self._shake_hands(process)
            yield process
        except BaseException:
            self._close(at_once=True)
            raise
        finally:
            self._is_asked = False

    def _started(self) -> tuple[Process, bool]:
        """The process, and whether it is a new one."""
        program = self._program
        with self._turn:
            if self._is_over.is_set():
                raise ProgramError(_OVER)
            before = self._process
            process = before or Process(program.command, program.environment, program.place, self._log.hear)
            self._process = process
        return process, before is None

    def _shake_hands(self, process: Process) -> None:
        hello = {"type": "hello", "protocol": PROTOCOL, "designloop": __version__, **self._program.greeting}
        limits = Limits(self._program.start_seconds, self._program.max_output, "start_seconds")
        ready = self._read(process.ask(self._line_of(hello), limits, self._waiting()), Ready)
        if ready.protocol != PROTOCOL:
            raise ProgramError(
                f"speaks protocol {ready.protocol}, but this version of designloop speaks protocol {PROTOCOL}; use "
                "versions of the two that agree"
            )

    def _line_of(self, message: Mapping[str, Any]) -> bytes:
        return rows.line_of(message) if self._program.wire == "csv" else messages.line_of(message)

    def _read(self, line: bytes, kind: type[M]) -> M:
        return rows.read(line, kind) if self._program.wire == "csv" else messages.read(line, kind)

    def _waiting(self) -> Callable[[], None]:
        return Waiting(self._who).tell if self._tells_waits else _nothing

    def _pause(self, ended: Ended, n_ended: int) -> None:
        warn(f"{self._who} {ended}{self._log.told()}; restart {n_ended} of {self._program.restarts}")
        self._is_over.wait(min(self._program.back_off * 2.0 ** (n_ended - 1), _LONGEST_PAUSE))

    def _failure(self, what: str, *, words: bool = True) -> ProgramError:
        return ProgramError(f"{self._subject} {what}{self._log.told(words=words)}")


@lru_cache(maxsize=64)
def check_is_ready(program: Outside, who: str) -> None:
    """Raise ProgramError where a program is not ready after it is started; done once in a process."""
    talk = Conversation(program, who)
    try:
        talk.greet()
    finally:
        talk.end()


def conversation(program: Outside, who: str) -> AbstractContextManager[Conversation]:
    """The conversation with a program, which lasts as long as the run; outside a run, as long as the block."""

    @contextmanager
    def opened(folder: Path | None) -> Iterator[Conversation]:
        talk = Conversation(program, who, folder)
        try:
            yield talk
        finally:
            talk.end()

    return kept((who, program), opened)
