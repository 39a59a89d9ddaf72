"""Predictable parts for tests: a counting oracle, scripted strategies, a log that fails, a small campaign."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from designloop.campaign import Campaign
from designloop.core.alphabet import DNA
from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle
from designloop.scheduling.base import Budget
from designloop.scheduling.rounds import Rounds
from designloop.storage.log import MemoryLog, Transaction
from designloop.strategies.base import Strategy


class CountingOracle(Oracle):
    """Worth the number of As; not viable where it begins with TT. Counts its calls, and fails at one if told to."""

    length: int = 8
    calls: ClassVar[list[list[str]]] = []
    callers: ClassVar[set[str]] = set()
    fails_at: ClassVar[int | None] = None
    kills: ClassVar[bool] = False

    @property
    def space(self) -> Space:
        return Space.of_length(DNA, self.length)

    def __call__(self, sequences: Sequence[str]) -> Any:
        if self.fails_at is not None and len(self.calls) >= self.fails_at:
            if self.kills:
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("the incubator is on fire")
        self.calls.append(list(sequences))
        frame = sys._getframe(1)
        while frame is not None and "/designloop/lab/" not in frame.f_code.co_filename:
            frame = frame.f_back
        self.callers.add("lab" if frame is not None else "someone else")
        return np.array([np.nan if s.startswith("TT") else 1.0 + s.count("A") for s in sequences])

    @classmethod
    def fresh(cls, fails_at: int | None = None) -> "CountingOracle":
        cls.calls.clear()
        cls.callers.clear()
        cls.fails_at = fails_at
        return cls()


class Scripted(Strategy):
    """Random sequences of the space, none taken; keeps every history it was shown."""

    flaw: str = ""
    seen: ClassVar[list[History]] = []

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        self.seen.append(history)
        n, found = order.n_designs, dict[str, None]()
        while len(found) < n:
            found.update(dict.fromkeys(s for s in history.space.sample(4 * n, rng) if s not in history.taken))
        sequences = list(found)[:n]
        if self.flaw == "few":
            sequences = sequences[1:]
        elif self.flaw == "twice":
            sequences[0] = sequences[1]
        elif self.flaw == "outside":
            sequences[0] = "A"
        elif self.flaw == "taken" and history.taken:
            sequences[0] = min(history.taken)
        own = history.is_measured & (history.ids >= 0)
        best = history.ids[own][np.argsort(-history.values[own], kind="stable")[: order.n_retests]]
        choices = tuple(Choice(s, "scripted", mean=float("nan")) for s in sequences)
        return Proposal(choices, tuple(int(i) for i in best))


class FailingLog(MemoryLog):
    """A log whose n-th transaction fails, as when the power does."""

    def __init__(self, fails_at: int | None = None) -> None:
        super().__init__()
        self.n_appends, self.fails_at = 0, fails_at

    def _write(self, new: Transaction) -> None:
        if self.n_appends == self.fails_at:
            raise KeyboardInterrupt
        self.n_appends += 1
        super()._write(new)


def small(**changes: Any) -> Campaign:
    """A campaign of a second: 3 batches of 8 in a good lab."""
    fields: dict[str, Any] = {
        "oracle": CountingOracle(),
        "lab": Lab.preset("good", plate_size=24),
        "strategy": Scripted(),
        "scheduler": Rounds(batch_size=8, n_retests=2),
        "budget": Budget(designs=20),
    }
    return Campaign(**{**fields, **changes})


def played(campaign: Campaign, seed: int = 0, log: MemoryLog | None = None) -> MemoryLog:
    """The log of a campaign run, or gone on with, in memory."""
    log = log or MemoryLog()
    campaign._play(log, seed, None, None)
    return log
