"""Tests by hand and from published tables."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp

from designloop.core.random import stream
from designloop.study.comparisons import (
    correlation,
    critical_difference,
    detectable_effect,
    friedman_p,
    holm,
    power,
    ranks,
    sign_flip_p,
)


@pytest.mark.parametrize(
    ("differences", "p"),
    [([1, 2, 3, 4, 5], 2 / 32), ([1, 2, 3, 4, -5], 2 * 10 / 32), ([1, -1], 1.0), ([0, 0, 0], 1.0), ([7], 1.0)],
)
def test_the_sign_flip_test_by_hand(differences, p) -> None:
    """Of the 32 sums of ±1 ±2 ±3 ±4 ±5, one is 15 or more, and ten are 5 or more."""
    assert sign_flip_p(np.array(differences, dtype=np.float64)) == pytest.approx(p)


def test_two_levels_are_tested_as_the_sign_test_does() -> None:
    differences = np.array([1.0] * 9 + [-1.0] * 3)
    assert sign_flip_p(differences) == pytest.approx(binomtest(9, 12).pvalue)


def test_for_many_normal_differences_the_p_value_is_the_t_tests() -> None:
    differences = stream(0, "differences").normal(0.3, 1, size=60)
    assert sign_flip_p(differences) == pytest.approx(ttest_1samp(differences, 0).pvalue, abs=0.005)


def test_the_p_value_does_not_depend_on_who_is_called_first() -> None:
    differences = stream(1, "differences").normal(0.3, 1, size=25)
    assert sign_flip_p(differences) == sign_flip_p(-differences)


def test_holm_by_hand() -> None:
    """.005 × 4, .01 × 3, .03 × 2, and .04 × 1, which may not fall below the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.7, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("k", "n", "alpha", "published"), [(4, 14, 0.05, 1.25), (4, 14, 0.10, 1.12), (2, 6, 0.05, 1.960 / 6**0.5)]
)
def test_nemenyis_critical_difference_is_demsars(k, n, alpha, published) -> None:
    """Demšar 2006, section 3.2.2 and table 5: q of 4 classifiers is 2.569 and 2.291, of 2 it is 1.960."""
    assert critical_difference(k, n, alpha) == pytest.approx(published, abs=0.005)


def test_ranks_begin_at_the_highest_value_and_ties_share_theirs() -> None:
    assert ranks(np.array([[0.1, 0.9, 0.5], [2.0, 2.0, 1.0]])).tolist() == [[3, 1, 2], [1.5, 1.5, 3]]


def test_friedmans_p_counts_orders_by_hand() -> None:
    """Three landscapes agree on the order of three: 6 of the 216 ways to shuffle them are as far apart."""
    agreed = np.array([[3.0, 2.0, 1.0], [30, 20, 10], [0.3, 0.2, 0.1]])
    assert friedman_p(agreed) == pytest.approx(6 / 216)
    assert friedman_p(agreed[:, ::-1]) == friedman_p(agreed)
    assert friedman_p(agreed[:1]) is None
    assert friedman_p(np.ones((4, 3))) == 1.0


@pytest.mark.parametrize(("n", "effect"), [(10, 0.996), (20, 0.660), (50, 0.404), (100, 0.283)])
def test_the_detectable_difference_is_the_textbooks(n, effect) -> None:
    """A paired t-test, two-sided .05, power .8."""
    assert detectable_effect(n) == pytest.approx(effect, abs=0.001)


def test_the_power_of_half_a_standard_deviation_is_the_textbooks() -> None:
    """34 pairs, .05 two-sided: .808."""
    assert power(0.5, 34) == pytest.approx(0.8078, abs=5e-4)
    assert power(0.5, 34, n_pairs=6) < 0.6


@pytest.mark.parametrize("n_pairs", [1, 6, 190])
def test_more_units_tell_smaller_differences_apart_at_every_level(n_pairs) -> None:
    effects = [detectable_effect(n, n_pairs) for n in (3, 5, 8, 11, 12, 20, 100, 400)]
    assert all(early > late > 0 for early, late in pairwise(effects))
    assert detectable_effect(2, n_pairs) is None


def test_a_correlation_of_what_never_varies_is_none() -> None:
    assert correlation(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])) == pytest.approx(1)
    assert correlation(np.array([1.0, 1, 1]), np.array([2.0, 4, 6])) is None
    assert correlation(np.array([1.0, 2]), np.array([2.0, 4])) is None
