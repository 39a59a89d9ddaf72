"""Handles limits of the output streams: characters that a terminal lacks, a closed pipe, a full disk."""

import codecs
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EPIPE
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO

_PLAINER = "designloop-plainer"
_INSTEAD = {"·": "-", "×": "x", "±": "+-", "–": "-", "—": "-", "−": "-", "…": "...", "’": "'"}
_READER_LEFT = 141
"""128 + SIGPIPE: how a shell reports a command whose pipe was closed by its reader."""


@contextmanager
def output() -> Iterator[None]:
    """The block of a command. Raises SystemExit if its output cannot be written; all other errors pass through.

    If the reader closed the pipe, as `| head` does, the command ends silently, otherwise with a message.
    """
    _opened()
    sys.stdout, sys.stderr = streams = _remembering(sys.stdout), _remembering(sys.stderr)
    try:
        yield
    except BaseException as error:
        sys.stdout, sys.stderr = streams  # typer wraps those whose reader has left
        fault = _fault(streams)
        if fault is not None and isinstance(error, OSError | SystemExit):
            raise SystemExit(_told(fault)) from error
        if fault is None and isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None  # of another pipe: typer ends at any without a word
        raise
    if (fault := _fault(streams)) is not None:
        raise SystemExit(_told(fault))


def _opened() -> None:
    """Replace streams that the shell closed by one to /dev/null, or the next opened file would get their number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


class _Raw(FileIO):
    """The file of a stream, which remembers a write error, because the writer may have ignored it."""

    fault: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.fault = error
            raise


def _remembering(stream: TextIO) -> TextIO:
    """The stream, with replacements for characters that its encoding lacks. A stream of a test is unchanged."""
    if not isinstance(stream, TextIOWrapper) or type(_raw(stream)) is not FileIO:
        return stream
    codecs.register_error(_PLAINER, _plainer)
    stream.flush()
    raw = _Raw(stream.fileno(), "wb", closefd=False)
    by_line = stream.line_buffering or stream.write_through
    return TextIOWrapper(BufferedWriter(raw), stream.encoding, _PLAINER, line_buffering=by_line)


def _raw(stream: TextIO) -> Any:
    """The file under a stream, below its buffer if there is one (not with PYTHONUNBUFFERED); None if it has none."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    told = (_INSTEAD.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in letters)
    return "".join(told), error.end


def _fault(streams: Sequence[TextIO]) -> OSError | None:
    """Why a stream could not be written, or None. What such a stream still holds is discarded."""
    faults = list[OSError]()
    for stream in streams:
        with suppress(OSError):
            stream.flush()
        raw = _raw(stream)
        if isinstance(raw, _Raw) and raw.fault is not None:
            faults.append(raw.fault)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, raw.fileno())
            os.close(null)
    return faults[0] if faults else None


def _told(fault: OSError) -> int:
    """The exit code. Prints a message on stderr, unless the reader closed the pipe."""
    if fault.errno == EPIPE:
        return _READER_LEFT
    said(f"error: cannot write the output: {fault.strerror}; free some space, or write elsewhere")
    return 1


def said(sentence: str) -> None:
    """Print a command's error message on stderr, if stderr can be written."""
    with suppress(OSError):
        print(sentence, file=sys.stderr)
    _fault((sys.stdout, sys.stderr))
