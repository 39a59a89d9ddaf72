"""A row of the theory table: prediction, measurement and tolerance; and closed forms of order statistics."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import inf, isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CONFIDENCE = 0.99865
"""One-sided: three standard errors with many campaigns, more with few (Student's t)."""
EVIDENCE = 2.0
"""Standard errors by which a difference must be on the predicted side of 0, if theory predicts one."""


@dataclass(frozen=True)
class Row:
    """One line: `measured` ± `error` (one standard error) should lie in low..high, extended by about three errors.

    `slack` is a further tolerance for the rounding of the source, or for its word "about". With `must_show` there is no
    tolerance: the number must lie inside low..high by two errors.
    """

    check: str
    theory: str
    measured: float
    error: float
    low: float = -inf
    high: float = inf
    slack: float = 0.0
    must_show: bool = False
    n: int = 1
    unit: str = "campaigns"
    digits: int = 3

    @property
    def margin(self) -> float:
        """How far outside low..high the measured number may lie; if negative, how far inside it must lie."""
        from scipy.stats import t

        if self.must_show:
            return self.slack - EVIDENCE * self.error
        return self.slack + (float(t.ppf(CONFIDENCE, self.n - 1)) * self.error if self.error else 0.0)

    @property
    def passes(self) -> bool:
        """Whether the number is within its tolerance; False for NaN, where nothing was measured."""
        return self.low - self.margin <= self.measured <= self.high + self.margin

    @property
    def tolerance(self) -> str:
        """The numbers that pass, such as `1.567 ± .031` or `at most 1 + .2`."""
        low, high = (f"{bound:.{self.digits}f}" for bound in (self.low, self.high))
        give = f" ± {self.margin:.{self.digits}f}"
        if self.must_show:
            return f"at least {self.low - self.margin:.{self.digits}f}"
        if self.low == self.high:
            return low + give
        if isfinite(self.low) and isfinite(self.high):
            return f"{low} to {high}{give}"
        if isfinite(self.high):
            return f"at most {high} + {self.margin:.{self.digits}f}"
        return f"at least {low} - {self.margin:.{self.digits}f}"

    def cells(self) -> tuple[str, ...]:
        """The cells of the row in the table."""
        measured = f"{self.measured:.{self.digits}f} ± {self.error:.{self.digits}f}"
        return self.check, self.theory, measured, self.tolerance, f"{self.n} {self.unit}", self.verdict

    @property
    def verdict(self) -> str:
        """`pass` or `FAIL`."""
        return "pass" if self.passes else "FAIL"


def near(check: str, theory: str, expected: float, found: Sequence[float] | Floats, **fields: Any) -> Row:
    """A row for the mean of `found`, one number for each campaign, which should be `expected`."""
    mean, error = mean_and_error(found)
    return Row(check, theory, mean, error, expected, expected, **{"n": len(found), **fields})


def within(check: str, theory: str, bounds: tuple[float, float], found: Sequence[float] | Floats, **fields: Any) -> Row:
    """A row for the mean of `found`, which should lie in `bounds`."""
    mean, error = mean_and_error(found)
    return Row(check, theory, mean, error, *bounds, **{"n": len(found), **fields})


def mean_and_error(found: Sequence[float] | Floats) -> tuple[float, float]:
    """Mean and its standard error, which is NaN for a single number, so that the row fails."""
    numbers = np.asarray(found, dtype=np.float64)
    error = float(numbers.std(ddof=1)) / sqrt(len(numbers)) if len(numbers) > 1 else float("nan")
    return float(numbers.mean()), error


@dataclass
class Sizes:
    """How much is computed: `n(full, smoke)` campaigns, on `workers` processes."""

    smoke: bool = False
    workers: int = 2
    pool: Any = field(default=None, repr=False)

    def n(self, full: int, smoke: int) -> int:
        return smoke if self.smoke else full

    def each(self, work: Callable[..., Any], seeds: Iterable[int], *args: Any) -> list[Any]:
        """`work(*args, seed)` for each seed, in their order, on all processes."""
        task = partial(work, *args)
        return list(map(task, seeds) if self.pool is None else self.pool.map(task, seeds, chunksize=4))

    def __enter__(self) -> "Sizes":
        self.pool = ProcessPoolExecutor(self.workers) if self.workers > 1 else None
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown()


def chance_that_highest_is_below(n_values: int, n: int) -> Floats:
    """P(the highest of n draws without replacement is among the i smallest of `n_values`), i = 1..n_values."""
    from scipy.special import gammaln

    ranks = np.arange(1, n_values + 1)
    # C(i, n) / C(n_values, n), by logarithms
    log_choose = np.where(ranks >= n, gammaln(ranks + 1) - gammaln(np.maximum(ranks - n, 0) + 1), -inf)
    return np.asarray(np.exp(log_choose - log_choose[-1]))


def expected_best(values: Floats, n: int) -> float:
    """E[max of n draws without replacement], exact: each value times the chance that it is the highest drawn."""
    chances = np.diff(chance_that_highest_is_below(len(values), n), prepend=0.0)
    return float(np.sort(values) @ chances)


def expected_order_statistic(rank: int, n: int, quantile: Callable[[Floats], Any]) -> float:
    """E[the rank-th smallest of n draws] of a distribution, by its quantile function: u is Beta(rank, n + 1 - rank)."""
    from scipy.stats import beta

    places = (np.arange(20_000) + 0.5) / 20_000
    return float(np.mean(quantile(beta(rank, n + 1 - rank).ppf(places))))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a Markdown table."""
    columns = ("check", "theory (source)", "measured ± error", "tolerance", "sample", "verdict")
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(row.cells()) + " |"
