"""The cache keeps what is costly and independent of the history: a pretrained language model, a drawn landscape.

It lives in `$DESIGNLOOP_CACHE`, or in a folder a run names (beside its own), never in the home folder; without either
it is memory only. A file is written whole or not at all. Its key is a hash of everything that shaped its content.
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
    """Use `folder` within the block, unless `$DESIGNLOOP_CACHE` names another; yields {name: key} of what was used."""
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
    """The thing under `key`: from memory, else from the folder, else made and kept in both."""
    return remembered(name, key, lambda: filed(f"{name}-{key[:24]}", make, save, load))


def remembered(name: str, key: str, make: Callable[[], T]) -> T:
    """The thing under `key`: from memory, else made and remembered there alone; what has a file of its own already."""
    used = _used.get()
    if used is not None:
        note_use(used, name, key)
    return _kept(_memory, key, make, _MEMORY_ENTRIES)


def remembered_of(thing: object, name: str, key: str, make: Callable[[], T], *, most: int) -> T:
    """What is made of a thing and of what `key` says, and of nothing else; remembered as long as the thing is there.

    Of each name the latest few, `most` of them.
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
    """Note a thing by its name; where there is another of that name, by how its key begins too."""
    if key not in used.values():
        used[f"{name} {key[:12]}" if name in used else name] = key


@contextmanager
def forgetting() -> Iterator[None]:
    """A block that remembers nothing of what was made before it, as a new process would."""
    before = dict(_memory)
    _memory.clear()
    try:
        yield
    finally:
        _memory.clear()
        _memory.update(before)


def beside(directory: Path) -> Path:
    """The folder that a run in `directory` keeps things in, with the runs beside it."""
    return directory.absolute().parent / ".cache"


def folder() -> Path | None:
    """Where things are kept now; None where that is memory alone."""
    named = os.environ.get("DESIGNLOOP_CACHE")
    return Path(named) if named else _folder.get()


def is_kept(name: str, key: str) -> bool:
    """Whether the thing that `cached` keeps under `key` is there, so that it need not be made."""
    place = folder()
    return key in _memory or (place is not None and (place / f"{name}-{key[:24]}").exists())


def filed(
    stem: str,
    make: Callable[[], T],
    save: Callable[[T, Path], None],
    load: Callable[[Path], T],
    unreadable: tuple[type[Exception], ...] = (),
) -> T:
    """The thing in the folder's file `stem`, else made and kept there; made anew where loading raises `unreadable`."""
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
