"""Estimates by hand, and laws of their intervals."""

from dataclasses import astuple

import numpy as np
import pytest

from designloop.core.random import stream
from designloop.study.estimates import (
    Estimate,
    acceleration,
    centres,
    enhancement,
    estimates,
    improvement,
    iqm,
    scores,
    worst_tenth,
)
from designloop.study.reaching import kaplan_meier, reached
from designloop.study.traces import Reach


@pytest.mark.parametrize(
    ("values", "middle"),
    [([1, 2, 3, 4, 5, 6, 7, 8], 4.5), ([1, 100, 0, 1, 0, 1, 0, 1], 0.75), ([3, 1, 2], 2.0), ([5], 5.0)],
)
def test_the_interquartile_mean_leaves_out_a_quarter_at_either_end(values, middle) -> None:
    assert iqm(np.array(values, dtype=np.float64)) == middle


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution_for_many_units() -> None:
    values = stream(0, "units").normal(size=400)
    (found,) = estimates(np.mean, values)
    half = 1.96 * values.std() / 20
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 10)


def test_rows_are_estimated_as_if_each_were_alone_and_the_order_of_units_moves_no_value() -> None:
    rows = stream(1, "rows").normal(size=(3, 12))
    together = centres(rows)
    for row, one in zip(rows, together, strict=True):
        assert astuple(centres(row)[0].iqm) == pytest.approx(astuple(one.iqm))
    assert [one.iqm.value for one in centres(rows[:, ::-1])] == pytest.approx([one.iqm.value for one in together])


def test_one_unit_has_no_interval_and_equal_units_have_one_of_no_width() -> None:
    assert estimates(np.mean, np.array([2.0])) == [Estimate(2.0)]
    assert estimates(np.median, np.full(9, 2.0)) == [Estimate(2.0, 2.0, 2.0)]


def test_strata_are_resampled_within_themselves() -> None:
    """Two strata without any spread inside: nothing is uncertain, however far apart they are."""
    values, strata = np.array([0.0] * 6 + [10.0] * 6), [0] * 6 + [1] * 6
    assert estimates(np.mean, values, strata=strata) == [Estimate(5.0, 5.0, 5.0)]
    (pooled,) = estimates(np.mean, values)
    assert pooled.low < 3 < pooled.high - 4


@pytest.mark.parametrize(("n", "mean"), [(10, 0.0), (20, 0.5), (25, 1.0), (3, 0.0)])
def test_the_worst_tenth_is_rounded_up_to_whole_campaigns(n, mean) -> None:
    assert worst_tenth(np.arange(n)[::-1].astype(float)) == mean


def test_the_score_is_0_at_the_floor_and_100_at_the_optimum_and_nothing_where_they_are_one() -> None:
    found = scores(np.array([0.2, 0.6, 1.0, 0.1, 0.5]), np.array([0.2] * 4 + [1.0]), np.ones(5))
    assert found[:4] == pytest.approx([0, 50, 100, -12.5])
    assert np.isnan(found[4])


def test_ties_are_half_an_improvement() -> None:
    assert improvement(np.array([1e-9, 0.0, -3.0])).tolist() == [1, 0.5, 0]


def test_the_acceleration_is_the_median_ratio() -> None:
    found = acceleration(np.log([1.0, 2.0, 8.0, 8.0, 9.0]))
    assert found.value == pytest.approx(8.0)
    assert (found.low, found.high) == pytest.approx((1, 9))


def test_the_enhancement_is_a_ratio_of_means_and_none_where_a_ratio_says_nothing() -> None:
    found = enhancement(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    assert found == Estimate(2.0, 2.0, 2.0)
    assert enhancement(np.array([1.0, 2.0]), np.array([0.0, 1.0])).value == 3.0
    assert enhancement(np.array([1.0, 2.0]), np.zeros(2)) is None
    assert enhancement(np.array([-1.0, 2.0]), np.ones(2)) is None


def test_kaplan_and_meier_by_hand() -> None:
    """At 1 one of six, at 3 two of five, one is given up at 3 and one at 5, at 7 the last one."""
    times, is_reached = np.array([3, 1, 5, 3, 7, 3.0]), np.array([True, True, False, False, True, True])
    assert kaplan_meier(times, is_reached) == ((1.0, pytest.approx(1 / 6)), (3.0, 0.5), (7.0, 1.0))
    assert kaplan_meier(times, np.zeros(6, dtype=bool)) == ()


def test_no_time_stands_without_the_share_that_reached() -> None:
    seldom = [Reach(2.0, True)] + [Reach(10.0, False)] * 3
    found = reached(seldom, units=[0, 0, 1, 1], threshold=0.5)
    assert (found.n, found.n_reached, found.share.value) == (4, 1, 0.25)
    assert (found.median, found.median_where_reached) == (None, 2.0)
    assert (found.share.low, found.share.high) == (0.0, 0.5), "an instance has none or half"
    half = reached([Reach(2.0, True), Reach(4.0, True), Reach(9.0, False), Reach(9.0, False)], range(4), 0.5)
    assert (half.median, half.median_where_reached) == (4.0, 3.0)
    none = reached([Reach(9.0, False)] * 2, range(2), 0.5)
    assert (none.median, none.median_where_reached, none.share.value) == (None, None, 0.0)
