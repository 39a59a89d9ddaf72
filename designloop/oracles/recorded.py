"""A recorded oracle returns recorded values, and calls the real oracle only for others; it is used for replay."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.records import Truth
from designloop.oracles.base import Oracle
from designloop.oracles.wrapper import Wrapper


def recorded(oracle: Oracle, truths: Iterable[Truth]) -> Oracle:
    """The oracle with the values that a record holds, if it holds any."""
    answers = {truth.sequence: truth.value for truth in truths}
    return RecordedOracle(oracle=oracle, answers=answers) if answers else oracle


class RecordedOracle(Wrapper):
    """An oracle with recorded values; the real oracle is called for other sequences."""

    answers: dict[str, float | None] = Field(repr=False, description="sequence: value, None if it is not viable")

    @property
    def kind(self) -> str:
        """The kind of the recorded oracle, for error messages."""
        return self.oracle.kind

    @property
    def known_as(self) -> str:
        """The same, as messages give it."""
        return self.oracle.known_as

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values from the record; the rest from the oracle, in one call."""
        unknown = [sequence for sequence in sequences if sequence not in self.answers]
        if not unknown:
            return self._recorded(sequences)
        fresh = self.oracle(unknown)
        if len(unknown) == len(sequences):
            return fresh
        values = self._recorded(sequences)
        values[[sequence not in self.answers for sequence in sequences]] = fresh
        return values

    def _recorded(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        found = [self.answers.get(sequence) for sequence in sequences]
        return np.array([np.nan if value is None else value for value in found], dtype=float)
