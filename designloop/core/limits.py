"""Wells beyond a detection limit: what they, and those that gave a value beside them, leave likely of a design.

A well that reads y says y = value + error, one below a limit c says value + error < c. With flat expectations the
design's value has the density Π φ((y - v) / s) · Π Φ(side · (v - c) / s) (Tobin 1958). Its mean and standard deviation
stand for it: of many designs near a limit their mean is right to some hundredths of a well's error, while the mean of
values and limits is off by half of one.
"""

from functools import lru_cache
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_POINTS = 201
_ZOOMS = 4
"""Grids, each about where the one before found the value: enough where errors differ a millionfold."""
_REACH = 8.0
"""Of a grid to each side, in standard deviations."""


@lru_cache(maxsize=65536)
def likely(values: tuple[float, ...], errors: tuple[float, ...], sides: tuple[int, ...]) -> tuple[float, float]:
    """Mean and standard deviation of a design's value given its wells; at least one gave a value, every error is > 0.

    `values` holds the limit where `sides` is -1 (the well reads below it) or 1 (above it).
    """
    from scipy.special import log_ndtr

    wells, stds, beyond = np.array(values), np.array(errors), np.array(sides)
    unit = float(stds.max())  # so that units are nothing
    mean, half = float(wells.mean()), float(np.ptp(wells)) + _REACH * unit
    for _ in range(_ZOOMS):
        at = np.linspace(mean - half, mean + half, _POINTS)
        z = (at[:, None] - wells) / stds
        log = np.where(beyond == 0, -0.5 * z**2, log_ndtr(beyond * z)).sum(axis=1)
        weights = np.exp(log - log.max())
        mean = float(np.average(at, weights=weights))
        std = sqrt(float(np.average((at - mean) ** 2, weights=weights)))
        half = _REACH * max(std, 2.0 * half / _POINTS)
    return mean, std


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
    """Limits that all of n wells fell beyond, and their variances, as if one well were read; other rows as they are.

    `variances` are those of the n wells' mean. All of them lie below a limit where the one of the highest error does.
    That error is normal, nearly, with a mean of its own: the limit moves by as much.
    """
    moved, spread = limits.copy(), variances.copy()
    for n in np.unique(n_wells[sides != 0]).tolist():
        mean, std = highest_of(n)
        rows = (sides != 0) & (n_wells == n)
        moved[rows] += sides[rows] * mean * np.sqrt(n * variances[rows])
        spread[rows] *= n * std**2
    return moved, spread


def expected(centre: Floats, between: float, values: Floats, variances: Floats, sides: NDArray[np.int64]) -> Floats:
    """Posterior means of designs of which N(centre, between) was expected, given what was read with these variances.

    Of a value, centre + (value - centre) · between / (between + variance); of a limit, as of one well, the mean of the
    normal distribution times Φ(side · (v - limit) / s).
    """
    from scipy.special import log_ndtr

    std = np.sqrt(between + variances)
    z = sides * (centre - values) / std
    moved = sides * between / std * np.exp(-0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) - log_ndtr(z))
    return np.asarray(
        np.where(sides == 0, centre + (values - centre) * between / (between + variances), centre + moved)
    )
