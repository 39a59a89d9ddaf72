"""Visits: the stays of designs at stages, and the waits before them, as events record them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from designloop.core.records import Event
from designloop.core.uncollected import uncollected

CLOSED = "closed"
"""The stage in `failed` events of designs that were unfinished when their round closed."""
WENT_BACK = "went_back"
"""The outcome of a visit after which the design passed the stages again."""
_KINDS = frozenset({"submitted", "entered", "left", "went_back", "failed", "observed", "vetoed"})
Key = tuple[int, int]
"""(design, round) of a passage through the lab."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A design's stay in a stage, and the wait before it. Minutes."""

    design: int
    round: int
    stage: str
    waits_from: int
    began: int
    ended: int | None
    """None while the design is in the stage."""
    outcome: str | None = None
    """The failure in this stage; None if the design passed it."""
    is_first: bool = False
    """Whether the design was at no stage before."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that led to no stage: the design ended or is still waiting. Minutes."""

    design: int
    round: int
    after: str | None
    """The stage that it left; None if it was submitted."""
    since: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of a design through the lab in one batch, from submission to its first value or its failure. Minutes."""

    design: int
    round: int
    is_retest: bool
    submitted_at: int
    ended: int | None = None
    has_value: bool = False


class Visits:
    """All visits, waits and passages of a record of events, each in the order in which they end."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.visits: list[Visit] = []
        self.waits: list[Wait] = []
        self._there: dict[Key, Visit] = {}
        self._waiting: dict[Key, Wait] = {}
        self._open: dict[Key, Passage] = {}
        self.passages: list[Passage] = []
        with uncollected():
            for event in events:
                if event.kind in _KINDS:
                    self._follow(event)
                elif event.kind == "round_closed":
                    self._close(event.data["round"], event.minute)
        self.visits += self._there.values()
        self.waits += self._waiting.values()
        self.passages += self._open.values()

    def _follow(self, event: Event) -> None:
        assert event.design is not None, f"a '{event.kind}' event speaks of a design"
        key, minute = (event.design, event.data["round"]), event.minute
        if event.kind == "submitted":
            self._open[key] = Passage(*key, event.data.get("retest", False), minute)
            self._waiting[key] = Wait(*key, None, minute, None)
        elif event.kind == "entered":
            before = self._waiting.pop(key, None)
            since = minute if before is None else before.since
            is_first = before is not None and before.after is None
            self._there[key] = Visit(*key, event.data["stage"], since, minute, None, is_first=is_first)
        elif event.kind == "vetoed":  # it never was in the lab
            self._open.pop(key, None)
            self._waiting.pop(key, None)
        elif event.kind in ("left", "went_back"):
            stage = self._leave(key, minute, WENT_BACK if event.kind == "went_back" else None)
            self._waiting[key] = Wait(*key, stage, minute, None)
        else:
            self._end(key, event.measured_at, _failure(event), has_value=event.kind == "observed")

    def _leave(self, key: Key, minute: int, outcome: str | None) -> str | None:
        """End the visit of a design, if it is at a stage; the name of the stage."""
        visit = self._there.pop(key, None)
        if visit is None:
            return None
        where = visit.design, visit.round, visit.stage, visit.waits_from, visit.began
        self.visits.append(Visit(*where, minute, outcome, visit.is_first))  # half the time of `replace`
        return visit.stage

    def _end(self, key: Key, minute: int, outcome: str | None, *, has_value: bool) -> None:
        """End a passage. Further wells of a design that has a value change nothing."""
        if key not in self._open:
            return
        self.passages.append(replace(self._open.pop(key), ended=minute, has_value=has_value))
        self._leave(key, minute, outcome)
        if (wait := self._waiting.pop(key, None)) is not None:
            self.waits.append(replace(wait, ended=minute))

    def _close(self, round_: int, minute: int) -> None:
        """End what is left of a round. Its designs have ended by then, unless a record lacks their events."""
        for key in [key for key in self._open if key[1] == round_]:
            self._end(key, minute, None, has_value=False)


def _failure(event: Event) -> str | None:
    """The failure of a design in its stage; None if its round closed, which is no failure of the stage."""
    return event.data["outcome"] if event.kind == "failed" and event.data["stage"] != CLOSED else None
