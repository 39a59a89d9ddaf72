"""Answers of an outside program that are not part of the record yet, kept beside it: `resume` does not ask again.

A plate is recorded as a whole. Where a program fails in the middle of one, or the machine does, its other answers are
here. Answers of code that changed since are not used. The file is deleted when the run is finished.
"""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from threading import Lock
from typing import Any

from designloop.core.parts import Part
from designloop.core.sources import sources_in, without_folders

ANSWERS = "unrecorded.jsonl"


class Unrecorded:
    """Question -> answer, for the questions of one program in a run; without a directory nothing is kept."""

    def __init__(self, program: Part, folder: Path | None) -> None:
        self._file, self._turn = None if folder is None else folder / ANSWERS, Lock()
        self._program = "" if folder is None else _identity(program)
        self._known = {} if self._file is None else dict(_read(self._file))

    def of(self, question: Any) -> Any:
        """The answer; None where there is none."""
        return self._known.get(self._key(question)) if self._known else None

    def keep(self, question: Any, answer: Any) -> None:
        """Add an answer, as JSON can hold it. A file that cannot be written is not needed."""
        if self._file is None:
            return
        line = dumps([self._key(question), answer])
        with self._turn, suppress(OSError), self._file.open("a", encoding="utf-8") as file:
            file.write(f"{_digest(line)} {line}\n")

    def _key(self, question: Any) -> str:
        return _digest(f"{self._program} {dumps(question)}")


def _identity(program: Part) -> str:
    """A digest of the description of a program and of its files: changed code answers anew."""
    description = program.describe()
    sources = sources_in({"program": description})
    digests = [*sources.files.values(), *sources.code.values()]
    return _digest(dumps([without_folders(description), digests], sort_keys=True))


def _read(file: Path) -> Iterator[tuple[str, Any]]:
    """The pairs in a file; lines that are damaged, as by a kill, are skipped."""
    with suppress(OSError):
        for row in file.read_text(encoding="utf-8", errors="replace").splitlines():
            digest, _, line = row.partition(" ")
            if digest == _digest(line):
                key, answer = loads(line)
                yield key, answer


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def forget(folder: Path) -> None:
    """Delete the answers of a run."""
    with suppress(OSError):
        (folder / ANSWERS).unlink()
