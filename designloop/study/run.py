"""Runs a study: recorded cells are not run again, and each cell is recorded in one transaction when it ends."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from json import dumps, loads
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from designloop.campaign import Campaign
from designloop.core.advice import either, option_out
from designloop.core.config import read_document, read_text, to_yaml
from designloop.core.counting import many
from designloop.core.errors import StoreError
from designloop.storage.manifest import write_whole
from designloop.study.cell import Task
from designloop.study.changes import are_equal, unplanned
from designloop.study.description import Study
from designloop.study.engines import Engine, News, Processes, Waiting
from designloop.study.folder import CELLS, STUDY, opened
from designloop.study.plan import Plan, PlannedCell, fresh_cells, plan_of, source_hash

if TYPE_CHECKING:
    from designloop.storage.cells import CellStore


class Failure(NamedTuple):
    """A failed cell, with the cause."""

    cell: str
    cause: str
    traceback: str = ""


@dataclass
class Progress:
    """The progress of a running study."""

    n_cells: int
    n_found: int
    """Cells that were already recorded."""
    n_done: int = 0
    """Cells finished in this session, without failed ones."""
    failures: list[Failure] = field(default_factory=list)
    seconds_inside: float = 0.0
    """Time inside campaigns, over all workers."""
    seconds: float = 0.0
    """Time since this session began."""
    plan: str = ""
    """The size of the plan, in words."""
    n_workers: int | None = None
    """Number of cells that run in parallel; None if the engine does not know."""
    seconds_ahead: float | None = None
    """Estimated duration of the remaining cells, from the recorded ones; None if there are none."""
    unreliable: list[Failure] = field(default_factory=list)
    """Cells of this session that found their results to be unreliable, with the cause."""
    warned: list[Failure] = field(default_factory=list)
    """Cells of this session with other warnings, and the first of each."""
    left_out: tuple[str, ...] = ()
    """Options whose file is missing."""
    remarks: tuple[str, ...] = ()
    """What was guessed, changed or left out of the files of its campaigns, one sentence each."""
    waiting: Waiting | None = None
    """The longest running cell, if no cell has ended for a while."""
    cell: str = ""
    """The labels of that cell."""

    @property
    def n_played(self) -> int:
        """Cells that ended in this session, finished or failed."""
        return self.n_done + len(self.failures)

    @property
    def n_left(self) -> int:
        """Cells that remain to be run."""
        return self.n_cells - self.n_found - self.n_played

    @property
    def seconds_left(self) -> float | None:
        """Estimated time left at the current rate; None before the first cell ends."""
        return self.seconds / self.n_played * self.n_left if self.n_played else None


Report = Callable[[Progress], None]
"""Called after each cell that ends."""


def run_study(
    study: Study,
    directory: str | Path,
    engine: Engine | None = None,
    report: Report | None = None,
    *,
    change_plan: bool = False,
) -> Progress:
    """Run the cells that `directory` does not hold yet, and record each when it ends.

    Raises ConfigError if a cell is not a valid campaign, InputError if one of its files is invalid, both before any
    work, and StoreError if the directory holds something else, or cells of another plan; `change_plan` replaces that
    plan, and reports say so. A cell that fails is recorded and stops no other.
    """
    plan, remarks = planned(study)
    place = Path(directory)
    session = _Session(place if study.keep_events else None, engine or Processes(), report)
    session.progress.plan, session.progress.left_out = str(plan), plan.left_out
    session.progress.remarks = remarks
    with closing(session), opened(place, study, lambda: session.begin(plan.cells), remarks) as store:
        named = {cell.key: _place(cell) for cell in plan.cells}
        changed = _changed(study, place, store, named)
        if changed and not change_plan:
            raise _another_plan(study, place, changed, len(store.finished()))
        store.plan(_promise(study, plan) | ({"changed": changed} if changed else {}), named)
        write_whole(place / STUDY, to_yaml(study.describe()))
        session.play(plan.cells, store)
        if study.decide is not None and session.progress.n_left == 0 and not session.progress.failures:
            _confirm(study, store, session)
    return session.progress


def planned(study: Study) -> tuple[Plan, tuple[str, ...]]:
    """The plan of a study, and what was guessed or left out of its files. Raises ConfigError, InputError."""
    plan = plan_of(study)
    return plan, _check_files(plan)


def _changed(study: Study, place: Path, store: "CellStore", named: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What was changed in the study since cells were recorded, such that its plan is replaced."""
    if not store.finished() or not (place / STUDY).is_file():
        return []
    old, new = read_document(place / STUDY).data, read_text(to_yaml(study.describe()), STUDY).data
    return list(unplanned(old, new, has_equal_cells=are_equal(store.planned(), named)))


def _another_plan(study: Study, place: Path, changed: list[str], n_recorded: int) -> StoreError:
    return StoreError(
        f"{place} holds {many(n_recorded, 'cell')} of another plan of the study '{study.name}' "
        f"({'; '.join(changed)}). Choose another name, or another folder with {option_out()}. To replace the plan, use "
        f"{either('--change-plan', 'change_plan=True')}; the verdict then says that it was changed afterwards"
    )


def _confirm(study: Study, store: "CellStore", session: "_Session") -> None:
    """Run the chosen option again, on fresh instances and seeds."""
    from designloop.study.decision import decision_of
    from designloop.study.recorded import read_results

    decision = decision_of(read_results(study, store))
    assert decision is not None
    assert study.decide is not None
    for one in decision.settings:
        if one.winner is not None and study.decide.confirm:
            cells = fresh_cells(study, {**one.labels, **one.winner}, study.decide.confirm)
            store.add({cell.key: {**_place(cell), "is_confirmation": True} for cell in cells})
            session.play(cells, store)


class _Session:
    """One call of `run_study`: its engine, report and progress."""

    def __init__(self, keep_in: Path | None, engine: Engine, report: Report | None) -> None:
        self._keep_in, self._engine, self._report = keep_in, engine, report
        self._began = perf_counter()
        self._outcomes: Generator[News, None, None] | None = None
        self.progress = Progress(0, 0)

    def begin(self, cells: Sequence[PlannedCell]) -> None:
        """Start all cells in processes if none is recorded, while the store is opened."""
        if isinstance(self._engine, Processes):
            self._outcomes = self._engine.outcomes([self._task(cell) for cell in cells])
            next(self._outcomes)

    def close(self) -> None:
        """Stop the running cells."""
        if self._outcomes is not None:
            self._outcomes.close()

    def play(self, cells: Sequence[PlannedCell], store: "CellStore") -> None:
        """Run the cells that are not recorded, and record each when it ends."""
        finished, progress = store.seconds(), self.progress
        todo = {cell.key: cell for cell in cells if cell.key not in finished}
        progress.n_cells += len(cells)
        progress.n_found += len(cells) - len(todo)
        progress.n_workers = self._engine.n if isinstance(self._engine, Processes) else None
        progress.seconds_ahead = _ahead(list(todo.values()), cells, finished, progress.n_workers)
        self._tell()
        outcomes = self._outcomes or self._engine.outcomes([self._task(cell) for cell in todo.values()])
        self._outcomes = None
        with closing(outcomes):
            for news in outcomes:
                if isinstance(news, Waiting):
                    self._wait(news, str(todo.get(news.key or "", "")), store)
                    continue
                task, outcome = news
                progress.waiting = None
                store.record(task.key, outcome)
                progress.seconds_inside += outcome["seconds"]
                if outcome["error"] is None:
                    progress.n_done += 1
                    _hear(outcome, str(todo[task.key]), progress)
                else:
                    progress.failures.append(
                        Failure(str(todo[task.key]), outcome["error"], outcome.get("traceback", ""))
                    )
                self._tell()

    def _wait(self, news: Waiting, cell: str, store: "CellStore") -> None:
        if news.seconds > 0:
            store.check_it_is_there()
            self.progress.waiting, self.progress.cell = news, cell
            self._tell()

    def _tell(self) -> None:
        self.progress.seconds = perf_counter() - self._began
        if self._report is not None:
            self._report(self.progress)

    def _task(self, cell: PlannedCell) -> Task:
        directory = None if self._keep_in is None else str((self._keep_in / CELLS / cell.key[:16]).absolute())
        return Task(cell.key, cell.config, cell.seed, source_hash(), directory, dumps(dict(cell.labels)))


def _hear(outcome: Mapping[str, Any], cell: str, progress: Progress) -> None:
    """Add the warnings of a cell to the progress."""
    if outcome.get("unreliable"):
        progress.unreliable.append(Failure(cell, outcome["unreliable"]))
    if outcome.get("warnings"):
        progress.warned.append(Failure(cell, outcome["warnings"][0]))


def _ahead(
    todo: Sequence[PlannedCell], cells: Sequence[PlannedCell], finished: Mapping[str, float], n_workers: int | None
) -> float | None:
    """Estimated seconds for the remaining cells, from recorded cells of the same labels, or of all; None: unknown."""
    if not todo or not finished or n_workers is None:
        return None
    took: dict[tuple[str, ...], list[float]] = {}
    for cell in cells:
        if cell.key in finished:
            took.setdefault(tuple(cell.labels.values()), []).append(finished[cell.key])
    every = list(finished.values())
    each = (mean(took.get(tuple(cell.labels.values()), every)) for cell in todo)
    return sum(each) / min(n_workers, len(todo))


def _check_files(plan: Plan) -> tuple[str, ...]:
    """What is remarked on every distinct landscape, prior and lab, with the labels where there are several.

    Their files are read, and every distinct strategy is checked, once, so that errors are found before any work.
    """
    from designloop.oracles.remarks import remarks_on

    seen, said = set[str](), dict[str, dict[str, None]]()
    for cell in plan.cells:
        described = loads(cell.config)
        landscape = [{**described["oracle"], "seed": 0}, described["prior"], described["space"]]
        new = {dumps(one, sort_keys=True) for one in (landscape, described["strategy"], described["lab"])} - seen
        if new:
            seen |= new
            campaign = Campaign.model_validate(described)
            known = campaign.known()
            of_files = said.setdefault(", ".join(cell.labels.values()), {})
            if dumps(landscape, sort_keys=True) in new:
                of_files.update(
                    dict.fromkeys([*remarks_on(campaign.oracle, campaign.prior.corpus, known.corpus), *known.remarks])
                )
            if dumps(described["lab"], sort_keys=True) in new:
                of_files.update(dict.fromkeys(campaign.lab.remarks))
    several = len([one for one in said.values() if one]) > 1
    return tuple(f"{labels}: {remark}" if several else remark for labels, remarks in said.items() for remark in remarks)


def _promise(study: Study, plan: Plan) -> dict[str, Any]:
    """The plan, which is recorded before any result."""
    units = {"instances": study.instances, "seeds": study.seeds, "n_cells": len(plan.cells)}
    axes = {name: list(labels) for name, labels in plan.axes.items()}
    return {**units, "axes": axes, "left_out": list(plan.left_out), "scales": dict(plan.scales)}


def _place(cell: PlannedCell) -> dict[str, Any]:
    return {"labels": dict(cell.labels), "instance": cell.instance, "seed": cell.seed}
