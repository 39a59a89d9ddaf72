"""A table of the stages and the people: what they did, and who waited for them."""

from collections.abc import Iterator
from math import isnan

import numpy as np

from designloop.core.clock import DAY
from designloop.operations.operations import Operations
from designloop.operations.usage import PeopleUse, StageUse, State, ratio
from designloop.operations.visits import Visit
from designloop.report.page import Column, Table
from designloop.report.words import percent

_OTHERS = "for others"
COLUMNS = (
    Column("stage or people"),
    Column("equipment"),
    Column("working", "number", "share of the time that the lab works, or of the shifts"),
    Column(_OTHERS, "number", "time in which machines worked for other people alone"),
    Column("down", "number", "by breakdowns and maintenance that met a run"),
    Column("waiting for people", "number", "time in which a machine was idle, and designs waited for people"),
    Column("waiting to start", "number", "the same, for a delivery, a start time, a full load or the rest of a batch"),
    Column("designs a run", "number", "mean load of a run of a machine, with that of other people"),
    Column("mean queue", "number", "designs that wait before it, on average over all hours"),
    Column("longest queue", "number", "the highest mean of a week"),
    Column("days waited", "number", "mean over the designs that were there"),
)


def station_table(operations: Operations) -> Table:
    """One row for each stage and each group of people. Without other people's work, it has no column for it."""
    rows = [*(_stage(operations, use) for use in operations.use), *map(_people, operations.people)]
    is_shared = any(run.n_others for run in operations.runs.runs)
    kept = [place for place, column in enumerate(COLUMNS) if is_shared or column.title != _OTHERS]
    caption = "Shares are those of machine time or of hours on shift; – where nothing limits a stage."
    columns = tuple(COLUMNS[place] for place in kept)
    return Table(
        "stations", "Stages and people", columns, tuple(tuple(row[at] for at in kept) for row in rows), caption
    )


def _stage(operations: Operations, use: StageUse) -> tuple[str, ...]:
    lengths = operations.lengths
    loads = [run.n_items for run in operations.runs.of(use.stage.name)]
    waited = [visit.began - visit.waits_from for visit in _visits(operations, use)]
    return (
        use.stage.name,
        use.stage.in_words or "–",
        *(_share(use.share(state)) for state in (State.WORKING, State.OTHERS, State.DOWN, State.SHORT, State.HELD)),
        f"{np.mean(loads):.1f}" if loads else "–",
        f"{use.queue.sum() / lengths.sum():.1f}",
        f"{(use.queue / lengths).max():.1f}",
        f"{np.mean(waited) / DAY:.1f}" if waited else "–",
    )


def _visits(operations: Operations, use: StageUse) -> Iterator[Visit]:
    return (visit for visit in operations.visits.visits if visit.stage == use.stage.name)


def used(use: StageUse | PeopleUse) -> str:
    """The utilisation over the whole time, as a percentage; – where nothing limits a stage."""
    if isinstance(use, StageUse):
        return _share(use.mean_utilisation)
    return _share(float(ratio(use.busy.sum(), use.available.sum())))


def _people(group: PeopleUse) -> tuple[str, ...]:
    people = "1 person" if group.number == 1 else f"{group.number} people"
    return (group.name, people, used(group), *["–"] * (len(COLUMNS) - 3))


def _share(share: float) -> str:
    return "–" if isnan(share) else percent(share)
