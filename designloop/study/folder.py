"""The folder of a study: its description, its database, what it ran in, and the events of its cells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.core.errors import StoreError
from designloop.storage.manifest import surroundings, write_whole
from designloop.storage.run_directory import STUDY_DATABASE, locked, made
from designloop.study.description import Study

if TYPE_CHECKING:
    from designloop.storage.cells import CellStore

STUDY, DATABASE, MANIFEST, CELLS = "study.yaml", STUDY_DATABASE, "manifest.json", "cells"


@contextmanager
def opened(place: Path, study: Study, begin: Callable[[], None]) -> Iterator["CellStore"]:
    """The study's folder: made where there is none, and held against other processes.

    Where nothing is recorded yet, `begin` is called before the store is opened, and before what that takes is imported.
    """
    if place.exists() and not place.is_dir():
        raise StoreError(f"{place} is a file, and a study wants a folder; name another with --out")
    if place.is_dir() and any(map(_counts, place.iterdir())) and not (place / MANIFEST).is_file():
        raise StoreError(f"{place} holds something else than a study; name another folder with --out")
    made(place)
    if (place / STUDY).is_file() and (named := Study.read(place / STUDY).name) != study.name:
        raise StoreError(f"{place} holds the study '{named}', and not '{study.name}'; name another folder with --out")
    with locked(place):
        if not (place / MANIFEST).is_file():  # first, so that a folder which a kill left half made is known for ours
            _write_manifest(place)
        if not (place / DATABASE).exists():
            begin()
        from designloop.storage.cells import CellStore

        with CellStore.open(place / DATABASE) as store:
            _write_manifest(place)
            yield store


def _counts(file: Path) -> bool:
    """Whether a file of a folder says that it is in use: a file that was begun, and never took its place, does not."""
    return not file.name.startswith(f".{MANIFEST}-")


def _write_manifest(place: Path) -> None:
    write_whole(place / MANIFEST, dumps(surroundings(), indent=2) + "\n")
