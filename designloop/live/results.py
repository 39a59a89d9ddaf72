"""Results become events, each at the minute of its measurement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from designloop.core.errors import InputError
from designloop.core.records import Event
from designloop.live.dates import shown
from designloop.live.entry import Entry
from designloop.live.judging import ControlWell, News
from designloop.live.record import Record
from designloop.live.result_rows import ResultRow


@dataclass(frozen=True)
class Results:
    """The events of results, each at the minute of its measurement, but in the order of the record."""

    record: Record
    """The record with all tickets."""
    entry: Entry
    where: Callable[[int], str]
    """The place of a row."""
    earliest: int
    """The minute of the last entry before this one."""
    slack: int = 0
    """Minutes by which a measurement may precede its order, where orders have no time of day."""

    def events(self, news: Sequence[News], controls: Sequence[ControlWell]) -> list[Event]:
        """All of them, controls first within a minute, and designs by their ids."""
        events = [*map(self._control, controls), *map(self._of, news)]
        return sorted(events, key=lambda event: (event.minute, -1 if event.design is None else event.design))

    def _of(self, one: News) -> Event:
        ticket = one.ticket
        facts: dict[str, Any] = {"round": ticket.round, "retest": ticket.is_retest, "entry": self.entry.number}
        minute, measured = self._minutes(one.row, self.record.tickets.submitted_at[ticket.round])
        facts |= measured
        if one.result is None and one.replicate is None:
            failure = {"stage": "lab", "outcome": str(one.row.outcome)}
            return Event(minute, "failed", ticket.design, {**failure, **facts})
        facts |= {"replicate": one.replicate}
        if one.result is None:
            return Event(minute, "well_lost", ticket.design, facts)
        its = {"outcome": str(one.result.outcome), "value": one.result.value, "std_error": one.result.std_error}
        of: dict[str, Any] = {} if one.result.n_wells == 1 else {"wells": one.result.n_wells}
        of |= {} if one.result.is_numbered else {"numbered": False}
        return Event(minute, "observed", ticket.design, {**its, **self._place(one.row), **facts, **of})

    def _control(self, one: ControlWell) -> Event:
        minute, measured = self._minutes(one.row, 0)
        facts = {"control": one.name, "value": one.row.value, **self._place(one.row), "entry": self.entry.number}
        return Event(minute, "control", None, {**facts, **measured})

    @staticmethod
    def _place(row: ResultRow) -> Mapping[str, Any]:
        return {"plate": row.plate or None, "well": row.well or None, "assay": "assay"}

    def _minutes(self, row: ResultRow, submitted_at: int) -> tuple[int, Mapping[str, int]]:
        """The minute of an event, and that of its measurement if the record was further then. Raises InputError."""
        if row.minute is None:
            return self.entry.minute, {}
        measured = self._measured(row, row.minute, submitted_at)
        minute = max(measured, submitted_at, self.earliest)
        return minute, {} if minute == measured else {"measured": measured}

    def _measured(self, row: ResultRow, minute: int, submitted_at: int) -> int:
        """The minute of a measurement, between its order and this entry. Raises InputError.

        A day without a time of day is its noon. If that is not between them, it is the nearest minute of the day.
        """
        if row.is_day and not submitted_at <= minute <= self.entry.minute:
            nearest = submitted_at if minute < submitted_at else self.entry.minute
            minute = nearest if self._day(nearest) == self._day(minute) else minute
        where, when = self.where(row.row), shown(self.record.moment(minute))
        if minute > self.entry.minute:
            raise InputError(f"{where}: measured on {when}, which is after this entry; correct the date")
        if minute < submitted_at - self.slack:
            ordered = shown(self.record.moment(submitted_at))
            raise InputError(
                f"{where}: measured on {when}, before its round was ordered on {ordered}; correct the date"
            )
        return minute

    def _day(self, minute: int) -> date:
        """The day of a minute, in local time."""
        return self.record.moment(minute).astimezone().date()
