"""Estimates: a statistic of a contestant with its 95% interval, by bootstrap over units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from designloop.core.random import stream
from designloop.study.results import Floats

N_RESAMPLES = 2000
CONFIDENCE = 0.95
WORST = 0.1
Statistic = Callable[..., Any]
"""(n_units) or (..., n_units) along `axis` -> a number or (...)."""


@dataclass(frozen=True)
class Estimate:
    """A statistic and its 95% interval, which is None for a single unit."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Centre:
    """Three measures of the centre of the units: tests use the mean; median and interquartile mean are more robust."""

    mean: Estimate
    median: Estimate
    iqm: Estimate


def iqm(values: Floats, axis: int = -1) -> Any:
    """The interquartile mean: the mean without the lowest and the highest quarter (rounded down).

    Agarwal et al. 2021, with scipy's trimming.
    """
    from scipy.stats import trim_mean

    return trim_mean(values, 0.25, axis=axis)


def interval(
    statistic: Statistic, *strata: Floats, paired: bool = False, n_resamples: int = N_RESAMPLES
) -> tuple[Floats, Floats]:
    """Ends of the 95% percentile interval of statistic(*strata), each stratum (..., n_units), resampled on its own.

    One stratum gives the cluster bootstrap (units are instances with their seeds), several the stratified bootstrap.
    `paired` resamples paired units together. Every call uses the same resamples, so that renaming a contestant changes
    nothing.
    """
    from scipy.stats import bootstrap

    done = bootstrap(
        strata,
        statistic,
        n_resamples=n_resamples,
        vectorized=True,
        paired=paired,
        axis=-1,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=stream(0, "bootstrap"),
    ).confidence_interval
    return np.asarray(done.low), np.asarray(done.high)


def estimates(
    statistic: Statistic, values: Floats, n_resamples: int = N_RESAMPLES, strata: Sequence[int] | None = None
) -> list[Estimate]:
    """An estimate for each row of `values` (n_rows, n_units); `strata`: the stratum of each unit, (n_units,)."""
    values = np.atleast_2d(values)
    found = statistic(values, axis=-1)
    parts = [values] if strata is None else [values[:, np.asarray(strata) == s] for s in sorted(set(strata))]
    if min(part.shape[1] for part in parts) < 2:
        return [Estimate(float(value)) for value in found]

    def over_strata(*resampled: Floats, axis: int) -> Any:
        return statistic(np.concatenate(resampled, axis=axis), axis=axis)

    low, high = interval(over_strata, *parts, n_resamples=n_resamples)
    return [Estimate(float(v), float(a), float(b)) for v, a, b in zip(found, low, high, strict=True)]


def centres(values: Floats, n_resamples: int = N_RESAMPLES, strata: Sequence[int] | None = None) -> list[Centre]:
    """The centre of each row of `values` (n_rows, n_units)."""
    n_rows = len(np.atleast_2d(values))

    def three(units: Floats, axis: int = -1) -> Any:  # (3 x rows): resampled in one go
        return np.concatenate([statistic(units, axis=axis) for statistic in (np.mean, np.median, iqm)])

    found = estimates(three, values, n_resamples, strata)
    return [Centre(*(found[i * n_rows + row] for i in range(3))) for row in range(n_rows)]


def worst_tenth(values: Floats) -> float:
    """Mean of the lowest 10% of the campaigns (n,), rounded up: the result of a user with bad luck."""
    n = int(np.ceil(WORST * len(values)))
    return float(np.sort(values)[:n].mean())


def scores(values: Floats, floor: Floats, optimum: Floats) -> Floats:
    """Score of each value, (n,): 0 at the floor strategy's mean, 100 at the optimum; NaN if both are equal."""
    gap = optimum - floor
    shares: Floats = np.divide(values - floor, gap, out=np.full(len(values), np.nan), where=gap > 1e-12)
    return 100 * shares


def improvement(differences: Floats) -> Floats:
    """For each paired difference: 1 where it is above zero, half where it is zero, else 0. Its mean is the
    probability of improvement.
    """
    return np.asarray((np.sign(differences) + 1) / 2)


def acceleration(log_ratios: Floats, n_resamples: int = N_RESAMPLES) -> Estimate:
    """Exp of the median over units of log(designs the floor needs / designs the strategy needs), (n_units,)."""
    log = estimates(np.median, log_ratios, n_resamples)[0]
    ends = [None if end is None else float(np.exp(end)) for end in (log.low, log.high)]
    return Estimate(float(np.exp(log.value)), *ends)


def enhancement(values: Floats, floor: Floats, n_resamples: int = N_RESAMPLES) -> Estimate | None:
    """Mean value divided by the floor's mean value, for paired units (n_units,): a ratio of means, since the floor of a
    single unit may be zero. None if a ratio is meaningless: with negative values, or a floor that is always zero.
    """
    if not len(values) or min(values.min(), floor.min()) < 0 or floor.mean() <= 0:
        return None
    ratio = float(values.mean() / floor.mean())
    if len(values) < 2:
        return Estimate(ratio)
    least = floor.mean() / 100  # a resample may contain only units whose floor is zero

    def resampled(value: Floats, floor: Floats, axis: int) -> Any:
        return value.mean(axis=axis) / np.maximum(floor.mean(axis=axis), least)

    low, high = interval(resampled, values, floor, paired=True, n_resamples=n_resamples)
    return Estimate(ratio, float(low), float(high))
