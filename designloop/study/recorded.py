"""Reads the recorded cells of a study's folder for the statistics and the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from designloop.core.advice import either
from designloop.core.errors import StoreError
from designloop.storage.cells import CellStore, damaged
from designloop.storage.run_directory import DATABASE as RUN_DATABASE
from designloop.study.cell import result_of
from designloop.study.description import Study
from designloop.study.folder import DATABASE, STUDY
from designloop.study.results import CellResult, StudyResults
from designloop.study.study_result import StudyResult


def load_study(path: str | Path) -> StudyResult:
    """The result of the study in a folder, finished or not, as `Study.run` returned it.

    `path` may also name the folder's `study.db`. Raises StoreError if there is no study.
    """
    place = Path(path)
    place = place.parent if place.name == DATABASE else place
    return StudyResult(results_of(place), place)


def results_of(directory: str | Path) -> StudyResults:
    """The results of the study in a folder so far. Raises StoreError if there is none."""
    place = Path(directory)
    missing = next((name for name in (STUDY, DATABASE) if not (place / name).is_file()), None)
    if missing and (place / RUN_DATABASE).is_file():
        raise StoreError(f"{place} holds a run, not a study; {_read_a_run(place)}")
    if missing:
        raise StoreError(f"{place} holds no study ({missing} is missing); start one with `designloop study CONFIG`")
    with CellStore.open(place / DATABASE) as store:
        return read_results(Study.read(place / STUDY), store)


def _read_a_run(place: Path) -> str:
    return either(f"read it with `designloop show {place}`", "load it with `designloop.load`")


def read_results(study: Study, store: CellStore) -> StudyResults:
    """The results of a study in a store. Raises StoreError if it has no plan, or a row is damaged."""
    outcomes, plans = store.outcomes(), store.plans()
    if not plans:
        raise StoreError(f"{store.place} holds no plan; run the study again with `designloop study CONFIG`")
    promise = plans[-1][1]
    axes = _axes(study, promise, store.place)
    axis = study.landscape_axis
    cells: dict[bool, list[CellResult]] = {False: [], True: []}
    for key, cell in store.planned().items():
        _check_labels(cell, axes, store.place)
        if key in outcomes:
            is_confirmation = cell.pop("is_confirmation", False)
            cells[bool(is_confirmation)].append(_result(key, cell, outcomes[key], store.place))
    return StudyResults(
        name=study.name,
        axes=axes,
        compared=study.compare,
        landscape=axis,
        floor=_floor(study, axes),
        thresholds=_thresholds(study, axes[axis] if axis else ("",)),
        cells=tuple(cells[False]),
        confirmations=tuple(cells[True]),
        description={**study.describe(), **promise, "plans": plans},
    )


def _axes(study: Study, promise: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    """The labels of the plan, in the study's order."""
    axes = promise.get("axes")
    if not isinstance(axes, dict) or axes.keys() != study.axes.keys():
        planned = f"the axes {', '.join(axes)}" if isinstance(axes, dict) else "no axes"
        raise StoreError(
            f"{place} was planned with {planned}, but {STUDY} has {', '.join(study.axes)}: they belong to different "
            "studies; restore the right file, or run the study again"
        )
    if not all(isinstance(labels, list) and all(isinstance(one, str) for one in labels) for labels in axes.values()):
        raise damaged(place, "its plan", "the labels of an axis are not a list of strings")
    return {name: tuple(axes[name]) for name in study.axes}


def _check_labels(cell: Mapping[str, Any], axes: Mapping[str, tuple[str, ...]], place: str) -> None:
    """Raise StoreError if the labels of a cell are not in the plan."""
    labels = cell.get("labels")
    if not isinstance(labels, dict) or labels.keys() != axes.keys() or any(labels[a] not in axes[a] for a in axes):
        raise damaged(place, "a planned cell", f"its labels {labels} are not in the plan")


def _result(key: str, cell: Mapping[str, Any], outcome: Mapping[str, Any], place: str) -> CellResult:
    try:
        return result_of(key, cell, dict(outcome))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise damaged(place, f"cell {key[:16]}", error) from error


def _floor(study: Study, axes: Mapping[str, tuple[str, ...]]) -> str | None:
    labels = axes.get(study.compare, ())
    return study.floor or next((label for label in ("random-viable", "random") if label in labels), None)


def _thresholds(study: Study, landscapes: Sequence[str]) -> dict[str, float]:
    if study.threshold is None:
        return {}
    if isinstance(study.threshold, dict):
        return {label: value for label, value in study.threshold.items() if label in landscapes}
    return dict.fromkeys(landscapes, study.threshold)
