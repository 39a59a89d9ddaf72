"""Importing: past rounds become rounds of a live campaign, with their dates, their results and their failures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from designloop.core.clock import DAY
from designloop.core.config import changed
from designloop.core.counting import many
from designloop.core.errors import InputError, LiveError
from designloop.core.records import Event
from designloop.live.adding import notice_outside
from designloop.live.campaign import LiveCampaign
from designloop.live.closing import closings
from designloop.live.entry import Entry
from designloop.live.judging import News, judge
from designloop.live.losing import lost_wells
from designloop.live.one_unit import fact, same_unit
from designloop.live.past_dates import assumed, past_rounds
from designloop.live.past_file import PastFile, Unwritten
from designloop.live.past_plan import PastPlan
from designloop.live.past_rows import read_past
from designloop.live.record import Record
from designloop.live.refusing import contradictions
from designloop.live.result_file import ResultFile
from designloop.live.results import Results
from designloop.live.slips import slips
from designloop.live.telling import Told
from designloop.live.tickets import Ticket

_PLAIN = ResultFile()
_ANY = datetime(2000, 1, 1, tzinfo=UTC).astimezone()
"""Any moment, from which minutes count where the beginning is not known yet."""


def past_file(campaign: LiveCampaign, columns: Mapping[str, Any]) -> PastFile:
    """How past rounds are written: as the result files of the lab, but for some columns. Raises ConfigError."""
    results = campaign.lab.results
    its = {name: getattr(results, name) for name in ResultFile.model_fields}
    its = {name: value for name, value in its.items() if value != getattr(_PLAIN, name)}
    return changed(PastFile(), {**its, **columns}, "the past rounds")


def first_order(campaign: LiveCampaign, paths: Sequence[str | Path]) -> datetime:
    """The moment of the first order in files. Raises InputError where they have none."""
    read = read_past(paths, past_file(campaign, {}), campaign.whole_space, _ANY)
    return _ANY + timedelta(minutes=past_rounds(read.rows, Unwritten(), _ANY)[0].ordered)


def imported(record: Record, entry: Entry, paths: Sequence[str | Path], how: PastFile, given: Unwritten) -> Told:
    """What files of past rounds add to a record. Raises InputError for a bad file, LiveError for a contradiction."""
    read = read_past(paths, how, record.history.space, record.began)
    rounds = past_rounds(read.rows, given, record.began)
    plan = PastPlan(record, entry, rounds)
    plan.check()
    whole = record.with_events(plan.orders)
    found = list(plan.found(whole))
    verdict = judge(found)
    if verdict.contradictions:
        raise LiveError(contradictions(verdict, read.where, is_import=True))
    dated = [_dated(news, plan) for news in verdict.news]
    results = Results(whole, entry, read.where, record.standing_minute, slack=DAY).events(dated, [])
    lost = list(_missing(whole, results, plan, given)) if given.missing is not None else []
    closed = closings(whole.tickets, [*results, *lost], entry)
    events = _in_order(plan.orders, [*results, *lost], closed)
    units = same_unit(record, read.unit, ", ".join(Path(path).name for path in paths))
    lines = [*read.remarks, *units, *assumed(rounds, given, record.began)]
    if not events:
        return Told(", ".join(map(str, paths)), (), [*lines, *plan.lines(whole), *_known(verdict.n_known)])
    facts: dict[str, Any] = {"files": [Path(path).name for path in paths], "digests": list(read.digests)}
    facts |= {"rounds": plan.labels, "designs": len(plan.new), "n": len(results) + len(lost), **entry.facts}
    facts |= fact(read.unit)
    events.append(Event(max(event.minute for event in events), "imported", None, facts))
    notice_outside(list(plan.new), record.history.space)
    after = record.with_events(events)
    lines += slips(record.campaign.name, after.tickets, dated)
    return Told(
        ", ".join(map(str, paths)), events, [*lines, *plan.lines(after), *_known(verdict.n_known), *_spent(after)]
    )


def _dated(news: News, plan: PastPlan) -> News:
    """A failure without a date is known with the last result of its round. Raises InputError where there is none."""
    if news.row.minute is not None:
        return news
    return replace(news, row=replace(news.row, minute=_end(news.ticket.round, plan)))


def _end(round_: int, plan: PastPlan) -> int:
    ended = plan.ends[round_]
    if ended is None:
        raise InputError(
            f"round {round_}: nothing in it has a date of measurement; add a column `measured`, or give it, as in "
            "`--measured 2025-10-13`"
        )
    return ended


def _missing(whole: Record, results: Sequence[Event], plan: PastPlan, given: Unwritten) -> Iterator[Event]:
    """The events of everything that would be to come, which is declared missing."""
    assert given.missing is not None
    after, rounds = whole.tickets.after(results), [plan.numbers[one.label] for one in plan.rounds]
    tickets: list[Ticket] = [ticket for round_ in rounds for ticket in after.of_round(round_) if ticket.is_open]
    for ticket in tickets:
        at = replace(plan.entry, minute=max(_end(ticket.round, plan), plan.record.standing_minute))
        yield from lost_wells(ticket, set(ticket.to_come), at, given.missing)


def _in_order(orders: Sequence[Event], results: Sequence[Event], closed: Sequence[Event]) -> list[Event]:
    """All events in the order of time; in one minute, earlier rounds first, and orders before results."""
    phases = [*((0, event) for event in orders), *((1, event) for event in results), *((2, event) for event in closed)]
    return [event for _, event in sorted(phases, key=lambda its: (its[1].minute, its[1].data["round"], its[0]))]


def _known(n: int) -> Iterator[str]:
    if n:
        yield many(n, "known result")


def _spent(after: Record) -> Iterator[str]:
    """What of the budget is spent, where nothing is left."""
    left, budget = after.history.left, after.campaign.budget
    for name in ("designs", "weeks"):
        if getattr(left, name) <= 0:
            yield (
                f"budget.{name} ({getattr(budget, name):g}) counts past rounds too, and nothing of it is left; raise "
                f"it: `designloop live extend DIR --set budget.{name}=N`"
            )
