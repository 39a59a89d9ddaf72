"""The folder of a study: its description, database and manifest, and the run directories of its cells."""

from collections.abc import Callable, Iterator, Sequence
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
def opened(place: Path, study: Study, begin: Callable[[], None], remarks: Sequence[str]) -> Iterator["CellStore"]:
    """The study's folder: created if needed, and locked against other processes.

    If nothing is recorded yet, `begin` is called before the store is opened and its libraries are imported.
    """
    if place.exists() and not place.is_dir():
        raise StoreError(f"{place} is a file, but a study needs a folder; choose another with --out")
    if place.is_dir() and any(map(_counts, place.iterdir())) and not (place / MANIFEST).is_file():
        raise StoreError(f"{place} holds something other than a study; choose another folder with --out")
    made(place)
    if (place / STUDY).is_file() and (named := Study.read(place / STUDY).name) != study.name:
        raise StoreError(f"{place} holds the study '{named}', not '{study.name}'; choose another folder with --out")
    with locked(place):
        if not (place / MANIFEST).is_file():  # first, so that a folder left incomplete by a kill is recognised as ours
            _write_manifest(place, remarks)
        if not (place / DATABASE).exists():
            begin()
        from designloop.storage.cells import CellStore

        with CellStore.open(place / DATABASE) as store:
            _write_manifest(place, remarks)
            yield store


def _counts(file: Path) -> bool:
    """Whether a file shows that the folder is in use: an unfinished manifest does not."""
    return not file.name.startswith(f".{MANIFEST}-")


def _write_manifest(place: Path, remarks: Sequence[str]) -> None:
    facts = {**surroundings(), **({"remarks": list(remarks)} if remarks else {})}
    write_whole(place / MANIFEST, dumps(facts, indent=2) + "\n")
