"""`designloop rehearse`: what it prints."""

import sys
from dataclasses import replace
from json import dumps
from pathlib import Path

from designloop.cli.shared.campaigns import Interrupted
from designloop.cli.shared.terminal_tables import console, table_of, to_the_right
from designloop.rehearsal.arms import read_arms
from designloop.rehearsal.asked import Asked
from designloop.rehearsal.rehearse import Rehearsal, planned, simulated
from designloop.study.telling import telling


def rehearse(
    directory: Path, asked: Asked, arms: Path | None, out: Path | None, workers: int | None, *, json: bool, quiet: bool
) -> None:
    """Rehearse a live campaign, and print the outcome; as one JSON object with `json`; one line with `quiet`."""
    plan = planned(directory, asked if arms is None else replace(asked, arms=read_arms(arms)), out)
    for warning in plan.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    try:
        with telling(sys.stderr, quiet=quiet or json) as report:
            done = simulated(plan, workers, report or False)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(
            f"interrupted; finished simulations are kept in {plan.folder}. To continue, give the same command again"
        ) from interrupt
    if json:
        print(dumps(done.as_dict(), allow_nan=False))
    elif quiet:
        print(str(done).splitlines()[-1])
    else:
        _print(done)


def _print(done: Rehearsal) -> None:
    print(done)
    for words in done.tables():
        table = table_of(f"\n{words.title}", *words.columns)
        for row in words.rows:
            table.add_row(*row)
        console().print(to_the_right(table) if words.are_numbers else table)
    print(f"\nreport  {done.directory / 'report.html'}")
