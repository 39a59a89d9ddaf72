"""Wells beyond a limit against the integrals and orders that they stand for."""

import numpy as np
import pytest
from histories import SPACES, Told, events_of, history_of, observed
from scipy.integrate import quad
from scipy.stats import norm

from designloop.core.history import History
from designloop.core.limits import as_of_one_well, expected, highest_of, likely
from designloop.core.records import Outcome, Start
from designloop.core.shrinkage import shrunk_means

SPACE = SPACES["one length"]
A, B, C, D = "AAAAAAAA", "CCCCCCCC", "GGGGGGGG", "TTTTTTTT"
BELOW, ABOVE = {"outcome": "below_detection"}, {"outcome": "above_detection"}


def by_integral(values: list[float], errors: list[float], sides: list[int]) -> tuple[float, float]:
    """Mean and standard deviation under the product of the wells' likelihoods, by adaptive quadrature."""

    def density(v: float) -> float:
        z = (v - np.array(values)) / errors
        return float(np.prod(np.where(np.array(sides) == 0, norm.pdf(z), norm.cdf(np.array(sides) * z))))

    ends = min(values) - 8 * max(errors), max(values) + 8 * max(errors)
    total, first, second = (
        quad(lambda v, power=power: v**power * density(v), *ends, points=values, limit=500)[0] for power in range(3)
    )
    return first / total, np.sqrt(second / total - (first / total) ** 2)


@pytest.mark.parametrize(
    ("values", "errors", "sides"),
    [
        ([1.0, 0.0], [1.0, 1.0], [0, -1]),
        ([1.0, 0.0, 0.0, 0.0], [1.0] * 4, [0, -1, -1, -1]),
        ([2.0, 3.0, 3.5], [0.5, 2.0, 0.1], [0, 1, 0]),
        ([0.0, 2.0], [1.0, 1.0], [-1, 1]),
        ([1.0, 0.5, 0.4], [0.1, 1.0, 1.0], [0, -1, -1]),
    ],
)
def test_split_wells_have_the_moments_of_the_integral(values: list[float], errors: list[float], sides: list[int]):
    found = likely(tuple(values), tuple(errors), tuple(sides))
    np.testing.assert_allclose(found, by_integral(values, errors, sides), rtol=1e-6)


def test_units_are_nothing_to_split_wells():
    mean, std = likely((1.0, 0.2), (0.3, 0.4), (0, -1))
    found = likely((1e9 * 1.0, 1e9 * 0.2), (1e9 * 0.3, 1e9 * 0.4), (0, -1))
    np.testing.assert_allclose(found, (1e9 * mean, 1e9 * std))


@pytest.mark.parametrize("factor", [1e-300, 1e-160, 1e160, 1e300])
def test_units_whose_squares_no_float_holds_are_nothing_either(factor: float):
    mean, std = likely((1.0, 0.25), (0.5, 0.25), (0, -1))
    found = likely((factor, factor * 0.25), (factor * 0.5, factor * 0.25), (0, -1))
    np.testing.assert_allclose(found, (factor * mean, factor * std))


def test_wells_that_contradict_each_other_or_differ_a_millionfold_leave_no_certainty():
    """1,000,000 against a limit of 0, both with error 1: halfway, ± 1 / √2. A well with error 1e-6: ± 1e-6."""
    np.testing.assert_allclose(likely((1e6, 0.0), (1.0, 1.0), (0, -1)), (5e5, np.sqrt(0.5)), rtol=1e-3)
    mean, std = likely((1.0, 1.0), (1e-6, 1.0), (0, 1))
    assert (mean, std) == (pytest.approx(1.0), pytest.approx(1e-6, rel=1e-3))


def test_the_highest_of_two_and_three_errors_by_hand():
    """Means 1 / √π and 3 / (2 √π); variance of two 1 - 1 / π."""
    assert highest_of(1) == (0.0, 1.0)
    np.testing.assert_allclose(highest_of(2), (1 / np.sqrt(np.pi), np.sqrt(1 - 1 / np.pi)), atol=1e-5)
    assert highest_of(3)[0] == pytest.approx(1.5 / np.sqrt(np.pi), abs=1e-5)


def test_a_limit_of_many_wells_is_one_limit_with_nearly_their_likelihood():
    """Φ((c - v) / s)ⁿ within .03 everywhere, where Φ(√n (c - v) / s), the likelihood of their mean, is off by .4."""
    v = np.linspace(-6.0, 6.0, 200)
    for n in (2, 3, 8):
        moved, variance = as_of_one_well(np.array([1.0]), np.array([4.0 / n]), np.array([-1]), np.array([n]))
        exact = norm.cdf((1.0 - v) / 2.0) ** n
        assert np.abs(norm.cdf((moved - v) / np.sqrt(variance)) - exact).max() < 0.03
        upper, _ = as_of_one_well(np.array([1.0]), np.array([4.0 / n]), np.array([1]), np.array([n]))
        assert upper - 1.0 == pytest.approx(1.0 - moved)


def test_what_is_expected_of_a_limit_is_the_mean_of_the_integral():
    values, variances, sides = np.array([1.0, -2.0, 3.0]), np.array([0.5, 1.0, 2.0]), np.array([-1, 1, 0])
    found = expected(np.zeros(3), 1.5, values, variances, sides)
    for mean, value, variance, side in zip(found, values, variances, sides, strict=True):

        def density(v: float, value=value, variance=variance, side=side) -> float:
            z = (v - value) / np.sqrt(variance)
            return norm.pdf(v, scale=np.sqrt(1.5)) * (norm.pdf(z) if side == 0 else norm.cdf(side * z))

        total, first = (quad(lambda v, p=p: v**p * density(v), -12, 12)[0] for p in (0, 1))
        assert mean == pytest.approx(first / total, abs=1e-8)


def of_wells(*designs: list[tuple[float, str]], error: float | None = 0.5) -> History:
    """A history of designs A, B, ... with these wells: (value, outcome)."""
    names = (A, B, C, D)[: len(designs)]
    events = [event for i, s in enumerate(names) for event in events_of([Told(s, None)], first=i)]
    wells = [observed(i, value, error, outcome=word) for i, its in enumerate(designs) for value, word in its]
    return history_of(SPACE).after([*events, *wells])


def test_a_design_near_the_limit_is_estimated_without_bias():
    """Two or four wells of truth 1 and error 1, limit .8: the estimates that many rows leave agree on 1 within .06.

    Values and limits together have a mean of 1.3.
    """
    rng = np.random.default_rng(0)
    for n in (2, 4):
        events, wells = [], np.maximum(rng.normal(1.0, 1.0, (2500, n)), 0.8)
        for design, read in enumerate(wells.tolist()):
            events += events_of([Told(A, None)], first=design)
            for well in read:
                word = "observed" if well > 0.8 else "below_detection"
                events.append(observed(design, well, 1.0, outcome=word))
        history = history_of(SPACE).after(events)
        split = (history.sides == 0) & (history.values < history.readings)
        assert split.any()
        values, variances = as_of_one_well(history.values, history.std_errors**2, history.sides, history.n_replicates)
        estimate, narrow = 1.2, 1e-6
        for _ in range(50):  # up the slope of the log likelihood of all rows, which is what each one moves a belief by
            moved = expected(np.full(len(values), estimate), narrow, values, variances, history.sides)
            estimate += float((moved - estimate).sum() / narrow / (1.0 / variances).sum())
        assert estimate == pytest.approx(1.0, abs=0.06)
        assert wells.mean() > 1.25


def test_wells_on_both_sides_of_a_limit_are_an_estimate_that_counts_as_observed():
    """Not the mean of value and limit: the same as the integral says, and it may lie beyond the limit."""
    history = of_wells([(1.0, "observed"), (0.8, "below_detection"), (0.8, "below_detection")])
    mean, std = by_integral([1.0, 0.8, 0.8], [0.5] * 3, [0, -1, -1])
    assert history.sides.tolist() == [0]
    np.testing.assert_allclose((history.values[0], history.std_errors[0]), (mean, std), rtol=1e-6)
    assert history.values[0] < 0.8 == history.readings[0]


def test_an_exact_value_stands_beside_a_limit():
    history = of_wells([(1.0, "observed"), (0.8, "below_detection")], error=0.0)
    assert (history.values[0], history.std_errors[0]) == (1.0, 0.0)


def test_split_wells_of_unknown_error_have_that_of_the_other_replicates():
    """B and C show a variance of 2 and 0, 1 in all: A's wells have an error of 1; limits of D show no spread."""
    b, c = [(1.0, "observed"), (3.0, "observed")], [(5.0, "observed"), (5.0, "observed")]
    d = [(0.5, "below_detection")] * 2
    history = of_wells([(1.0, "observed"), (0.5, "below_detection")], b, c, d, error=None)
    np.testing.assert_allclose((history.values[0], history.std_errors[0]), likely((1.0, 0.5), (1.0, 1.0), (0, -1)))
    assert history.std_errors[3] == pytest.approx(np.sqrt(1.0 / 2))


def test_split_wells_that_are_far_apart_have_a_large_error_as_wells_with_values_would():
    """B shows a variance of 0.02. A's wells, 2 apart, have (2 + 4 x 0.02) / 5; those that may be equal have 0.02."""
    b = [(1.0, "observed"), (1.2, "observed")]
    history = of_wells([(0.5, "below_detection"), (2.5, "observed")], b, error=None)
    wide = np.sqrt((2.0 + 4 * 0.02) / 5)
    found = history.values[0], history.std_errors[0]
    np.testing.assert_allclose(found, likely((0.5, 2.5), (wide, wide), (-1, 0)))
    alike = of_wells([(0.5, "below_detection"), (-1.5, "observed")], b, error=None)
    narrow = np.sqrt(0.02)
    np.testing.assert_allclose(alike.values[0], likely((0.5, -1.5), (narrow, narrow), (-1, 0))[0])


@pytest.mark.parametrize("first", ["below_detection", "observed"])
def test_a_design_with_a_value_is_observed_whichever_well_came_first(first: str):
    other = {"below_detection": "observed", "observed": "below_detection"}[first]
    assert of_wells([(0.5, first), (0.5, other)]).outcomes == [Outcome.OBSERVED]
    assert of_wells([(0.5, "below_detection")] * 2).outcomes == [Outcome.BELOW_DETECTION]


def test_starting_sequences_are_merged_as_designs_are():
    """Rows of a file with their outcomes: the same wells, the same estimate."""
    starts = [
        Start(A, 1.0, 0.5, Outcome.OBSERVED), Start(A, 0.8, 0.5, Outcome.BELOW_DETECTION),
        Start(B, 0.8, 0.5, Outcome.BELOW_DETECTION), Start(B, 0.8, 0.5, Outcome.BELOW_DETECTION),
    ]  # fmt: skip
    history = history_of(SPACE, starts=starts)
    wells = [(1.0, "observed"), (0.8, "below_detection")], [(0.8, "below_detection")] * 2
    designs = of_wells(*wells)
    np.testing.assert_array_equal(history.values, designs.values)
    np.testing.assert_array_equal(history.std_errors, designs.std_errors)
    assert history.sides.tolist() == designs.sides.tolist() == [0, -1]


def test_split_wells_without_any_other_replicate_have_their_own_spread():
    """(1, .5): s² = .125; of equal wells nothing is known."""
    history = of_wells([(1.0, "observed"), (0.5, "below_detection")], error=None)
    s = np.sqrt(0.125)
    assert history.values[0] == pytest.approx(likely((1.0, 0.5), (s, s), (0, -1))[0])
    equal = of_wells([(0.5, "observed"), (0.5, "below_detection")], error=None)
    assert equal.values[0] == 0.5
    assert np.isnan(equal.std_errors[0])


def test_errors_that_grow_with_the_readings_are_those_of_the_wells_that_were_read():
    """A multiplicative assay states an error of 0 at a limit of 0; the well that reads 1 has .2."""
    events = [*events_of([Told(A, None)]), observed(0, 1.0, 0.2), observed(0, 0.0, 0.0, **BELOW)]
    history = history_of(SPACE).after(events)
    np.testing.assert_allclose((history.values[0], history.std_errors[0]), likely((1.0, 0.0), (0.2, 0.2), (0, -1)))


def test_all_wells_above_saturation_are_worth_more_than_some():
    """Limit 1: both wells above, then one well, then one of two; at the old count the last was level with .95."""
    history = of_wells(
        [(0.9, "observed"), (1.0, "above_detection")], [(1.0, "above_detection")] * 2, [(1.0, "above_detection")],
        [(0.2, "observed")] * 2,
    )  # fmt: skip
    split, both, one, low = shrunk_means(history)
    assert both > one > low
    assert both > split > low


@pytest.mark.parametrize("unit", [2.0**-900, 2.0**-550, 2.0**900])
def test_units_are_nothing_to_replicates_and_to_what_a_value_is_worth(unit: float):
    """An oracle may return probabilities near 1e-200. Weights of wells and shrunk means must not underflow."""

    def worth(by: float) -> tuple[list[float], list[float]]:
        read = [[(1.0, 0.25), (0.5, 0.125)], [(0.25, 0.5)], [(2.0, 0.25), (2.25, 0.5)]]
        events = list(events_of([Told(letter * 8, None) for letter in "ACG"]))
        events += [observed(i, by * value, by * error) for i, wells in enumerate(read) for value, error in wells]
        history = history_of(SPACE).after([*events, observed(1, 0.25 * by, 0.5 * by, **BELOW)])
        return (shrunk_means(history) / by).tolist(), (history.std_errors / by).tolist()

    assert worth(unit) == worth(1.0)
