"""A Gantt chart of the designs of a batch: when each was at which stage."""

from collections.abc import Iterator, Sequence

from designloop.core.clock import WEEK
from designloop.core.counting import many
from designloop.operations.operations import Operations
from designloop.operations.visits import Passage, Visit
from designloop.report.marks import Axis, Bars, Figure, Mark, Panel
from designloop.report.page import Choice
from designloop.report.palette import ordered

_MOST_BATCHES, _MOST_DESIGNS = 6, 96


def batch_charts(operations: Operations) -> Choice | None:
    """A chart for each of some batches; None where no design was at a stage."""
    rounds = sorted({visit.round for visit in operations.visits.visits})
    if not rounds:
        return None
    last = len(rounds) - 1
    some = sorted({rounds[round(last * place / (_MOST_BATCHES - 1))] for place in range(_MOST_BATCHES)})
    return Choice("batches", "Batch", tuple((f"{round_}", _chart(operations, round_)) for round_ in some))


def _chart(operations: Operations, round_: int) -> Figure:
    passages = [one for one in operations.visits.passages if one.round == round_]
    passages.sort(key=lambda one: (_end(one.ended, operations), one.design))
    every = -(-len(passages) // _MOST_DESIGNS)
    shown = passages[::every]
    which = f"each {every}th of " if every > 1 else ""
    return Figure(
        f"batch-{round_}",
        f"Batch {round_}: when each design was at which stage",
        f"One row for {which}{many(len(passages), 'design')}, retests included, in the order of their results. Gaps "
        "are waits.",
        (_panel(operations, shown, [visit for visit in operations.visits.visits if visit.round == round_]),),
    )


def _panel(operations: Operations, shown: Sequence[Passage], visits: Sequence[Visit]) -> Panel:
    rows = {one.design: row for row, one in enumerate(shown)}
    first = min(one.submitted_at for one in shown)
    last = max(_end(one.ended, operations) for one in shown)
    ends = ((0, "first"), (len(rows) - 1, "last"))
    return Panel(
        Axis("week", low=first / WEEK, high=max(last, first + 1) / WEEK),
        Axis("designs", ends, -0.6, len(rows) - 0.4, is_reversed=True, has_grid=False),
        tuple(_bars(operations, rows, visits)),
        height=min(max(6 * len(rows), 120), 480),
    )


def _bars(operations: Operations, rows: dict[int, int], visits: Sequence[Visit]) -> Iterator[Mark]:
    stages = [use.stage.name for use in operations.use]
    for place, stage in enumerate(stages):
        mine = [visit for visit in visits if visit.stage == stage and visit.design in rows]
        if mine:
            yield Bars(
                at=[rows[visit.design] for visit in mine],
                length=[(_end(visit.ended, operations) - visit.began) / WEEK for visit in mine],
                base=[visit.began / WEEK for visit in mine],
                style=ordered(place, len(stages)),
                name=stage,
                thickness=0.9,
                is_horizontal=True,
                hover=[f"design {visit.design}, {stage}" for visit in mine],
            )


def _end(minute: int | None, operations: Operations) -> int:
    return operations.timeline.end if minute is None else minute
