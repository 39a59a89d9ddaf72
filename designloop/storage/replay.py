"""Replay: a resumed run repeats its recorded events, compares each with the log, and then appends new ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from json import loads
from typing import Any

from designloop.core.contracts import finite, shortfall
from designloop.core.errors import ReplayError
from designloop.core.history import History
from designloop.core.known import Known, known_in
from designloop.core.notices import said_here
from designloop.core.paid_for import cut
from designloop.core.records import Batch, Choice, Design, Event, Order, Proposal, Remark, Truth
from designloop.storage.decisions import decision_at
from designloop.storage.log import EventLog, as_json, canonical

_ASIDE = ("code_changed",)
"""Kinds of events that a replay does not repeat, since no part of a run causes them."""
_PLAIN = ("sequence", "origin", "mean", "std", "viability")
_IF_ANY = ("replicates", "parent")
"""Fields of a choice that every `chosen` event has."""


class Recorder:
    """Writes to a log; during a replay, it checks that each event equals the recorded one instead."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._events, self._truths = log.events(), log.truths()
        self._n_events = self._n_truths = 0
        self._now = self._events[-1].minute if self._events else 0
        self._said = said_here()
        self._said.know(remark.sentence for remark in log.remarks())
        self._pass(0)

    @property
    def is_replaying(self) -> bool:
        """True while the log holds events that have not been repeated yet."""
        return self._n_events < len(self._events)

    def known(self) -> Known | None:
        """The recorded prior information, which is not read from its files again; None if nothing is recorded."""
        return known_in(self._events[0], self._log.documents()) if self._events else None

    def sources(self) -> dict[str, Any] | None:
        """What the run read when it began, from its `opened` event; None if nothing is recorded."""
        if not self._events:
            return None
        return {name: fact for name, fact in self._events[0].data.items() if name in ("description", "files")}

    def extension(self) -> Event | None:
        """The next event if it is `extended`; None at the end of the record or of its last phase."""
        if not self.is_replaying or self._events[self._n_events].kind != "extended":
            return None
        event = self._events[self._n_events]
        self._pass(1)
        return event

    def decision(self) -> list[Event]:
        """The recorded events of the next decision: designs recommended, chosen and retested."""
        return decision_at(self._events, self._n_events)

    def record(
        self, events: Sequence[Event], truths: Sequence[Truth] = (), documents: Mapping[str, str] | None = None
    ) -> bool:
        """Keep the new records, in one transaction; True if all were new. Raises ReplayError at a difference.

        The warnings of the run since the last call are recorded too, and never compared.
        """
        old_events, old_truths = self._events[self._n_events :], self._truths[self._n_truths :]
        _compare(events, old_events, self._n_events)
        _compare(truths, old_truths, self._n_truths)
        self._pass(len(events))
        self._n_truths += len(truths)
        news = events[len(old_events) :], truths[len(old_truths) :]
        self._now = events[-1].minute if events else self._now
        remarks = [Remark(self._now, sentence, level) for sentence, level in self._said.take()]
        if any(news) or remarks or (documents and not old_events):
            self._log.append(*news, documents, remarks)
        return not old_events

    @contextmanager
    def keeping(self, truths: Callable[[], Sequence[Truth]]) -> Iterator[None]:
        """A block of a run: if it raises, the truths of the plates before are recorded, for `resume`."""
        try:
            yield
        except BaseException:
            self.record([], truths())
            raise

    def _pass(self, n: int) -> None:
        """Skip n repeated events, and the events after them that a replay does not repeat."""
        self._n_events += n
        while self.is_replaying and self._events[self._n_events].kind in _ASIDE:
            self._n_events += 1


def told(whole: Proposal, kept: Proposal, order: Order, history: History) -> list[Event]:
    """The events of a decision: the part of the proposal that is `kept`, and what `whole` lacks or costs too much."""
    now, round_ = history.now, history.round + 1
    chosen = [
        Event(now, "chosen", i, {"round": round_, **facts_of(choice)})
        for i, choice in enumerate(kept.choices, start=history.n_designs)
    ]
    wells = [{"replicates": n} for n in kept.retest_replicates] or [{}] * len(kept.retests)
    again = [Event(now, "retest", i, {"round": round_, **its}) for i, its in zip(kept.retests, wells, strict=True)]
    missing = [*shortfall(whole, order, now, round_), *cut(whole, kept, order.money, now, round_)]
    return [*_believed(whole, now, round_), *chosen, *again, *missing]


def _believed(proposal: Proposal, now: int, round_: int) -> list[Event]:
    """The event with a proposal's notes, as they are read back from a store; none without notes."""
    if not proposal.notes:
        return []
    return [Event(now, "believed", None, {"round": round_, "notes": loads(as_json(proposal.notes, "notes"))})]


def facts_of(choice: Choice) -> dict[str, Any]:
    """A choice as event data; `replicates`, `parent` and `predictions` only if there are any."""
    facts = finite({name: getattr(choice, name) for name in _PLAIN})
    facts |= {name: its for name in _IF_ANY if (its := getattr(choice, name)) is not None}
    if choice.predictions:
        its = sorted(choice.predictions.items())
        facts["predictions"] = {model: [float(mean), float(std)] for model, (mean, std) in its}
    return facts


def _choice(facts: Mapping[str, Any]) -> Choice:
    told = facts.get("predictions")
    predictions = {model: (mean, std) for model, (mean, std) in told.items()} if told else None
    plain = {name: facts[name] for name in _PLAIN}
    rest: dict[str, Any] = {name: facts.get(name) for name in _IF_ANY}
    return Choice(**plain, predictions=predictions, **rest)


def batch_of(proposal: Proposal, history: History, order: Order) -> Batch:
    """The batch of a proposal: the next round, with new designs numbered after those of the history."""
    round_ = history.round + 1
    numbered = enumerate(proposal.choices, start=history.n_designs)
    designs = tuple(Design(i, choice.sequence, round_) for i, choice in numbered)
    retests = tuple(history.designs[i] for i in proposal.retests)
    wells = zip((*designs, *retests), proposal.wells(order), strict=True)
    differing = {design.id: n for design, n in wells if n != order.replicates}
    return Batch(round_, designs, retests, order.replicates, differing, order.urgent)


def proposal_in(events: Sequence[Event]) -> Proposal:
    """The proposal in the events of a decision."""
    choices = tuple(_choice(event.data) for event in events if event.kind == "chosen")
    retests = [event for event in events if event.kind == "retest"]
    wells = tuple(event.data["replicates"] for event in retests if "replicates" in event.data)
    ids = tuple(event.design for event in retests if event.design is not None)
    return Proposal(choices, ids, retest_replicates=wells)


def _compare(again: Sequence[Event | Truth], before: Sequence[Event | Truth], first: int) -> None:
    for offset, (new, old) in enumerate(zip(again, before, strict=False)):
        if (now := canonical(new)) != (then := canonical(old)):
            what = "event" if isinstance(new, Event) else "truth"
            raise ReplayError(
                f"{what} {first + offset} differs from the recorded one:\n  recorded {then}\n  now      {now}\n"
                "resume with the parts, files and versions that the run began with (see manifest.json)"
            )
