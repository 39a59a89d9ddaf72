"""Asking: each strategy answers the order of a decision of the past, in the random stream of that decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.faults import at_work
from designloop.core.history import History
from designloop.core.paid_for import paid_for
from designloop.core.random import stream
from designloop.core.records import Choice, Order, Proposal
from designloop.hindsight.among import Among, candidates, restricted
from designloop.hindsight.decision import Decision
from designloop.hindsight.recorded import Recorded
from designloop.hindsight.replayed import Replayed
from designloop.strategies.base import Strategy

Report = Callable[[str, float, float], None]
"""Is told what is being computed, and how many of how many answers are there."""


@dataclass(frozen=True)
class Asking:
    """How the strategies are asked."""

    record: Recorded
    strategies: Mapping[str, Strategy | None]
    """Name -> strategy; None: the campaign's own."""
    among: Among
    n_designs: int | None
    seeds: tuple[int, ...]

    def check(self) -> None:
        """Raise ConfigError where a strategy lacks memory, a package or a file."""
        space, known = self.record.first.whole_space, self.record.known
        for strategy in self.strategies.values():
            if strategy is not None:
                strategy.fitting(known, space)

    def at(self, decision: Decision, report: Report | None = None) -> Replayed:
        """The decision, with what each strategy proposes."""
        record, history = self.record, self.record.history_at(decision)
        listed = candidates(self.among, decision, history, record.final)
        order = self._order(decision, history, listed)
        asked = history if self.among is Among.SPACE else restricted(history, listed) if listed else history
        proposals: dict[str, Sequence[Proposal]] = {}
        n_strategies, n_decisions = len(self.strategies), len(record.decisions)
        for at, name in enumerate(self.strategies):
            if report is not None:
                done = (decision.number - 1) * n_strategies + at
                report(f"decision {decision.number} of {n_decisions}: {name}", done, n_decisions * n_strategies)
            proposals[name] = self._proposals(name, decision, asked, order, listed)
        return Replayed(
            number=decision.number,
            round=decision.round,
            week=as_weeks(history.now),
            by_people=decision.by_people,
            built=decision.built,
            proposed=decision.proposed,
            n=order.n_designs,
            n_known=len(set(history.values[history.is_measured].tolist())),
            candidates=tuple(listed),
            values=np.array([record.measured[sequence] for sequence in listed], dtype=float),
            std_errors=np.array([record.std_errors[sequence] for sequence in listed], dtype=float),
            proposals=proposals,
        )

    def _order(self, decision: Decision, history: History, listed: Sequence[str]) -> Order:
        """The order of the decision; among measured designs, for as many new designs as the batch has of them."""
        order = self.record.order_at(decision, history)
        if self.among is Among.SPACE and self.n_designs is None:
            return order
        n = len(set(decision.built) & set(listed)) if self.n_designs is None else self.n_designs
        n = n if self.among is Among.SPACE else min(n, len(listed))
        return replace(order, n_designs=n, n_retests=0, may_split=False, money=inf)

    def _proposals(
        self, name: str, decision: Decision, history: History, order: Order, listed: Sequence[str]
    ) -> list[Proposal]:
        """What a strategy proposes under each seed. Where all candidates are chosen, it need not be asked."""
        if order.n_designs == 0 or (self.among is not Among.SPACE and order.n_designs == len(listed)):
            return [Proposal(tuple(Choice(sequence) for sequence in listed[: order.n_designs]))] * len(self.seeds)
        own = self.record.strategy_at(decision)
        strategy = self.strategies[name] or own
        with at_work(strategy):
            rngs = [self._stream(decision, history, strategy, seed, is_own=strategy == own) for seed in self.seeds]
            return [paid_for(strategy.answer(history, order, rng), order, history.quote) for rng in rngs]

    @staticmethod
    def _stream(
        decision: Decision, history: History, strategy: Strategy, seed: int, *, is_own: bool
    ) -> np.random.Generator:
        """The campaign's own strategy has the stream that the campaign gave it, so that its choices are repeated."""
        name = history.label if is_own else strategy.kind
        if decision.asked is None:
            return stream(seed, "replay", name, decision.round)
        return stream(seed, "strategy", name, decision.asked)
