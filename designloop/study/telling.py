"""The progress of a study: a bar in a terminal or a notebook, lines in a log file."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TextIO

from designloop.core.clock import duration
from designloop.core.counting import many
from designloop.progress.bars import Bar, bar_on
from designloop.study.run import Failure, Progress, Report

_LINE_EVERY = 0.05
"""A log file gets a line each time this share of the cells has ended."""


def following(progress: bool | Report) -> AbstractContextManager[Report | None]:
    """The progress report of a study run from Python: a function of the caller, or on stderr for True."""
    return telling(sys.stderr, quiet=False) if progress is True else nullcontext(progress or None)


@contextmanager
def telling(out: TextIO, *, quiet: bool) -> Iterator[Report | None]:
    """A bar in a terminal or a notebook, lines in a file, nothing if quiet."""
    bars = None if quiet else bar_on(out, counts=True)
    if bars is not None:
        with bars as bar:
            bar.update("planning")
            yield _on(bar)
    else:
        yield None if quiet else lines(out)


def _on(bar: Bar) -> Report:
    n_told, is_planned = 0, False

    def report(progress: Progress) -> None:
        nonlocal n_told, is_planned
        if not is_planned:
            bar.say("\n".join(_planned(progress)))
        is_planned = True
        bar.update(_rate(progress), progress.n_cells - progress.n_left, progress.n_cells)
        for failure in progress.failures[n_told:]:
            bar.say(_failed(failure))
        n_told = len(progress.failures)

    return report


def warnings_in(progress: Progress) -> Iterator[str]:
    """What the cells of a session warned of, each kind with its number of cells."""
    for cells, what in ((progress.unreliable, "with unreliable results"), (progress.warned, "with warnings")):
        if cells:
            yield f"{many(len(cells), 'cell')} {what}; the first: {cells[0].cell}: {cells[0].cause}"


def _failed(failure: Failure) -> str:
    """Which cell failed and why; with DESIGNLOOP_DEBUG, also the traceback from its worker."""
    text = f"failed: {failure.cell}: {failure.cause}"
    return f"{text}\n{failure.traceback}" if os.environ.get("DESIGNLOOP_DEBUG") else text


def lines(out: TextIO) -> Report:
    """A report that prints lines on finished cells, failures and long waits."""
    told = {"share": -1.0, "failures": 0, "waited": 0.0}

    def report(progress: Progress) -> None:
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
        if is_far or progress.n_played == progress.n_workers:  # each worker has ended a cell, so the pace is known
            told["share"] = share
            done = progress.n_cells - progress.n_left
            print(f"{done:5d} of {many(progress.n_cells, 'cell')} | {_rate(progress)}", file=out, flush=True)

    return report


def _planned(progress: Progress) -> Iterator[str]:
    """Before the first cell: the number of cells and an estimate of their duration."""
    known = f", {progress.n_found} of them already recorded" if progress.n_found else ""
    yield f"{progress.plan or many(progress.n_cells, 'cell')}{known}"
    yield from (f"note: {remark}" for remark in progress.remarks)
    at_once = f", {progress.n_workers} at once" if progress.n_workers and progress.n_workers > 1 else ""
    if progress.n_left == 0:
        yield "nothing to do"
    elif progress.seconds_ahead is None:
        yield f"the duration is estimated after the first cells{at_once}"
    else:
        n_left = f"the {many(progress.n_left, 'cell')} left" if progress.n_found else many(progress.n_left, "cell")
        yield f"about {duration(progress.seconds_ahead)} for {n_left}, estimated from the recorded ones{at_once}"


def _rate(progress: Progress) -> str:
    """`12.0 cells a minute, 3 min left, 1 failed`; or the cell that has run for long."""
    if progress.waiting is not None:
        return _awaited(progress)
    is_known = progress.seconds and progress.n_played
    words = [f"{60 * progress.n_played / progress.seconds:.1f} cells a minute"] if is_known else []
    if progress.seconds_left and progress.n_left:
        words.append(f"{duration(progress.seconds_left)} left")
    if progress.failures:
        words.append(f"{len(progress.failures)} failed")
    return ", ".join(words) or ("nothing to do" if progress.n_left == 0 else "starting")


def _awaited(progress: Progress) -> str:
    """`waiting (2 min 00 s so far): strategies mine, seed 3 (slow.py, line 12, in f: sleep(1e9))`."""
    waiting = progress.waiting
    assert waiting is not None
    place = f" ({waiting.place})" if progress.cell and waiting.place else waiting.place
    return f"waiting ({duration(waiting.seconds)} so far): {progress.cell}{place}"
