"""Tickets say what is to come from the lab: the wells of each design of each round, and what was told of them."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

from designloop.core.records import Event, Outcome

Key = tuple[int, int]
"""(round, design)."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a well."""

    value: float
    outcome: Outcome
    std_error: float | None = None
    entry: int = 0
    """The entry that told it."""
    n_wells: int = 1
    """The wells of which it is the mean."""
    is_numbered: bool = True
    """Whether the file said its replicate; else it has one that was free."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A design in one round: its wells, and their results by replicate, from 1."""

    design: int
    round: int
    n_wells: int
    is_retest: bool = False
    results: Mapping[int, Result] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    """Replicates whose wells were lost."""
    failed: Outcome | None = None
    entry: int = 0
    """The entry that told the failure."""

    @property
    def to_come(self) -> list[int]:
        """Replicates that are neither told nor lost; none of a design that failed. A mean tells several of them."""
        if self.failed is not None:
            return []
        left = [n for n in range(1, self.n_wells + 1) if n not in self.results and n not in self.lost]
        return left[sum(result.n_wells - 1 for result in self.results.values()) :]

    @property
    def is_open(self) -> bool:
        """Whether a result is still to come."""
        return bool(self.to_come)

    def free(self, taken: Container[int]) -> int:
        """A replicate that is not taken: one that is to come, else one that was lost, else one beyond the wells."""
        wells = [n for n in range(1, self.n_wells + 1) if n not in taken]
        beyond = (n for n in count(self.n_wells + 1) if n not in taken)
        return next((n for n in wells if n not in self.lost), wells[0] if wells else next(beyond))


@dataclass(frozen=True)
class Tickets:
    """All tickets, and the contents of all plates, after some events."""

    tickets: Mapping[Key, Ticket] = field(default_factory=dict)
    plates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Plate -> well -> [design, replicate], or the name of a control."""
    round_of: Mapping[str, int] = field(default_factory=dict)
    """Plate -> its round."""
    submitted_at: Mapping[int, int] = field(default_factory=dict)
    """Round -> the minute of its submission."""
    closed: frozenset[int] = frozenset()
    """Rounds that are closed."""

    def after(self, events: Iterable[Event]) -> "Tickets":
        """The tickets after these events, of which those that were undone are left out."""
        fold = _Fold(self)
        for event in events:
            if (handler := getattr(fold, f"_{event.kind}", None)) is not None:
                handler(event)
        return fold.done()

    def of_round(self, round_: int) -> list[Ticket]:
        """The tickets of a round."""
        return [ticket for (its, _), ticket in self.tickets.items() if its == round_]

    def of_design(self, design: int) -> list[Ticket]:
        """The tickets of a design, by round."""
        return self._by_design.get(design, [])

    @cached_property
    def _by_design(self) -> Mapping[int, list[Ticket]]:
        found: dict[int, list[Ticket]] = {}
        for _, ticket in sorted(self.tickets.items()):
            found.setdefault(ticket.design, []).append(ticket)
        return found

    @property
    def ended(self) -> list[int]:
        """Rounds that are not closed, although nothing of them is to come."""
        is_open = {round_ for (round_, _), ticket in self.tickets.items() if ticket.is_open}
        return [round_ for round_ in sorted(self.submitted_at) if round_ not in is_open and round_ not in self.closed]

    @property
    def reopened(self) -> list[int]:
        """Rounds that are closed, although something of them is to come."""
        return sorted({round_ for (round_, _), ticket in self.tickets.items() if ticket.is_open} & self.closed)


class _Fold:
    """The fold over events, mutable during one call of `Tickets.after`."""

    def __init__(self, before: Tickets) -> None:
        self._tickets = dict(before.tickets)
        self._plates = dict(before.plates)
        self._round_of = dict(before.round_of)
        self._submitted_at = dict(before.submitted_at)
        self._closed = set(before.closed)

    def done(self) -> Tickets:
        return Tickets(self._tickets, self._plates, self._round_of, self._submitted_at, frozenset(self._closed))

    def _change(self, event: Event, **changes: Any) -> None:
        key = event.data["round"], _id(event)
        self._tickets[key] = replace(self._tickets[key], **changes)

    def _ticket(self, event: Event) -> Ticket:
        return self._tickets[event.data["round"], _id(event)]

    def _submitted(self, event: Event) -> None:
        data = event.data
        ticket = Ticket(_id(event), data["round"], data["replicates"], data["retest"])
        self._tickets[data["round"], ticket.design] = ticket
        self._submitted_at.setdefault(data["round"], event.minute)
        self._closed.discard(data["round"])

    def _plated(self, event: Event) -> None:
        round_ = event.data["round"]
        for name in [name for name, its in self._round_of.items() if its == round_]:
            del self._plates[name], self._round_of[name]
        self._plates |= event.data["plates"]
        self._round_of |= dict.fromkeys(event.data["plates"], round_)

    def _vetoed(self, event: Event) -> None:
        self._tickets.pop((event.data["round"], _id(event)), None)

    def _observed(self, event: Event) -> None:
        data, ticket = event.data, self._ticket(event)
        result = Result(
            data["value"], Outcome(data["outcome"]), data["std_error"], data.get("entry", 0), data.get("wells", 1),
            data.get("numbered", True),
        )  # fmt: skip
        results = {**self._without(ticket, data["replicate"]), data["replicate"]: result}
        lost = ticket.lost if ticket.failed is None else frozenset(range(1, ticket.n_wells + 1))  # the others stay lost
        self._change(event, results=results, failed=None, lost=lost - results.keys())

    def _failed(self, event: Event) -> None:
        self._change(event, failed=Outcome(event.data["outcome"]), entry=event.data.get("entry", 0))

    def _well_lost(self, event: Event) -> None:
        ticket, replicate = self._ticket(event), event.data["replicate"]
        self._change(event, lost=ticket.lost | {replicate}, results=self._without(ticket, replicate))

    @staticmethod
    def _without(ticket: Ticket, replicate: int) -> dict[int, Result]:
        """The results, of which one whose replicate nobody said is not this one."""
        results = dict(ticket.results)
        if (held := results.get(replicate)) is not None and not held.is_numbered:
            other = ticket.free(results)
            results[other] = results.pop(replicate)
        return results

    def _round_closed(self, event: Event) -> None:
        self._closed.add(event.data["round"])

    def _reopened(self, event: Event) -> None:
        self._closed.discard(event.data["round"])


def _id(event: Event) -> int:
    assert event.design is not None, f"a '{event.kind}' event requires a design"
    return event.design
