"""`designloop study`: run the campaigns of a study and show the progress."""

import sys
from collections.abc import Iterator, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.core.counting import many
from designloop.core.errors import ConfigError, DesignloopError, did_you_mean

if TYPE_CHECKING:
    from designloop.study.engines import Engine
    from designloop.study.run import Progress

_ENGINES = ("processes", "dask")


class CellsFailed(DesignloopError):
    """Some cells of a study failed; the others are recorded."""


def run_study_config(
    config: Path,
    settings: Sequence[str],
    out: Path | None,
    *,
    engine: str,
    workers: int | None,
    address: str | None,
    smoke: bool,
    change_plan: bool,
    json: bool,
    quiet: bool,
) -> None:
    """Run a study in the folder `out`, by default runs/<name>/study. Cells recorded there are not run again."""
    from designloop.study import workers as processes

    if engine == "processes":
        processes.begin()  # before anything that takes long to import, which the server imports meanwhile
    from designloop.cli.shared.campaigns import Interrupted
    from designloop.study.description import Study
    from designloop.study.run import run_study
    from designloop.study.telling import telling, warnings_in

    study = Study.read(config, settings)
    if smoke:
        study = study.smoked()
    directory = out or Path("runs") / study.name / ("smoke" if smoke else "study")
    chosen = _engine(engine, workers, address)
    try:
        with telling(sys.stderr, quiet=quiet or json) as report:
            progress = run_study(study, directory, chosen, report, change_plan=change_plan)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(
            f"interrupted; finished campaigns are kept in {directory}. To continue, give the same command again"
        ) from interrupt
    for warning in warnings_in(progress):
        print(f"warning: {warning}", file=sys.stderr)
    if json:
        print(dumps(_facts(progress, directory)))
    elif not quiet:
        print("\n".join(_ending(progress, directory)))
    if progress.failures:
        first = progress.failures[0]
        raise CellsFailed(
            f"{len(progress.failures)} of {many(progress.n_cells, 'cell')} failed. The same command runs them again; "
            f"DESIGNLOOP_DEBUG=1 adds tracebacks. First failure: {first.cell}: {first.cause}"
        )


def _engine(name: str, workers: int | None, address: str | None) -> "Engine":
    from designloop.study.engines import Dask, Processes

    if name not in _ENGINES:
        raise ConfigError(f"--engine: unknown engine '{name}'{did_you_mean(name, _ENGINES)}")
    if name == "dask":
        if address is None:
            raise ConfigError("--engine dask requires --address, such as --address tcp://127.0.0.1:8786")
        return Dask(address)
    if address is not None:
        raise ConfigError("--address requires --engine dask")
    return Processes(workers)


def _facts(progress: "Progress", directory: Path) -> dict[str, object]:
    return {
        "directory": str(directory),
        "cells": progress.n_cells,
        "recorded_before": progress.n_found,
        "done": progress.n_done,
        "failed": len(progress.failures),
        "seconds": round(progress.seconds, 3),
        "seconds_inside": round(progress.seconds_inside, 3),
    }


def _ending(progress: "Progress", directory: Path) -> Iterator[str]:
    known = f" ({progress.n_found} already recorded)" if progress.n_found else ""
    yield f"{progress.n_found + progress.n_done} of {many(progress.n_cells, 'cell')} done{known}"
    yield from (f"  left out     {option}" for option in progress.left_out)
    yield f"  compare      designloop compare {directory}"
    yield f"  report       designloop report {directory}"
