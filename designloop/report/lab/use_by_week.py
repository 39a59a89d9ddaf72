"""Utilisation and queues by week, as a grid of colours: one row for each stage and group of people."""

from collections.abc import Callable, Sequence
from math import ceil

import numpy as np

from designloop.core.clock import WEEK
from designloop.operations.levels import Floats
from designloop.operations.operations import Operations
from designloop.report.marks import Axis, Cells, Figure, Panel
from designloop.report.words import percent

Said = Callable[[float], str]
"""Puts a number into words."""
_ROW, _LEAST = 26, 70
"""Pixels of a row, and of a panel."""
_MOST_TICKS = 14
_QUEUE = 0.5
"""A stage before which fewer designs ever wait, on average over a week, has no row."""


def use_by_week(operations: Operations) -> Figure | None:
    """The utilisation of machines and people and the queues before stages; None where there is neither."""
    panels = [panel for panel in (_utilisation(operations), _queues(operations)) if panel is not None]
    if not panels:
        return None
    span = "week" if operations.weeks_per_bin == 1 else f"{operations.weeks_per_bin} weeks"
    return Figure(
        "use-by-week",
        "Utilisation and queues by week",
        f"One cell for each {span}. Utilisation: the share of the time in which the lab works, or of the shifts, in "
        "which machines run and people are hands-on; a broken machine does not run. Queue: the mean number of designs "
        "that wait before a stage.",
        tuple(panels),
    )


def _utilisation(operations: Operations) -> Panel | None:
    rows = [(use.stage.name, use.utilisation) for use in operations.use if use.stage.number is not None]
    rows += [(f"{group.name} (people)", group.utilisation) for group in operations.people]
    return _panel(operations, rows, "Utilisation", 1.0, percent) if rows else None


def _queues(operations: Operations) -> Panel | None:
    queues = [(use.stage.name, use.queue / operations.lengths) for use in operations.use]
    rows = [(name, queue) for name, queue in queues if queue.max() >= _QUEUE]
    highest = max((float(queue.max()) for _, queue in rows), default=0.0)
    return _panel(operations, rows, "Designs waiting", highest, lambda n: f"{n:.1f} designs") if rows else None


def _panel(operations: Operations, rows: Sequence[tuple[str, Floats]], what: str, high: float, said: Said) -> Panel:
    names, values = [name for name, _ in rows], np.array([row for _, row in rows])
    weeks = (operations.edges[:-1] / WEEK).round().astype(int).tolist()
    hover = [
        [f"{name}, week {week}<br>{_word(value, said)}" for week, value in zip(weeks, row, strict=True)]
        for name, row in zip(names, values, strict=True)
    ]
    return Panel(
        Axis("week", _ticks(weeks), has_grid=False),
        Axis("", tuple(enumerate(names)), -0.5, len(names) - 0.5, is_reversed=True, has_grid=False),
        (Cells(values, 0.0, high, what, hover=hover),),
        what,
        max(_ROW * len(names), _LEAST),
    )


def _word(value: float, said: Said) -> str:
    return said(value) if np.isfinite(value) else "the lab is closed"


def _ticks(weeks: Sequence[int]) -> tuple[tuple[float, str], ...]:
    every = max(ceil(len(weeks) / _MOST_TICKS), 1)
    return tuple((place, f"{week}") for place, week in enumerate(weeks) if place % every == 0)
