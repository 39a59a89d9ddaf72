"""Distributions of a number of days: the forms that a duration can have."""

from dataclasses import dataclass, field
from functools import cache
from math import exp, inf, log, sqrt
from typing import Any, Protocol

import numpy as np

from designloop.core.clock import MOST_DAYS


class Duration(Protocol):
    """A distribution of a number of days."""

    @property
    def form(self) -> Any:
        """The plain data of this duration, as in YAML."""

    @property
    def span(self) -> tuple[float, float]:
        """No draw is below the first or above the second number of days, which may be infinite."""

    @property
    def shortest(self) -> float:
        """No draw is below this many days."""
        return self.span[0]

    @property
    def longest(self) -> float:
        """No draw is above this many days; infinity where there is no limit."""
        return self.span[1]

    def mean(self, size: int) -> float:
        """The expected number of days for a batch of `size` designs."""

    def draw(self, rng: np.random.Generator, size: int) -> float:
        """Days, drawn from `rng`, for a batch of `size` designs."""


@dataclass(frozen=True, slots=True)
class Fixed(Duration):
    """A fixed number of days."""

    days: float

    def __post_init__(self) -> None:
        _check_days(self.days)

    @property
    def form(self) -> Any:
        return self.days

    @property
    def span(self) -> tuple[float, float]:
        return self.days, self.days

    def mean(self, size: int) -> float:
        return self.days

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.days


@dataclass(frozen=True, slots=True)
class Uniform(Duration):
    """Uniform from `low` to `high` days."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_days(self.high)
        check(0 <= self.low <= self.high, f"uniform: expected 0 <= low <= high, got [{self.low}, {self.high}]")

    @property
    def form(self) -> Any:
        return {"uniform": [self.low, self.high]}

    @property
    def span(self) -> tuple[float, float]:
        return self.low, self.high

    def mean(self, size: int) -> float:
        return (self.low + self.high) / 2

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.low + (self.high - self.low) * rng.random()


@dataclass(frozen=True, slots=True)
class Triangular(Duration):
    """Triangular from `low` to `high` days, with the mode at `mode`."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _check_days(self.high)
        check(
            0 <= self.low <= self.mode <= self.high,
            f"triangular: expected 0 <= low <= mode <= high, got {self.form['triangular']}",
        )

    @property
    def form(self) -> Any:
        return {"triangular": [self.low, self.mode, self.high]}

    @property
    def span(self) -> tuple[float, float]:
        return self.low, self.high

    def mean(self, size: int) -> float:
        return (self.low + self.mode + self.high) / 3

    def draw(self, rng: np.random.Generator, size: int) -> float:
        u, width = rng.random(), self.high - self.low
        if width == 0:
            return self.low
        if u * width < self.mode - self.low:
            return self.low + sqrt(u * width * (self.mode - self.low))
        return self.high - sqrt((1 - u) * width * (self.high - self.mode))


@dataclass(frozen=True, slots=True)
class LogNormal(Duration):
    """Log-normal, by the median in days and the coefficient of variation, sqrt(exp(sigma²) - 1)."""

    median: float
    cv: float

    def __post_init__(self) -> None:
        _check_days(self.median)
        check(
            self.median > 0 and 0 <= self.cv <= 10,
            f"lognormal: expected a median above 0 and a cv from 0 to 10, got {self.form['lognormal']}",
        )

    @property
    def form(self) -> Any:
        return {"lognormal": [self.median, self.cv]}

    @property
    def span(self) -> tuple[float, float]:
        return (0.0, inf) if self.cv else (self.median, self.median)

    def mean(self, size: int) -> float:
        return self.median * sqrt(1 + self.cv**2)

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.median * exp(_sigma(self.cv) * rng.standard_normal())


@cache
def _sigma(cv: float) -> float:
    """Standard deviation of the logarithm, by the coefficient of variation."""
    return sqrt(log(1 + cv**2))


@dataclass(frozen=True, slots=True)
class Exponential(Duration):
    """Exponential with mean `mean_days` days, as queueing theory assumes."""

    mean_days: float

    def __post_init__(self) -> None:
        _check_days(self.mean_days)
        check(self.mean_days > 0, f"exponential: expected a mean above 0, got {self.mean_days}")

    @property
    def form(self) -> Any:
        return {"exponential": self.mean_days}

    @property
    def span(self) -> tuple[float, float]:
        return 0.0, inf

    def mean(self, size: int) -> float:
        return self.mean_days

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.mean_days * float(rng.standard_exponential())


@dataclass(frozen=True, slots=True)
class Sum(Duration):
    """The sum of several durations."""

    parts: tuple[Duration, ...]

    @property
    def form(self) -> Any:
        return {"sum": [part.form for part in self.parts]}

    @property
    def span(self) -> tuple[float, float]:
        return sum(part.shortest for part in self.parts), sum(part.longest for part in self.parts)

    def mean(self, size: int) -> float:
        return sum(part.mean(size) for part in self.parts)

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return sum([part.draw(rng, size) for part in self.parts])


@dataclass(frozen=True, slots=True)
class Hours(Duration):
    """A duration in hours, of which a day has 24."""

    part: Duration

    @property
    def form(self) -> Any:
        return {"hours": self.part.form}

    @property
    def span(self) -> tuple[float, float]:
        return self.part.shortest / 24, self.part.longest / 24

    def mean(self, size: int) -> float:
        return self.part.mean(size) / 24

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.part.draw(rng, size) / 24


@dataclass(frozen=True, slots=True)
class Mixture(Duration):
    """One of several durations, by weight: most fragments are simple, some are complex."""

    parts: tuple[tuple[float, Duration], ...]
    _weight: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weight", sum(weight for weight, _ in self.parts))
        check(
            all(weight >= 0 for weight, _ in self.parts) and 0 < self._weight < inf,
            "mixture: expected finite weights >= 0, not all 0",
        )

    @property
    def form(self) -> Any:
        return {"mixture": [[weight, part.form] for weight, part in self.parts]}

    @property
    def span(self) -> tuple[float, float]:
        parts = [part for weight, part in self.parts if weight > 0]
        return min(part.shortest for part in parts), max(part.longest for part in parts)

    def mean(self, size: int) -> float:
        return sum(weight * part.mean(size) for weight, part in self.parts) / self._weight

    def draw(self, rng: np.random.Generator, size: int) -> float:
        level = rng.random() * self._weight
        for weight, part in self.parts:
            level -= weight
            if level < 0:
                return part.draw(rng, size)
        return self.parts[-1][1].draw(rng, size)  # only after a rounding error


@dataclass(frozen=True, slots=True)
class BySize(Duration):
    """Days by batch size: points (designs, days), interpolated linearly on log-log axes."""

    anchors: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        sizes = [size for size, _ in self.anchors]
        check(
            len(sizes) > 0 and sizes == sorted(set(sizes)) and all(s > 0 and d > 0 for s, d in self.anchors),
            "by_size: expected [designs, days] points, all above 0, with an increasing number of designs",
        )
        check(sizes[-1] < inf, "by_size: expected finite numbers of designs")
        _check_days(max(days for _, days in self.anchors))

    @property
    def form(self) -> Any:
        return {"by_size": [list(anchor) for anchor in self.anchors]}

    @property
    def span(self) -> tuple[float, float]:
        return min(days for _, days in self.anchors), max(days for _, days in self.anchors)

    def mean(self, size: int) -> float:
        sizes, days = np.log(np.array(self.anchors)).T
        return float(np.exp(np.interp(np.log(max(size, 1)), sizes, days)))

    def draw(self, rng: np.random.Generator, size: int) -> float:
        return self.mean(size)


def _check_days(days: float) -> None:
    """Raise ValueError for a negative, infinite, too long or missing number of days."""
    check(0 <= days <= MOST_DAYS, f"expected a duration of 0 to {MOST_DAYS:,.0f} days, got {days}")


def check(is_right: bool, sentence: str) -> None:
    """Raise ValueError with the sentence where something is not right."""
    if not is_right:
        raise ValueError(sentence)
