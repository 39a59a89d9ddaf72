"""The fold: how each kind of event changes what is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from designloop.core.clock import WEEK
from designloop.core.known import Left
from designloop.core.money import less, total
from designloop.core.records import Design, Event, Outcome, Pending, Prediction
from designloop.core.rows import Row


class Before(Protocol):
    """The fields of a history that events change."""

    @property
    def now(self) -> int: ...
    @property
    def round(self) -> int: ...
    @property
    def left(self) -> Left: ...
    @property
    def rows(self) -> Mapping[int, Row]: ...
    @property
    def waiting(self) -> Mapping[int, Pending]: ...
    @property
    def designs(self) -> Mapping[int, Design]: ...
    @property
    def predicted(self) -> Mapping[int, Mapping[str, Prediction]]: ...
    @property
    def parents(self) -> Mapping[int, str]: ...
    @property
    def beliefs(self) -> Mapping[int, Mapping[str, Any]]: ...
    @property
    def retesting(self) -> Mapping[int, Pending]: ...
    @property
    def open_rounds(self) -> Mapping[int, int]: ...
    @property
    def closed_rounds(self) -> Mapping[int, int]: ...
    @property
    def submitted_at(self) -> Mapping[int, int]: ...
    @property
    def passed(self) -> Mapping[str, tuple[int, int]]: ...
    @property
    def reserved(self) -> Mapping[str, float]: ...
    @property
    def vetoed(self) -> frozenset[str]: ...


class Fold:
    """The fold over events, mutable during one call of `History.after`."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._rows = dict(before.rows)
        self._waiting = dict(before.waiting)
        self._designs = dict(before.designs)
        self._predicted = dict(before.predicted)
        self._parents = dict(before.parents)
        self._beliefs = dict(before.beliefs)
        self._retesting = dict(before.retesting)
        self._open_rounds = dict(before.open_rounds)
        self._closed_rounds = dict(before.closed_rounds)
        self._submitted_at = dict(before.submitted_at)
        self._passed = dict(before.passed)
        self._held = dict(before.reserved)
        self._vetoes = set(before.vetoed)
        self._changes: dict[str, Any] = {}
        self._remaining = before.left

    def learn(self, event: Event) -> None:
        """Apply an event; unknown kinds are ignored."""
        self._changes["now"] = max(event.minute, self._changes.get("now", self._before.now))
        handler = getattr(self, f"_{event.kind}", None)
        if handler is not None:
            handler(event)

    def changes(self) -> dict[str, Any]:
        """The fields of the history after the events."""
        now = self._changes.get("now", self._before.now)
        spent_weeks = (now - self._before.now) / WEEK
        return {
            "rows": self._rows,
            "waiting": self._waiting,
            "designs": self._designs,
            "predicted": self._predicted,
            "parents": self._parents,
            "beliefs": self._beliefs,
            "retesting": self._retesting,
            "open_rounds": self._open_rounds,
            "closed_rounds": self._closed_rounds,
            "submitted_at": self._submitted_at,
            "passed": self._passed,
            "reserved": self._held,
            "vetoed": frozenset(self._vetoes),
            "left": replace(self._remaining, weeks=self._remaining.weeks - spent_weeks),
            **self._changes,
        }

    def _chosen(self, event: Event) -> None:
        design = Design(_id(event), event.data["sequence"], event.data["round"])
        self._designs[design.id] = design
        if (parent := event.data.get("parent")) is not None:
            self._parents[design.id] = parent
        if predictions := event.data.get("predictions"):
            self._predicted[design.id] = {model: (mean, std) for model, (mean, std) in predictions.items()}

    def _believed(self, event: Event) -> None:
        self._beliefs[event.data["round"]] = event.data["notes"]

    def _submitted(self, event: Event) -> None:
        design, round_ = self._designs[_id(event)], event.data["round"]
        is_retest = event.data.get("retest", False)
        target = self._retesting if is_retest else self._waiting
        target[design.id] = Pending(design, "submitted", event.minute)
        if not is_retest:
            self._remaining = replace(self._remaining, designs=self._remaining.designs - 1)
        self._open_rounds.setdefault(round_, event.minute)
        self._submitted_at.setdefault(round_, event.minute)
        if round_ > self._changes.get("round", self._before.round):  # people may add a design to an earlier batch
            self._changes |= {"round": round_, "last_submitted_at": event.minute}

    def _short(self, event: Event) -> None:
        self._changes["has_nothing_new"] = event.data["chosen"] == 0

    def _cut(self, event: Event) -> None:
        self._changes["is_too_dear"] = event.data["kept"] == 0

    def _entered(self, event: Event) -> None:
        for table in (self._waiting, self._retesting):
            if (pending := table.get(_id(event))) is not None:
                table[_id(event)] = replace(pending, stage=event.data["stage"], waits_for=None)

    def _left(self, event: Event) -> None:
        if (pending := self._waiting.get(_id(event))) is not None:
            n, minutes = self._passed.get(event.data["stage"], (0, 0))
            self._passed[event.data["stage"]] = n + 1, minutes + event.minute - pending.submitted_at

    def _went_back(self, event: Event) -> None:
        for table in (self._waiting, self._retesting):
            if (pending := table.get(_id(event))) is not None:
                table[_id(event)] = replace(pending, waits_for=event.data["to"])

    def _failed(self, event: Event) -> None:
        self._changes["is_too_dear"] = False
        if event.data.get("retest", False):
            self._retesting.pop(_id(event), None)
            return
        self._waiting.pop(_id(event), None)
        if _id(event) not in self._rows:
            outcome = Outcome(event.data["outcome"])
            self._rows[_id(event)] = Row(self._designs[_id(event)], outcome, event.measured_at)

    def _observed(self, event: Event) -> None:
        key, data = _id(event), event.data
        self._changes["is_too_dear"] = False
        self._waiting.pop(key, None)
        if data.get("retest", False):
            self._retesting.pop(key, None)
        row = self._rows.get(key)
        if row is None or not row.values:  # a design that was declared lost may be measured after all
            row = Row(self._designs[key], Outcome(data["outcome"]), event.measured_at, data.get("plate"))
        elif event.measured_at < row.measured_at:
            row = replace(row, measured_at=event.measured_at)
        if data.get("value") is not None:
            row = row.read(data["value"], data.get("std_error"), Outcome(data["outcome"]))
        self._rows[key] = row

    def _round_closed(self, event: Event) -> None:
        began = self._open_rounds.pop(event.data["round"], None)
        if began is not None:
            self._closed_rounds[event.data["round"]] = event.data.get("last", event.minute) - began
        self._changes["has_nothing_new"] = False

    def _reopened(self, event: Event) -> None:
        if self._closed_rounds.pop(event.data["round"], None) is not None:
            self._open_rounds[event.data["round"]] = event.data["submitted_at"]

    def _vetoed(self, event: Event) -> None:
        self._vetoes.add(self._designs[_id(event)].sequence)
        if self._waiting.pop(_id(event), None) is not None:
            self._remaining = replace(self._remaining, designs=self._remaining.designs + 1)

    def _charged(self, event: Event) -> None:
        self._remaining = replace(self._remaining, cost=less(self._remaining.cost, *event.data.values()))

    def _reserved(self, event: Event) -> None:
        before = total(self._held.get(item, 0.0) for item in event.data)
        self._held |= event.data
        self._remaining = replace(self._remaining, cost=less(self._remaining.cost, total(event.data.values()), -before))
        self._changes["is_too_dear"] = False


def _id(event: Event) -> int:
    assert event.design is not None, f"a '{event.kind}' event requires a design"
    return event.design
