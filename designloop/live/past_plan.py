"""A past plan says which rounds of a live campaign the rounds of some files are, and which of their designs are new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from designloop.core.counting import many
from designloop.core.errors import InputError, LiveError
from designloop.core.records import PEOPLE, Choice, Event
from designloop.live.counts import Counts
from designloop.live.dates import shown
from designloop.live.entry import Entry
from designloop.live.judging import Found
from designloop.live.past_dates import PastRound
from designloop.live.past_rows import PastRow
from designloop.live.record import Record
from designloop.storage.replay import facts_of

_MEND = "undo its entry (`designloop live undo DIR N`), and import the corrected files"


@dataclass(frozen=True)
class PastPlan:
    """The rounds of the files as rounds of the campaign."""

    record: Record
    entry: Entry
    rounds: Sequence[PastRound]

    @property
    def known(self) -> Mapping[int, int]:
        """Round in the files -> round of the campaign, of those that were imported before."""
        return self.record.labels

    @cached_property
    def numbers(self) -> Mapping[int, int]:
        """Round in the files -> round of the campaign."""
        new = [one.label for one in self.rounds if one.label not in self.known]
        return {**self.known, **{label: n for n, label in enumerate(new, start=self.record.history.round + 1)}}

    @property
    def labels(self) -> dict[str, int]:
        """As `numbers`, of the rounds that are new."""
        return {str(one.label): self.numbers[one.label] for one in self.rounds if one.label not in self.known}

    @cached_property
    def fresh(self) -> list[PastRound]:
        """The rounds that were not imported before."""
        return [one for one in self.rounds if one.label not in self.known]

    @cached_property
    def new(self) -> Mapping[str, int]:
        """Sequence -> id, of the designs that are new."""
        its = (row.sequence for one in self.fresh for row in one.rows)
        new = [sequence for sequence in dict.fromkeys(its) if sequence not in self._before]
        return {sequence: n for n, sequence in enumerate(new, start=self.record.history.n_designs)}

    @cached_property
    def _before(self) -> Mapping[str, int]:
        """Sequence -> the first design of it in the record."""
        designs = sorted(self.record.history.designs.values(), key=lambda design: -design.id)
        return {design.sequence: design.id for design in designs}

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Sequence -> its design."""
        return {**self._before, **self.new}

    # -- what is refused -------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise LiveError where rounds are not in the order of time, InputError where rows are known already."""
        for one in self.fresh:
            self._check_time(one)
        starts = {start.sequence: start.value for start in self.record.history.known.starts if start.value is not None}
        for row in (row for one in self.fresh for row in one.rows):
            if row.result.value is not None and starts.get(row.sequence) == row.result.value:
                raise InputError(
                    f"{row.where}: {row.sequence} has the value {row.result.value:.10g} among the starting sequences "
                    "(`prior.starts`) too, so it would count twice; begin the campaign without them"
                )
            self._check_name(row)
        for one in self.rounds:
            if one.label in self.known:
                self._check_known(one)

    def _check_name(self, row: PastRow) -> None:
        """Raise InputError where another design was imported with the name of this one."""
        other = self.record.names.get(row.name.lower())
        if other is not None and other != self.ids[row.sequence]:
            sequence = self.record.history.designs[other].sequence
            raise InputError(f"{row.where}: '{row.name}' is {row.sequence}, but {sequence} was imported with this name")

    def _check_time(self, one: PastRound) -> None:
        record = self.record
        when = shown(record.moment(one.ordered))
        if one.ordered < 0:
            raise LiveError(
                f"round {one.label} was ordered {when}, before the campaign began ({shown(record.began)}); begin it "
                f"with `--start '{when}'`, or import the rounds at once (`designloop live init --past FILE`)"
            )
        if one.ordered < record.standing_minute:
            last = shown(record.moment(record.standing_minute))
            raise LiveError(
                f"round {one.label} was ordered {when}, before the last entry, of {last}; entries are in order of "
                "time: import past rounds before the first `ask`, and rounds that overlap in one command"
            )
        if one.ordered > self.entry.minute:
            raise LiveError(f"round {one.label} was ordered {when}, after this entry; correct the date")

    def _check_known(self, one: PastRound) -> None:
        """Raise LiveError where a round that was imported has another date or other designs now."""
        number, tickets = self.numbers[one.label], self.record.tickets
        if one.ordered != tickets.submitted_at[number]:
            dates = [shown(self.record.moment(minute)) for minute in (one.ordered, tickets.submitted_at[number])]
            raise LiveError(f"round {one.label} was ordered {dates[0]}, but {dates[1]} was imported; {_MEND}")
        for row in one.rows:
            if (number, self._before.get(row.sequence, -1)) not in tickets.tickets:
                raise LiveError(f"{row.where}: {row.sequence} is not in round {one.label}, as it was imported; {_MEND}")

    # -- events ----------------------------------------------------------------------------------------------------

    @cached_property
    def orders(self) -> list[Event]:
        """The events of the orders of new rounds."""
        return [event for one in self.fresh for event in self._order(one)]

    def _order(self, one: PastRound) -> Iterator[Event]:
        round_, groups = self.numbers[one.label], _by_sequence(one.rows)
        facts = {"round": round_, "entry": self.entry.number}
        for sequence, rows in groups.items():
            if self._is_first(sequence, one):
                choice = {**facts_of(Choice(sequence, PEOPLE)), **_said_of(rows)}
                yield Event(one.ordered, "chosen", self.ids[sequence], {**facts, **choice})
            else:
                yield Event(one.ordered, "retest", self.ids[sequence], facts)
        for sequence, rows in sorted(groups.items(), key=lambda item: self.ids[item[0]]):
            sent = {"replicates": _n_wells(rows), "retest": not self._is_first(sequence, one)}
            yield Event(one.ordered, "submitted", self.ids[sequence], {**facts, **sent})

    def _is_first(self, sequence: str, one: PastRound) -> bool:
        """Whether a design is new in this round."""
        return sequence in self.new and self._first_round[sequence] == one.label

    @cached_property
    def _first_round(self) -> Mapping[str, int]:
        return {row.sequence: one.label for one in reversed(self.fresh) for row in one.rows}

    def found(self, whole: Record) -> Iterator[Found]:
        """The rows with their tickets; `whole` is the record with the orders."""
        for one in self.rounds:
            for sequence, rows in _by_sequence(one.rows).items():
                ticket = whole.tickets.tickets[self.numbers[one.label], self.ids[sequence]]
                ticket = replace(
                    ticket, n_wells=max(ticket.n_wells, _n_wells(rows))
                )  # the files say how many there were
                yield from (Found(row.result, ticket, row.result.replicate) for row in rows)

    @cached_property
    def ends(self) -> Mapping[int, int | None]:
        """Round of the campaign -> the minute of its last result in the files."""
        return {self.numbers[one.label]: one.ended for one in self.rounds}

    def lines(self, after: Record) -> Iterator[str]:
        """A sentence on each round."""
        for one in self.rounds:
            number, tickets = self.numbers[one.label], after.tickets.of_round(self.numbers[one.label])
            n_retests = sum(ticket.is_retest for ticket in tickets)
            retests = f" and {many(n_retests, 'retest')}" if n_retests else ""
            other = "" if one.label == number else f" ({one.label} in the files)"
            yield (
                f"round {number}{other}: {many(len(tickets) - n_retests, 'design')}{retests}, ordered "
                f"{shown(after.moment(one.ordered))}; {Counts.of(tickets)}"
            )


def _by_sequence(rows: Iterable[PastRow]) -> dict[str, list[PastRow]]:
    """Sequence -> its rows."""
    groups: dict[str, list[PastRow]] = {}
    for row in rows:
        groups.setdefault(row.sequence, []).append(row)
    return groups


def _said_of(rows: Sequence[PastRow]) -> dict[str, str]:
    """The name of a design, and who chose it, if the files say it."""
    names, people = ([text for text in texts if text] for texts in ([r.name for r in rows], [r.who for r in rows]))
    return {**({"name": names[0]} if names else {}), **({"by": people[0]} if people else {})}


def _n_wells(rows: Sequence[PastRow]) -> int:
    """The wells of a design in a round: as many as have a value, or as are numbered."""
    results = [row.result for row in rows]
    n_measured = sum(one.n_wells for one in results if one.value is not None)
    return max(1, n_measured, *(one.replicate or 1 for one in results))
