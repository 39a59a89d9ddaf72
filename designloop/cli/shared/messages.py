"""Turns exceptions and notices into the messages that the terminal prints."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import EACCES, ELOOP, ENAMETOOLONG, ENOTDIR, EPERM, EROFS
from typing import Any

_NO_PLACE = (ENAMETOOLONG, ELOOP, ENOTDIR, EACCES, EPERM, EROFS)
"""Errors that mean that no file can exist at a path, or that it may not be read or written."""


@contextmanager
def notices_printed() -> Iterator[None]:
    """Within the block each Notice is printed as its message alone, without Python's line of source code."""
    from designloop.core.errors import Notice

    with warnings.catch_warnings():
        plain = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **rest: Any) -> None:
            if issubclass(category, Notice):
                print(f"warning: {message}", file=sys.stderr)
            else:
                plain(message, category, *place, **rest)

        warnings.simplefilter("always", Notice)
        warnings.showwarning = show
        yield


def in_words(error: Exception) -> tuple[str, int]:
    """(message, exit code) of an exception."""
    from designloop.core.errors import DesignloopError

    notes = getattr(error, "__notes__", [])
    where = "Set DESIGNLOOP_DEBUG=1 to see where the error was raised."
    if isinstance(error, DesignloopError):
        sentence = str(error) if error.exit_code == 130 else f"error: {error}"
        is_theirs = error.exit_code == 1 and error.__cause__ is not None
        return "\n".join([sentence, *notes, *([where] if is_theirs else [])]), error.exit_code
    from designloop.core.places import described

    if isinstance(error, OSError) and error.errno in _NO_PLACE and error.filename is not None:
        return f"error: {error.filename}: {error.strerror}; choose another path", 2
    if (lack := _out_of_memory(error)) is not None:
        sentence = f"error: not enough memory ({lack}); use shorter or fewer sequences, or a smaller model"
        return "\n".join([sentence, *notes, where]), 1
    return "\n".join([f"unexpected error: {described(error)}", *notes, where]), 1


def _out_of_memory(error: Exception) -> str | None:
    """What could not be allocated, or None for another error. torch has no exception class for CPU memory."""
    text = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, MemoryError):
        return text or "allocation failed"
    is_lack = isinstance(error, RuntimeError) and ("allocate memory" in text or "out of memory" in text)
    return text if is_lack else None


def print_remarks(remarks: Sequence[str]) -> None:
    """Print what was guessed, merged or left out when the files were read, one line each."""
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)
