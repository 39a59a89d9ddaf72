"""The process in which the check asks an oracle: a line of JSON in, a line of JSON out.

What the oracle prints goes to a file, so that it cannot disturb the answers. A call beyond its limit is reported by a
second thread, with the line of the user's code that is running.
"""

import faulthandler
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from json import dumps, loads
from typing import IO, Any

from designloop.core.errors import DesignloopError
from designloop.core.places import place_now, raised


class Desk:
    """Reads questions and writes answers. The oracle is opened by the first question."""

    def __init__(self) -> None:
        """Keep the pipes for this protocol, and give the oracle a file for what it prints, and nothing to read."""
        self._in = os.fdopen(os.dup(0), "r", encoding="utf-8")
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self._printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open to the end
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(self._printed.fileno(), 1)
        self._once = threading.Lock()
        self._bench: Any = None

    def serve(self) -> None:
        """Answer until the other side closes the pipe."""
        for line in self._in:
            question = loads(line)
            seconds, operation = question.pop("seconds"), question["operation"]
            work = self._open if operation == "open" else self._do
            self._write(self._within(seconds, partial(work, **question)))

    def _open(self, **question: Any) -> dict[str, Any]:
        self._bench = _opened(question)
        about: dict[str, Any] = self._bench.about()
        return about

    def _do(self, **question: Any) -> Any:
        return self._bench.do(**question)

    def _within(self, seconds: float, work: Callable[[], Any]) -> dict[str, Any]:
        """The result of `work`, or why there is none. After the limit a message is written, and the process ends."""
        watch = threading.Timer(seconds, self._give_up, (seconds, threading.get_ident()))
        watch.daemon = True
        watch.start()
        try:
            return {"done": work()}
        except DesignloopError as error:
            return {"error": str(error), "code": error.exit_code}
        except BaseException as error:
            return {"error": raised(error), "code": 1}
        finally:
            watch.cancel()

    def _give_up(self, seconds: float, thread: int) -> None:
        place = place_now(thread)
        self._write({"silent": f"{seconds:g} s" + (f" ({place})" if place else "")})
        os._exit(0)

    def _write(self, answer: dict[str, Any]) -> None:
        if not self._once.acquire(blocking=False):
            return  # the other thread is answering
        try:
            found = answer.get("done")
            if isinstance(found, dict) and "printed" in found:
                found["printed"] = self._newly_printed() + found["printed"]
            self._out.write(dumps(answer) + "\n")
            self._out.flush()
        finally:
            self._once.release()

    def _newly_printed(self) -> str:
        """What was written to standard output, also by C code and child processes, since the last time."""
        sys.stdout.flush()
        self._printed.seek(0)
        text = self._printed.read().decode("utf-8", "replace")
        self._printed.seek(0)
        self._printed.truncate()
        return text


def _opened(question: dict[str, Any]) -> Any:
    """The bench of a described oracle. Raises ConfigError with the key and the line of a mistake."""
    from designloop.checking.bench import Bench, Held
    from designloop.core.config import Document, build

    places = {tuple(place): text for place, text in question["places"]}
    return Bench(build(Held, Document({"oracle": question["oracle"]}, question["name"], places)).oracle)


def main() -> None:
    """Serve, as a campaign runs: in one thread, with outside programs that last."""
    from designloop.core.lasting import lasting
    from designloop.core.threads import one_thread

    sys.stdout.flush()
    faulthandler.enable()
    with one_thread(), lasting():
        Desk().serve()


if __name__ == "__main__":
    main()
