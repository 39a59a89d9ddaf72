"""Rehearse: simulate the rest of a live campaign from its record, for several strategies and schedules."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from json import dumps
from pathlib import Path
from typing import Any

from designloop.core.errors import ConfigError, Notice
from designloop.live.folder import Folder
from designloop.rehearsal.asked import Asked
from designloop.rehearsal.outcome import Outcome
from designloop.rehearsal.page import page_of
from designloop.rehearsal.plain import as_dict
from designloop.rehearsal.plan import STUDY, Plan, plan_of
from designloop.rehearsal.tables import tables_of
from designloop.rehearsal.words import headline, lines_of
from designloop.storage.manifest import write_whole
from designloop.study.run import Report
from designloop.study.study_result import StudyResult

REHEARSALS = "rehearsals"
_PAGE, _NUMBERS = "report.html", "rehearsal.json"


@dataclass(frozen=True, repr=False)
class Rehearsal:
    """A rehearsal that was run: `print` it, `save` its page, or read its numbers (`as_dict`, `study`)."""

    plan: Plan
    study: StudyResult
    """Its simulations, as the study that they are."""

    @cached_property
    def outcome(self) -> Outcome:
        """What each arm led to, and how they differ."""
        return Outcome(self.plan, self.study.results)

    @property
    def directory(self) -> Path:
        """Its folder."""
        return self.plan.folder

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes its numbers untrustworthy."""
        return self.plan.warnings

    def as_dict(self) -> dict[str, Any]:
        """Everything that the page shows, as JSON values."""
        return as_dict(self.outcome)

    def save(self, path: str | Path | None = None) -> Path:
        """Write the page, by default `report.html` in its folder, with a Markdown summary. Raises StoreError."""
        from designloop.report.writing import write

        place = Path(path) if path is not None else self.directory / _PAGE
        write(page_of(self.outcome), place)
        write_whole(self.directory / _NUMBERS, dumps(self.as_dict(), indent=2, allow_nan=False) + "\n")
        return place

    def __str__(self) -> str:
        return "\n".join([*lines_of(self.outcome), headline(self.outcome)])

    def __repr__(self) -> str:
        return f"<Rehearsal {self.plan.name}: {len(self.plan.arms)} arms, {self.outcome.n} simulations of each>"

    def tables(self) -> list[Any]:
        """Its tables, as they are printed."""
        return list(tables_of(self.outcome))


def rehearse(
    directory: str | Path,
    *,
    lab: Any = None,
    strategies: Sequence[Any] = (),
    schedules: Sequence[Any] = (),
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    settings: Mapping[str, Any] | None = None,
    truth: Any = "posterior",
    surrogate: Any = None,
    noise: float | str | None = None,
    repeats: int = 20,
    weeks: float | None = None,
    target: float | None = None,
    at: datetime | str | None = None,
    seed: int = 0,
    store: str | Path | None = None,
    workers: int | None = None,
    progress: bool | Report = False,
) -> Rehearsal:
    """Simulate the rest of the live campaign in `directory`, `repeats` times for each arm; its record is only read.

    The first arm is the campaign as planned. Each of `strategies` and `schedules` adds arms, and `arms` are given
    whole: label -> {dotted key: value}. `lab`: a preset, a file, or a `Lab`. `truth`: `posterior` draws a function for
    each simulation, from what `surrogate` believes after the history; or an oracle. `noise`: the standard deviation of
    a well, or `lab`; default: as the data show. `weeks`: how long, from now on; default: the campaign's budget.
    Simulations that `store` holds already are not run again. Raises ConfigError, InputError, StoreError before anything
    is simulated.
    """
    asked = Asked(
        lab,
        tuple(strategies),
        tuple(schedules),
        dict(arms or {}),
        dict(settings or {}),
        truth,
        surrogate,
        noise,
        repeats,
        weeks,
        target,
        at,
        seed,
    )
    plan = planned(Path(directory), asked, None if store is None else Path(store))
    for warning in plan.warnings:
        warnings.warn(warning, Notice, stacklevel=2)
    return simulated(plan, workers, progress)


def planned(directory: Path, asked: Asked, folder: Path | None) -> Plan:
    """The plan of a rehearsal. Raises ConfigError, InputError, StoreError."""
    with Folder(directory).reading() as record:
        return plan_of(record, asked, folder, directory / REHEARSALS)


def simulated(plan: Plan, workers: int | None, progress: bool | Report) -> Rehearsal:
    """Run the simulations that are not recorded yet, and write the page."""
    study = plan.study.run(plan.folder / STUDY, workers=workers, progress=progress, change_plan=False)
    done = Rehearsal(plan, study)
    _check_some_finished(done)
    done.save()
    return done


def _check_some_finished(done: Rehearsal) -> None:
    """Raise ConfigError where every simulation failed."""
    if not done.study.results.done:
        first = next((cell.error for cell in done.study.results.cells if cell.error), "no reason is recorded")
        raise ConfigError(f"every simulation failed; the first: {first}")
