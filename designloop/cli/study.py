"""`designloop study`: run many campaigns side by side, and tell how far they are."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from designloop.core.clock import duration
from designloop.core.counting import many
from designloop.core.errors import ConfigError, DesignloopError, did_you_mean

if TYPE_CHECKING:
    from designloop.study.engines import Engine
    from designloop.study.run import Failure, Progress

_ENGINES = ("processes", "dask")
_LINE_EVERY = 0.05
"""In a log file: a line each time this share of the cells has ended, and for each failure."""


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
    json: bool,
    quiet: bool,
) -> None:
    """Run a study into `out`, by default runs/<name>/study; a folder that holds part of it is gone on with."""
    from designloop.study import workers as processes

    if engine == "processes":
        processes.begin()  # before anything that takes long to import, which the server imports meanwhile
    from designloop.cli.shared.campaigns import Interrupted
    from designloop.study.description import Study
    from designloop.study.run import run_study

    study = Study.read(config, settings)
    if smoke:
        study = study.smoked()
    directory = out or Path("runs") / study.name / ("smoke" if smoke else "study")
    chosen = _engine(engine, workers, address)
    try:
        with _telling(sys.stderr, quiet=quiet or json) as report:
            progress = run_study(study, directory, chosen, report)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(
            f"interrupted; what has ended is kept, and the same command goes on ({directory})"
        ) from interrupt
    if json:
        print(dumps(_facts(progress, directory)))
    elif not quiet:
        print("\n".join(_ending(progress, directory)))
    if progress.failures:
        first = progress.failures[0]
        raise CellsFailed(
            f"{len(progress.failures)} of {many(progress.n_cells, 'cell')} failed; the same command runs them again, "
            f"and DESIGNLOOP_DEBUG=1 adds tracebacks. The first: {first.cell}: {first.cause}"
        )


def _engine(name: str, workers: int | None, address: str | None) -> "Engine":
    from designloop.study.engines import Dask, Processes

    if name not in _ENGINES:
        raise ConfigError(f"--engine {name}: no such engine{did_you_mean(name, _ENGINES)}")
    if name == "dask":
        if address is None:
            raise ConfigError("--engine dask wants --address, as in --address tcp://127.0.0.1:8786")
        return Dask(address)
    if address is not None:
        raise ConfigError("--address goes with --engine dask")
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
    were = "was" if progress.n_found == 1 else "were"
    known = f" ({progress.n_found} {were} recorded before)" if progress.n_found else ""
    yield f"{progress.n_found + progress.n_done} of {many(progress.n_cells, 'cell')} are done{known}"
    yield from (f"  left out     {option}" for option in progress.left_out)
    yield f"  compare      designloop compare {directory}"
    yield f"  report       designloop report {directory}"


Report = Callable[["Progress"], None]


@contextmanager
def _telling(out: TextIO, *, quiet: bool) -> Iterator[Report | None]:
    """A bar on a terminal, lines in a file, nothing where it is quiet."""
    if quiet:
        yield None
    elif out.isatty():
        with _bar(out) as report:
            yield report
    else:
        yield _lines(out)


@contextmanager
def _bar(out: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=out), transient=True) as bar:
        task = bar.add_task("planning", total=None)
        n_told = 0

        def report(progress: "Progress") -> None:
            nonlocal n_told
            if not bar.tasks[task].total:
                bar.console.print("\n".join(_planned(progress)), highlight=False, markup=False, soft_wrap=True)
            done = progress.n_cells - progress.n_left
            bar.update(task, description=_rate(progress), total=progress.n_cells, completed=done)
            for failure in progress.failures[n_told:]:
                bar.console.print(_failed(failure), highlight=False, markup=False)
            n_told = len(progress.failures)

        yield report


def _failed(failure: "Failure") -> str:
    """Which cell failed, and why; with the traceback from its worker where that is asked for."""
    text = f"failed: {failure.cell}: {failure.cause}"
    return f"{text}\n{failure.traceback}" if os.environ.get("DESIGNLOOP_DEBUG") else text


def _lines(out: TextIO) -> Report:
    told = {"share": -1.0, "failures": 0, "waited": 0.0}

    def report(progress: "Progress") -> None:
        share = 1 - progress.n_left / max(progress.n_cells, 1)
        if told["share"] < 0:
            told["share"] = share
            print("\n".join(_planned(progress)), file=out, flush=True)
        told["share"] = min(told["share"], share)  # it falls where a confirmation adds cells
        for failure in progress.failures[int(told["failures"]) :]:
            print(_failed(failure), file=out, flush=True)
        told["failures"] = len(progress.failures)
        if progress.waiting is not None:
            if progress.waiting.seconds >= 2 * told["waited"]:
                told["waited"] = progress.waiting.seconds
                print(_awaited(progress), file=out, flush=True)
            return
        told["waited"] = 0.0
        is_far = share - told["share"] >= _LINE_EVERY or (progress.n_left == 0 and share > told["share"])
        if is_far or progress.n_played == progress.n_workers:  # so many have ended, and the pace is known
            told["share"] = share
            done = progress.n_cells - progress.n_left
            print(f"{done:5d} of {many(progress.n_cells, 'cell')} | {_rate(progress)}", file=out, flush=True)

    return report


def _planned(progress: "Progress") -> Iterator[str]:
    """Before the first cell: how many there are, and about how long they will take."""
    known = f", {progress.n_found} of them recorded before" if progress.n_found else ""
    yield f"{progress.plan or many(progress.n_cells, 'cell')}{known}"
    at_once = f", {progress.n_workers} at once" if progress.n_workers and progress.n_workers > 1 else ""
    if progress.n_left == 0:
        yield "nothing to do"
    elif progress.seconds_ahead is None:
        yield f"how long they take is told once the first of them have ended{at_once}"
    else:
        n_left = f"the {many(progress.n_left, 'cell')} left" if progress.n_found else many(progress.n_left, "cell")
        yield f"about {duration(progress.seconds_ahead)} for {n_left}, as long as the recorded ones took{at_once}"


def _rate(progress: "Progress") -> str:
    """`12.0 cells a minute, 3 min left, 1 failed`; or what is waited for."""
    if progress.waiting is not None:
        return _awaited(progress)
    is_known = progress.seconds and progress.n_played
    words = [f"{60 * progress.n_played / progress.seconds:.1f} cells a minute"] if is_known else []
    if progress.seconds_left and progress.n_left:
        words.append(f"{duration(progress.seconds_left)} left")
    if progress.failures:
        words.append(f"{len(progress.failures)} failed")
    return ", ".join(words) or ("nothing to do" if progress.n_left == 0 else "starting")


def _awaited(progress: "Progress") -> str:
    """`waiting for 2 min 00 s: strategies mine, seed 3 (slow.py, line 12, in f: sleep(1e9))`."""
    waiting = progress.waiting
    assert waiting is not None
    place = f" ({waiting.place})" if progress.cell and waiting.place else waiting.place
    return f"waiting for {duration(waiting.seconds)}: {progress.cell}{place}"
