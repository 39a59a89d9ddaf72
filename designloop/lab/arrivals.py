"""Arrivals of other people's work: when each batch comes, and how many items it has."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from designloop.core.calendar import Calendar, WorkingTime
from designloop.core.clock import DAY, minute_of_day, minutes
from designloop.core.errors import ConfigError, InputError
from designloop.core.readers.table import Table
from designloop.core.readers.tables import read_table
from designloop.lab.background import Background, Standing

_UNITS = {"day": 1.0, "week": 7.0}
"""Columns of times since week 0, in days."""


class Arrival(NamedTuple):
    """A batch of other people's work."""

    minute: int
    size: int


def arrivals(
    job: Background, calendar: Calendar, working: WorkingTime, rng: np.random.Generator, first: int
) -> Iterator[Arrival]:
    """The batches of a job from the minute `first` on, in order of time. They depend on nothing that a campaign does.

    Raises as `listed`.
    """
    if job.rate is None and job.calendar is None:
        yield from listed(job, calendar, first)
        return
    times = (
        _standing(job.calendar, working, first)
        if job.calendar is not None
        else _at_random(working, rng, first, len(calendar.workdays) * DAY / (job.rate or 1))
    )
    for minute in times:
        yield Arrival(minute, job.size[int(rng.integers(len(job.size)))])


def _at_random(working: WorkingTime, rng: np.random.Generator, first: int, mean: float) -> Iterator[int]:
    """Times with exponential gaps of `mean` working minutes."""
    passed = 0.0
    while True:
        passed += mean * rng.standard_exponential()
        yield working.after(first, round(passed))


def _standing(order: Standing, working: WorkingTime, minute: int) -> Iterator[int]:
    times = tuple(map(minute_of_day, order.times))
    while True:
        minute = working.next_start(minute, order.days, times)
        yield minute
        minute += 1


def listed(job: Background, calendar: Calendar, first: int = 0) -> list[Arrival]:
    """The batches in the file or the run of a job; none where it has neither.

    Raises InputError with the line of a wrong cell, StoreError or ConfigError where there is no finished run.
    """
    if job.file is not None:
        try:
            return _in_file(job.file, calendar.start, first)
        except InputError as error:
            raise InputError(f"lab.background '{job.name}': {error}") from None
    return [] if job.run is None else _in_run(Path(job.run))


def _in_file(path: str, start: date, first: int) -> list[Arrival]:
    table = read_table(path)
    sizes = table.numbers("size")
    for row, size in enumerate(sizes):
        if not (size >= 1 and float(size).is_integer()):
            raise InputError(f"{table.where(row)}, column 'size': expected a whole number of at least 1, got {size:g}")
    times = _minutes(table, start)
    for row, minute in enumerate(times):
        if minute < first:
            raise InputError(
                f"{table.where(row)}: the batch comes {first - minute:,} minutes before the lab begins; raise "
                "lab.warm_up_weeks, or remove the line"
            )
    return sorted(Arrival(minute, int(size)) for minute, size in zip(times, sizes, strict=True))


def _minutes(table: Table, start: date) -> list[int]:
    """The time of each row: its `day`, its `week` or its `date`."""
    unit = next((unit for unit in _UNITS if table.has(unit)), None)
    if unit is None:
        return _minutes_of_dates(table, start)
    passed = table.numbers(unit)
    if not np.isfinite(passed).all():
        row = int(np.argmin(np.isfinite(passed)))
        raise InputError(f"{table.where(row)}, column '{unit}': expected a number of {unit}s since week 0 began")
    return [minutes(days=float(one) * _UNITS[unit]) for one in passed]


def _minutes_of_dates(table: Table, start: date) -> list[int]:
    if not table.has("date"):
        raise InputError(f"{table.file} has no column day, week or date (columns: {', '.join(table.names)})")
    found = list[int]()
    for row, cell in enumerate(table.column("date")):
        text = str(cell).strip()
        try:
            since = datetime.fromisoformat(text) - datetime.combine(start, time())
        except (ValueError, TypeError) as error:  # a time zone cannot be subtracted
            wanted = "a date such as '2025-02-03' or '2025-02-03 14:30'"
            raise InputError(f"{table.where(row)}, column 'date': expected {wanted}, got {text!r}") from error
        found.append(round(since.total_seconds() / 60))
    return found


def _in_run(database: Path) -> list[Arrival]:
    from designloop.storage.run_directory import load

    events = load(database).events
    if not events or events[-1].kind != "closed":
        raise ConfigError(f"lab.background: the run in {database.parent} is not finished; resume it first")
    sizes = Counter((event.minute, event.data["round"]) for event in events if event.kind == "submitted")
    return [Arrival(minute, size) for (minute, _), size in sorted(sizes.items())]
