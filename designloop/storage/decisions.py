"""A decision is the answer of a strategy to one order, as events of a simulation."""

from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from designloop.core.records import Event

_KINDS = ("recommended", "believed", "chosen", "retest", "short", "cut")
_ENDS = ("short", "cut")
"""After one of these a batch may be empty, so that the next decision follows at once."""


def decision_at(events: Sequence[Event], first: int) -> list[Event]:
    """The events of the decision that begins with event `first`: designs recommended, chosen and retested."""
    decision = list(takewhile(lambda event: event.kind in _KINDS, islice(events, first, None)))
    ends = [n for n, event in enumerate(decision, start=1) if event.kind in _ENDS]
    if not ends:
        return decision
    return decision[: ends[0] + len(list(takewhile(lambda event: event.kind == "cut", decision[ends[0] :])))]


def decisions_in(events: Sequence[Event]) -> Iterator[tuple[int, list[Event]]]:
    """(index of its first event, its events) of each decision, without the recommendations at the end of a phase."""
    at = 0
    while at < len(events):
        decision = decision_at(events, at)
        if any(event.kind != "recommended" for event in decision):
            yield at, decision
        at += max(len(decision), 1)
