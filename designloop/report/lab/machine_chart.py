"""A Gantt chart of machines: their runs and downtimes."""

from collections.abc import Iterator, Sequence

from designloop.core.clock import WEEK
from designloop.core.counting import many
from designloop.operations.operations import Operations
from designloop.operations.runs import MachineRun
from designloop.report.marks import Axis, Bars, Figure, Mark, Panel
from designloop.report.palette import COLOURS, Style, ordered

_MOST_RUNS = 1_200
_MOST_LABELS = 30
OTHERS = Style("#b8c0c8", hatch="/")
DOWN = Style(COLOURS[1], hatch="/")
Rows = dict[tuple[str, int], int]
"""(stage, machine) -> row."""


def machine_chart(operations: Operations) -> Figure | None:
    """The runs of each machine by week; None where there are none."""
    runs = sorted((run for run in operations.runs.runs if run.began < operations.end), key=lambda run: run.began)
    shown = runs[:_MOST_RUNS]
    if not shown:
        return None
    end = float(max(_end(run, operations) for run in shown))
    rows = _rows(operations, shown)
    left_out = f" The first {_MOST_RUNS:,} of {len(runs):,} runs are shown." if len(runs) > len(shown) else ""
    return Figure(
        "machines",
        "Runs of machines by week",
        f"One bar for each of {many(len(shown), 'run')}, from its start until the machine is free.{left_out} Downtimes "
        "are shown where they met a run.",
        (
            Panel(
                Axis("week", low=0.0, high=max(end / WEEK, 0.1) * 1.02),
                Axis("", _labels(rows), -0.6, len(rows) - 0.4, is_reversed=True, has_grid=False),
                (*_runs(operations, shown, rows), *_downs(operations, rows, end)),
                "",
                min(max(22 * len(rows), 90), 560),
            ),
        ),
    )


def _rows(operations: Operations, runs: Sequence[MachineRun]) -> Rows:
    order = [use.stage.name for use in operations.use]
    machines = sorted({(run.stage, run.machine) for run in runs}, key=lambda one: (order.index(one[0]), one[1]))
    return {machine: row for row, machine in enumerate(machines)}


def _labels(rows: Rows) -> tuple[tuple[float, str], ...]:
    """The name and number of each machine, or of some if there are many."""
    every = -(-len(rows) // _MOST_LABELS)
    several = {stage for stage, machine in rows if machine > 1}
    names = [f"{stage} {machine}" if stage in several else stage for stage, machine in rows]
    return tuple((row, name) for row, name in enumerate(names) if row % every == 0)


def _runs(operations: Operations, runs: Sequence[MachineRun], rows: Rows) -> Iterator[Mark]:
    stages = list(dict.fromkeys(stage for stage, _ in rows))
    for place, stage in enumerate(stages):
        mine = [run for run in runs if run.stage == stage and run.designs]
        yield _bars(operations, mine, rows, ordered(place, len(stages)), stage)
    if others := [run for run in runs if not run.designs]:
        yield _bars(operations, others, rows, OTHERS, "for other people")


def _bars(operations: Operations, runs: Sequence[MachineRun], rows: Rows, look: Style, name: str) -> Bars:
    return Bars(
        at=[rows[run.stage, run.machine] for run in runs],
        length=[(_end(run, operations) - run.began) / WEEK for run in runs],
        base=[run.began / WEEK for run in runs],
        style=look,
        name=name,
        thickness=0.76,
        is_horizontal=True,
        hover=[f"{run.stage} {run.machine}, run {run.ordinal}: {run.in_words}" for run in runs],
    )


def _downs(operations: Operations, rows: Rows, end: float) -> Iterator[Mark]:
    downs = [down for down in operations.runs.downs if (down.stage, down.machine) in rows and down.began < end]
    if downs:
        yield Bars(
            at=[rows[down.stage, down.machine] for down in downs],
            length=[(min(down.until, end) - down.began) / WEEK for down in downs],
            base=[down.began / WEEK for down in downs],
            style=DOWN,
            name="down",
            thickness=0.4,
            is_horizontal=True,
            hover=[f"{down.stage} {down.machine}: {down.why}" for down in downs],
        )


def _end(run: MachineRun, operations: Operations) -> int:
    return operations.timeline.end if run.ended is None else run.ended
