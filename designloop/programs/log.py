"""The log of a program: what it writes to standard error, in the run's directory or through Python's logging."""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

LOG = "program.log"
MOST = 64 * 1024 * 1024
"""Bytes of the file; the rest is left out."""
_LAST = 4096
_LINES = 4
_writers: WeakValueDictionary[Path, "Log"] = WeakValueDictionary()
"""File -> the log that wrote last to it: several programs of a run share the file."""
_turn = Lock()


class Log:
    """Appends to `program.log` in the run's directory, below a line with the program's title.

    Without a directory, lines go to the logger of this module.
    """

    def __init__(self, folder: Path | None, title: str) -> None:
        self.file = None if folder is None else folder / LOG
        self._title = title
        self._last, self._line = bytearray(), bytearray()

    def hear(self, chunk: bytes) -> None:
        """Keep what a program wrote."""
        self._last = (self._last + chunk)[-_LAST:]
        if self.file is not None:
            self._append(self.file, chunk)
        else:
            self._log(chunk)

    def told(self, *, words: bool = True) -> str:
        """The end of a message: the last lines, and where the others are; empty where there is none.

        Without `words`, only where they are.
        """
        if not words:
            return f"; its standard error is in {self.file}" if self.file is not None and self._last else ""
        lines = [line.strip() for line in self._last.decode("utf-8", "replace").splitlines()]
        if not (last := " | ".join([line for line in lines if line][-_LINES:])):
            return ""
        others = "" if self.file is None else f" (all of it is in {self.file})"
        return f"; its standard error ends: {last}{others}"

    def _append(self, file: Path, chunk: bytes) -> None:
        with _turn, suppress(OSError), file.open("ab") as out:  # a full disk ends no run: the store reports it
            if _writers.get(file) is not self:
                _writers[file] = self
                out.write(f"# {self._title}\n".encode())
            room = MOST - out.tell()
            if room > 0:
                out.write(chunk[:room] if len(chunk) < room else chunk[:room] + b"\n# the rest is left out\n")

    def _log(self, chunk: bytes) -> None:
        import logging

        self._line += chunk
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest[-_LAST:])
        for line in lines:
            logging.getLogger(__name__).info("%s: %s", self._title, line.decode("utf-8", "replace"))
