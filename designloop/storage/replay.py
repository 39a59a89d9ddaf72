"""A record goes on where a log ends: until then, what happens again is compared with what was recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from designloop.core.contracts import finite
from designloop.core.errors import ReplayError
from designloop.core.history import History, Known
from designloop.core.records import Batch, Choice, Design, Event, Proposal, Start, Truth
from designloop.storage.log import EventLog, canonical

_ASIDE = ("code_changed",)
"""Kinds of events that no part of a run brings about, so that none happens again."""
_DECISION = ("recommended", "chosen", "retest", "short", "cut")
_ENDS = ("short", "cut")
"""After one of them a batch may be empty, so that the next decision follows at once."""


class Recorder:
    """Writes to a log; while the log is ahead, checks instead that each event happens as it is recorded."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._events, self._truths = log.events(), log.truths()
        self._n_events = self._n_truths = 0
        self._pass(0)

    @property
    def is_replaying(self) -> bool:
        """True while the log holds events that have not happened again yet."""
        return self._n_events < len(self._events)

    def known(self) -> Known | None:
        """The recorded prior, which is not read from its files again; None where nothing is recorded."""
        if not self._events:
            return None
        starts = tuple(Start(**start) for start in self._events[0].data["starts"])
        return Known(tuple(self._log.documents().get("corpus", "").splitlines()), starts)

    def sources(self) -> dict[str, Any] | None:
        """What the run read when it began, as its `opened` event tells; None where nothing is recorded."""
        if not self._events:
            return None
        return {name: fact for name, fact in self._events[0].data.items() if name in ("description", "files")}

    def extension(self) -> Event | None:
        """The `extended` event, where that comes next; None where the record, or its last phase, ends."""
        if not self.is_replaying or self._events[self._n_events].kind != "extended":
            return None
        event = self._events[self._n_events]
        self._pass(1)
        return event

    def decision(self) -> list[Event]:
        """The recorded events of the decision that comes next: what was recommended, chosen and retested."""
        rest = self._events[self._n_events :]
        decision = list(takewhile(lambda event: event.kind in _DECISION, rest))
        ends = [n for n, event in enumerate(decision, start=1) if event.kind in _ENDS]
        if not ends:
            return decision
        return decision[: ends[0] + len(list(takewhile(lambda event: event.kind == "cut", decision[ends[0] :])))]

    def record(
        self, events: Sequence[Event], truths: Sequence[Truth] = (), documents: Mapping[str, str] | None = None
    ) -> bool:
        """Keep what is new, in one transaction; True where all of it was. Raises ReplayError at a difference."""
        old_events, old_truths = self._events[self._n_events :], self._truths[self._n_truths :]
        _compare(events, old_events, self._n_events)
        _compare(truths, old_truths, self._n_truths)
        self._pass(len(events))
        self._n_truths += len(truths)
        news = events[len(old_events) :], truths[len(old_truths) :]
        if any(news) or (documents and not old_events):
            self._log.append(*news, documents)
        return not old_events

    def _pass(self, n: int) -> None:
        """So many recorded events have happened again, and with them what was noted beside the run."""
        self._n_events += n
        while self.is_replaying and self._events[self._n_events].kind in _ASIDE:
            self._n_events += 1


def told(proposal: Proposal, now: int, round_: int, first_id: int) -> list[Event]:
    """The events that tell of a proposal, whose new designs are counted from `first_id`."""
    chosen = [
        Event(now, "chosen", i, {"round": round_, **finite(asdict(choice))})
        for i, choice in enumerate(proposal.choices, start=first_id)
    ]
    return [*chosen, *(Event(now, "retest", design, {"round": round_}) for design in proposal.retests)]


def batch_of(proposal: Proposal, history: History, replicates: int) -> Batch:
    """The batch that a proposal makes: the next round, its new designs numbered on from those of the history."""
    round_ = history.round + 1
    numbered = enumerate(proposal.choices, start=history.n_designs)
    designs = tuple(Design(i, choice.sequence, round_) for i, choice in numbered)
    return Batch(round_, designs, tuple(history.designs[i] for i in proposal.retests), replicates)


def proposal_in(events: Sequence[Event]) -> Proposal:
    """The proposal that a decision's events tell of."""
    chosen = [event.data for event in events if event.kind == "chosen"]
    names = ("sequence", "origin", "mean", "std", "viability")
    choices = tuple(Choice(**{name: data[name] for name in names}) for data in chosen)
    return Proposal(
        choices, tuple(event.design for event in events if event.kind == "retest" and event.design is not None)
    )


def _compare(again: Sequence[Event | Truth], before: Sequence[Event | Truth], first: int) -> None:
    for offset, (new, old) in enumerate(zip(again, before, strict=False)):
        if (now := canonical(new)) != (then := canonical(old)):
            what = "event" if isinstance(new, Event) else "truth"
            raise ReplayError(
                f"{what} {first + offset} does not happen again as recorded:\n  recorded {then}\n  now      {now}\n"
                "resume with the part, the files and the versions that began the run (manifest.json names them)"
            )
