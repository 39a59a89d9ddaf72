"""Predictable parts for the lab's tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from designloop.core.alphabet import DNA
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.lab.run import LabRun
from designloop.oracles.base import Oracle

EVERY_DAY = {"workdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
DAY = 24 * 60


class Counting(Oracle):
    """Worth the number of As, plus 1; sequences that begin with T are not viable, with G not measured."""

    parent: str | None = None
    scale: str = "linear"
    constant: float | None = None
    floor: float | None = None

    @property
    def space(self) -> Space:
        return Space.of_length(DNA, 8, parent=self.parent)

    def measures(self, sequences: Sequence[str]) -> Any:
        return np.array([not s.startswith("G") for s in sequences], dtype=bool)

    def __call__(self, sequences: Sequence[str]) -> Any:
        values = [1.0 + s.count("A") if self.constant is None else self.constant for s in sequences]
        return np.where([s.startswith("T") for s in sequences], np.nan, values)


def designs(n: int, *, first: int = 0, letter: str = "A", round: int = 1) -> tuple[Design, ...]:
    """Designs with sequences of their own, beginning with `letter`."""
    return tuple(
        Design(i, letter + "".join("ACGT"[i >> 2 * k & 3] for k in range(7)), round) for i in range(first, first + n)
    )


def start(lab: Lab, seed: int = 0, **oracle: Any) -> LabRun:
    truth = Counting(**oracle)
    return lab.start(truth, seed, space=truth.space)


def finish(run: LabRun, n_rounds: int = 1) -> list[Event]:
    """Everything until so many rounds are closed."""
    events: list[Event] = []
    while sum(event.kind == "round_closed" for event in events) < n_rounds:
        events += run.run()
    return events


def whole(lab: Lab, n: int, seed: int = 0, replicates: int = 1, **oracle: Any) -> list[Event]:
    """All events of one batch of n."""
    run = start(lab, seed, **oracle)
    return run.submit(Batch(1, designs(n), (), replicates)) + finish(run)


def log(events: list[Event]) -> list[tuple[float, str, Any]]:
    """(day, kind or stage, design) of each event."""
    return [(e.minute / DAY, e.data["stage"] if e.kind == "entered" else e.kind, e.design) for e in events]


def values(events: list[Event]) -> np.ndarray:
    return np.array([event.data["value"] for event in events if event.kind == "observed"])
