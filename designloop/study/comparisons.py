"""Comparisons of contestants: paired tests within a setting, ranks across landscapes, and the power of n units.

Within a setting, a sign-flip test compares paired units, and Holm's method corrects over the pairs of the setting.
Across landscapes, contestants are ranked in each landscape (Friedman, with Nemenyi's critical difference; Demšar 2006).
Values of different landscapes are never pooled, since landscapes have no common unit.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from designloop.core.random import stream
from designloop.study.results import Floats

ALPHA = 0.05
POWER = 0.8
N_FLIPS = 9999


def sign_flip_p(differences: Floats) -> float:
    """Two-sided p-value of paired differences (n_units,), by a sign-flip test of the mean; exact up to 13 units.

    Under the null hypothesis, a difference is as likely as its negative. The test makes no other assumption, so it is
    valid for steps, ties and long tails. For values with few levels, it is conservative.
    """
    from scipy.stats import permutation_test

    if len(differences) < 2 or not np.any(differences):
        return 1.0
    done = permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=N_FLIPS,
        axis=-1,
        rng=stream(0, "sign-flips"),
    )
    return float(done.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected so that the probability of any false positive is at most the level. Holm 1979."""
    order = np.argsort(p_values)
    left = np.arange(len(order), 0, -1)  # hypotheses that are not rejected yet
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(np.take(p_values, order) * left), 1.0)
    return [float(p) for p in corrected]


def correlation(a: Floats, b: Floats) -> float | None:
    """Pearson correlation of paired values (n,); None if one of them is constant, or for fewer than three."""
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


@lru_cache(maxsize=1024)
def detectable_effect(n_units: int, n_pairs: int = 1) -> float | None:
    """The smallest difference, in standard deviations of the units' differences, that a paired two-sided t-test of
    n_units detects with 80% power at Holm's first level for n_pairs, .05 / n_pairs. None below 3 units.
    """
    if n_units < 3:
        return None
    level = ALPHA / n_pairs / 2
    effect = float(_power().solve_power(nobs=n_units, alpha=level, power=POWER, alternative="larger"))
    return effect if effect > 0 and abs(power(effect, n_units, n_pairs) - POWER) < 1e-3 else None


def power(effect: float, n_units: int, n_pairs: int = 1) -> float:
    """The power for a difference of `effect` standard deviations of the units' differences, as above.

    It is one-sided at half the level, since far from zero statsmodels returns NaN for the other tail.
    """
    return float(_power().power(effect, n_units, ALPHA / n_pairs / 2, alternative="larger"))


def _power() -> Any:
    from statsmodels.stats.power import TTestPower

    return TTestPower()


def ranks(values: Floats) -> Floats:
    """Rank of each contestant in each landscape, 1 the highest value, ties shared: (n_landscapes, k), as `values`."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(-values, axis=1))


def friedman_p(values: Floats) -> float | None:
    """p-value of Friedman's test that all contestants rank equally, for values (n_landscapes, k).

    By permutation within landscapes, since the chi-square approximation needs more than 10 landscapes and 5 contestants
    (Demšar 2006). None for a single landscape or contestant.
    """
    from scipy.stats import permutation_test

    if min(values.shape) < 2:
        return None
    table = ranks(values)
    table = table[:, np.lexsort(table)]  # so that the order of contestants does not matter

    def spread(*columns: Floats, axis: int) -> Any:
        return np.stack([column.mean(axis=axis) for column in columns]).var(axis=0)

    done = permutation_test(
        tuple(table.T),
        spread,
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=N_FLIPS,
        axis=-1,
        rng=stream(0, "ranks"),
    )
    return float(done.pvalue)


def critical_difference(n_contestants: int, n_landscapes: int, alpha: float = ALPHA) -> float:
    """Nemenyi's critical difference: mean ranks further apart differ significantly. Demšar 2006, 3.2.2."""
    from scipy.stats import studentized_range

    k = n_contestants
    q = studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(k * (k + 1) / (6 * n_landscapes)))
