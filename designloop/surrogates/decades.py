"""A scale for values that span decades: linear below the measurement error, logarithmic above it."""

from dataclasses import dataclass

import numpy as np

from designloop.surrogates.base import Floats
from designloop.surrogates.scale import ValueScale

_SPAN = 4.0
"""Ratio of the 95% to the 5% quantile from which values span decades. A judgement."""
_ERRORS, _CHANCE = 3.0, 0.01
"""Standard errors that a value may be below zero; more among many values, if any would be with this probability."""
_BEYOND = 3.0
"""How far the curve goes on beyond the values, in units of asinh: about a factor of 20."""
_STEP = 0.01


@dataclass(frozen=True)
class Decades(ValueScale):
    """A scale (asinh(value / unit) - centre) / spread; linear below the unit, logarithmic above it."""

    unit: float = 1.0
    centre: float = 0.0
    spread: float = 1.0


def asinh_scale(values: Floats, std_errors: Floats) -> Decades | None:
    """Asinh(y / 2s), standardised; none if values do not span decades above zero.

    s is the largest of half the least positive value, the lower quartile of the known standard errors, and 2% of the
    90% quantile. The curve is piecewise linear with 100 knots for each unit, so that it is inverted exactly.
    """
    errors = std_errors[~np.isnan(std_errors)]
    if not (values > 0).any() or _is_below_zero(values, np.nan_to_num(std_errors)):
        return None
    softening = max(
        float(values[values > 0].min()) / 2.0,
        float(np.quantile(errors, 0.25)) if len(errors) else 0.0,
        0.02 * float(np.quantile(values, 0.9)),
    )
    low, high = np.quantile(values, [0.05, 0.95])
    if high <= _SPAN * max(low, softening):
        return None
    bent = np.arcsinh(values / (2.0 * softening))
    first, last = bent.min() - _BEYOND, bent.max() + _BEYOND
    knots = np.linspace(first, last, int((last - first) / _STEP) + 2)
    unit, centre, spread = 2.0 * softening, float(bent.mean()), float(bent.std())
    return Decades(unit * np.sinh(knots), (knots - centre) / spread, unit, centre, spread)


def _is_below_zero(values: Floats, errors: Floats) -> bool:
    """Whether a value is further below zero than its error explains."""
    from scipy.special import ndtri

    most = max(_ERRORS, -float(ndtri(_CHANCE / len(values))))
    return bool((values < -most * errors).any())
