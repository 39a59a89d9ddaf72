"""Results become events, each at the minute of its measurement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designloop.core.clock import DAY
from designloop.core.errors import InputError
from designloop.core.records import Event
from designloop.live.dates import shown
from designloop.live.entry import Entry
from designloop.live.finding import ControlWell
from designloop.live.judging import News
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

    def events(self, news: Sequence[News], controls: Sequence[ControlWell]) -> list[Event]:
        """All of them, controls first within a minute, and designs by their ids."""
        events = [*map(self._control, controls), *map(self._of, news)]
        return sorted(events, key=lambda event: (event.minute, -1 if event.design is None else event.design))

    def _of(self, one: News) -> Event:
        ticket = one.ticket
        facts: dict[str, Any] = {"round": ticket.round, "retest": ticket.is_retest, "entry": self.entry.number}
        minute = self._minute(one.row, self.record.tickets.submitted_at[ticket.round])
        if one.result is None and one.replicate is None:
            failure = {"stage": "lab", "outcome": str(one.row.outcome)}
            return Event(minute, "failed", ticket.design, {**failure, **facts})
        facts |= {"replicate": one.replicate}
        if one.result is None:
            return Event(minute, "well_lost", ticket.design, facts)
        its = {"outcome": str(one.result.outcome), "value": one.result.value, "std_error": one.result.std_error}
        of = {} if one.result.n_wells == 1 else {"wells": one.result.n_wells}
        return Event(minute, "observed", ticket.design, {**its, **self._place(one.row), **facts, **of})

    def _control(self, one: ControlWell) -> Event:
        facts = {"control": one.name, "value": one.row.value, **self._place(one.row), "entry": self.entry.number}
        return Event(self._minute(one.row, 0), "control", None, facts)

    @staticmethod
    def _place(row: ResultRow) -> Mapping[str, Any]:
        return {"plate": row.plate or None, "well": row.well or None, "assay": "assay"}

    def _minute(self, row: ResultRow, submitted_at: int) -> int:
        """The minute of an event: that of the measurement, if the record allows it. Raises InputError."""
        if row.minute is None:
            return self.entry.minute
        where = self.where(row.row)
        if row.minute > self.entry.minute:
            when = shown(self.record.moment(row.minute))
            raise InputError(f"{where}: measured on {when}, which is after this entry; correct the date")
        if row.minute < submitted_at - DAY:
            when, ordered = map(shown, map(self.record.moment, (row.minute, submitted_at)))
            raise InputError(
                f"{where}: measured on {when}, before its round was ordered on {ordered}; correct the date"
            )
        return max(row.minute, submitted_at, self.earliest)
