"""The upper confidence bound by hand."""

import numpy as np

from designloop.acquisition import UCB, Greedy


def test_the_bound_is_the_mean_and_beta_standard_deviations():
    mean, std = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    np.testing.assert_allclose(UCB(beta=2.0).score(mean, std, 99.0), [2.0, 4.0])


def test_without_optimism_the_bound_is_greedy():
    mean, std = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    np.testing.assert_array_equal(UCB(beta=0.0).score(mean, std, 0.0), Greedy().score(mean, std, 0.0))
