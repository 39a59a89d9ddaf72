"""Calibration: how often predicted intervals contain the value, and how often predicted probabilities come true."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of n with its 95% interval (Wilson 1927), and the expected share."""

    expected: float
    share: float
    low: float
    high: float
    n: int


def coverage(means: Floats, stds: Floats, values: Floats, levels: Sequence[float]) -> list[Share]:
    """The share of values in the central normal interval of each level; arrays of shape (n,), n at least 1."""
    normal = NormalDist()
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(stds > 0, np.abs(values - means) / stds, np.where(values == means, 0.0, np.inf))
    return [share_of(level, int((distance <= normal.inv_cdf((1 + level) / 2)).sum()), len(values)) for level in levels]


def reliability(probabilities: Floats, happened: NDArray[np.bool_], n_bins: int = 8) -> list[Share]:
    """The observed frequency in groups of similar probability and about equal size; `expected` is the group's mean."""
    order = np.argsort(probabilities, kind="stable")
    groups = [group for group in np.array_split(order, min(n_bins, len(order))) if len(group)]
    return [share_of(float(probabilities[group].mean()), int(happened[group].sum()), len(group)) for group in groups]


def brier(probabilities: Floats, happened: NDArray[np.bool_]) -> float:
    """Mean squared difference of probability and outcome: 0 is perfect, 0.25 is a coin toss."""
    return float(np.mean((probabilities - happened) ** 2))


def share_of(expected: float, k: int, n: int) -> Share:
    """The share k of n with its 95% interval; without scipy, whose import takes longer than drawing a page."""
    share, z = k / n, NormalDist().inv_cdf(0.975)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = 0.0 if k == 0 else float(centre - half)
    high = 1.0 if k == n else float(centre + half)
    return Share(expected, share, low, high, n)


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's rank correlation of paired values (n,) with mean ranks for ties; None if one of them is constant."""
    if len(np.unique(a)) < 2 or len(np.unique(b)) < 2:
        return None
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks
