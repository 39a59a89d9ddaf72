"""Catching up: a lab is simulated from the submission of what a real lab still holds up to the present minute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from designloop.core.past import Past
from designloop.core.random import seed_from, stream
from designloop.core.records import Batch, Event, Start, Truth
from designloop.lab.ledger import RETURNS

if TYPE_CHECKING:
    from designloop.lab.run import LabRun

_ATTEMPTS = 20
"""Courses of the lab that are tried, until one has returned no value yet."""
_KEPT = frozenset({"entered", "left", "went_back", "reserved"})
"""Kinds of events up to the present minute that say where designs are, and what may fall due for them."""


@dataclass(eq=False)
class CaughtUp:
    """A lab at the present minute. Results that it would have returned before are held back until `due`."""

    lab: "LabRun"
    """Its minute 0 is 0:00 of the day on which the campaign began."""
    shift: int
    """The minute of the lab at which the campaign began. All minutes below are those of the campaign."""
    due: int
    """A working day after the present minute."""
    past: list[Event] = field(default_factory=list)
    """What happened before the simulation."""
    held: list[Event] = field(default_factory=list)

    @property
    def n_early(self) -> int:
        """Designs of which a value is held back. A real lab may tell failures late, so that these do not count."""
        return len({event.design for event in self.held if event.kind == "observed"})

    @property
    def n_ended(self) -> int:
        """Designs of which any result is held back."""
        return len({event.design for event in self.held if event.design is not None})

    @property
    def now(self) -> int:
        """The current minute in the lab."""
        return self.lab.now - self.shift

    def label(self, starts: Sequence[Start]) -> tuple[Start, ...]:
        """As that of the lab."""
        return self.lab.label(starts)

    def submit(self, batch: Batch) -> list[Event]:
        """As that of the lab."""
        return self._dated(self.lab.submit(batch))

    def truths(self) -> list[Truth]:
        """As those of the lab."""
        return [replace(truth, minute=truth.minute - self.shift) for truth in self.lab.truths()]

    def run(self, until: int | None = None) -> list[Event]:
        """As that of the lab; what is held back comes with its next result, and at the latest when it is due."""
        if not self.held:
            return self._run(until)
        events = self._run(self.due if until is None else min(until, self.due))
        if self.now < self.due and not any(event.kind in RETURNS for event in events):
            return events
        late, self.held = [replace(event, minute=self.now) for event in self.held], []
        return [*(e for e in events if e.kind not in RETURNS), *late, *(e for e in events if e.kind in RETURNS)]

    def _run(self, until: int | None) -> list[Event]:
        return self._dated(self.lab.run(None if until is None else until + self.shift))

    def _dated(self, events: list[Event]) -> list[Event]:
        return [replace(event, minute=event.minute - self.shift) for event in events] if self.shift else events


def caught_up(start: Callable[[int], "LabRun"], past: Past, seed: int) -> CaughtUp:
    """The lab at the last minute of a past, with what is in the lab then.

    `start` starts the lab under a seed. Its course is drawn given that no value has come back yet: of up to 20 courses,
    the first that has returned none, else the one in which most designs are under way. What it costs before is not
    charged.
    """
    courses = list[CaughtUp]()
    for attempt in range(_ATTEMPTS if past.in_lab else 1):
        courses.append(_lived(start(seed if attempt == 0 else seed_from(stream(seed, "past", attempt))), past))
        if not courses[-1].n_early and courses[-1].n_ended < len(past.in_lab):
            break
    else:
        courses.sort(key=lambda course: course.n_ended, reverse=True)  # stable: the last is one of the slowest
    found = courses[-1]
    found.lab.recall(past.built)
    return found


def _lived(lab: "LabRun", past: Past) -> CaughtUp:
    """A course of the lab up to the last minute of a past."""
    events, shift = list[Event](), past.time_of_day
    for minute, batch in past.batches:
        events += [*_until(lab, minute + shift), *lab.submit(batch)]
    events += _until(lab, past.now + shift)
    course = CaughtUp(lab, shift, lab.a_working_day_later() - shift)
    events = course._dated(events)
    kept, course.held = ([event for event in events if event.kind in kinds] for kinds in (_KEPT, RETURNS))
    course.past = [*past.events, *kept, Event(past.now, "waited")]
    return course


def _until(lab: "LabRun", minute: int) -> list[Event]:
    events = list[Event]()
    while lab.now < minute:
        events += lab.run(minute)
    return events
