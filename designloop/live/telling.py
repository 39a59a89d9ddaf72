"""Telling: a result file becomes events, if nothing in it contradicts what was told before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from designloop.core.contents import file_digest
from designloop.core.counting import many
from designloop.core.errors import LiveError
from designloop.core.records import Event
from designloop.live.closing import closings
from designloop.live.entry import Entry
from designloop.live.finding import ControlWell, Finder
from designloop.live.judging import Found, Verdict, judge
from designloop.live.record import Record
from designloop.live.result_file import ResultFile
from designloop.live.result_rows import read_results
from designloop.live.results import Results
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


def told(
    record: Record, entry: Entry, path: str | Path, how: ResultFile, plate: str | None = None, round_: int | None = None
) -> Told:
    """What a result file adds to a record. Raises InputError for a bad file, and LiveError for a contradiction."""
    read = read_results(path, how, record.began)
    finder = Finder(record, how, plate, round_)
    found = finder.find(read)
    verdict = judge([one for one in found if isinstance(one, Found)])
    if verdict.contradictions:
        raise LiveError(contradictions(verdict, read.where))
    controls = [one for one in found if isinstance(one, ControlWell) and one.row.value is not None]
    results = Results(record, entry, read.where, record.minute).events(verdict.news, controls)
    closed = closings(record.tickets, results, entry)
    lines = list(understood(read, verdict, finder.left_out, len(controls), [*results, *closed]))
    if not verdict.news:
        return Told(str(path), (), lines)
    facts = {**entry.facts, "file": Path(path).name, "digest": file_digest(Path(path)), "n": len(verdict.news)}
    events = sorted([*results, *closed], key=lambda event: event.minute)
    return Told(str(path), [*events, Event(entry.minute, "told", None, facts)], lines)


def contradictions(verdict: Verdict, where: Callable[[int], str]) -> str:
    """What contradicts the record, with places, and the mend."""
    shown_ = [f"{where(row)}: {sentence}" for row, sentence in verdict.contradictions[:_SHOWN]]
    n_more = len(verdict.contradictions) - len(shown_)
    more = [f"and {many(n_more, 'more contradiction')}"] if n_more else []
    mend = (
        "nothing was recorded. If the file is right, undo the entry (`designloop live undo DIR N`) and tell the file "
        "again; if these are further replicates, number them in a column `replicate`; if they are of another round, "
        "number it in a column `round`"
    )
    return "\n".join([*shown_, *more, mend])
