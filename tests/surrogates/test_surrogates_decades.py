"""The asinh scale: where values span decades, how it is softened, and that it is inverted."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth

from designloop.core.random import stream
from designloop.surrogates import BayesianLinear
from designloop.surrogates.decades import asinh_scale
from designloop.surrogates.regression import Regression, rank_correlation, scales

SPACE = SPACES["one length"]
RNG = np.random.default_rng(0)
DECADES = np.sort(np.exp(2.0 * RNG.standard_normal(200)))
EXACT = np.zeros(200)


def softened(values: np.ndarray, errors: np.ndarray) -> float:
    """s = half of the value at which the slope has fallen to 1 / √2 of that at zero, by the curve itself."""
    scale = asinh_scale(values, errors)
    assert scale is not None
    at = np.array([0.0, values.max() / 2.0, values.max()])
    low, high = 1e-12, 10.0 * values.max()
    ratio = np.diff(scale.to_model(at))
    for _ in range(200):
        middle = np.sqrt(low * high)
        bent = np.diff(np.arcsinh(at / (2.0 * middle)))
        low, high = (low, middle) if bent[0] / bent[1] < ratio[0] / ratio[1] else (middle, high)
    return float(middle)


def test_scores_are_standardised_asinh():
    scale = asinh_scale(DECADES, EXACT)
    s = max(DECADES[0] / 2, 0.02 * np.quantile(DECADES, 0.9))
    bent = np.arcsinh(DECADES / (2 * s))
    np.testing.assert_allclose(scale.to_model(DECADES), (bent - bent.mean()) / bent.std(), atol=1e-4)


@pytest.mark.parametrize(
    ("values", "errors", "s"),
    [
        (np.append(np.full(20, 1.0), np.linspace(5.0, 9.0, 20)), np.zeros(40), 0.5),
        (DECADES, np.full(200, 0.9), 0.9),
        (DECADES, np.where(np.arange(200) < 120, 0.7, np.nan), 0.7),
        (DECADES, np.full(200, np.nan), 0.02 * np.quantile(DECADES, 0.9)),
    ],
    ids=["half the least value", "the error", "the error of those that have one", "2% of the 90% quantile"],
)
def test_it_is_linear_below_the_error(values: np.ndarray, errors: np.ndarray, s: float):
    assert softened(values, errors) == pytest.approx(s, rel=1e-2)


def test_there_and_back_again():
    scale, values = asinh_scale(DECADES, EXACT), np.linspace(-200.0, 5000.0, 300)
    np.testing.assert_allclose(scale.to_assay(scale.to_model(values)), values, rtol=1e-9, atol=1e-9)
    assert (np.diff(scale.to_model(np.sort(values))) > 0).all()


def test_errors_are_mapped_by_the_slope():
    scale, s = asinh_scale(DECADES, EXACT), 0.02 * np.quantile(DECADES, 0.9)
    spread = np.arcsinh(DECADES / (2 * s)).std()
    for at in (0.0, 1.0, 20.0):
        slope = 1.0 / np.sqrt(at**2 + 4 * s**2) / spread
        found = scale.errors_to_model(np.array([at]), np.array([0.02]))[0]
        assert found == pytest.approx(0.02 * slope, rel=0.02)


@pytest.mark.parametrize("values", [
    np.array([]), np.zeros(5), np.full(5, 2.0), -DECADES, DECADES + 1000.0, DECADES - 1000.0, DECADES - 0.5,
    RNG.standard_normal(50), np.linspace(1.0, 3.0, 50), np.array([1.0]),
])  # fmt: skip
def test_other_values_span_no_decades(values: np.ndarray):
    """Constant, narrow, below zero without an error that explains it: ranks, whatever is added to all of them."""
    assert asinh_scale(values, np.zeros(len(values))) is None


def test_values_below_zero_by_their_error_are_allowed():
    """Of 960 zeros with an error, some are 3 errors below; none is 5 below."""
    read = np.append(0.1 * np.random.default_rng(4).standard_normal(960), DECADES)
    errors = np.full(len(read), 0.1)
    assert (read < -0.3).any()
    assert asinh_scale(read, errors) is not None
    assert asinh_scale(np.append(read, -0.5), np.append(errors, 0.1)) is None


def told(values: np.ndarray, sequences: list[str]):
    return history_of(SPACE, [Told(s, float(v)) for s, v in zip(sequences, values, strict=True)])


def test_auto_takes_the_scale_that_orders_left_out_designs_better():
    """It is one of both fits, the one with the higher correlation; ranks where nothing spans decades."""
    sequences = distinct(SPACE, 120, seed=1)
    truth = np.array([worth(s) for s in sequences])
    for values in (np.exp(2.0 * truth), np.where(truth > np.median(truth), np.exp(3.0 * truth), 0.0)):
        history = told(values, sequences)
        model = Regression.of(history, *BayesianLinear()._views(history))
        fits = [model.fitted(scale, 1.0) for scale in scales(model.measured, "auto")]
        assert len(fits) == 2
        best = BayesianLinear(transform="auto").fit(history, stream(0, "fit"))
        expected = max(fits, key=lambda fit: fit.correlation)
        np.testing.assert_array_equal(best.scale.assay, expected.posterior.scale.assay)
    model = Regression.of(told(truth, sequences), [*BayesianLinear()._views(history)[0]])
    (ranks,) = scales(model.measured, "auto")
    np.testing.assert_array_equal(ranks.model, scales(model.measured, "ranks")[0].model)


@pytest.mark.parametrize("transform", ["asinh", "auto"])
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_equal_values_have_a_belief(transform, value: float):
    sequences = distinct(SPACE, 20, seed=1)
    part = BayesianLinear(transform=transform, features="gapped-pairs")
    mean, std = part.fit(told(np.full(20, value), sequences), stream(0, "fit")).moments(sequences)
    assert np.isfinite([mean, std]).all()
    np.testing.assert_allclose(mean, value, atol=0.2)


def test_weighted_rank_correlation_is_that_of_repeated_rows():
    one, other = np.array([1.0, 2.0, 2.0, 7.0, 3.0]), np.array([0.0, 5.0, 1.0, 6.0, 2.0])
    from scipy.stats import rankdata, spearmanr

    assert rank_correlation(one, other, np.ones(5)) == pytest.approx(spearmanr(one, other).statistic)
    counts = np.array([1, 3, 1, 2, 1])
    ranks = [np.repeat(rankdata(values), counts) for values in (one, other)]
    assert rank_correlation(one, other, counts.astype(float)) == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert rank_correlation(np.ones(5), other, np.ones(5)) == 0.0
