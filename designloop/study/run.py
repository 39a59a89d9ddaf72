"""Running a study: what is recorded is not run again; each cell is recorded, in one transaction, as it ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import dumps, loads
from pathlib import Path
from time import perf_counter
from typing import Any

from designloop.campaign import Campaign
from designloop.core.config import to_yaml
from designloop.core.errors import StoreError
from designloop.storage.cells import CellStore
from designloop.storage.run_directory import locked, surroundings, write_whole
from designloop.study.cell import Task, result_of
from designloop.study.description import Study
from designloop.study.engines import Engine, Processes
from designloop.study.plan import Plan, PlannedCell, plan_of, source_hash
from designloop.study.results import StudyResults

STUDY, DATABASE, MANIFEST, CELLS = "study.yaml", "study.db", "manifest.json", "cells"


@dataclass
class Progress:
    """Where a study stands, while it runs."""

    n_cells: int
    n_found: int
    """Cells that were recorded before."""
    n_done: int = 0
    """Cells that came to an end in this session; failed ones are not among them."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    """(cell, cause) of those that failed."""
    seconds_inside: float = 0.0
    """Time inside campaigns, over all workers."""
    seconds: float = 0.0
    """Time since this session began."""

    @property
    def n_left(self) -> int:
        """Cells still to be played."""
        return self.n_cells - self.n_found - self.n_done - len(self.failures)

    @property
    def seconds_left(self) -> float | None:
        """Time left at the rate so far; None before the first cell is done."""
        n_played = self.n_done + len(self.failures)
        return self.seconds / n_played * self.n_left if n_played else None


Report = Callable[[Progress], None]
"""Told of each cell that ends."""


def run_study(
    study: Study, directory: str | Path, engine: Engine | None = None, report: Report | None = None
) -> Progress:
    """Run the cells that `directory` does not hold yet, and record each as it ends.

    Raises ConfigError where a cell is no campaign, InputError where one of its files is wrong, both before any work;
    StoreError where the directory holds something else. A cell that fails is recorded, and stops no other.
    """
    plan = plan_of(study)
    _check_files(plan)
    place = Path(directory)
    with _opened(place, study) as store:
        store.plan(_promise(study, plan), {cell.key: _place(cell) for cell in plan.cells})
        finished = store.finished()
        todo = [cell for cell in plan.cells if cell.key not in finished]
        progress = Progress(len(plan.cells), len(plan.cells) - len(todo))
        if report is not None:
            report(progress)
        _play(todo, place if study.keep_events else None, store, engine or Processes(), progress, report)
    return progress


def _play(
    cells: list[PlannedCell],
    keep_in: Path | None,
    store: CellStore,
    engine: Engine,
    progress: Progress,
    report: Report | None,
) -> None:
    named = {cell.key: cell for cell in cells}
    began = perf_counter()
    for task, outcome in engine.outcomes([_task(cell, keep_in) for cell in cells]):
        store.record(task.key, outcome)
        progress.seconds = perf_counter() - began
        progress.seconds_inside += outcome["seconds"]
        if outcome["error"] is None:
            progress.n_done += 1
        else:
            progress.failures.append((str(named[task.key]), outcome["error"]))
        if report is not None:
            report(progress)


def _task(cell: PlannedCell, keep_in: Path | None) -> Task:
    directory = None if keep_in is None else str((keep_in / CELLS / cell.key[:16]).absolute())
    return Task(cell.key, cell.config, cell.seed, source_hash(), directory)


def _check_files(plan: Plan) -> None:
    """Read what every distinct landscape and prior reads, once: a mistake in a file is found before any work."""
    seen = set()
    for cell in plan.cells:
        described = loads(cell.config)
        key = dumps([{**described["oracle"], "seed": 0}, described["prior"], described["space"]], sort_keys=True)
        if key not in seen:
            seen.add(key)
            Campaign.model_validate(described).known()


def _promise(study: Study, plan: Plan) -> dict[str, Any]:
    """What was planned before anyone looked."""
    units = {"instances": study.instances, "seeds": study.seeds, "n_cells": len(plan.cells)}
    axes = {name: list(labels) for name, labels in plan.axes.items()}
    return {**units, "axes": axes, "left_out": list(plan.left_out), "scales": dict(plan.scales)}


def _place(cell: PlannedCell) -> dict[str, Any]:
    return {"labels": dict(cell.labels), "instance": cell.instance, "seed": cell.seed}


@contextmanager
def _opened(place: Path, study: Study) -> Iterator[CellStore]:
    """The study's folder: made where there is none, and held against other processes."""
    if place.exists() and not place.is_dir():
        raise StoreError(f"{place} is a file, and a study wants a folder; name another with --out")
    if place.is_dir() and any(place.iterdir()) and not (place / STUDY).is_file():
        raise StoreError(f"{place} holds something else than a study; name another folder with --out")
    place.mkdir(parents=True, exist_ok=True)
    with locked(place):
        write_whole(place / STUDY, to_yaml(study.describe()))
        write_whole(place / MANIFEST, dumps(surroundings(), indent=2) + "\n")
        with CellStore.open(place / DATABASE) as store:
            yield store


def results_of(directory: str | Path) -> StudyResults:
    """What the study in a folder came to so far. Raises StoreError where there is none."""
    place = Path(directory)
    if not (place / STUDY).is_file():
        raise StoreError(f"{place} holds no study ({STUDY} is missing); start one with `designloop study CONFIG`")
    study = Study.read(place / STUDY)
    with CellStore.open(place / DATABASE) as store:
        outcomes, plans, planned = store.outcomes(), store.plans(), store.planned()
    promise = plans[-1][1]
    axes = {name: tuple(labels) for name, labels in promise["axes"].items()}
    axis = study.landscape_axis
    return StudyResults(
        name=study.name,
        axes=axes,
        compared=study.compare,
        landscape=axis,
        floor=_floor(study, axes),
        thresholds=_thresholds(study, axes[axis] if axis else ("",)),
        cells=tuple(result_of(key, cell, outcomes[key]) for key, cell in planned.items() if key in outcomes),
        description={**study.describe(), **promise, "plans": plans},
    )


def _floor(study: Study, axes: Mapping[str, tuple[str, ...]]) -> str | None:
    labels = axes.get(study.compare, ())
    return study.floor or next((label for label in ("random-viable", "random") if label in labels), None)


def _thresholds(study: Study, landscapes: Sequence[str]) -> dict[str, float]:
    if study.threshold is None:
        return {}
    if isinstance(study.threshold, dict):
        return {label: value for label, value in study.threshold.items() if label in landscapes}
    return dict.fromkeys(landscapes, study.threshold)
