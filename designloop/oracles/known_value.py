"""A known value is what was measured of a sequence, on the scale of a model; it says where the true value may lie."""

from dataclasses import dataclass, replace
from math import log, sqrt

_MOST = 2.0
"""Standard errors by which a true value may be expected to lie off its measured one. A judgement."""
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A measured value, or a limit of detection, with the variance of its error."""

    value: float
    variance: float
    unexplained: float
    """Variance of true values of such sequences about the functions of the model."""
    side: int = 0
    """-1 where the value is a limit that the reading lies below, 1 above it, 0 where it was read."""

    def rest(self, drawn: float, z: float, u: float) -> float:
        """The true value minus that of a drawn function. z: a standard normal number; u: one between 0 and 1."""
        sd = sqrt(self.variance)
        off = self._reading(drawn, u) - drawn
        before = max(self.unexplained, sd * (abs(off) / _MOST - sd))
        share = before / (before + self.variance) if self.variance > 0 else 1.0
        return share * off + z * sqrt(share * self.variance)

    def _reading(self, drawn: float, u: float) -> float:
        """The value; where it is a limit, a reading beyond it, drawn from those that the function would give."""
        if self.side == 0:
            return self.value
        sd = sqrt(self.unexplained + self.variance)
        if sd == 0:
            return self.side * max(self.side * drawn, self.side * self.value)
        from scipy.special import log_ndtr, ndtri_exp

        share = float(log_ndtr(self.side * (drawn - self.value) / sd)) + log(max(u, _TINY))
        inside = float(ndtri_exp(min(share, -_TINY)))
        return drawn - self.side * sd * inside

    def joined(self, other: "KnownValue") -> "KnownValue":
        """Two values of one sequence as one: weighted by precision, or their mean where one is exact.

        A value says more than a limit; of two limits, the farther one counts.
        """
        a, b = self, other
        if a.side or b.side:
            return max(a, b, key=lambda one: (one.side == 0, one.side * one.value))
        if min(a.variance, b.variance) <= 0:
            return replace(a, value=(a.value + b.value) / 2.0, variance=0.0)
        weight = b.variance / (a.variance + b.variance)
        value = weight * a.value + (1.0 - weight) * b.value
        return replace(a, value=value, variance=a.variance * b.variance / (a.variance + b.variance))
