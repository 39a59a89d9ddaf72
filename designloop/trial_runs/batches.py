"""Batches of like designs through a lab, at regular times."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from designloop.core.alphabet import DNA
from designloop.core.clock import minutes
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle

LENGTH = 300
"""Letters of a design by default, those of a gene fragment."""
MOST_LETTERS = 100_000


class AllAlike(Oracle):
    """Every sequence is viable, and has the value 1."""

    length: int = Field(LENGTH, ge=1, le=MOST_LETTERS, description="letters of a design")

    @property
    def space(self) -> Space:
        """DNA of this length."""
        return Space.of_length(DNA, self.length)

    def __call__(self, sequences: Sequence[str]) -> np.ndarray:
        return np.ones(len(sequences))


def events_of(lab: Lab, length: int, n_batches: int, batch_size: int, every_days: float, seed: int) -> list[Event]:
    """All events of so many batches, the first submitted at minute 0, until every design has ended."""
    oracle = AllAlike(length=length)
    run = lab.start(oracle, seed, space=oracle.space)
    sequence, events = "A" * length, list[Event]()
    for ordinal in range(n_batches):
        due = minutes(days=every_days * ordinal)
        while run.now < due:
            events += run.run(until=due)
        first = ordinal * batch_size
        designs = tuple(Design(number, sequence, ordinal + 1) for number in range(first, first + batch_size))
        events += run.submit(Batch(ordinal + 1, designs))
    n_open = n_batches - _n_closed(events)
    while n_open:
        new = run.run()
        n_open -= _n_closed(new)
        events += new
    return events


def _n_closed(events: Sequence[Event]) -> int:
    return sum(event.kind == "round_closed" for event in events)
