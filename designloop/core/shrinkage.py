"""Shrinkage: estimates of true values from measured values and their errors. The highest value may not be the best."""

import numpy as np
from numpy.typing import NDArray

from designloop.core.history import History
from designloop.core.limits import as_of_one_well, expected, unit_of
from designloop.core.rows import error_of_a_well

_LEAST_RELIABLE = 0.1
"""The minimum share of the variance of values that is attributed to the designs. A judgement."""


def shrunk_means(history: History) -> NDArray[np.float64]:
    """Measured values shrunk to their mean by their share of noise, (n,), NaN where nothing was measured.

    m + (y - m) * v / (v + s²), with v the variance between designs beyond their errors s, at least a tenth of the
    variance of values: an empirical Bayes estimate (Efron and Morris 1975). An unknown error is assumed to be that of a
    typical well (`errors_in_full`). A limit enters by its likelihood, so the estimate may exceed a saturation limit.
    """
    measured = history.is_measured
    values, errors = history.values[measured], errors_in_full(history)[measured]
    if not errors.any():
        return np.asarray(history.values)
    unit = unit_of(max(float(np.abs(values).max()), float(errors.max())))
    values, errors = values / unit, errors / unit
    centre, between = float(values.mean()), _between(values, errors)
    shrunk = history.values.copy()
    sides = history.sides[measured]
    told = as_of_one_well(values, errors**2, sides, history.n_replicates[measured])
    shrunk[measured] = unit * expected(np.full(len(values), centre), between, *told, sides)
    return shrunk


def shrunk_stds(history: History) -> NDArray[np.float64]:
    """Standard deviations of true values about the shrunk means, (n,), NaN where nothing was measured.

    √(v s² / (v + s²)), with v and s as in `shrunk_means`; at a limit of detection, that of a value equal to the limit.
    """
    measured = history.is_measured
    values, errors = history.values[measured], errors_in_full(history)[measured]
    stds = np.asarray(errors_in_full(history)).copy()
    if errors.any():
        unit = unit_of(max(float(np.abs(values).max()), float(errors.max())))
        between, squares = _between(values / unit, errors / unit), (errors / unit) ** 2
        stds[measured] = unit * np.sqrt(between * squares / (between + squares))
    return stds


def _between(values: NDArray[np.float64], errors: NDArray[np.float64]) -> float:
    """The variance between designs beyond their errors."""
    variance = float(values.var())
    return max(variance - float(np.mean(errors**2)), _LEAST_RELIABLE * variance, float(np.finfo(float).tiny))


def errors_in_full(history: History) -> NDArray[np.float64]:
    """Standard errors of measured values, (n,), NaN where nothing was measured; unknown ones are estimated.

    An unknown error is that of a typical well over √wells. If no error is known, half of the variance between designs
    is attributed to the noise of one well. That is a judgement: replicates then count, and no value is exact.
    """
    errors, n_wells, measured = history.std_errors, history.n_replicates, history.is_measured
    unknown = measured & np.isnan(errors)
    if not unknown.any():
        return errors
    typical = error_of_a_well(errors[measured], n_wells[measured])
    if np.isnan(typical):
        typical = float(np.sqrt(history.values[measured].var() / 2.0))
    return np.where(unknown, typical / np.sqrt(np.maximum(n_wells, 1)), errors)
