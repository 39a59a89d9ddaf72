"""A process: a line to its standard input, a line back, within a time and a size. Its children end with it."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from threading import RLock
from time import monotonic
from typing import IO, NamedTuple

from designloop.core.errors import ProgramError

_CHUNK = 1 << 16
_GRACE = 2.0
"""Seconds in which a program may end by itself after its standard input is closed."""
_LAST_WORDS = 0.2
_POLL = 0.01
_BREATH = 0.5
"""Seconds between two calls of `meanwhile`, at most."""
_SHOWN = 60
"""Characters of an answer to quote."""


class Limits(NamedTuple):
    """The most time and the largest size of an answer, and the field that sets the time."""

    seconds: float
    bytes: int
    field: str = "seconds"


class Ended(ProgramError):
    """The program ended, or closed its standard output, without an answer."""


class Process:
    """A running program. Its three pipes are served together, so that neither side can block the other.

    It leads a session of its own: an interrupt in the terminal does not reach it, and its children are killed with it.
    A guard, a shell that waits for the end of this process, kills them too if this process is killed. Another thread
    may close it while one asks.
    """

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], folder: str | None, hear: Callable[[bytes], None]
    ) -> None:
        """Start the program; `hear` receives what it writes to standard error. Raises ProgramError if that fails."""
        self._popen = _started(argv, environment, folder)
        self._guard = _guard_of(self._popen.pid)
        assert self._popen.stdin and self._popen.stdout and self._popen.stderr  # noqa: PT018  # for the type checker
        self._stdin, self._unsent, self._answer = self._popen.stdin, bytearray(), bytearray()
        self._ending: str | None = None
        self._turn, self._is_closing = RLock(), False
        self._readers = {self._popen.stdout: self._answer.extend, self._popen.stderr: hear}
        for stream in (self._stdin, *self._readers):
            os.set_blocking(stream.fileno(), False)

    def ask(self, line: bytes, limits: Limits, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        """Send a line, and return the program's next line without its end; `meanwhile` is called now and then.

        Raises Ended, or ProgramError where the line does not end within the limits, or the program wrote something
        before it was asked.
        """
        self._serve(0.0)
        if self._answer:
            raise ProgramError(f"wrote more than its answer, {shown(self._answer)}; print to standard error")
        self._unsent += line
        until = monotonic() + limits.seconds
        while b"\n" not in self._answer and len(self._answer) <= limits.bytes:
            if (left := until - monotonic()) <= 0:
                raise ProgramError(f"did not answer within {limits.seconds:g} s; correct it, or raise `{limits.field}`")
            if self._is_closing or self._popen.stdout not in self._readers:
                raise Ended(self.close())
            self._serve(min(left, _BREATH))
            meanwhile()
        answer, _, rest = bytes(self._answer).partition(b"\n")
        if len(answer) > limits.bytes:
            raise ProgramError(
                f"wrote more than {limits.bytes:,} bytes, {shown(answer)}; raise `max_output`, or correct it"
            )
        self._answer[:] = rest
        return answer

    def close(self, *, at_once: bool = False) -> str:
        """End the program and its children, and say how it ended.

        Its standard input is closed. What still runs after a grace period is killed; `at_once` there is none.
        """
        self._is_closing = True
        if at_once and self._ending is None:
            self._kill_group()  # so that a thread that waits for an answer gives up its turn
        with self._turn:
            if self._ending is None:
                self._end(0.0 if at_once else _GRACE)
            return str(self._ending)

    def _end(self, grace: float) -> None:
        until = monotonic() + grace
        try:
            self._stop_telling()
            while self._popen.poll() is None and monotonic() < until:
                self._serve(_POLL)
                self._answer.clear()
        finally:
            self._ending = _how_it_ended(self._popen.poll())
            self._kill()
        self._let_go()

    def _serve(self, seconds: float) -> bool:
        """Write and read what can be written and read within `seconds`; False where that is nothing."""
        with self._turn, DefaultSelector() as ready:
            for stream in self._readers:
                ready.register(stream, EVENT_READ, partial(self._read, stream))
            if self._unsent and not self._stdin.closed:
                ready.register(self._stdin, EVENT_WRITE, self._write)
            found = [key.data for key, _ in ready.select(seconds)]
            for serve in found:
                serve()
        return bool(found)

    def _write(self) -> None:
        try:
            del self._unsent[: os.write(self._stdin.fileno(), self._unsent[:_CHUNK])]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it may still answer, or its exit code says more
            self._stop_telling()

    def _read(self, stream: IO[bytes]) -> None:
        if chunk := os.read(stream.fileno(), _CHUNK):
            self._readers[stream](chunk)
        else:
            del self._readers[stream]
            stream.close()

    def _stop_telling(self) -> None:
        self._unsent.clear()
        with suppress(OSError):
            self._stdin.close()

    def _kill(self) -> None:
        with self._guard:  # first, while the number of the group cannot be another's
            self._guard.kill()
        self._kill_group()
        self._popen.wait()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # the last of the group has ended
            os.killpg(self._popen.pid, signal.SIGKILL)

    def _let_go(self) -> None:
        """Hear the last words on standard error, and close the pipes."""
        until = monotonic() + _LAST_WORDS  # a process that left the group may keep them open
        while self._readers and monotonic() < until and self._serve(_POLL):
            self._answer.clear()
        for stream in self._readers:
            stream.close()
        self._readers.clear()


def _started(argv: Sequence[str], environment: Mapping[str, str], folder: str | None) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder, env=environment, start_new_session=True
        )
    except OSError as error:
        raise ProgramError(f"cannot be started: {error.strerror} ({error.filename or argv[0]})") from error
    except ValueError as error:  # a NUL byte, which no argument can hold
        raise ProgramError(f"cannot be started: {error}; correct `argv` and `env`") from error


def _guard_of(group: int) -> subprocess.Popen[bytes]:
    """A shell that kills a process group at the end of its standard input, which ends with this process."""
    wait = 'read -r _; kill -s KILL -- "-$1"'
    return subprocess.Popen(
        ("/bin/sh", "-c", wait, "sh", str(group)), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "closed its standard output"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def shown(text: bytes | bytearray) -> str:
    """The beginning of what a program wrote, as text in quotes."""
    line = bytes(text[: 4 * _SHOWN]).partition(b"\n")[0].decode("utf-8", "replace")
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}...")
