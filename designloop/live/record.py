"""The record of a live campaign at one moment: its events, what they say to a strategy, and what is to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from designloop.core.errors import StoreError
from designloop.core.history import History
from designloop.core.known import known_in
from designloop.core.records import Event
from designloop.core.standing import standing
from designloop.live.campaign import LiveCampaign
from designloop.live.tickets import Tickets
from designloop.storage.log import EventLog
from designloop.storage.past import history_of, phases_of

_UNDOING = ("undone", "reopened")
"""Kinds of events that only undo others."""


@dataclass(frozen=True)
class Record:
    """A live campaign with all its events."""

    first: LiveCampaign
    """The description with which it began."""
    log: EventLog
    every: Sequence[Event]
    """All events, also those that were undone."""

    @classmethod
    def of(cls, campaign: LiveCampaign, log: EventLog) -> "Record":
        """The record in a log. Raises StoreError where it is none of a live campaign."""
        events = log.events()
        if not events or "began" not in events[0].data:
            raise StoreError("this is the directory of a simulation; live campaigns begin with `designloop live init`")
        return cls(campaign, log, events)

    @cached_property
    def campaign(self) -> LiveCampaign:
        """The description as it is now, after all extensions."""
        return phases_of(self.first, self.events)[-1]

    @cached_property
    def events(self) -> list[Event]:
        """The events that stand."""
        return standing(self.every)

    @property
    def opened(self) -> Event:
        """The first event."""
        return self.every[0]

    @property
    def seed(self) -> int:
        """The seed of its choices."""
        return int(self.opened.data["seed"])

    @property
    def began(self) -> datetime:
        """The moment of minute 0."""
        return datetime.fromisoformat(self.opened.data["began"])

    def moment(self, minute: int) -> datetime:
        """The moment of a minute."""
        return self.began + timedelta(minutes=minute)

    def money(self, amount: float) -> str:
        """`1,810.00 EUR`."""
        return f"{amount:,.2f} {self.opened.data.get('currency') or 'of money'}"

    @property
    def minute(self) -> int:
        """The minute of the last event, also of those that were undone."""
        return max(event.minute for event in self.every)

    @cached_property
    def standing_minute(self) -> int:
        """The minute of the last event that stands, but for undoing, which may be done long after what it undoes."""
        return self.minute_without(None)

    def minute_without(self, entry: int | None) -> int:
        """As `standing_minute`, without an entry."""
        its = (event for event in self.events if event.kind not in _UNDOING)
        return max(event.minute for event in its if entry is None or event.data.get("entry", 0) != entry)

    @property
    def n_entries(self) -> int:
        """The number of commands so far."""
        return max((event.data.get("entry", 0) for event in self.every), default=0)

    @cached_property
    def history(self) -> History:
        """What is known: the fold over the events that stand."""
        return self.history_of(self.events)

    def history_of(self, events: Sequence[Event]) -> History:
        """The fold over some of the events, of which `opened` is the first."""
        known = known_in(self.opened, self.log.documents())
        return history_of(phases_of(self.first, events), known, events)

    @cached_property
    def names(self) -> Mapping[str, int]:
        """The names that designs of past rounds had, in small letters -> their numbers."""
        named = (event for event in self.events if event.kind == "chosen" and "name" in event.data)
        return {event.data["name"].lower(): event.design for event in named if event.design is not None}

    @cached_property
    def labels(self) -> Mapping[int, int]:
        """The numbers of past rounds in the files with which they were imported -> their rounds."""
        entries = (event for event in self.events if event.kind == "imported")
        return {int(label): number for event in entries for label, number in event.data["rounds"].items()}

    @cached_property
    def tickets(self) -> Tickets:
        """What is to come from the lab."""
        return Tickets().after(self.events)

    @property
    def n_decisions(self) -> int:
        """The number of batches that were decided on: by the strategy, or in rounds that were imported."""
        imported = (len(event.data["rounds"]) for event in self.events if event.kind == "imported")
        return sum(event.kind == "asked" for event in self.every) + sum(imported)

    def with_events(self, events: Sequence[Event]) -> "Record":
        """The record with further events."""
        return Record(self.first, self.log, [*self.every, *events])
