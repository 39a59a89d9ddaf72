"""Histories for tests: designs that were measured, that failed, or that are still in the lab."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Event, Start
from designloop.core.spaces import Space


@dataclass(frozen=True)
class Told:
    """A design and its ending: a value, the name of an outcome, or None while it is in the lab."""

    sequence: str
    ending: float | str | None
    std_error: float | None = 0.0
    round: int = 1


def events_of(rows: Iterable[Told], *, first: int = 0) -> list[Event]:
    """Chosen, submitted, and one outcome for each row, with ids in order from `first`."""
    events = []
    for key, row in enumerate(rows, start=first):
        events += [
            Event(1, "chosen", key, {"sequence": row.sequence, "round": row.round}),
            Event(1, "submitted", key, {"round": row.round}),
        ]
        if isinstance(row.ending, str):
            events.append(Event(9, "failed", key, {"outcome": row.ending, "stage": "any", "round": row.round}))
        elif row.ending is not None:
            events.append(observed(key, row.ending, row.std_error))
    return events


def observed(design: int, value: float | None, std_error: float | None = 0.0, *, minute: int = 9, **data: Any) -> Event:
    """One well of a design was read."""
    facts = {"outcome": "observed", "value": value, "std_error": std_error, "round": 1, **data}
    return Event(minute, "observed", design, facts)


def history_of(
    space: Space, rows: Iterable[Told] = (), *, corpus: Sequence[str] = (), starts: Sequence[Start] = (), **opened: Any
) -> History:
    """The history of these designs, in this order."""
    opening = Event(0, "opened", None, opened)
    return History.opening(space, Known(corpus=tuple(corpus), starts=tuple(starts)), opening).after(events_of(rows))
