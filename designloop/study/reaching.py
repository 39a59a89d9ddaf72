"""Time to reach a threshold, if some campaigns never reach it: Kaplan and Meier 1958."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from designloop.study.estimates import N_RESAMPLES, Estimate, estimates
from designloop.study.results import Floats
from designloop.study.traces import Reach


@dataclass(frozen=True)
class Reached:
    """Campaigns of one contestant and a threshold: the share that reached it, and the time needed."""

    threshold: float
    n: int
    n_reached: int
    share: Estimate
    """Share of campaigns that reached it by their end; the interval is over units."""
    median: float | None
    """When half of all campaigns have reached it (Kaplan-Meier); None if fewer than half ever do."""
    median_where_reached: float | None
    """Median over campaigns that reached it; too optimistic for contestants that seldom do."""
    curve: tuple[tuple[float, float], ...]
    """(time, share that has reached it by then), by Kaplan and Meier, at each time when one did."""


def reached(
    reaches: Sequence[Reach], units: Sequence[int], threshold: float, n_resamples: int = N_RESAMPLES
) -> Reached:
    """The statistics of reaching a threshold; `units` holds the unit of each campaign."""
    times = np.array([reach.at for reach in reaches])
    is_reached = np.array([reach.is_reached for reach in reaches], dtype=bool)
    of = np.asarray(units)
    shares = np.array([is_reached[of == unit].mean() for unit in np.unique(of)])
    curve = kaplan_meier(times, is_reached)
    return Reached(
        threshold=float(threshold),
        n=len(reaches),
        n_reached=int(is_reached.sum()),
        share=_share(tuple(shares.tolist()), n_resamples),
        median=next((time for time, share in curve if share >= 0.5), None),
        median_where_reached=float(np.median(times[is_reached])) if is_reached.any() else None,
        curve=curve,
    )


@lru_cache(maxsize=4096)
def _share(shares: tuple[float, ...], n_resamples: int) -> Estimate:
    """The mean over units, which is the same along every axis."""
    return estimates(np.mean, np.array(shares), n_resamples)[0]


def kaplan_meier(times: Floats, is_reached: np.ndarray) -> tuple[tuple[float, float], ...]:
    """(time, share that has reached it), for times (n,) that are censored where not `is_reached` (n,)."""
    from scipy.stats import CensoredData, ecdf

    if not is_reached.any():
        return ()
    survival = ecdf(CensoredData(uncensored=times[is_reached], right=times[~is_reached])).sf
    shares = 1 - survival.probabilities
    rises = np.diff(shares, prepend=0.0) > 1e-12
    # Rounded, so that a half is a half whatever the order of the sums.
    return tuple((float(t), round(float(s), 12)) for t, s in zip(survival.quantiles[rises], shares[rises], strict=True))
