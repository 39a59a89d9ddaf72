"""`designloop lab show`: the flow of a lab, and what batches show that go through it."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from designloop.cli.shared.terminal_tables import console, table_of
from designloop.lab.lab_file import lab_of
from designloop.report.lab.stage_words import StageWords, stages_in_words
from designloop.report.lab.station_table import used
from designloop.trial_runs.plain import as_dict
from designloop.trial_runs.trial_run import TrialRun, trial_run


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: a lab, and the batches that go through it."""

    target: str
    settings: Sequence[str]
    n_batches: int
    batch_size: int
    every_days: float
    length: int
    seed: int


def show_lab(ask: Ask, html: Path | None, *, json: bool, quiet: bool) -> None:
    """Print the flow and what the batches showed; as one JSON object with `json`; one line with `quiet`."""
    lab = lab_of(ask.target, ask.settings)
    done = trial_run(lab, ask.n_batches, ask.batch_size, ask.every_days, ask.seed, ask.length)
    if json:
        print(dumps(as_dict(done), allow_nan=False))
    elif quiet:
        print(str(done).splitlines()[1].split(maxsplit=1)[1])
    else:
        _print_flow(done)
        print(done)
    if html is not None:
        print(f"wrote {done.save(html)}", file=sys.stderr)


def _print_flow(done: TrialRun) -> None:
    """A table of the stages in order, with how they work and what the batches showed."""
    table = table_of("", "stage", "equipment", "used", "waiting", "how it works")
    for words, use in zip(stages_in_words(done.lab.describe()), done.operations.use, strict=True):
        waiting = float(use.queue.sum() / done.operations.lengths.sum())
        table.add_row(_name(words), words.equipment, used(use), f"{waiting:.1f}", "; ".join(words.details))
    for group in _people(done):
        table.add_row(*group)
    console().print(table)


def _name(words: StageWords) -> str:
    """`│ sequencing`; alternatives and skips have their share."""
    mark = "├" if words.one_of is not None else "┆" if words.share < 1 else "│"
    share = f" ({100 * words.share:.0f}%)" if words.share < 1 else ""
    return f"{mark} {words.name}{share}"


def _people(done: TrialRun) -> Iterator[tuple[str, ...]]:
    for group in done.operations.people:
        number = "1 person" if group.number == 1 else f"{group.number} people"
        yield f"  {group.name}", number, used(group), "", "on shift, of the people"
