"""A recorded campaign: its decisions, and what was measured in the end. Reading it changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from designloop.campaign import Campaign
from designloop.core.errors import ReplayError, StoreError
from designloop.core.history import History
from designloop.core.known import Known, known_in
from designloop.core.records import Event, Order
from designloop.core.standing import standing
from designloop.hindsight.decision import Decision
from designloop.live.campaign import LiveCampaign
from designloop.live.folder import Folder
from designloop.scheduling.base import affordable
from designloop.storage.decisions import decisions_in
from designloop.storage.past import history_of, phases_of
from designloop.storage.run_directory import STUDY_DATABASE, to_read
from designloop.strategies.base import Strategy

Floats = NDArray[np.float64]
_BEGIN = ("asked", "added", "chosen", "retest", "submitted")
"""Kinds of events with which a round of a live campaign begins: people asked or added; those of an import."""


@dataclass(frozen=True)
class Recorded:
    """The record of a campaign, simulated or live, finished or not."""

    first: Campaign | LiveCampaign
    """The description with which it began."""
    every: Sequence[Event]
    """All events, also those that were undone."""
    known: Known

    @classmethod
    def read(cls, directory: Path) -> "Recorded":
        """The record in a directory. Raises StoreError where there is none, or where nothing was chosen yet."""
        if (directory / STUDY_DATABASE).is_file():
            raise StoreError(
                f"{directory} holds a study, which keeps no record of its decisions; run one of its campaigns with "
                "`designloop run`, and replay that"
            )
        with to_read(directory) as log:
            events, documents = log.events(), log.documents()
        if not events:
            raise StoreError(f"{directory} holds a run that has not begun; continue it with `designloop resume`")
        is_live = "began" in events[0].data
        first = Folder(directory).campaign if is_live else Campaign.read(directory)
        found = cls(first, events, known_in(events[0], documents))
        if not found.decisions:
            raise StoreError(f"nothing was chosen in {directory}, so there is nothing to replay; {found._how_to_go_on}")
        return found

    @property
    def _how_to_go_on(self) -> str:
        if self.is_live:
            return "ask for a batch with `designloop live ask`, or add one that people chose"
        last = self.every[-1]
        ended = f"it ended, since {last.data['reason']}: give it a larger budget" if last.kind == "closed" else ""
        return ended or "continue it with `designloop resume`"

    @property
    def is_live(self) -> bool:
        """Whether its lab was real."""
        return isinstance(self.first, LiveCampaign)

    @property
    def name(self) -> str:
        """The name of the campaign."""
        return self.first.name

    @property
    def seed(self) -> int:
        """The seed of its choices."""
        return int(self.every[0].data["seed"])

    @cached_property
    def events(self) -> list[Event]:
        """The events that stand."""
        return standing(self.every)

    @property
    def is_interrupted(self) -> bool:
        """Whether it is a simulation that has not ended."""
        return not self.is_live and self.every[-1].kind != "closed"

    @cached_property
    def final(self) -> History:
        """What is known in the end."""
        return self._history(self.events)

    @cached_property
    def measured(self) -> dict[str, float]:
        """The value in the end of each design that has one; at a limit of detection, the limit."""
        return self._of_designs(self.final.values)

    @cached_property
    def std_errors(self) -> dict[str, float]:
        """The standard errors of these values, NaN where unknown."""
        return self._of_designs(self.final.std_errors)

    def _of_designs(self, column: Floats) -> dict[str, float]:
        final = self.final
        rows = zip(final.sequences, final.ids.tolist(), final.is_measured.tolist(), column.tolist(), strict=True)
        return {sequence: value for sequence, number, is_measured, value in rows if is_measured and number >= 0}

    @cached_property
    def decisions(self) -> list[Decision]:
        """All decisions, in order."""
        return list(self._lived() if self.is_live else self._simulated())

    def history_at(self, decision: Decision) -> History:
        """What was known at a decision."""
        return self._history(self._before(decision))

    def strategy_at(self, decision: Decision) -> Strategy:
        """The strategy of the campaign at a decision."""
        return self._campaign_at(decision).strategy

    def order_at(self, decision: Decision, history: History) -> Order:
        """What was ordered at a decision."""
        if decision.ordered is not None:
            return decision.ordered
        scheduler = self._campaign_at(decision).scheduler
        step = scheduler.next(history)
        if not isinstance(step, Order) and decision.anyway:
            step = affordable(scheduler.full_order(history), history) or step
        if not isinstance(step, Order):
            raise ReplayError(
                f"at decision {decision.number} the scheduler of today would order nothing ({step}), so the code or "
                "the files of the campaign changed since; replay it with the version that recorded it"
            )
        return step

    def _campaign_at(self, decision: Decision) -> Campaign | LiveCampaign:
        return phases_of(self.first, self._before(decision))[-1]

    def _before(self, decision: Decision) -> list[Event]:
        """The events that stood at the moment of a decision; the clock of a live campaign had gone on to it."""
        events = standing(self.every[: decision.at])
        return [*events, Event(self.every[decision.at].minute, "waited")] if self.is_live else events

    def _history(self, events: Sequence[Event]) -> History:
        return history_of(phases_of(self.first, events), self.known, events)

    def _simulated(self) -> Iterator[Decision]:
        first, asked = self._after_past
        for number, (at, decision) in enumerate(decisions_in(self.every[first:])):
            sequences = _chosen(decision)
            round_ = next(event.data["round"] for event in decision if event.kind != "recommended")
            yield Decision(number + 1, round_, first + at, asked + number, proposed=sequences, built=sequences)

    @property
    def _after_past(self) -> tuple[int, int]:
        """(index of the first event, batches before it) after the past with which a simulation began, if it has one."""
        past = self.first.prior.record
        if past is None:
            return 0, 0
        events = enumerate(self.every[1 + len(past.events) :], start=2 + len(past.events))
        first = next(at for at, event in events if event.kind == "waited" and event.minute == past.now)
        return first, self._history(self.every[:first]).round

    def _lived(self) -> Iterator[Decision]:
        """A round begins with `asked`, or with an event by which people ordered a batch."""
        for number, (round_, at) in enumerate(self._openings.items(), start=1):
            first, built = self.every[at], self._built(round_)
            if first.kind == "asked":
                proposed = _chosen(_same_batch(self.every[at + 1 :]))
                asked, anyway = first.data["decision"], first.data["anyway"]
                yield Decision(number, round_, at, asked, anyway, proposed, built)
            else:
                order = Order(len(built), replicates=self._usual_wells(round_))
                yield Decision(number, round_, at, None, built=built, ordered=order)

    @property
    def _openings(self) -> Mapping[int, int]:
        """Round -> the index of the event that began it, of the rounds with designs, in order."""
        openings, rounds, stand = dict[int, int](), set[int](), set(map(id, self.events))
        for at, event in enumerate(self.every):
            if event.kind not in _BEGIN or id(event) not in stand:
                continue
            round_ = event.data["round"]
            if event.kind == "asked" and round_ not in rounds:
                openings[round_] = at  # an earlier one may have found nothing new
            openings.setdefault(round_, at)
            rounds |= {round_} if event.kind == "chosen" else set()
        return {round_: at for round_, at in openings.items() if round_ in rounds}

    def _submitted(self, round_: int) -> list[Event]:
        its = [e for e in self.events if e.kind == "submitted" and e.data["round"] == round_ and not e.data["retest"]]
        vetoed = {event.design for event in self.events if event.kind == "vetoed"}
        return [event for event in its if event.design not in vetoed]

    def _built(self, round_: int) -> tuple[str, ...]:
        designs = self.final.designs
        return tuple(designs[event.design].sequence for event in self._submitted(round_) if event.design is not None)

    def _usual_wells(self, round_: int) -> int:
        wells = Counter(int(event.data["replicates"]) for event in self._submitted(round_))
        return max(wells, key=lambda n: (wells[n], n), default=1)


def _chosen(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(event.data["sequence"] for event in events if event.kind == "chosen")


def _same_batch(events: Sequence[Event]) -> list[Event]:
    """The events up to the first submission or the next command."""
    ends = [at for at, event in enumerate(events) if event.kind in ("submitted", "plated", "asked", "added")]
    return list(events[: ends[0]] if ends else events)
