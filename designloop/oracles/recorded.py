"""A recorded oracle answers from a record, and asks the real one only for what it lacks: how a run is replayed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.space import Space
from designloop.oracles.base import Oracle, Scale


class RecordedOracle(Oracle):
    """An oracle with the answers it has already given."""

    asked: Oracle = Field(description="the oracle that is asked for what is not recorded")
    answers: dict[str, float | None] = Field(repr=False, description="sequence: value, None where it is not viable")

    @property
    def kind(self) -> str:
        """The name of the oracle it stands for, so that errors name that one."""
        return self.asked.kind

    @property
    def space(self) -> Space:
        """The sequences the oracle speaks of."""
        return self.asked.space

    @property
    def scale(self) -> Scale:
        """The scale noise acts on."""
        return self.asked.scale

    @property
    def floor(self) -> float | None:
        """What "no signal" reads as."""
        return self.asked.floor

    @property
    def optimum(self) -> float | None:
        """The highest value, where it is known."""
        return self.asked.optimum

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values from the record; the rest from the oracle, in one call."""
        unknown = [sequence for sequence in sequences if sequence not in self.answers]
        if not unknown:
            return self._recorded(sequences)
        fresh = self.asked(unknown)
        if len(unknown) == len(sequences):
            return fresh
        values = self._recorded(sequences)
        values[[sequence not in self.answers for sequence in sequences]] = fresh
        return values

    def _recorded(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        found = [self.answers.get(sequence) for sequence in sequences]
        return np.array([np.nan if value is None else value for value in found], dtype=float)

    def measures(self, sequences: Sequence[str]) -> NDArray[np.bool_]:
        """As the oracle says."""
        return self.asked.measures(sequences)

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        """As the oracle says."""
        return self.asked.corpus(n, rng)
