"""The cache holds expensive objects that do not depend on the history: a pretrained language model, a drawn landscape.

It is in `$DESIGNLOOP_CACHE`, or in a folder beside the run directory, never in the home folder. Without either, it is
in memory only. Files are written atomically. The key is a hash of everything that determines the content.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any, TypeVar
from weakref import finalize

from designloop.core.files import whole

_folder: ContextVar[Path | None] = ContextVar("designloop_cache_folder", default=None)
_used: ContextVar[dict[str, str] | None] = ContextVar("designloop_cache_used", default=None)
_memory: dict[str, Any] = {}
_beside: dict[int, dict[str, dict[str, Any]]] = {}
_MEMORY_ENTRIES = 4
T = TypeVar("T")


@contextmanager
def cache_folder(folder: Path | None) -> Iterator[dict[str, str]]:
    """Use `folder` within the block, unless `$DESIGNLOOP_CACHE` is set; yields {name: key} of the objects used."""
    used: dict[str, str] = {}
    tokens = _folder.set(folder), _used.set(used)
    try:
        yield used
    finally:
        _folder.reset(tokens[0])
        _used.reset(tokens[1])


def content_key(**facts: Any) -> str:
    """SHA-256 of the facts as JSON."""
    return sha256(dumps(facts, sort_keys=True).encode()).hexdigest()


def cached(name: str, key: str, make: Callable[[], T], save: Callable[[T, Path], None], load: Callable[[Path], T]) -> T:
    """The object of `key`: from memory, else from the folder, else newly made and stored in both."""
    return remembered(name, key, lambda: filed(f"{name}-{key[:24]}", make, save, load))


def remembered(name: str, key: str, make: Callable[[], T]) -> T:
    """The object of `key`: from memory, else newly made and stored in memory only (for objects with their own file)."""
    used = _used.get()
    if used is not None:
        note_use(used, name, key)
    return _kept(_memory, key, make, _MEMORY_ENTRIES)


def remembered_of(thing: object, name: str, key: str, make: Callable[[], T], *, most: int) -> T:
    """An object that depends only on `thing` and `key`; cached as long as `thing` exists.

    For each name, the latest `most` objects are kept.
    """
    if id(thing) not in _beside:
        finalize(thing, _beside.pop, id(thing), None).atexit = False
        _beside[id(thing)] = {}
    return _kept(_beside[id(thing)].setdefault(name, {}), key, make, most)


def _kept(memory: dict[str, Any], key: str, make: Callable[[], T], most: int) -> T:
    if key not in memory:
        made = make()
        while len(memory) >= most:
            memory.pop(next(iter(memory)))
        memory[key] = made
    made_before: T = memory[key]
    return made_before


def note_use(used: dict[str, str], name: str, key: str) -> None:
    """Record an object under its name, with the start of its key where the name is taken."""
    if key not in used.values():
        used[f"{name} {key[:12]}" if name in used else name] = key


@contextmanager
def forgetting() -> Iterator[None]:
    """A block with an empty memory cache, as in a new process."""
    before = dict(_memory)
    _memory.clear()
    try:
        yield
    finally:
        _memory.clear()
        _memory.update(before)


def beside(directory: Path) -> Path:
    """The cache folder of a run in `directory`, which it shares with the runs beside it."""
    return directory.absolute().parent / ".cache"


def folder() -> Path | None:
    """The current cache folder; None if the cache is in memory only."""
    named = os.environ.get("DESIGNLOOP_CACHE")
    return Path(named) if named else _folder.get()


def is_kept(name: str, key: str) -> bool:
    """Whether the object of `key` is cached."""
    place = folder()
    return key in _memory or (place is not None and (place / f"{name}-{key[:24]}").exists())


def filed(
    stem: str,
    make: Callable[[], T],
    save: Callable[[T, Path], None],
    load: Callable[[Path], T],
    unreadable: tuple[type[Exception], ...] = (),
) -> T:
    """The object in the folder's file `stem`, else newly made and stored; made again if loading raises `unreadable`."""
    place = folder()
    if place is None:
        return make()
    file = place / stem
    if file.exists():
        try:
            return load(file)
        except unreadable:
            file.unlink(missing_ok=True)
    thing = make()
    place.mkdir(parents=True, exist_ok=True)
    with whole(file) as part:
        save(thing, part)
    return thing
