"""Asks an oracle from outside: in a process of its own, which may hang or end, or in this one."""

import os
import sys
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from json import dumps, loads
from threading import Thread
from time import monotonic
from typing import Any, Protocol

from designloop.checking.answers import UNANSWERED, Answer
from designloop.checking.bench import Bench
from designloop.core.errors import ConfigError, DesignloopError, OracleError, ProgramError
from designloop.core.places import place_now, raised
from designloop.oracles.base import Oracle
from designloop.programs.process import Ended, Limits, Process

_PATIENCE = 120.0
"""Seconds in which an oracle may be opened, and say what it is; more if a call may take longer."""
_LARGEST = 2**30
"""Bytes of an answer."""
_GRACE = 2.0
"""Seconds after the limit in which the process may say where it is."""
_LAST_WORDS = 2000


class Silent(OracleError):
    """The oracle did not answer within the limit, or its process ended."""

    def __init__(self, what: str, *, is_hung: bool) -> None:
        super().__init__(what)
        self.is_hung = is_hung


@dataclass(frozen=True)
class Described:
    """The description of an oracle, and where a file says so: for messages about mistakes in it."""

    oracle: Any
    name: str = "the oracle"
    places: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)

    def question(self) -> dict[str, Any]:
        """The question that opens it."""
        return {
            "oracle": self.oracle,
            "name": self.name,
            "places": [[list(key), text] for key, text in self.places.items()],
        }


class Asker(Protocol):
    """A way to a bench."""

    seconds: float
    """The limit for one question."""

    def do(self, operation: str, **fields: Any) -> Any:
        """The result of an operation of the bench. Raises Silent, or the error that the bench raised."""
        ...

    def elsewhere(self, *, same_hash: bool) -> "Elsewhere | None":
        """The same oracle in a new process; None where it exists only in this one.

        With `same_hash`, Python's sets and hash() have the order of this process, as far as that can be had.
        """
        ...

    def close(self) -> None:
        """End the process, if there is one."""
        ...


def answer(asker: Asker, sequences: list[str], operation: str = "ask", **fields: Any) -> Answer:
    """The answer to a list of sequences. A hang and the end of the process are problems of the answer."""
    try:
        return Answer.of(asker.do(operation, sequences=sequences, **fields))
    except Silent as error:
        mend = (
            "remove the endless loop or the wait, or raise --seconds"
            if error.is_hung
            else "an oracle must not end its process"
        )
        return Answer(
            problem=str(error), change=mend, is_silent=error.is_hung, seconds=asker.seconds if error.is_hung else 0.0
        )


def limit(operation: str, seconds: float) -> float:
    """Seconds for an operation: only a call for values is limited closely."""
    return seconds if operation.startswith("ask") else max(seconds, _PATIENCE)


class Elsewhere:
    """An oracle in a process of its own, which is started at the first question, and again after it ended."""

    def __init__(self, described: Described, seconds: float, hash_seed: int = 0) -> None:
        """`hash_seed` sets the order of Python's sets, which differs from process to process."""
        self._described, self.seconds, self._hash_seed = described, seconds, hash_seed
        self._process: Process | None = None
        self._heard = bytearray()

    def do(self, operation: str, **fields: Any) -> Any:
        """As the protocol says. The first question opens the oracle."""
        if self._process is None:
            self._start()
            self._say({"operation": "open", **self._described.question()})
        return self._say({"operation": operation, **fields})

    def elsewhere(self, *, same_hash: bool) -> "Elsewhere":
        """Another process."""
        return Elsewhere(self._described, self.seconds, self._hash_seed if same_hash else self._hash_seed + 1)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.close(at_once=True)
            self._process = None

    def _start(self) -> None:
        # -P: the current folder is searched only if this process searches it.
        argv = (sys.executable, "-P", "-m", "designloop.checking.worker")
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": str(self._hash_seed)}
        self._heard.clear()
        self._process = Process(argv, environment, None, self._heard.extend)

    def _say(self, question: dict[str, Any]) -> Any:
        assert self._process is not None
        seconds = limit(question["operation"], self.seconds)
        line = dumps({**question, "seconds": seconds}, default=os.fspath).encode() + b"\n"
        began = monotonic()
        try:
            told = loads(self._process.ask(line, Limits(seconds + _GRACE, _LARGEST)))
        except ProgramError as error:
            is_hung = not isinstance(error, Ended) and monotonic() - began >= seconds
            self.close()
            what = f"{UNANSWERED} {seconds:g} s" if is_hung else f"its process {error}{self._last_words()}"
            raise Silent(what, is_hung=is_hung) from error
        except BaseException:
            self.close()
            raise
        if "silent" in told:
            self.close()
            raise Silent(f"{UNANSWERED} {told['silent']}", is_hung=True)
        if "error" in told:
            raise (ConfigError if told["code"] == 2 else OracleError)(told["error"])
        return told["done"]

    def _last_words(self) -> str:
        """The last line that the process wrote to standard error."""
        lines = bytes(self._heard[-_LAST_WORDS:]).decode("utf-8", "replace").strip().splitlines()
        return f" (its last words: {lines[-1].strip()})" if lines else ""


class Here:
    """An oracle in this process. A call beyond the limit is abandoned. One that ends the process ends the check."""

    def __init__(self, oracle: Oracle, seconds: float) -> None:
        self._oracle, self.seconds = oracle, seconds
        self._bench: Bench | None = None

    def do(self, operation: str, **fields: Any) -> Any:
        """As the protocol says. Each question has its own thread."""
        found: list[Any] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                self._bench = self._bench or Bench(self._oracle)
                found.append(self._bench.do(operation, **fields))
            except BaseException as error:  # raised again in the thread that waits for it
                errors.append(error)

        thread = Thread(target=copy_context().run, args=(work,), name="designloop-check", daemon=True)
        thread.start()
        seconds = limit(operation, self.seconds)
        thread.join(seconds)
        if thread.is_alive():
            place = place_now(thread.ident or 0)
            raise Silent(f"{UNANSWERED} {seconds:g} s" + (f" ({place})" if place else ""), is_hung=True)
        if errors:
            raise errors[0] if isinstance(errors[0], DesignloopError) else OracleError(raised(errors[0])) from errors[0]
        return found[0]

    def elsewhere(self, *, same_hash: bool) -> Elsewhere | None:
        """The same oracle in another process; None where it cannot be described."""
        told = self.do("description")
        return (
            None if "problem" in told else Elsewhere(Described(told["description"]), self.seconds, int(not same_hash))
        )

    def close(self) -> None:
        """Nothing is left open."""
