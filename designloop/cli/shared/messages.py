"""Messages: what designloop raises and remarks, as the sentences that a terminal prints."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ELOOP, ENAMETOOLONG, ENOTDIR
from typing import Any

_NO_SUCH_PLACE = (ENAMETOOLONG, ELOOP, ENOTDIR)
"""Why no file can be where a path says."""


@contextmanager
def notices_printed() -> Iterator[None]:
    """Within the block each Notice is printed as its sentence, where Python would add a line of source."""
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
    """(sentence, exit code) for an exception."""
    from designloop.core.errors import DesignloopError

    notes = getattr(error, "__notes__", [])
    where = "DESIGNLOOP_DEBUG=1 shows where an error was raised."
    if isinstance(error, DesignloopError):
        sentence = str(error) if error.exit_code == 130 else f"error: {error}"
        is_theirs = error.exit_code == 1 and error.__cause__ is not None
        return "\n".join([sentence, *notes, *([where] if is_theirs else [])]), error.exit_code
    from designloop.core.places import described

    if isinstance(error, OSError) and error.errno in _NO_SUCH_PLACE and error.filename is not None:
        return f"error: {error.filename}: {error.strerror}; name another place", 2
    if (lack := _out_of_memory(error)) is not None:
        sentence = f"error: there is not enough memory ({lack}); ask for less: shorter, fewer or smaller"
        return "\n".join([sentence, *notes, where]), 1
    return "\n".join([f"unexpected error: {described(error)}", *notes, where]), 1


def _out_of_memory(error: Exception) -> str | None:
    """What could not be had; None for another error. torch has no class of its own for the processor's memory."""
    text = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, MemoryError):
        return text or "no more could be had"
    is_lack = isinstance(error, RuntimeError) and ("allocate memory" in text or "out of memory" in text)
    return text if is_lack else None
