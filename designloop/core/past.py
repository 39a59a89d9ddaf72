"""The past of a campaign: the record of a live campaign at one moment, with which simulations of the rest begin."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from json import dumps, loads
from pathlib import Path
from typing import Any

from designloop.core.contents import file_digest
from designloop.core.errors import InputError
from designloop.core.files import found
from designloop.core.history import History
from designloop.core.known import Known, known_in
from designloop.core.lab_card import LabCard
from designloop.core.money import total
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space

_FORM = "designloop past 1"


@dataclass(frozen=True, slots=True)
class InLab:
    """A design of which results are still to come from the lab."""

    design: int
    sequence: str
    chosen_in: int
    """The round in which it was chosen."""
    round: int
    """The round of which results are to come."""
    submitted_at: int
    """The minute at which that round was submitted."""
    n_wells: int
    is_retest: bool = False


@dataclass(frozen=True)
class Past:
    """What happened up to the minute `now`: events that say what is known, and what is still in the lab."""

    now: int
    opened: Event
    events: tuple[Event, ...]
    """The events after `opened`, without those of commands."""
    documents: Mapping[str, str]
    in_lab: tuple[InLab, ...] = ()
    time_of_day: int = 0
    """Minutes from 0:00 to the campaign's minute 0."""

    @property
    def known(self) -> Known:
        """The prior information of the campaign."""
        return known_in(self.opened, self.documents)

    @property
    def batches(self) -> list[tuple[int, Batch]]:
        """What is still in the lab, as (minute of submission, batch), in order of time."""
        rounds = sorted({(one.submitted_at, one.round) for one in self.in_lab})
        return [(minute, _batch(number, self.in_lab)) for minute, number in rounds]

    @property
    def built(self) -> list[str]:
        """The sequences of all designs, also of those that people removed from a batch."""
        return [event.data["sequence"] for event in self.events if event.kind == "chosen"]

    @property
    def spent(self) -> float:
        """What was charged, by the prices of the real lab."""
        return total(amount for event in self.events if event.kind == "charged" for amount in event.data.values())

    def history(self, space: Space, lab: LabCard | None = None) -> History:
        """What is known at `now`."""
        return History.opening(space, self.known, self.opened, lab).after([*self.events, Event(self.now, "waited")])

    def write(self, path: Path) -> None:
        """Write it to a file, from which `read_past` reads it."""
        path.write_text(self.as_text(), encoding="utf-8")

    def as_text(self) -> str:
        """The content of its file; equal pasts have equal texts."""
        facts = {
            "form": _FORM,
            "now": self.now,
            "opened": _plain(self.opened),
            "events": [_plain(event) for event in self.events],
            "documents": dict(self.documents),
            "in_lab": [asdict(one) for one in self.in_lab],
            "time_of_day": self.time_of_day,
        }
        return dumps(facts, sort_keys=True) + "\n"


def read_past(path: str) -> Past:
    """The past in a file. Raises InputError where it holds none."""
    place = found(path)
    return _read(str(place), file_digest(place))


@lru_cache(maxsize=4)
def _read(path: str, digest: str) -> Past:
    try:
        facts = loads(Path(path).read_text(encoding="utf-8"))
        is_past = facts["form"] == _FORM
    except (ValueError, TypeError, KeyError):
        is_past = False
    if not is_past:
        raise InputError(f"{path} holds no past of a live campaign; `designloop rehearse DIR` writes one")
    return Past(
        facts["now"],
        Event(*facts["opened"]),
        tuple(Event(*event) for event in facts["events"]),
        facts["documents"],
        tuple(InLab(**one) for one in facts["in_lab"]),
        facts.get("time_of_day", 0),
    )


def _plain(event: Event) -> list[Any]:
    return [event.minute, event.kind, event.design, dict(event.data)]


def _batch(number: int, in_lab: Sequence[InLab]) -> Batch:
    its = [one for one in in_lab if one.round == number]
    new, again = (
        tuple(Design(one.design, one.sequence, one.chosen_in) for one in its if one.is_retest is is_retest)
        for is_retest in (False, True)
    )
    return Batch(number, new, again, wells_of={one.design: one.n_wells for one in its})
