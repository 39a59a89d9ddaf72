"""The past is what was known at a moment of a record, simulated or live: the fold over the events before it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from pydantic import BaseModel

from designloop.core.config import changed
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.lab_card import LabCard
from designloop.core.records import Event
from designloop.core.spaces import Space


class Lab(Protocol):
    """The lab of a campaign."""

    @property
    def card(self) -> LabCard:
        """What it declares of itself."""


class Described(Protocol):
    """The description of a campaign, simulated or live."""

    @property
    def lab(self) -> Lab:
        """Its lab."""

    @property
    def whole_space(self) -> Space:
        """The sequences that may be built."""


C = TypeVar("C", bound=BaseModel)


def phases_of(first: C, events: Iterable[Event]) -> list[C]:
    """The description of each phase of a campaign: the first, and those after the extensions among the events."""
    phases = [first]
    for event in events:
        if event.kind == "extended":
            phases.append(changed(phases[-1], event.data["changes"]))
    return phases


def history_of(phases: Sequence[Described], known: Known, events: Sequence[Event]) -> History:
    """The fold over some of the events of a record, of which `opened` is the first.

    `phases` are the descriptions of (at least) the phases that these events begin.
    """
    history = History.opening(phases[0].whole_space, known, events[0], phases[0].lab.card)
    later, phase = iter(phases[1:]), list[Event]()
    for event in events[1:]:
        phase.append(event)
        if event.kind == "extended":
            campaign = next(later)
            history = history.after(phase).extended(campaign.whole_space, event)
            history, phase = replace(history, lab=campaign.lab.card), []
    return history.after(phase)
