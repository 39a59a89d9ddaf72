"""Telling: a result file becomes events, if nothing in it contradicts what was told before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designloop.core.clock import DAY
from designloop.core.contents import file_digest
from designloop.core.counting import many
from designloop.core.errors import InputError, LiveError
from designloop.core.records import Event
from designloop.live.closing import closings
from designloop.live.dates import shown
from designloop.live.entry import Entry
from designloop.live.finding import ControlWell, Finder
from designloop.live.judging import Found, News, Verdict, judge
from designloop.live.record import Record
from designloop.live.result_file import ResultFile
from designloop.live.result_rows import ResultRow, ResultRows, read_results
from designloop.live.understanding import understood

_SHOWN = 10


@dataclass(frozen=True)
class Told:
    """What a result file says, as it was understood."""

    file: str
    events: Sequence[Event]
    """The events that it adds; none where all of it was known."""
    lines: Sequence[str]
    """What was understood, one sentence each."""

    def __str__(self) -> str:
        return "\n".join(self.lines)


def told(record: Record, entry: Entry, path: str | Path, how: ResultFile, plate: str | None = None) -> Told:
    """What a result file adds to a record. Raises InputError for a bad file, and LiveError for a contradiction."""
    read = read_results(path, how, record.began)
    finder = Finder(record, how, plate)
    found = list(finder.find(read))
    verdict = judge([one for one in found if isinstance(one, Found)])
    if verdict.contradictions:
        raise LiveError(_contradictions(verdict, read))
    controls = [one for one in found if isinstance(one, ControlWell) and one.row.value is not None]
    results = _Results(record, entry, read).events(verdict.news, controls)
    closed = closings(record.tickets, results, entry)
    lines = list(understood(read, verdict, finder.left_out, len(controls), [*results, *closed]))
    if not verdict.news:
        return Told(str(path), (), lines)
    facts = {**entry.facts, "file": Path(path).name, "digest": file_digest(Path(path)), "n": len(verdict.news)}
    events = sorted([*results, *closed], key=lambda event: event.minute)
    return Told(str(path), [*events, Event(entry.minute, "told", None, facts)], lines)


class _Results:
    """The events of results, each at the minute of its measurement, but in the order of the record."""

    def __init__(self, record: Record, entry: Entry, read: ResultRows) -> None:
        self._record, self._entry, self._read = record, entry, read

    def events(self, news: Sequence[News], controls: Sequence[ControlWell]) -> list[Event]:
        """All of them, controls first within a minute, and designs by their ids."""
        events = [*map(self._control, controls), *map(self._of, news)]
        return sorted(events, key=lambda event: (event.minute, -1 if event.design is None else event.design))

    def _of(self, one: News) -> Event:
        ticket = one.ticket
        facts: dict[str, Any] = {"round": ticket.round, "retest": ticket.is_retest, "entry": self._entry.number}
        minute = self._minute(one.row, self._record.tickets.submitted_at[ticket.round])
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
        facts = {"control": one.name, "value": one.row.value, **self._place(one.row), "entry": self._entry.number}
        return Event(self._minute(one.row, 0), "control", None, facts)

    @staticmethod
    def _place(row: ResultRow) -> Mapping[str, Any]:
        return {"plate": row.plate or None, "well": row.well or None, "assay": "assay"}

    def _minute(self, row: ResultRow, submitted_at: int) -> int:
        """The minute of an event: that of the measurement, if the record allows it. Raises InputError."""
        if row.minute is None:
            return self._entry.minute
        where = self._read.where(row.row)
        if row.minute > self._entry.minute:
            when = shown(self._record.moment(row.minute))
            raise InputError(f"{where}: measured on {when}, which is after this entry; correct the date")
        if row.minute < submitted_at - DAY:
            when, ordered = map(shown, map(self._record.moment, (row.minute, submitted_at)))
            raise InputError(
                f"{where}: measured on {when}, before its round was ordered on {ordered}; correct the date"
            )
        return max(row.minute, self._record.minute)


def _contradictions(verdict: Verdict, read: ResultRows) -> str:
    shown_ = [f"{read.where(row)}: {sentence}" for row, sentence in verdict.contradictions[:_SHOWN]]
    n_more = len(verdict.contradictions) - len(shown_)
    more = [f"and {many(n_more, 'more contradiction')}"] if n_more else []
    mend = (
        "nothing was recorded. If the file is right, undo the entry (`designloop live undo DIR N`) and tell the file "
        "again; if these are further replicates, number them in a column `replicate`; if they are of another round, "
        "number it in a column `round`"
    )
    return "\n".join([*shown_, *more, mend])
