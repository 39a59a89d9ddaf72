"""A cell runs one campaign in a worker and returns its outcome as plain data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from json import dumps, loads
from pathlib import Path
from shutil import rmtree
from time import perf_counter
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from pydantic import TypeAdapter

from designloop.campaign import Campaign
from designloop.core.clock import as_weeks
from designloop.core.errors import DesignloopError, Notice, ReplayError, StoreError
from designloop.core.faults import in_words, traceback_of
from designloop.core.money import total
from designloop.core.notices import heard
from designloop.core.records import Event, Level
from designloop.storage.named import Point
from designloop.storage.result import Result
from designloop.storage.run_directory import CONFIG
from designloop.study.plan import source_hash
from designloop.study.results import CellResult, Trace

Outcome = dict[str, Any]
"""The outcome of a cell as JSON values: the fields of a `CellResult` that are not in the plan."""
_ORACLES_KEPT = 8


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to run a cell."""

    key: str
    config: str
    seed: int
    source: str
    """Hash of the package's source on the machine that planned the study."""
    directory: str | None = None
    """Where the run's events are kept; None: they are not kept."""
    group: str = ""
    """Tasks of one group are expected to take equally long."""


def play(task: Task) -> Outcome:
    """Run a cell. A campaign that fails gives an outcome too: its error with the traceback, and no traces.

    Its warnings are part of the outcome, and are not printed.
    """
    began = perf_counter()
    try:
        _check_source(task)
        with heard(warn=_kept_already, wait=None), catch_warnings():
            simplefilter("ignore", Notice)
            facts = _played(_campaign(task.config), task)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit in a part, or a panic in a library, must not end the worker
        return {"seconds": perf_counter() - began, "error": in_words(error), "traceback": traceback_of(error)}
    return {"seconds": perf_counter() - began, "error": None, **facts}


def _kept_already(sentence: str) -> None:
    """The outcome has it."""


def _check_source(task: Task) -> None:
    if task.source != source_hash():
        raise DesignloopError(
            "this worker runs another version of designloop than the study; install the same version on it"
        )


def _played(campaign: Campaign, task: Task) -> Outcome:
    optimum = campaign.oracle.optimum
    result = _run(campaign, task)
    facts = {"optimum": None if optimum is None else float(optimum), **_facts(result)}
    return facts if campaign.prior.past is None else {**facts, "spending": spending(result.events)}


def _run(campaign: Campaign, task: Task) -> Result:
    """Run the campaign; resume a run that a dead worker began."""
    if task.directory is None:
        return campaign.run(seed=task.seed)
    if not (study := Path(task.directory).parents[1]).is_dir():
        raise StoreError(f"the folder of the study, {study}, does not exist")
    try:
        if (Path(task.directory) / CONFIG).is_file():
            return _of_one_phase(campaign.resume(task.directory), task.directory)
    except ReplayError:  # begun with other versions, so it cannot be replayed
        rmtree(task.directory)
    return campaign.run(seed=task.seed, store=task.directory)


def _of_one_phase(result: Result, directory: str) -> Result:
    if len(result.phases) > 1:
        raise StoreError(f"{directory} was extended and is no longer a cell of the study; move it elsewhere")
    return result


def _campaign(config: str) -> Campaign:
    described = loads(config)
    return Campaign.model_validate({**described, "oracle": _oracle(dumps(described["oracle"], sort_keys=True))})


@lru_cache(maxsize=_ORACLES_KEPT)
def _oracle(described: str) -> Any:
    """An oracle, built once for the cells of a worker that share it, so that its table is read once."""
    shelf: Any = Campaign.model_fields["oracle"].annotation
    return TypeAdapter(shelf).validate_python(loads(described))


def _facts(result: Result) -> Outcome:
    traces = {"true": result.true_trace, "recommended": result.recommended_trace, "common": result.common_trace}
    return {
        "designs": result.designs,
        "weeks": result.weeks,
        "cost": result.cost,
        "event_hash": result.event_hash,
        "outcomes": result.outcomes,
        "given": result.given,
        "unreliable": result.unreliable,
        "warnings": result.said(Level.WARNING),
        "traces": {
            name: _columns([point for point in points if point.value is not None]) for name, points in traces.items()
        },
    }


def spending(events: Iterable[Event]) -> dict[str, list[float]]:
    """Designs submitted and money spent, as columns: a row for each minute at which either rises."""
    rows: dict[int, list[float]] = {}
    n_designs, cost = 0, 0.0
    for event in events:
        if event.kind == "submitted" and not event.data.get("retest", False):
            n_designs += 1
        elif event.kind == "vetoed":
            n_designs -= 1
        elif event.kind == "charged":
            cost = total([cost, *event.data.values()])
        else:
            continue
        rows[event.minute] = [as_weeks(event.minute), n_designs, cost]
    ordered = [rows[minute] for minute in sorted(rows)]
    return {name: [row[i] for row in ordered] for i, name in enumerate(("weeks", "designs", "cost"))}


def _columns(points: list[Point]) -> dict[str, list[float]]:
    rows = [asdict(point) for point in points]
    names = {"weeks": "week", "designs": "n_submitted", "cost": "cost", "values": "value"}
    return {name: [row[field] for row in rows] for name, field in names.items()}


def result_of(key: str, place: Mapping[str, Any], outcome: Outcome) -> CellResult:
    """The result of a cell, from its place in the study (labels, instance, seed) and its outcome.

    Raises TypeError, ValueError, KeyError or AttributeError if the recorded data are damaged.
    """
    facts = {name: _NUMBERS.get(name, _as_it_is)(fact) for name, fact in outcome.items() if name != "traces"}
    traces = {name: _trace(columns) for name, columns in outcome.get("traces", {}).items()}
    return CellResult(key, **place, traces=traces, **facts)


def _trace(columns: Mapping[str, Any]) -> Trace:
    arrays = {name: np.array(column, dtype=float) for name, column in columns.items()}
    if len({array.shape for array in arrays.values()}) > 1 or not all(np.isfinite(a).all() for a in arrays.values()):
        raise ValueError("a trace has columns of different lengths, or a value that is not a finite number")
    return Trace(**arrays)


def _as_it_is(fact: Any) -> Any:
    return fact


_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "seconds": float,
    "designs": int,
    "weeks": float,
    "cost": float,
    "warnings": tuple,
}
