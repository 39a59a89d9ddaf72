"""Errors of few replicates: one replicate has no standard deviation, and equal readings are not exact."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from designloop.core.counting import many

Array = NDArray[np.float64]
_ROUNDING = 1e-12


def with_pooled(std_errors: Array, counts: Array, values: Array) -> tuple[Array, tuple[str, ...]]:
    """Standard errors of the means of `counts` replicates, and remarks on those that were not stated; (n,) each.

    The standard deviation of one replicate is undefined, whatever is written: 0, or nothing. A deviation of 0 from two
    or more is one of rounded readings. Both, and a missing one, are replaced by the deviation pooled over all rows with
    replicates, sqrt(sum((n - 1) s²) / sum(n - 1)); NaN where that is unknown. A positive deviation of one replicate is
    kept: it must be a known one. An error of 0 without a number of replicates becomes NaN.
    """
    deviations = np.where(np.isnan(counts), std_errors, std_errors * np.sqrt(counts))
    is_zero = deviations <= _ROUNDING * np.nan_to_num(np.abs(values))
    deviations = np.where(is_zero, 0.0, deviations)
    lacking = is_zero | (np.isnan(deviations) & ~np.isnan(counts))
    if not lacking.any():
        return std_errors, tuple(_known(deviations, counts))
    pooled = _pooled(deviations, counts)
    has_value, is_counted = ~np.isnan(values), ~np.isnan(counts)
    groups = {
        "with one replicate": lacking & (counts == 1),
        "with equal replicates": is_zero & (counts > 1),
        "without a standard deviation": lacking & ~is_zero & (counts > 1),
    }
    told = [f"{n:,} {what}" for what, rows in groups.items() if (n := int((rows & has_value).sum()))]
    estimate = (
        "are unknown: no row has replicates that differ"
        if np.isnan(pooled)
        else f"are estimated by the deviation pooled over all rows with replicates, ± {pooled:.3g} for one replicate"
    )
    n_lacking = int((lacking & has_value & is_counted).sum())
    said = [f"the errors of {many(n_lacking, 'row')} ({', '.join(told)}) {estimate}"] if told else []
    if n := int((is_zero & has_value & ~is_counted).sum()):
        said.append(f"{many(n, 'row')} with an error of 0, but without a number of replicates: the error is unknown")
    errors = np.where(lacking, pooled / np.sqrt(counts), std_errors)
    return errors, (*said, *_known(deviations, counts))


def _pooled(deviations: Array, counts: Array) -> float:
    """The standard deviation of one replicate over all rows with two or more; NaN where it is unknown."""
    told = (counts > 1) & ~np.isnan(deviations)
    if not deviations[told].any():
        return float("nan")
    return float(np.sqrt(np.average(deviations[told] ** 2, weights=counts[told] - 1)))


def _known(deviations: Array, counts: Array) -> Iterator[str]:
    if n := int(((counts == 1) & (deviations > 0)).sum()):
        yield f"{many(n, 'row')} with one replicate and a standard deviation above 0, which is read as a known one"


def zeros_among(std_errors: Array, values: Array) -> Iterator[str]:
    """A remark where only some of the stated errors are 0, or nothing; (n,) each."""
    known = ~np.isnan(std_errors) & ~np.isnan(values)
    n_zero, n_known = int((std_errors[known] == 0).sum()), int(known.sum())
    if 0 < n_zero < n_known:
        yield (
            f"{n_zero:,} of {n_known:,} stated errors are 0: these values are read as exact; if they are single "
            "measurements, give the number of replicates as `n`, or empty the cells"
        )
