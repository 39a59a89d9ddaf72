"""Telling: a result file becomes events, if nothing in it contradicts what was told before."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from designloop.core.contents import file_digest
from designloop.core.errors import LiveError
from designloop.core.records import Event
from designloop.live.closing import closings
from designloop.live.entry import Entry
from designloop.live.finding import Finder
from designloop.live.judging import ControlWell, Found, Verdict, judge
from designloop.live.one_unit import fact, same_column, same_unit
from designloop.live.record import Record
from designloop.live.refusing import contradictions
from designloop.live.replicates import doubtful_replicates
from designloop.live.result_file import ResultFile
from designloop.live.result_rows import read_results
from designloop.live.results import Results
from designloop.live.said import Said
from designloop.live.slips import slips
from designloop.live.understanding import understood


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


def told(record: Record, entry: Entry, path: str | Path, how: ResultFile, said: Said) -> Told:
    """What a result file adds to a record. Raises InputError for a bad file, and LiveError for a contradiction."""
    read = read_results(path, how, record.began, said.plate)
    name = Path(path).name
    units = [*same_unit(record, read.unit, name), *same_column(record, read.value, name)]
    finder = Finder(record, how, said)
    found = finder.find(read)
    designs = [one for one in found if isinstance(one, Found)]
    verdict = judge(designs, further=said.further)
    if verdict.contradictions:
        raise LiveError(contradictions(verdict, read.where))
    finder.remarks += doubtful_replicates(designs)
    controls = [one for one in found if isinstance(one, ControlWell) and one.row.value is not None]
    results = Results(record, entry, read.where, record.minute).events(verdict.news, controls)
    closed = closings(record.tickets, results, entry)
    lines = [*units, *understood(read, verdict, finder, controls, [*results, *closed])]
    lines += slips(record.campaign.name, record.tickets.after(results), verdict.news)
    if not verdict.news:
        return Told(str(path), (), lines)
    facts = {**entry.facts, "file": name, "digest": file_digest(Path(path)), "n": len(verdict.news)}
    facts |= {**fact(read.unit), **({"column": read.value} if read.value else {})}
    if repeated := sorted((verdict.repeated | _that_lost(record, verdict)) - {0, entry.number}):
        facts["repeats"] = repeated
    events = sorted([*results, *closed], key=lambda event: event.minute)
    return Told(str(path), [*events, Event(entry.minute, "told", None, facts)], lines)


def _that_lost(record: Record, verdict: Verdict) -> set[int]:
    """The entries that told the known lost wells of a file, or that their designs failed."""
    its = (event for event in record.events if event.kind in ("well_lost", "failed")) if verdict.lost_before else ()
    wells, designs = verdict.lost_before, {key[:2] for key in verdict.lost_before}
    return {
        event.data.get("entry", 0)
        for event in its
        if (event.data["round"], event.design, event.data.get("replicate")) in wells
        or (event.kind == "failed" and (event.data["round"], event.design) in designs)
    }
