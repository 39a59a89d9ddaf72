"""The model's scale of values: monotone, blind to units, and reversible."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of
from scipy.special import ndtri

from designloop.surrogates.scale import Measured, ValueScale, average_ranks

VALUES = np.array([0.0, 0.0, 0.5, -3.0, 7.0, 1.0])
every_transform = pytest.mark.parametrize("transform", ["ranks", "standard", "unit"])


def test_normal_scores_are_bloms():
    """Φ⁻¹((rank - 3/8) / (n + 1/4)); the two zeros share their mean rank 2.5."""
    scores = ValueScale.fitted(VALUES, "ranks").to_model(VALUES)
    np.testing.assert_allclose(scores, ndtri((np.array([2.5, 2.5, 4, 1, 6, 5]) - 0.375) / 6.25), rtol=1e-12)


def test_standard_scores_have_mean_zero_and_variance_one():
    scores = ValueScale.fitted(VALUES, "standard").to_model(VALUES)
    assert scores.mean() == pytest.approx(0.0, abs=1e-12)
    assert scores.std() == pytest.approx(1.0)


def test_unit_scores_run_from_the_lowest_to_the_highest():
    scores = ValueScale.fitted(VALUES, "unit").to_model(VALUES)
    np.testing.assert_allclose(scores, (VALUES + 3.0) / 10.0)


@every_transform
def test_there_and_back_again(transform):
    """To the model's scale and back is where one started, also beyond the ends."""
    scale, values = ValueScale.fitted(VALUES, transform), np.linspace(-9, 19, 50)
    np.testing.assert_allclose(scale.to_assay(scale.to_model(values)), values, atol=1e-9)


@every_transform
@pytest.mark.parametrize("values", [[], [2.0], [2.0, 2.0, 2.0]])
def test_values_without_spread_keep_their_units(transform, values: list[float]):
    """Nothing, one value, or equal ones: the scale is a shift."""
    scale = ValueScale.fitted(np.array(values), transform)
    centre = values[0] if values else 0.0
    np.testing.assert_allclose(scale.to_model(np.array([centre, centre + 1.0])), [0.0, 1.0])


@every_transform
@pytest.mark.parametrize("value", [0.1, 1e6 + 0.1, -0.3, 1e-9, 1e20])
def test_equal_values_have_no_spread_though_rounding_gives_them_one(transform, value):
    """The standard deviation of three values of .1 is 1.4e-17."""
    scale = ValueScale.fitted(np.full(3, value), transform)
    np.testing.assert_allclose(scale.to_model(np.full(3, value)), 0.0)
    assert np.isfinite(scale.to_assay(np.array([-2.0, 0.0, 2.0]))).all()


def test_values_told_apart_by_rounding_alone_have_a_scale():
    values = np.append(np.full(1000, 0.1), np.nextafter(0.1, 1.0))
    assert np.isfinite(ValueScale.fitted(values, "standard").to_model(values)).all()


def test_two_limits_with_nothing_read_between_stand_apart():
    """Six designs below .1 and two above .9: ranks 6.25 and 6.75, where half a place each would be 6.5 for both."""
    values, sides = np.array([0.1] * 6 + [0.9] * 2), np.array([-1] * 6 + [1] * 2)
    scale = ValueScale.fitted(values, "ranks", sides)
    np.testing.assert_allclose(scale.model, ndtri((np.array([6.25, 6.75]) - 0.375) / 8.25))
    np.testing.assert_allclose(scale.to_assay(scale.to_model(values)), values)


@every_transform
def test_a_spread_is_half_the_width_of_its_interval(transform):
    scale = ValueScale.fitted(VALUES, transform)
    mean, std = scale.moments_to_assay(np.array([0.2]), np.array([0.4]))
    ends = scale.to_assay(np.array([-0.2, 0.6]))
    assert std[0] == pytest.approx((ends[1] - ends[0]) / 2)
    assert mean[0] == pytest.approx(scale.to_assay(np.array([0.2]))[0])


def test_only_measured_rows_are_learnt_from_in_alphabetical_order():
    space = SPACES["one length"]
    sequences = distinct(space, 5)
    rows = [Told(s, value, 0.1) for s, value in zip(sequences, [1.0, "lost", 3.0, None, 2.0], strict=True)]
    measured = Measured.of(history_of(space, rows))
    assert measured.sequences == sorted([sequences[0], sequences[2], sequences[4]])
    assert sorted(measured.values) == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(measured.std_errors, [0.1] * 3)


def test_ranks_are_those_of_scipy():
    """Ties share the mean of their places."""
    from scipy.stats import rankdata

    for values in (np.array([3.0, 1.0, 1.0, 2.0, 1.0]), np.array([7.0]), np.random.default_rng(0).integers(9, size=99)):
        np.testing.assert_array_equal(average_ranks(values), rankdata(values))
