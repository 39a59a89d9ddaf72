"""A level is a number that changes at times: machines in use, designs in a queue."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Level:
    """Values from each minute to the next one; 0 before the first."""

    minutes: Floats
    """In increasing order, (n,)."""
    values: Floats
    """(n,)."""

    @classmethod
    def of(cls, spans: Sequence[tuple[float, float]], weight: float = 1.0) -> "Level":
        """The number of spans (beginning, end) that hold at a time, times a weight."""
        ends = np.array(spans, dtype=np.float64).reshape(-1, 2)
        minutes, places = np.unique(ends.T.ravel(), return_inverse=True)
        changes = np.repeat([weight, -weight], len(ends))
        return cls(minutes, np.cumsum(np.bincount(places.ravel(), changes, minlength=len(minutes))))

    def at(self, minutes: Floats) -> Floats:
        """The value at each of these minutes, (m,)."""
        return np.concatenate([[0.0], self.values])[np.searchsorted(self.minutes, minutes, side="right")]
