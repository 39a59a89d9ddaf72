"""Calibration: intervals that hold what they promise, and probabilities that come true, by closed form."""

import numpy as np
import pytest

from designloop.report.calibration import brier, coverage, rank_correlation, reliability, share_of


def test_intervals_are_the_central_ones_of_a_normal():
    """|z| of 0.5, 1, 1.5, 2 and 3 lie within 0.674 (50%), 1.645 (90%) and 1.960 (95%) as often as 1, 3 and 3 of 5."""
    values = np.array([0.5, -1.0, 1.5, -2.0, 3.0]) * 2 + 10
    shares = coverage(np.full(5, 10.0), np.full(5, 2.0), values, [0.5, 0.9, 0.95])
    assert [share.share for share in shares] == [0.2, 0.6, 0.6]
    assert [share.expected for share in shares] == [0.5, 0.9, 0.95]


def test_a_share_has_wilsons_interval():
    """3 of 5: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.96."""
    (share,) = coverage(np.zeros(5), np.ones(5), np.array([0, 0, 0, 9, 9.0]), [0.9])
    assert (share.low, share.high, share.n) == (pytest.approx(0.23072, abs=1e-5), pytest.approx(0.88238, abs=1e-5), 5)


def test_a_certain_prediction_holds_only_where_it_is_right():
    (share,) = coverage(np.array([1.0, 1.0]), np.zeros(2), np.array([1.0, 2.0]), [0.9])
    assert share.share == 0.5


def test_normal_values_are_covered_as_promised():
    draws = np.random.default_rng(0).standard_normal(20_000)
    levels = [0.1, 0.5, 0.9]
    shares = coverage(np.zeros_like(draws), np.ones_like(draws), draws, levels)
    assert [share.share for share in shares] == pytest.approx(levels, abs=0.012)


def test_groups_of_like_probability_are_about_equal_in_size():
    probabilities = np.array([0.9, 0.1, 0.8, 0.2, 0.7])
    happened = np.array([True, False, True, True, False])
    groups = reliability(probabilities, happened, n_bins=2)
    assert [group.n for group in groups] == [3, 2]
    assert [group.expected for group in groups] == pytest.approx([1 / 3, 0.85])
    assert [group.share for group in groups] == pytest.approx([1 / 3, 1.0])


def test_the_brier_score_of_a_coin_is_a_quarter():
    assert brier(np.full(4, 0.5), np.array([True, False, True, False])) == 0.25
    assert brier(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


@pytest.mark.parametrize(("k", "n"), [(0, 5), (3, 5), (5, 5), (700, 768)])
def test_the_interval_of_a_share_is_scipys(k: int, n: int):
    from scipy.stats import binomtest

    expected, share = binomtest(k, n).proportion_ci(method="wilson"), share_of(0.5, k, n)
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_rank_correlation_is_spearmans_with_ties_too():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 50).astype(float), rng.integers(0, 9, 50).astype(float)
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)
    assert rank_correlation(a, np.zeros(50)) is None
