"""A manifest lists what a run depends on: seed, code, files, versions and machine; and how the run ended."""

import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from designloop.core.errors import StoreError
from designloop.core.files import whole
from designloop.core.version import __version__

MANIFEST = "manifest.json"
_LIBRARIES = ("torch", "numpy", "scipy", "simpy", "pydantic", "sqlalchemy")
_TEXTS, _TEXT, _WHOLE, _NUMBER = "a mapping from names to strings", "a string", "an integer", "a number"
_LIST = "a list of strings"
_KINDS = {
    "seed": _WHOLE,
    "files": _TEXTS,
    "code": _TEXTS,
    "cache": _TEXTS,
    "remarks": _LIST,
    "event_hash": _TEXT,
    "wall_seconds": _NUMBER,
}


class Manifest:
    """The manifest in a run directory; it is read anew each time, since a user may edit it between runs."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / MANIFEST

    def read(self) -> dict[str, Any]:
        """Its entries. Raises StoreError if it is damaged, or an entry has the wrong type."""
        try:
            facts = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise self._damaged(str(error)) from error
        if not isinstance(facts, dict):
            raise self._damaged("expected a mapping")
        for name, kind in _KINDS.items():
            if (name in facts or name == "seed") and not _is(kind, facts.get(name)):
                raise self._damaged(f"'{name}' should be {kind}, got {json.dumps(facts.get(name))[:60]}")
        return facts

    def begin(self, seed: int, **facts: Any) -> None:
        """Write the entries that are known when a run begins."""
        self._write({"seed": seed, **facts, **surroundings()})

    def add(self, **facts: Any) -> None:
        """Add these entries. A manifest that a user reduced to its seed is completed."""
        before = self.read()
        self._write({**({} if "versions" in before else surroundings()), **before, **facts})

    def drop(self, name: str) -> None:
        """Remove one entry."""
        self._write({key: fact for key, fact in self.read().items() if key != name})

    def _write(self, facts: Mapping[str, Any]) -> None:
        write_whole(self.file, json.dumps(facts, indent=2) + "\n")

    def _damaged(self, why: str) -> StoreError:
        return StoreError(f'{self.file} is damaged ({why}); restore a copy, or write only its seed: {{"seed": N}}')


def _is(kind: str, fact: Any) -> bool:
    if kind == _TEXTS:
        return isinstance(fact, dict) and all(isinstance(text, str) for text in fact.values())
    if kind == _LIST:
        return isinstance(fact, list) and all(isinstance(text, str) for text in fact)
    if kind == _TEXT:
        return isinstance(fact, str)
    return isinstance(fact, int if kind == _WHOLE else int | float) and not isinstance(fact, bool)


def surroundings() -> dict[str, Any]:
    """Versions, machine, and the Git state of the working folder."""
    return {
        "python": platform.python_version(),
        "versions": {"designloop": __version__, **{name: _version(name) for name in _LIBRARIES}},
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "git": _git_state(),
    }


def write_whole(path: Path, text: str, mend: str = "free some space or change its permissions, then resume") -> None:
    """Write a file whole or not at all. Raises StoreError with the remedy `mend`."""
    try:
        with whole(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; {mend}") from error


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git_state() -> dict[str, Any] | None:
    commit = _git("rev-parse", "HEAD")
    return None if commit is None else {"commit": commit, "is_changed": bool(_git("status", "--porcelain"))}


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
