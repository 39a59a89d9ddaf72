"""Censored rows against the integral that they stand for."""

import numpy as np
import pytest
from histories import SPACES, distinct
from scipy.stats import norm

from designloop.surrogates.censoring import imputed, settled
from designloop.surrogates.evidence import Evidence, Observed, Scales, contrast
from designloop.surrogates.gaussian import gaussian
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.views import OneHot


def posterior_of(observed: Observed, sides: list[int], scales: Scales) -> tuple[float, float]:
    """Mean and variance of one weight."""
    known = imputed(observed, np.array(sides), scales)
    belief = gaussian(known.rows, scales.prior, known.variances(scales.residual))
    return float(belief.weights(known.values)[0]), float(belief.variances(DenseRows(np.ones((1, 1))))[0])


def by_grid(limits: list[float], sides: list[int], prior: float, variance: float) -> tuple[float, float, float]:
    """Mode, mean and variance of one weight under the exact posterior."""
    w = np.linspace(-12, 12, 400_001)
    log = norm.logpdf(w, scale=np.sqrt(prior))
    for limit, side in zip(limits, sides, strict=True):
        z = (w - limit) / np.sqrt(variance)
        log = log + (norm.logpdf(z) if side == 0 else norm.logcdf(side * z))
    p = np.exp(log - log.max())
    p /= p.sum()
    return float(w[np.argmax(log)]), float(p @ w), float(p @ w**2 - (p @ w) ** 2)


@pytest.mark.parametrize(
    ("limits", "sides"),
    [
        ([0.0], [-1]),
        ([0.0], [1]),
        ([-2.0, -2.0, 1.0], [-1, -1, 0]),
        ([3.0], [-1]),
        ([-4.0], [-1]),
        ([0.5, 1.0], [1, -1]),
    ],
)
def test_a_weight_seen_through_limits_is_that_of_the_integral(limits: list[float], sides: list[int]):
    """Its mode to six digits; its variance, by Laplace's approximation, to a third."""
    observed = Observed(
        DenseRows(np.ones((len(limits), 1))), np.array(limits), np.ones(len(limits)), np.zeros(len(limits))
    )
    mean, variance = posterior_of(observed, sides, Scales(prior=1.5, residual=0.4))
    mode, _, exact = by_grid(limits, sides, 1.5, 0.4)
    assert mean == pytest.approx(mode, abs=1e-4)
    assert variance == pytest.approx(exact, rel=0.35)


def test_one_limit_by_hand():
    """Prior 1, noise 1, below 0: the mode solves w = -φ(w) / Φ(-w), at -.5061."""
    observed = Observed(DenseRows(np.ones((1, 1))), np.zeros(1), np.ones(1), np.zeros(1))
    mean, _ = posterior_of(observed, [-1], Scales(1.0, 1.0))
    assert mean == pytest.approx(-norm.pdf(mean) / norm.cdf(-mean), abs=1e-6)
    assert mean == pytest.approx(-0.5061, abs=1e-4)


@pytest.mark.parametrize("n", [12, 200])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_the_scales_settle_with_many_limits_or_few(n: int, share: float):
    """By rows and by weights; the gradient of the evidence vanishes there, with what was imputed there."""
    space = SPACES["one length"]
    rng = np.random.default_rng(1)
    rows = OneHot(space)(distinct(space, n))
    values = rows.times(rng.standard_normal(rows.shape[1])) + 0.3 * rng.standard_normal(n)
    values -= values.mean()
    limit = np.quantile(values, share)
    sides = np.where(values < limit, -1, 0)
    observed = Observed(rows, np.maximum(values, limit), np.ones(n), np.full(n, 0.01))
    point = settled(Evidence(observed, float(values.var()), contrast(rows)), sides)
    assert np.abs(point.gradient).max() < 0.02
    again = imputed(observed, sides, point.scales)
    np.testing.assert_allclose(again.values[sides == 0], observed.values[sides == 0])
    expected = [
        rows.times(gaussian(rows, point.scales.prior, known.variances(point.scales.residual)).weights(known.values))
        for known in (again, point.evidence.observed)
    ]
    np.testing.assert_allclose(*expected, atol=0.02)
