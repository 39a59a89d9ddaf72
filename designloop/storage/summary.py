"""The summary of a run: its measured, recommended and true designs, read from its log only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import Any

from designloop.core.clock import as_weeks
from designloop.core.money import total
from designloop.core.records import FILL, Design, Event, Level, Outcome, Remark, Start, Truth
from designloop.core.rows import Row, starting_rows
from designloop.core.stagnation import Stagnation, stagnation
from designloop.core.standing import standing
from designloop.storage.log import EventLog
from designloop.storage.named import Had, Named, Phase, Point, in_words


@dataclass(frozen=True)
class Summary:
    """The summary of a run. Fields that are not known yet are None."""

    name: str
    label: str
    seed: int
    stop: str | None
    best: Named | None
    """The measured design with the highest true value."""
    recommended: Named | None
    """The design that the strategy recommends at the end."""
    common: Named | None
    """The design that the common recommender recommends at the end."""
    best_measured: float | None
    designs: int
    weeks: float
    cost: float
    n_observed: int
    n_retests: int
    n_filled: int
    """Designs that the strategy did not choose: uniform draws that filled short batches."""
    n_lacking: int
    """New designs that were ordered but that the strategy did not propose."""
    n_cut: int
    """Designs proposed that the money did not pay for."""
    n_retests_cut: int
    """Retests proposed that the money did not pay for."""
    outcomes: dict[str, int]
    rounds: int
    given: dict[str, int]
    """Information used: corpus, starts, labels (starts with a value), measurements, and asked: the sequences whose true
    value the assay looked up.
    """
    event_hash: str
    true_trace: tuple[Point, ...]
    """Best true value among designs measured so far; a point whenever it rises."""
    recommended_trace: tuple[Point, ...]
    """True value of the strategy's recommendation at each decision and at the end."""
    common_trace: tuple[Point, ...]
    """The same for the common recommender."""
    best_start: Had | None = None
    """The best measured starting sequence; None if none had a value."""
    reserved: float = 0.0
    """Reserved for what may still fall due for designs in the lab; not part of `cost`."""
    currency: str = ""
    """Currency of `cost`; empty if the lab names none."""
    best_measured_side: int = 0
    """-1 or 1 if `best_measured` is a limit of detection, which all wells are below or above; else 0."""
    phases: tuple[Phase, ...] = ()
    """One phase, and one more for each extension."""
    stagnation: Stagnation | None = None
    """The round that closed last, if almost all its values equal the best value."""
    remarks: tuple[Remark, ...] = ()
    """The warnings of the run, and why its results are unreliable."""

    @property
    def unreliable(self) -> str | None:
        """Why the results of the run are unreliable; None if it found no reason."""
        return next(iter(self.said(Level.UNRELIABLE)), None)

    def said(self, level: Level) -> list[str]:
        """The remarks of a level, one sentence each, each once."""
        return list(dict.fromkeys(one.sentence for one in self.remarks if one.level == level))

    @property
    def cost_in_words(self) -> str:
        """`12,300 EUR`; `cost 12,300` if the lab names no currency; what is reserved, if anything is."""
        cost = f"{self.cost:,.0f} {self.currency}" if self.currency else f"cost {self.cost:,.0f}"
        return f"{cost} and {self.reserved:,.0f} reserved" if self.reserved else cost

    @property
    def outcomes_in_words(self) -> str:
        """`85 observed, 11 still in the lab`; empty before the first design is submitted."""
        n_pending = self.designs - sum(self.outcomes.values())
        pending = {"still in the lab": n_pending} if n_pending > 0 else {}
        return ", ".join(f"{count} {outcome}" for outcome, count in (self.outcomes | pending).items())

    @property
    def best_measured_in_words(self) -> str:
        """`0.44`, or `> 0.44` at a limit of detection; empty if nothing is measured."""
        return in_words(self.best_measured, self.best_measured_side)

    @property
    def stagnation_in_words(self) -> str:
        """What almost a whole batch equals, and what can be done; empty if its values differ."""
        return "" if self.stagnation is None else self.stagnation.in_words(is_over=self.stop is not None)

    @property
    def is_start_better(self) -> bool:
        """True if the best starting sequence measured higher than the recommended design."""
        if self.best_start is None or self.recommended is None or self.recommended.measured is None:
            return False
        return self.best_start.measured > self.recommended.measured

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON values, the headline first."""
        headline = {
            "best_true": self.best.value if self.best else None,
            "best_recommended": self.recommended.value if self.recommended else None,
            "best_common": self.common.value if self.common else None,
            "is_start_better": self.is_start_better,
        }
        return {**headline, **asdict(self)}


def summarise(log: EventLog, name: str = "campaign") -> Summary:
    """The summary of a log, finished or not."""
    n_corpus = len(log.documents().get("corpus", "").splitlines())
    return _Reading(standing(log.events()), log.truths(), log.remarks()).summary(name, n_corpus, log.hash())


class _Reading:
    """One pass over a log."""

    def __init__(self, events: Sequence[Event], truths: Iterable[Truth], remarks: Iterable[Remark]) -> None:
        self._true = {truth.sequence: truth.value for truth in truths}
        self._designs: dict[int, Design] = {}
        self._rows: dict[int, Row] = {}
        self._last_round: int | None = None
        self._measured_at: dict[int, int] = {}
        self._outcomes: dict[int, str] = {}
        self._named: dict[str, int] = {}
        self._traces: dict[str, list[Point]] = {"true": [], "strategy": [], "common": []}
        self._n_submitted = self._n_retests = self._rounds = self._n_wells = 0
        self._n_filled = self._n_lacking = self._n_cut = self._n_retests_cut = 0
        self._cost = 0.0
        self._held: dict[str, float] = {}
        self._best: int | None = None
        self._highest = -inf
        self._opening: dict[str, Any] = {}
        self._stop: str | None = None
        self._phases: list[Phase] = []
        self._changed: tuple[str, ...] = ()
        self._minute = 0
        self._remarks = list(remarks)
        for event in events:
            self._minute = max(self._minute, event.minute)
            getattr(self, f"_{event.kind}", self._other)(event)

    def summary(self, name: str, n_corpus: int, event_hash: str) -> Summary:
        starts = self._opening.get("starts", [])
        highest = max(self._rows.values(), key=lambda row: row.reading, default=None)
        return Summary(
            name=name,
            label=self._opening.get("label", ""),
            seed=self._opening.get("seed", 0),
            stop=self._stop,
            best=self._name(self._best),
            recommended=self._name(self._named.get("strategy")),
            common=self._name(self._named.get("common")),
            best_measured=None if highest is None else highest.reading,
            best_measured_side=0 if highest is None else highest.side,
            designs=self._n_submitted,
            weeks=as_weeks(self._minute),
            cost=self._cost,
            reserved=total(self._held.values()),
            n_observed=len(self._rows),
            n_retests=self._n_retests,
            n_filled=self._n_filled,
            n_lacking=self._n_lacking,
            n_cut=self._n_cut,
            n_retests_cut=self._n_retests_cut,
            outcomes=dict(sorted(Counter(self._outcomes.values()).items())),
            rounds=self._rounds,
            given={
                "corpus": n_corpus,
                "starts": len({start["sequence"] for start in starts}),
                "labels": len({start["sequence"] for start in starts if start.get("value") is not None}),
                "measurements": self._n_wells,
                "asked": len(self._true),
            },
            event_hash=event_hash,
            true_trace=tuple(self._traces["true"]),
            recommended_trace=tuple(self._traces["strategy"]),
            common_trace=tuple(self._traces["common"]),
            best_start=_best_start(starts),
            stagnation=stagnation([*_start_rows(starts), *self._rows.values()], self._last_round),
            currency=self._opening.get("currency", ""),
            phases=(*self._phases, self._phase()),
            remarks=tuple(sorted(self._remarks, key=lambda one: one.minute)),
        )

    def _phase(self) -> Phase:
        """The current phase, or the last one."""
        n_before = sum(phase.designs for phase in self._phases)
        began = self._phases[-1].ended if self._phases else 0.0
        return Phase(self._changed, began, as_weeks(self._minute), self._n_submitted - n_before, self._stop)

    def _name(self, design: int | None) -> Named | None:
        if design is None or design not in self._rows:  # its results were undone
            return None
        week = as_weeks(self._measured_at.get(design, 0))
        row = self._rows[design]
        return Named(design, self._designs[design].sequence, self._value(design), row.reading, week, row.side)

    def _value(self, design: int) -> float | None:
        return self._true.get(self._designs[design].sequence)

    def _opened(self, event: Event) -> None:
        self._opening = dict(event.data)

    def _other(self, event: Event) -> None:
        """Events that a summary ignores."""

    def _chosen(self, event: Event) -> None:
        self._designs[_id(event)] = Design(_id(event), event.data["sequence"], event.data["round"])
        self._n_filled += event.data["origin"] == FILL

    def _short(self, event: Event) -> None:
        self._n_lacking += event.data["ordered"] - event.data["chosen"]

    def _cut(self, event: Event) -> None:
        self._n_cut += event.data["designs"]
        self._n_retests_cut += event.data["retests"]

    def _submitted(self, event: Event) -> None:
        self._rounds = max(self._rounds, event.data["round"])
        if event.data.get("retest", False):
            self._n_retests += 1
        else:
            self._n_submitted += 1

    def _vetoed(self, _: Event) -> None:
        self._n_submitted -= 1

    def _failed(self, event: Event) -> None:
        if not event.data.get("retest", False):
            self._outcomes.setdefault(_id(event), event.data["outcome"])

    def _observed(self, event: Event) -> None:
        design, value = _id(event), event.data.get("value")
        if value is None:
            self._outcomes.setdefault(design, event.data["outcome"])
            return
        self._n_wells += 1
        if design not in self._rows:
            self._outcomes[design] = event.data["outcome"]
            self._measured_at[design] = event.measured_at
        row = self._rows.get(design) or Row(self._designs[design], Outcome.OBSERVED, event.measured_at)
        self._rows[design] = row.read(value, event.data.get("std_error"), Outcome(event.data["outcome"]))
        true = self._value(design)
        if true is not None and true > self._highest:
            self._best, self._highest = design, true
            self._mark("true", event, true)

    def _recommended(self, event: Event) -> None:
        self._named[event.data["by"]] = _id(event)
        self._mark(event.data["by"], event, self._value(_id(event)))

    def _round_closed(self, event: Event) -> None:
        self._last_round = event.data["round"]

    def _charged(self, event: Event) -> None:
        self._cost = total([self._cost, *event.data.values()])

    def _reserved(self, event: Event) -> None:
        self._held |= event.data

    def _code_changed(self, event: Event) -> None:
        changed = f"{event.data['path']} changed in week {as_weeks(event.minute):.1f}, and the run went on with it"
        self._remarks.append(Remark(event.minute, changed))

    def _closed(self, event: Event) -> None:
        self._stop = event.data["reason"]

    def _extended(self, event: Event) -> None:
        self._phases.append(self._phase())
        self._opening = {**self._opening, "label": event.data["label"]}
        self._stop, self._changed = None, tuple(event.data["changed"])

    def _mark(self, trace: str, event: Event, value: float | None) -> None:
        spent = self._n_submitted, len(self._rows), self._cost
        self._traces[trace].append(Point(as_weeks(event.minute), *spent, value))


def _best_start(starts: Sequence[Mapping[str, Any]]) -> Had | None:
    """The starting sequence with the highest mean."""
    best = max(_start_rows(starts), key=lambda row: row.reading, default=None)
    return None if best is None else Had(best.design.sequence, best.reading, best.side)


def _start_rows(starts: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The starting sequences with a value; the rows of a sequence are its replicates."""
    return [row for row in starting_rows([Start(**start) for start in starts]) if row.values]


def _id(event: Event) -> int:
    assert event.design is not None, f"a '{event.kind}' event speaks of a design"
    return event.design
