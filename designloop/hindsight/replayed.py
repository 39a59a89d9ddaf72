"""A replayed decision: what each strategy would have chosen, and what the measured designs among it are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from designloop.core.records import FILL, Proposal
from designloop.hindsight.chance import Draw, Floats

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Replayed:
    """One decision, and the proposals of each strategy."""

    number: int
    round: int
    week: float
    by_people: bool
    built: tuple[str, ...]
    """The sequences of the batch that was built."""
    proposed: tuple[str, ...]
    """The sequences that the campaign's strategy chose; () where people chose."""
    n: int
    """Designs ordered of each strategy."""
    n_known: int
    """Distinct values that were measured before."""
    candidates: tuple[str, ...]
    """The designs measured at this decision or later, among which a strategy chose or could have chosen."""
    values: Floats
    """Their measured values, shape (n_candidates,)."""
    std_errors: Floats
    """The standard errors of these, NaN where unknown; shape (n_candidates,)."""
    proposals: Mapping[str, Sequence[Proposal]]
    """Strategy -> its proposal under each seed."""

    @property
    def is_informed(self) -> bool:
        """Whether a strategy could learn from values: at least two were measured before."""
        return self.n_known > 1

    @property
    def is_choice(self) -> bool:
        """Whether something could be left out."""
        return 0 < self.n < len(self.candidates)

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {sequence: place for place, sequence in enumerate(self.candidates)}

    def picks(self, name: str) -> list[Places]:
        """The places among the candidates that a strategy chose, under each seed."""
        return [self._places([choice.sequence for choice in its.choices]) for its in self.proposals[name]]

    @cached_property
    def actual(self) -> Places:
        """The places among the candidates of the batch that was built."""
        return self._places(self.built)

    def _places(self, sequences: Sequence[str]) -> Places:
        return np.array([self._place[one] for one in sequences if one in self._place], dtype=np.int64)

    @property
    def chance(self) -> Draw:
        """A random choice among the candidates."""
        return Draw(self.values, self.n)

    @property
    def as_built(self) -> Draw:
        """The batch that was built; where fewer designs are ordered, a random part of it."""
        return Draw(self.values[self.actual], min(self.n, len(self.actual)))

    def n_filled(self, name: str) -> float:
        """How many choices of a strategy are uniform draws because it found too few, mean over seeds."""
        return float(np.mean([sum(choice.origin == FILL for choice in its.choices) for its in self.proposals[name]]))

    def n_chosen(self, name: str) -> float:
        """How many designs a strategy chose, mean over seeds."""
        return float(np.mean([len(its.choices) for its in self.proposals[name]]))

    def is_repeated(self, name: str) -> bool:
        """Whether the first proposal of a strategy has the recorded choices, in their order."""
        first = self.proposals[name][0]
        return not self.by_people and tuple(choice.sequence for choice in first.choices) == self.proposed
