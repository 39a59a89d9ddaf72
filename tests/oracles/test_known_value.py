"""The truth given a measured value, or given that a reading lay beyond a limit, has the textbook distribution."""

import numpy as np
import pytest
from scipy.stats import truncnorm

from designloop.oracles.known_value import KnownValue

_RNG = np.random.default_rng(0)
DICE = np.column_stack([_RNG.standard_normal(20_000), _RNG.random(20_000)]).tolist()


def rests(known: KnownValue, drawn: float) -> np.ndarray:
    return np.array([known.rest(drawn, z, u) for z, u in DICE])


def test_a_truth_given_its_value_is_weighted_by_precision() -> None:
    """Prior variance 3, variance of the error 1: three quarters of the way, with variance 3 / 4."""
    found = rests(KnownValue(2.0, 1.0, 3.0), 1.0)
    assert found.mean() == pytest.approx(0.75, abs=0.02)
    assert found.var() == pytest.approx(0.75, abs=0.02)


def test_a_truth_is_expected_within_two_standard_errors_of_its_value() -> None:
    """Nothing is unexplained, says the model, but the value is ten standard errors off the function."""
    found = rests(KnownValue(10.0, 1.0, 0.0), 0.0)
    assert found.mean() == pytest.approx(8.0, abs=0.03)
    assert KnownValue(1.9, 1.0, 0.0).rest(0.0, 1.0, 0.5) == 0.0, "which noise may explain"


@pytest.mark.parametrize("side", [-1, 1])
def test_a_truth_beyond_a_limit_is_that_of_a_truncated_reading(side: int) -> None:
    """Truth N(0, 3), reading = truth + N(0, 1) beyond the limit 1: closed form of the truncated normal."""
    found = rests(KnownValue(1.0, 1.0, 3.0, side), 0.0)
    reading = truncnorm(*((-np.inf, 0.5) if side < 0 else (0.5, np.inf)), scale=2.0)
    assert found.mean() == pytest.approx(0.75 * reading.mean(), abs=0.02)
    assert found.var() == pytest.approx(0.75**2 * reading.var() + 0.75, abs=0.03)


def test_a_limit_far_from_the_function_is_respected() -> None:
    low = rests(KnownValue(-40.0, 1e-4, 1.0, -1), 0.0)
    assert (low < -39.9).all()
    assert np.isfinite(low).all()
    assert KnownValue(1.0, 0.0, 0.0, -1).rest(3.0, 0.0, 0.5) == -2.0
    assert KnownValue(1.0, 0.0, 0.0, -1).rest(-3.0, 0.0, 0.5) == 0.0


def test_values_of_one_sequence_are_joined() -> None:
    a, limit = KnownValue(1.0, 1.0, 0.5), KnownValue(3.0, 1.0, 0.5, -1)
    assert a.joined(KnownValue(2.0, 1.0, 0.5)) == KnownValue(1.5, 0.5, 0.5)
    assert a.joined(limit) == limit.joined(a) == a
    assert limit.joined(KnownValue(2.0, 1.0, 0.5, -1)).value == 2.0
    assert a.joined(KnownValue(2.0, 0.0, 0.5)) == KnownValue(1.5, 0.0, 0.5)
