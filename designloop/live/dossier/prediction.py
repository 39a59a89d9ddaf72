"""The prediction of a design, as it was recorded when the design was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Self

LEVEL = 0.9
_REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Predicted:
    """Mean and standard deviation of the value without the error of its measurement, in the assay's units."""

    mean: float
    std: float | None
    """None where the strategy gives only a mean."""
    viability: float | None = None
    """The probability that there is a value at all."""
    best: float | None = None
    """The highest value that was measured before."""

    @classmethod
    def of(cls, facts: Mapping[str, Any], best: float | None) -> Self | None:
        """The prediction in the data of a `chosen` event; None where there is none."""
        if facts.get("mean") is None:
            return None
        return cls(facts["mean"], facts.get("std"), facts.get("viability"), best)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The central 90% interval of a normal distribution."""
        return None if self.std is None else (self.mean - _REACH * self.std, self.mean + _REACH * self.std)

    @property
    def is_to_learn(self) -> bool:
        """Whether the whole interval lies below the highest measured value: then only the model can gain."""
        return self.best is not None and self.interval is not None and self.interval[1] < self.best

    @property
    def above_best(self) -> float | None:
        """The probability of a value above the highest measured one, if the design has a value; None if unknown."""
        if self.best is None or not self.std:
            return None
        return 1.0 - NormalDist(self.mean, self.std).cdf(self.best)
