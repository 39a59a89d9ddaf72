"""Censored rows against the integral that they stand for."""

import numpy as np
import pytest
from histories import SPACES, distinct
from scipy.stats import norm

from designloop.surrogates.censoring import mode_of, settled
from designloop.surrogates.evidence import Evidence, Observed, Scales, contrast
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.views import OneHot


def posterior_of(observed: Observed, sides: list[int], scales: Scales) -> tuple[float, float]:
    """Mean and variance of one weight."""
    mode = mode_of(observed, np.array(sides), scales)
    variance = mode.gaussian.variances(DenseRows(np.ones((1, 1))))[0]
    return float(mode.gaussian.weights(mode.known.values)[0]), float(variance)


def by_grid(limits: list[float], sides: list[int], prior: float, variance: float) -> tuple[float, float, float]:
    """Mode and variance of one weight under the exact posterior, and the log evidence."""
    w = np.linspace(-12, 12, 400_001)
    log = norm.logpdf(w, scale=np.sqrt(prior))
    for limit, side in zip(limits, sides, strict=True):
        z = (w - limit) / np.sqrt(variance)
        log = log + (norm.logpdf(z) - np.log(variance) / 2 if side == 0 else norm.logcdf(side * z))
    p = np.exp(log - log.max())
    p_total = p.sum()
    p /= p_total
    return float(w[np.argmax(log)]), float(p @ w**2 - (p @ w) ** 2), float(log.max() + np.log(p_total * (w[1] - w[0])))


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
    """Its mode to four digits; its variance to a third, and the log evidence to .1, by Laplace's approximation."""
    observed = Observed(
        DenseRows(np.ones((len(limits), 1))), np.array(limits), np.ones(len(limits)), np.zeros(len(limits))
    )
    mean, variance = posterior_of(observed, sides, Scales(prior=1.5, residual=0.4))
    mode, exact, log_evidence = by_grid(limits, sides, 1.5, 0.4)
    assert mean == pytest.approx(mode, abs=1e-4)
    assert variance == pytest.approx(exact, rel=0.35)
    found = mode_of(observed, np.array(sides), Scales(1.5, 0.4))
    assert found.log_evidence == pytest.approx(log_evidence, abs=0.1)


def test_one_limit_by_hand():
    """Prior 1, noise 1, below 0: the mode solves w = -φ(w) / Φ(-w), at -.5061."""
    observed = Observed(DenseRows(np.ones((1, 1))), np.zeros(1), np.ones(1), np.zeros(1))
    mean, _ = posterior_of(observed, [-1], Scales(1.0, 1.0))
    assert mean == pytest.approx(-norm.pdf(mean) / norm.cdf(-mean), abs=1e-6)
    assert mean == pytest.approx(-0.5061, abs=1e-4)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_scales_are_found_with_many_limits_or_few(share: float):
    """200 rows of a linear function, cut at a quantile: the residual variance is .09, that of the weights about one."""
    space = SPACES["one length"]
    rng = np.random.default_rng(1)
    rows = OneHot(space)(distinct(space, 200))
    weights = rng.standard_normal(rows.shape[1])
    values = rows.times(weights) + 0.3 * rng.standard_normal(200)
    values -= values.mean()
    limit = np.quantile(values, share)
    sides = np.where(values < limit, -1, 0)
    observed = Observed(rows, np.maximum(values, limit), np.ones(200), np.zeros(200))
    scales, known, belief = settled(Evidence(observed, float(observed.values.var()), contrast(rows)), sides)
    assert abs(np.log(scales.residual / 0.09)) < 0.7
    assert abs(np.log(scales.prior)) < 0.9
    # What lay beyond the limit is believed to lie beyond it, far from the limit itself.
    expected = rows.times(belief.weights(known.values))
    assert np.corrcoef(expected, rows.times(weights))[0, 1] > 0.8


def test_without_limits_the_mode_is_the_gaussian_mean_and_its_evidence_the_evidence():
    """Laplace's approximation is exact there."""
    rng = np.random.default_rng(0)
    rows = OneHot(SPACES["one length"])(distinct(SPACES["one length"], 12))
    observed = Observed(rows, rng.standard_normal(12), np.ones(12), rng.random(12))
    evidence = Evidence(observed, 1.0, contrast(rows))
    thetas = np.array([[-1.0, -2.0], [0.5, 0.3]])
    modes = [mode_of(observed, np.zeros(12, dtype=int), evidence.scales(theta)) for theta in thetas]
    points = [evidence.at(theta) for theta in thetas]
    for mode, point in zip(modes, points, strict=True):
        np.testing.assert_allclose(
            mode.gaussian.weights(mode.known.values), point.gaussian.weights(observed.values), atol=1e-9
        )
    laplace = modes[0].log_evidence - modes[1].log_evidence
    exact = [point.value + evidence.penalty(theta) for point, theta in zip(points, thetas, strict=True)]
    assert laplace == pytest.approx(exact[0] - exact[1], abs=1e-6)
