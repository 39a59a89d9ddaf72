"""Output: what a command's streams can take. Letters a terminal lacks, a reader who has left, a disk that is full."""

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
"""128 and SIGPIPE: how a shell reports a command whose reader has left."""


@contextmanager
def output() -> Iterator[None]:
    """The block of a command. Raises SystemExit where its output cannot be written: all other errors pass.

    Where the reader of a pipe has left, as `| head` does, the command ends without a word; else with a sentence.
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
    """Open what the shell closed as a stream that nobody reads: else the next file opened would take its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


class _Raw(FileIO):
    """A stream's file, which remembers why it could not be written: whoever wrote may have let that pass."""

    fault: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.fault = error
            raise


def _remembering(stream: TextIO) -> TextIO:
    """The stream, with letters in place of those that its encoding lacks; a test's own stream as it is."""
    if not isinstance(stream, TextIOWrapper) or type(_raw(stream)) is not FileIO:
        return stream
    codecs.register_error(_PLAINER, _plainer)
    stream.flush()
    raw = _Raw(stream.fileno(), "wb", closefd=False)
    by_line = stream.line_buffering or stream.write_through
    return TextIOWrapper(BufferedWriter(raw), stream.encoding, _PLAINER, line_buffering=by_line)


def _raw(stream: TextIO) -> Any:
    """The file below a stream, which has a buffer between, or with PYTHONUNBUFFERED none; None where it is no file."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    told = (_INSTEAD.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in letters)
    return "".join(told), error.end


def _fault(streams: Sequence[TextIO]) -> OSError | None:
    """Why a stream could not be written, None where each could. What it still holds is let go: the end is quiet."""
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
    """The exit code; a sentence on stderr, but for a reader who left."""
    if fault.errno == EPIPE:
        return _READER_LEFT
    said(f"error: the output cannot be written: {fault.strerror}; make room, or write elsewhere")
    return 1


def said(sentence: str) -> None:
    """Print on stderr what ended a command; not a word where that cannot be written."""
    with suppress(OSError):
        print(sentence, file=sys.stderr)
    _fault((sys.stdout, sys.stderr))
