"""EI, log-EI and PI against closed forms, direct numerical integration and their limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from designloop.acquisition import EI, PI, LogEI
from designloop.acquisition.improvement import expected_improvement, log_h


def column(*values: float) -> np.ndarray:
    return np.array(values)


def test_expected_improvement_at_minus_half_is_the_tabled_number():
    """EI at mean -0.5, std 1, best 0 is φ(0.5) - 0.5 Φ(-0.5) = 0.19780."""
    found = expected_improvement(column(-0.5), column(1.0), 0.0)
    assert found[0] == pytest.approx(0.19780, abs=5e-6)
    assert found[0] == pytest.approx(norm.pdf(0.5) - 0.5 * norm.cdf(-0.5), rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "std", "best"), [(-0.5, 1.0, 0.0), (1.3, 0.2, 1.0), (0.0, 2.5, 3.0), (2.0, 0.7, -1.0)]
)
def test_expected_improvement_is_the_integral_it_names(mean: float, std: float, best: float):
    integral, _ = quad(lambda value: (value - best) * norm.pdf(value, mean, std), best, mean + 40 * std)
    assert expected_improvement(column(mean), column(std), best)[0] == pytest.approx(integral, rel=1e-7)


def test_without_uncertainty_the_improvement_is_the_difference():
    """A known value improves by what it is above the threshold, or not at all."""
    found = expected_improvement(column(2.0, 0.5), column(0.0, 0.0), 1.0)
    np.testing.assert_allclose(found, [1.0, 0.0], atol=1e-8)


def test_log_expected_improvement_is_the_logarithm_where_double_precision_holds_it():
    mean, std = np.linspace(-25, 8, 500), np.linspace(0.9, 1.4, 500)
    direct = expected_improvement(mean, std, 0.0)
    # Far below the threshold the direct form loses its digits to cancellation: compare where it still has some.
    z = mean / std
    np.testing.assert_allclose(LogEI().score(mean, std, 0.0)[z > -5], np.log(direct[z > -5]), rtol=1e-8)


@pytest.mark.parametrize("z", [-2.0, -10.0, -40.0, -200.0, -1e3, -2e3, -1e4, -1e5])
def test_log_h_follows_its_asymptotic_series_far_below_zero(z: float):
    """log h(z) = -z²/2 - log √(2π) - 2 log|z| + log(1 - 3/z² + 15/z⁴ - ...)."""
    series = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - 2 * np.log(-z)
    missing = np.log1p(-3 / z**2 + 15 / z**4 - 105 / z**6) if z <= -10 else None
    if missing is None:
        assert log_h(column(z))[0] == pytest.approx(np.log(norm.pdf(z) + z * norm.cdf(z)), rel=1e-9)
    else:
        assert log_h(column(z))[0] == pytest.approx(series + missing, rel=1e-9, abs=1e-4)


def test_log_expected_improvement_is_finite_and_rises_everywhere():
    """Also at z = -40, where EI is below the smallest double, and at z = -1e5."""
    z = np.concatenate([-np.logspace(6, -3, 5000), np.logspace(-3, 2, 500)])
    found = LogEI().score(z, np.ones_like(z), 0.0)
    assert np.isfinite(found).all()
    assert (np.diff(found) > 0).all()
    at = LogEI().score(column(-1e5, -40.0, -39.0), np.ones(3), 0.0)
    assert np.isfinite(at).all()
    assert at[0] < at[1] < at[2]


def test_ei_scores_as_log_ei_does_until_double_precision_ends():
    """EI is the same order of candidates; those beyond z of about -38 tie."""
    mean, std = column(-60.0, -50.0, -5.0, 0.3, 2.0), np.ones(5)
    cut, exact = EI().score(mean, std, 0.0), LogEI().score(mean, std, 0.0)
    np.testing.assert_allclose(cut[2:], exact[2:], rtol=1e-6)
    assert cut[0] == cut[1] < cut[2]


def test_probability_of_improvement_is_the_normal_tail():
    """PI at mean -0.5, std 1, best 0 is Φ(-0.5) = 0.30854, as a logarithm that stays finite far away."""
    found = PI().score(column(-0.5, 1.0, -40.0), column(1.0, 2.0, 1.0), 0.0)
    assert np.exp(found[0]) == pytest.approx(0.3085375387, rel=1e-9)
    assert np.exp(found[1]) == pytest.approx(norm.cdf(0.5), rel=1e-12)
    assert found[2] == pytest.approx(norm.logcdf(-40.0), rel=1e-12)


@pytest.mark.parametrize("acquisition", [EI(), LogEI(), PI()], ids=lambda part: part.kind)
def test_improvement_is_measured_from_the_threshold(acquisition: LogEI | PI):
    """Mean and threshold moved together score the same."""
    mean, std = column(-0.5, 0.0, 1.5), column(1.0, 0.5, 0.1)
    np.testing.assert_allclose(acquisition.score(mean + 3, std, 3.0), acquisition.score(mean, std, 0.0), rtol=1e-9)
