"""The likelihood of a design's value from wells beyond a detection limit and wells with a value.

A well that reads y implies y = value + error; a well below a limit c implies value + error < c. With a flat prior, the
density of the design's value is Π φ((y - v) / s) · Π Φ(side · (v - c) / s) (Tobin 1958). It is summarised by its mean
and standard deviation. Over many designs near a limit, this mean is biased by a few hundredths of a well's error, while
the mean of values and limits is biased by half of it.
"""

from functools import lru_cache
from math import erf, frexp, ldexp, sqrt

import numpy as np
from numpy.typing import NDArray

from designloop.core.errors import ConvergenceError

Floats = NDArray[np.float64]

_POINTS = 201
_ZOOMS = 4
"""Minimum number of grids, each centred on the result of the previous one."""
_MOST_ZOOMS = 20
"""Maximum number, for wells that differ by many errors. Each grid is a twelfth as wide as the previous one."""
_REACH = 8.0
"""Half-width of a grid, in standard deviations."""


def unit_of(number: float) -> float:
    """The power of two below a number. In this unit, squares neither overflow nor underflow, and no digit changes."""
    return ldexp(0.5, frexp(number)[1])


@lru_cache(maxsize=65536)
def likely(values: tuple[float, ...], errors: tuple[float, ...], sides: tuple[int, ...]) -> tuple[float, float]:
    """Mean and standard deviation of a design's value given its wells. At least one has a value; every error is > 0.

    `values` holds the limit where `sides` is -1 (the well reads below it) or 1 (above it).
    Raises ConvergenceError where no grid resolves the likelihood.
    """
    from scipy.special import log_ndtr

    unit = unit_of(max(errors))
    wells, stds, beyond = np.array(values) / unit, np.array(errors) / unit, np.array(sides)
    mean, half = float(wells.mean()), float(np.ptp(wells)) + _REACH * float(stds.max())
    for zoom in range(1, _MOST_ZOOMS + 1):
        at = np.linspace(mean - half, mean + half, _POINTS)
        z = (at[:, None] - wells) / stds
        log = np.where(beyond == 0, -0.5 * z**2, log_ndtr(beyond * z)).sum(axis=1)
        weights = np.exp(log - log.max())
        mean = float(np.average(at, weights=weights))
        std = sqrt(float(np.average((at - mean) ** 2, weights=weights)))
        step = 2.0 * half / _POINTS
        if zoom >= _ZOOMS and std > step:
            return unit * mean, unit * std
        half = _REACH * max(std, step)
    raise ConvergenceError(f"the likelihood of {len(values)} wells is not resolved after {_MOST_ZOOMS} grids: {values}")


@lru_cache(maxsize=1024)
def highest_of(n: int) -> tuple[float, float]:
    """Mean and standard deviation of the highest of n standard normal errors."""
    if n == 1:
        return 0.0, 1.0
    at = np.linspace(-_REACH, _REACH, 10 * _POINTS)
    below = np.array([0.5 + 0.5 * erf(x / sqrt(2.0)) for x in at]) ** n
    shares, middles = np.diff(below), (at[1:] + at[:-1]) / 2.0
    mean = float(middles @ shares)
    return mean, sqrt(float((middles - mean) ** 2 @ shares))


def as_of_one_well(
    limits: Floats, variances: Floats, sides: NDArray[np.int64], n_wells: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Limits that all of n wells exceed, and their variances, converted to those of one well; other rows are unchanged.

    `variances` are those of the mean of n wells. All wells are below a limit if the well with the highest error is. The
    highest error is approximately normal with a non-zero mean, by which the limit is shifted.
    """
    moved, spread = limits.copy(), variances.copy()
    for n in np.unique(n_wells[sides != 0]).tolist():
        mean, std = highest_of(n)
        rows = (sides != 0) & (n_wells == n)
        moved[rows] += sides[rows] * mean * np.sqrt(n * variances[rows])
        spread[rows] *= n * std**2
    return moved, spread


def expected(
    centre: Floats, between: Floats | float, values: Floats, variances: Floats, sides: NDArray[np.int64]
) -> Floats:
    """Posterior means of designs with the prior N(centre, between), given readings with these variances.

    For a value, centre + (value - centre) · between / (between + variance). For a limit of one well, the mean of the
    normal distribution times Φ(side · (v - limit) / s).
    """
    from scipy.special import log_ndtr

    std = np.sqrt(between + variances)
    z = sides * (centre - values) / std
    moved = sides * between / std * np.exp(-0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) - log_ndtr(z))
    return np.asarray(
        np.where(sides == 0, centre + (values - centre) * between / (between + variances), centre + moved)
    )
