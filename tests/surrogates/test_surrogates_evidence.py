"""The evidence against brute force: its value, its gradient, and that its maximum is found and is one."""

from dataclasses import replace

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of

from designloop.core.random import stream
from designloop.surrogates import BayesianLinear
from designloop.surrogates.evidence import Evidence, Observed, contrast
from designloop.surrogates.views import OneHot

SPACE = SPACES["many lengths"]


def told(n: int, *, signal: float = 1.0, noise: float = 0.5, errors: bool = True, seed: int = 3) -> Evidence:
    """Rows whose values are a random linear function and noise, with errors of their own."""
    rng = np.random.default_rng(seed)
    rows = OneHot(SPACE)(distinct(SPACE, n, seed=4))
    b = rng.uniform(0.0, 0.5, n) ** 2 if errors else np.zeros(n)
    shares = rng.uniform(0.5, 2.0, n)
    values = rows.times(signal * rng.standard_normal(rows.shape[1]))
    values = values + np.sqrt(noise**2 * shares + b) * rng.standard_normal(n)
    return Evidence(Observed(rows, values - values.mean(), shares, b), float(values.var()), contrast(rows))


def brute(evidence: Evidence, theta: np.ndarray) -> float:
    """The log evidence with its hyperpriors, up to a constant, by the plain determinant and inverse."""
    observed, scales = evidence.observed, evidence.scales(theta)
    x = observed.rows.dense()
    covariance = scales.prior * x @ x.T + np.diag(scales.residual * observed.shares + observed.errors)
    _, determinant = np.linalg.slogdet(covariance)
    hyper = ((theta - evidence.centre) / [1.5, 3.0]) ** 2
    return -0.5 * float(determinant + observed.values @ np.linalg.solve(covariance, observed.values) + hyper.sum())


@pytest.mark.parametrize("n", [8, 120])
def test_value_and_gradient_are_those_of_the_plain_formula(n: int):
    """By rows (n < D) and by weights, with errors that differ: value, and the gradient by central differences."""
    evidence, here = told(n), np.array([-0.7, -1.9])
    point = evidence.at(here)
    assert point.value == pytest.approx(brute(evidence, here), rel=1e-9)
    for axis in np.eye(2):
        slope = (brute(evidence, here + 1e-5 * axis) - brute(evidence, here - 1e-5 * axis)) / 2e-5
        assert point.gradient @ axis == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("noise", [0.0, 0.5, 30.0])
@pytest.mark.parametrize("errors", [False, True])
@pytest.mark.parametrize("n", [2, 16, 40, 120])
def test_the_gradient_vanishes_at_the_maximum(n: int, errors: bool, noise: float):
    """For truths without noise and for noise without truth too: the maximum is never at a boundary."""
    evidence = told(n, noise=noise, errors=errors)
    point = evidence.maximised()
    assert np.abs(point.gradient).max() < 0.02
    for step in ([0.1, 0.0], [-0.1, 0.0], [0.0, 0.1], [0.0, -0.1]):
        assert brute(evidence, point.theta) > brute(evidence, point.theta + np.array(step))


def test_a_first_guess_moves_no_maximum():
    """From least squares (1,000 rows of 25 columns) or from the middle of the hyperpriors: the same scales."""
    evidence = told(1000)
    there = replace(evidence, observed=evidence.observed).maximised().theta
    point = evidence.at(evidence.centre)
    for _ in range(60):
        point = evidence._bettered(point, np.linalg.solve(point.information, point.gradient))
    np.testing.assert_allclose(there, point.theta, atol=2e-3)


def test_the_scales_are_found_that_made_the_values():
    """1,000 rows of a function with weights of variance 1, residuals of .25 and known errors beside them."""
    scales = told(1000).maximised().scales
    assert scales.residual == pytest.approx(0.25, rel=0.2)
    assert abs(np.log(scales.prior)) < 0.7  # of 25 weights, whose own spread is known to .3


@pytest.mark.parametrize("seed", range(5))
def test_sixteen_designs_without_a_trend_do_not_make_the_model_sure(seed: int):
    """Predictions were once 3.8064 ± .0069 for each design, where values spread by .6: the evidence ran off to 0."""
    rng = np.random.default_rng(seed)
    sequences = distinct(SPACES["one length"], 216, seed=seed)
    rows = [Told(s, 3.8 + 0.6 * float(rng.standard_normal()), 0.05) for s in sequences[:16]]
    posterior = BayesianLinear().fit(history_of(SPACES["one length"], rows), stream(0, "fit"))
    assert posterior.moments(sequences[16:])[1].min() > 0.05
