"""Where the time goes: the mean days of a design at each stage, and what it waited for before it."""

from collections.abc import Iterator, Mapping

import numpy as np

from designloop.core.clock import DAY
from designloop.core.counting import many
from designloop.operations.operations import Operations
from designloop.operations.usage import Cause, StageUse
from designloop.report.marks import Axis, Bars, Figure, Mark, Panel
from designloop.report.palette import Style, style

AT_WORK = "at the stage"
_NEGLIGIBLE_DAYS = 0.01
CAUSES: Mapping[Cause, tuple[str, Style]] = {
    Cause.MACHINES: ("waiting for a machine, place or reader", style(1)),
    Cause.PEOPLE: ("waiting for people who are busy", style(2)),
    Cause.SHIFT: ("waiting for the next shift", style(5)),
    Cause.LIMIT: ("waiting for a place in the lab", style(4)),
    Cause.STOCK: ("waiting for a delivery", style(6)),
    Cause.START: ("waiting to start", style(3)),
}


def waits(operations: Operations) -> Figure | None:
    """Mean days of a design by stage and by what it waited for; None where no design was submitted."""
    n = sum(operations.start <= one.submitted_at < operations.end for one in operations.visits.passages)
    if not n:
        return None
    return Figure(
        "waits",
        "Where the time goes",
        f"Calendar days of a design, as a mean over {many(n, 'design')}, retests included. A design waits for a "
        "machine while all are in use or down, else for a delivery, else for people while they are off shift or too "
        "few are free, and else to start: for a start time, a full load or plate, the rest of its batch, or a "
        "repair of an idle one.",
        (_panel(operations, n),),
    )


def _panel(operations: Operations, n: int) -> Panel:
    stages = [use.stage.name for use in operations.use]
    marks = tuple(_bars(operations, n))
    longest = max(float((use.queue.sum() + use.inside.sum()) / n / DAY) for use in operations.use)
    axis = Axis("", tuple(enumerate(stages)), -0.6, len(stages) - 0.4, is_reversed=True, has_grid=False)
    return Panel(Axis("days", low=0.0, high=max(longest, 0.1) * 1.04), axis, marks, "", max(32 * len(stages), 110))


def _bars(operations: Operations, n: int) -> Iterator[Mark]:
    rows = range(len(operations.use))
    base = np.zeros(len(rows))
    for name, look, lengths in _parts(operations.use, n):
        if lengths.max() > _NEGLIGIBLE_DAYS:
            hover = [
                f"{use.stage.name}: {days:.2f} days<br>{name}"
                for use, days in zip(operations.use, lengths, strict=True)
            ]
            yield Bars(rows, lengths, look, name, base.copy(), 0.72, is_horizontal=True, hover=hover)
            base = base + lengths


def _parts(use: tuple[StageUse, ...], n: int) -> Iterator[tuple[str, Style, np.ndarray]]:
    for cause, (name, look) in CAUSES.items():
        yield name, look, np.array([each.waited[cause].sum() for each in use]) / n / DAY
    yield AT_WORK, style(0), np.array([each.inside.sum() for each in use]) / n / DAY
