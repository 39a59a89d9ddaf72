"""A conversation: `hello`, `ready`, then questions and answers. A program that ends is started again, with pauses."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from time import sleep
from typing import Any

from designloop.core.errors import ProgramError
from designloop.core.lasting import kept
from designloop.core.notices import Waiting, warn
from designloop.core.version import __version__
from designloop.programs.log import Log
from designloop.programs.messages import PROTOCOL, M, Ready, line_of, read
from designloop.programs.process import Ended, Limits, Process
from designloop.programs.program import Program

_LONGEST_PAUSE = 60.0


class Conversation:
    """Questions to a program, which is started at the first one. After a failure it is not running."""

    def __init__(self, program: Program, who: str, folder: Path | None = None) -> None:
        """`who` names the program in messages; `folder` is the directory of the run, for the log."""
        self._program, self._who, self._log = program, who, Log(folder, program.program)
        self._process: Process | None = None

    def ask(self, question: Mapping[str, Any], kind: type[M]) -> M:
        """The answer. A program that ends without one is started and asked again.

        Raises ProgramError with the program, its failure, and its last words on standard error.
        """
        program, line, n_ended = self._program, line_of(question), 0
        limits = Limits(program.seconds, program.max_output)
        while True:
            try:
                with self._running() as process:
                    return read(process.ask(line, limits, Waiting(self._who).tell), kind)
            except Ended as ended:
                n_ended += 1
                if n_ended > program.restarts:
                    times = f", {n_ended} times" if n_ended > 1 else ""
                    raise self._failure(f"{ended} before it answered{times}; correct the program") from ended
                self._pause(ended, n_ended)
            except ProgramError as error:
                raise self._failure(str(error)) from error

    def greet(self) -> None:
        """Start the program. Raises ProgramError where it is not ready in time."""
        try:
            with self._running():
                return
        except Ended as ended:
            raise self._failure(f"{ended} before it was ready; correct the program") from ended
        except ProgramError as error:
            raise self._failure(str(error)) from error

    def end(self, *, at_once: bool = False) -> None:
        """End the program and its children, if it is running."""
        process, self._process = self._process, None
        if process is not None:
            process.close(at_once=at_once)

    @contextmanager
    def _running(self) -> Iterator[Process]:
        """A block with the running program, which is killed if the block raises."""
        program = self._program
        try:
            if self._process is None:
                self._process = Process(program.command, program.environment, program.place, self._log.hear)
                self._shake_hands(self._process)
            yield self._process
        except BaseException:
            self.end(at_once=True)
            raise

    def _shake_hands(self, process: Process) -> None:
        hello = line_of({"type": "hello", "protocol": PROTOCOL, "designloop": __version__})
        limits = Limits(self._program.start_seconds, self._program.max_output, "start_seconds")
        ready = read(process.ask(hello, limits, Waiting(self._who).tell), Ready)
        if ready.protocol != PROTOCOL:
            raise ProgramError(
                f"speaks protocol {ready.protocol}, but this version of designloop speaks protocol {PROTOCOL}; use "
                "versions of the two that agree"
            )

    def _pause(self, ended: Ended, n_ended: int) -> None:
        warn(f"{self._who} {ended}{self._log.told()}; restart {n_ended} of {self._program.restarts}")
        sleep(min(self._program.back_off * 2.0 ** (n_ended - 1), _LONGEST_PAUSE))

    def _failure(self, what: str) -> ProgramError:
        return ProgramError(f"{self._who} {what}{self._log.told()}")


@lru_cache(maxsize=64)
def check_is_ready(program: Program, who: str) -> None:
    """Raise ProgramError where a program is not ready after it is started; done once in a process."""
    talk = Conversation(program, who)
    try:
        talk.greet()
    finally:
        talk.end()


def conversation(program: Program, who: str) -> AbstractContextManager[Conversation]:
    """The conversation with a program, which lasts as long as the run; outside a run, as long as the block."""

    @contextmanager
    def opened(folder: Path | None) -> Iterator[Conversation]:
        talk = Conversation(program, who, folder)
        try:
            yield talk
        finally:
            talk.end()

    return kept((who, program), opened)
