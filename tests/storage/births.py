"""Kill the making of a store before and after each of its SQL statements, and try the same again each time.

    python births.py run|study FOLDER

Prints a line for each place it was killed at: the statement, and what became of the second try. It forks, so it is a
program of its own, with one thread.
"""

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from designloop.core.records import Event
from designloop.storage import manifest
from designloop.storage.cells import CellStore
from designloop.storage.run_directory import CONFIG, begun, continued

KILLED = 9


class Countdown:
    """Ends the process at a moment: statement n, before (even) or after (odd) it is run."""

    def __init__(self, moment: int) -> None:
        self.moment, self.now, self.words = moment, -1, ""

    def around(self, call: Any, words: str, *given: Any) -> Any:
        self._tick(words)
        answer = call(words, *given) if words != "COMMIT" else call()
        self._tick(words)
        return answer

    def _tick(self, words: str) -> None:
        self.now += 1
        if self.now == self.moment:
            print(("before ", "after ")[self.moment % 2] + " ".join(words.split())[:60], end=": ", flush=True)
            os._exit(KILLED)


def counted(countdown: Countdown) -> Any:
    """`sqlite3.connect`, with each statement counted."""

    class Connection(sqlite3.Connection):
        def execute(self, words: str, *given: Any) -> Any:
            return countdown.around(super().execute, words, *given)

        def executemany(self, words: str, *given: Any) -> Any:
            return countdown.around(super().executemany, words, *given)

        def commit(self) -> None:
            countdown.around(super().commit, "COMMIT")

    plain = sqlite3.connect
    return lambda *given, **named: plain(*given, factory=Connection, **named)


def bear_run(place: Path) -> None:
    """A run directory, up to its first event."""
    again = continued(place) if (place / CONFIG).exists() else begun(place, "name: a\n", 4)
    with again as run:
        if not run.log.events():
            run.log.append([Event(0, "opened", data={"seed": 4})], documents={"corpus": "ACGT", "name": "a"})
        assert [event.kind for event in run.log.events()] == ["opened"]


def bear_study(place: Path) -> None:
    """The store of a study, up to its first cell."""
    place.mkdir(exist_ok=True)
    with CellStore.open(place / "study.db") as store:
        store.plan({"n_cells": 1}, {"k": {"seed": 0}})
        if not store.finished():
            store.record("k", {"seconds": 1.0, "error": None})
        assert store.finished() == {"k"}


def main() -> None:
    manifest.surroundings = dict  # type: ignore[assignment]  # git need not be asked a hundred times
    bear, folder, moment = {"run": bear_run, "study": bear_study}[sys.argv[1]], Path(sys.argv[2]), 0
    while True:
        place = folder / str(moment)
        if (child := os.fork()) == 0:
            sqlite3.connect = counted(Countdown(moment))
            bear(place)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != KILLED:
            break
        try:
            bear(place)
            print("right")
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
        moment += 1


if __name__ == "__main__":
    main()
