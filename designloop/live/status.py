"""The status of a live campaign: its rounds, what is to come, who did what, and what may be done next."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from math import inf
from typing import Any

from designloop.core.counting import many
from designloop.core.records import Event, Order, Outcome, Stop
from designloop.core.rows import mark_of
from designloop.live.charging import spent
from designloop.live.counts import Counts
from designloop.live.dates import minute_of, now, shown
from designloop.live.names import design_name
from designloop.live.record import Record

COMMANDS = ("asked", "imported", "added", "vetoed", "told", "declared", "undone", "extended")
"""Kinds of events that stand for a command."""
_SHOWN = 10


@dataclass(frozen=True)
class Round:
    """What became of a round."""

    number: int
    ordered: str
    """The moment of its order."""
    n_designs: int
    n_retests: int
    counts: Counts
    plates: tuple[str, ...]

    def __str__(self) -> str:
        retests = f" and {many(self.n_retests, 'retest')}" if self.n_retests else ""
        return f"round {self.number}: {many(self.n_designs, 'design')}{retests}, ordered {self.ordered}; {self.counts}"

    def as_dict(self) -> dict[str, Any]:
        """The round as JSON values."""
        its = {"number": self.number, "ordered": self.ordered, "n_designs": self.n_designs, "n_retests": self.n_retests}
        return {**its, **asdict(self.counts), "plates": list(self.plates)}


@dataclass(frozen=True)
class Status:
    """The status at one moment. `str` of it is what `designloop live status` prints."""

    record: Record

    @cached_property
    def rounds(self) -> list[Round]:
        """The rounds so far."""
        return [self._round(number) for number in sorted(self.record.tickets.submitted_at)]

    def _round(self, number: int) -> Round:
        tickets, its = self.record.tickets, self.record.tickets.of_round(number)
        return Round(
            number,
            shown(self.record.moment(tickets.submitted_at[number])),
            n_designs=sum(not ticket.is_retest for ticket in its),
            n_retests=sum(ticket.is_retest for ticket in its),
            counts=Counts.of(its),
            plates=tuple(name for name, round_ in tickets.round_of.items() if round_ == number),
        )

    @cached_property
    def entries(self) -> list[Event]:
        """One event for each command, also for those that were undone."""
        return [event for event in self.record.every if event.kind in COMMANDS]

    @property
    def outcomes(self) -> dict[str, int]:
        """Outcome -> the number of designs with it."""
        return dict(Counter(str(outcome) for outcome in map(Outcome, self.record.history.outcomes)))

    @property
    def next(self) -> str:
        """What the scheduler would do now, in words."""
        today = max(minute_of(now(), self.record.began), self.record.minute)
        history, scheduler = self.record.history.after([Event(today, "waited")]), self.record.campaign.scheduler
        step = scheduler.next(history)
        if isinstance(step, Order):
            return f"a batch of {many(step.n_designs, 'design')} is due: designloop live ask"
        if isinstance(step, Stop):
            return f"the campaign is over: {step.reason}"
        until = "" if step.until is None else f", at the latest until {shown(self.record.moment(step.until))}"
        return f"wait for results{until}"

    def as_dict(self) -> dict[str, Any]:
        """The status as JSON values."""
        rounds = [one.as_dict() for one in self.rounds]
        entries = [{"minute": event.minute, "kind": event.kind, **event.data} for event in self.entries]
        facts: dict[str, Any] = {"spent": spent(self.record)} if self.record.campaign.lab.prices else {}
        facts |= {"name": self.record.campaign.name, "began": self.record.began.isoformat(), "next": self.next}
        return {**facts, "rounds": rounds, "outcomes": self.outcomes, "entries": entries}

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        record = self.record
        yield f"{record.campaign.name} ({record.campaign.chooser}, seed {record.seed}): began {shown(record.began)}"
        yield from (f"  {round_}" for round_ in self.rounds)
        yield from (f"  {line}" for line in self._left())
        yield from (f"  {line}" for line in self._best())
        undone = {event.data["of"] for event in self.entries if event.kind == "undone"}
        if len(self.entries) > _SHOWN:
            yield f"  ... {many(len(self.entries) - _SHOWN, 'earlier entry')}"
        for event in self.entries[-_SHOWN:]:
            mark = " (undone)" if event.data["entry"] in undone else ""
            when = shown(datetime.fromisoformat(event.data["at"]))
            yield f"  entry {event.data['entry']}: {when} {event.data['by']}: {entry_in_words(event)}{mark}"
        yield f"  next: {self.next}"

    def _left(self) -> Iterator[str]:
        left = self.record.history.left
        parts = {"design": left.designs, "week": round(left.weeks, 1)}
        told = [f"{n:g} {what}{'s' if n != 1 else ''}" for what, n in parts.items() if n != inf]
        told += [self.record.money(left.cost)] if left.cost != inf else []
        if (amount := spent(self.record)) != 0:
            yield f"ordered for {self.record.money(amount)}"
        if told:
            yield f"left of the budget: {' and '.join(told)}"

    def _best(self) -> Iterator[str]:
        """The design that was recommended last, with its measured value."""
        named = [
            event for event in self.record.events if event.kind == "recommended" and event.data["by"] == "strategy"
        ]
        row = self.record.history.rows.get(named[-1].design or 0) if named else None
        if row is not None and row.values:
            name = design_name(self.record.campaign.name, row.design.id)
            measured = f"{mark_of(row.side)}{row.reading:.4g}"
            yield f"recommended at the last decision: {name}, {measured}, {row.design.sequence}"


def entry_in_words(event: Event) -> str:
    """What a command did, in a few words."""
    data = event.data
    words = {
        "asked": lambda: f"asked for round {data['round']}",
        "imported": lambda: f"imported {', '.join(data['files'])}: {_rounds(data)}{many(data['n'], 'new result')}",
        "added": lambda: f"added {many(len(data['designs']), 'design')} to round {data['round']}",
        "vetoed": lambda: f"vetoed design {event.design}; design {data['instead']} takes its wells",
        "told": lambda: f"told {data['file']}: {many(data['n'], 'new result')}",
        "declared": lambda: f"declared {data['outcome']}: {_what(data)}",
        "undone": lambda: f"undid entry {data['of']}",
        "extended": lambda: f"extended the campaign: {'; '.join(data['changed'])}",
    }[event.kind]()
    return f"{words} ({data['why']})" if data.get("why") else words


def _rounds(data: Any) -> str:
    if not data["rounds"]:
        return ""
    return f"{many(len(data['rounds']), 'round')} of {many(data['designs'], 'design')}, "


def _what(data: Any) -> str:
    kinds = (("designs", "design"), ("plates", "plate"), ("rounds", "round"))
    return ", ".join(f"{word} {name}" for key, word in kinds for name in data[key])
