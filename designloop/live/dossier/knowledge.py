"""What was known when a round was chosen: a dossier says what the choice was made from, also when results are back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np

from designloop.core.config import changed
from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.core.records import Event
from designloop.core.standing import standing
from designloop.live.campaign import LiveCampaign
from designloop.live.names import no_round
from designloop.live.record import Record
from designloop.live.tickets import Ticket

_FIRST = ("asked", "added", "chosen", "submitted")
"""Kinds of events with which a round begins."""
_OF_ROUND = ("chosen", "submitted", "vetoed", "retest", "believed", "asked", "added")


@dataclass(frozen=True)
class Knowledge:
    """A round of a record, and what was known before it. Raises LiveError for a round that was not ordered."""

    record: Record
    round: int

    def __post_init__(self) -> None:
        if self.round not in self.record.tickets.submitted_at:
            raise LiveError(no_round(self.round, self.record.tickets.submitted_at))

    @cached_property
    def before(self) -> list[Event]:
        """The events before the round, without those that had been undone by then."""
        began = next(e for e in self.record.events if e.kind in _FIRST and e.data.get("round") == self.round)
        first = next(n for n, e in enumerate(self.record.every) if e is began)
        return standing(self.record.every[:first])

    @cached_property
    def events(self) -> list[Event]:
        """The events of the choice, vetoes and additions included."""
        return [e for e in self.record.events if e.kind in _OF_ROUND and e.data.get("round") == self.round]

    @cached_property
    def history(self) -> History:
        """What was known before the round."""
        return self.record.history_of(self.before)

    @cached_property
    def after(self) -> History:
        """The same, with the round in the lab."""
        return self.record.history_of([*self.before, *self.events])

    @cached_property
    def campaign(self) -> LiveCampaign:
        """The description at that time."""
        extensions = (event for event in self.before if event.kind == "extended")
        return reduce(lambda campaign, event: changed(campaign, event.data["changes"]), extensions, self.record.first)

    @cached_property
    def tickets(self) -> list[Ticket]:
        """The designs of the round and then its retests, by their ids; vetoed ones are left out."""
        return sorted(self.record.tickets.of_round(self.round), key=lambda its: (its.is_retest, its.design))

    @cached_property
    def chosen(self) -> Mapping[int, Event]:
        """Design -> its `chosen` event."""
        return {event.design: event for event in self.events if event.kind == "chosen" and event.design is not None}

    @property
    def notes(self) -> Mapping[str, Any]:
        """What the strategy believed; empty where it says nothing."""
        return next((event.data["notes"] for event in self.events if event.kind == "believed"), {})

    @cached_property
    def measured(self) -> list[int]:
        """Rows of the history with a value, the highest reading first."""
        rows = np.flatnonzero(self.history.is_measured)
        return list(map(int, rows[np.argsort(-self.history.readings[rows], kind="stable")]))

    @property
    def best(self) -> float | None:
        """The highest measured value, of all wells of a sequence; None before the first."""
        return float(self.history.readings[self.measured[0]]) if self.measured else None
