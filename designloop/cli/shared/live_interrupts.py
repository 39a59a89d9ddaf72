"""An interrupted command of a live campaign says whether it was recorded, and how its files are written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

from designloop.cli.shared.campaigns import Interrupted
from designloop.core.records import Event
from designloop.live.entry import person
from designloop.live.folder import Folder
from designloop.live.status import COMMANDS, entry_in_words

_WITH_FILES = ("asked", "added", "vetoed", "undone")
"""Kinds of commands after which the files of a round are written."""


@contextmanager
def interruptible(directory: Path, by: str | None) -> Iterator[None]:
    """A command that Ctrl-C or SIGTERM interrupts raises Interrupted, with what was recorded until then."""
    before = _entries(directory)
    try:
        with _terminated_as_interrupted():
            yield
    except KeyboardInterrupt as interrupt:
        new = [event for event in _entries(directory)[len(before) :] if event.data["by"] == person(by)]
        raise Interrupted(_said(new[-1], directory) if new else "interrupted; nothing was recorded") from interrupt


def _entries(directory: Path) -> list[Event]:
    """The event of each command so far."""
    with Folder(directory).reading() as record:
        return [event for event in record.every if event.kind in COMMANDS]


def _said(entry: Event, directory: Path) -> str:
    said = f"interrupted, but entry {entry.data['entry']} is recorded: {entry_in_words(entry)}"
    if entry.kind not in _WITH_FILES:
        return said
    verbs = " and ".join(f"designloop live {verb} {directory}" for verb in ("sheets", "dossier"))
    return f"{said}; its files may be missing or old; to write them: {verbs}"


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM interrupts as Ctrl-C does."""
    if current_thread() is not main_thread():  # only there can signals be handled
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
