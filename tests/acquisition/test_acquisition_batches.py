"""Joint acquisition functions against closed forms, numerical integration and plain greedy search."""

import numpy as np
import pytest
from gaussians import Gaussian
from scipy.stats import multivariate_normal

from designloop.acquisition import QUCB, UCB, LogEI, QLogEI, QLogNEI
from designloop.acquisition.base import Acquisition, Choice
from designloop.acquisition.improvement import expected_improvement
from designloop.acquisition.lazy import fat_plus, lazily, log_gains
from designloop.acquisition.monte_carlo import Joint
from designloop.core.random import stream
from designloop.pending_rules import Ignore
from designloop.pending_rules.base import PendingDesigns

IDLE = PendingDesigns()
TWO = Gaussian("ab", np.array([0.3, 0.5]), np.array([[1.0, 0.6], [0.6, 0.5]]))
GRID = np.linspace(-7.0, 7.0, 1401)


def integral(of, posterior: Gaussian = TWO) -> float:
    """E[of(values of a, values of b)] on a grid."""
    a, b = np.meshgrid(GRID, GRID, indexing="ij")
    density = multivariate_normal(posterior.mean, posterior.covariance).pdf(np.stack([a, b], axis=-1))
    return float((of(a, b) * density).sum() * (GRID[1] - GRID[0]) ** 2)


def drawn(posterior: Gaussian = TWO, n: int = 40_000, seed: int = 0) -> np.ndarray:
    return posterior.draw(n, stream(seed, "draws"))(posterior.names)


def is_within_three_errors(sample: np.ndarray, expected: float) -> bool:
    return abs(sample.mean() - expected) < 3.0 * sample.std() / np.sqrt(len(sample))


def test_smooth_improvement_is_improvement_but_for_a_millionth():
    difference = np.array([-3.0, -1e-3, 0.0, 1e-3, 2.0])
    np.testing.assert_allclose(fat_plus(difference), np.maximum(difference, 0.0), atol=1e-6)
    assert (np.diff(fat_plus(np.linspace(-5, 5, 10_001))) > 0).all()


def test_the_gain_of_one_is_its_expected_improvement():
    """Φ and φ of two candidates, against 40,000 draws."""
    sample = drawn()
    expected = expected_improvement(TWO.mean, np.sqrt(np.diag(TWO.covariance)), 1.0)
    for place in (0, 1):
        assert is_within_three_errors(np.maximum(sample[:, place] - 1.0, 0.0), expected[place])
    found = np.exp(log_gains(sample.T, np.ones(len(sample))))
    np.testing.assert_allclose(found, np.maximum(sample - 1.0, 0.0).mean(axis=0), atol=1e-6)


def test_the_gains_of_two_add_up_to_their_joint_expected_improvement():
    """E max(a - 1, b - 1, 0), integrated over the plane."""
    sample = drawn()
    expected = integral(lambda a, b: np.maximum(np.maximum(a, b) - 1.0, 0.0))
    improvement = np.maximum(sample.max(axis=1) - 1.0, 0.0)
    assert is_within_three_errors(improvement, expected)
    best = np.ones(len(sample))
    gains = np.exp(log_gains(sample.T[:1], best)) + np.exp(log_gains(sample.T[1:], np.maximum(best, sample[:, 0])))
    assert gains[0] == pytest.approx(improvement.mean(), abs=2e-6)


def test_the_bound_of_two_is_that_of_wilson_et_al():
    """For one design, E[mean + beta · sqrt(π/2) · |deviation|] is mean + beta · std; for two, the plane's integral."""
    bounds = QUCB(beta=1.5)._bounds(joint(TWO, 40_000).sample("ab"))
    for place in (0, 1):
        assert is_within_three_errors(bounds[:, place], TWO.mean[place] + 1.5 * np.sqrt(TWO.covariance[place, place]))
    scale = 1.5 * np.sqrt(np.pi / 2)
    expected = integral(lambda a, b: np.maximum(0.3 + scale * abs(a - 0.3), 0.5 + scale * abs(b - 0.5)))
    assert is_within_three_errors(bounds.max(axis=1), expected)


def joint(posterior: Gaussian, n: int = 512, threshold: float = 0.0) -> Joint:
    of = Choice(posterior.names, 1, posterior, IDLE, threshold, stream(0, "choose"), np.zeros(len(posterior.names)))
    return QLogEI(n_draws=n)._drawn(of)


def test_draws_have_the_moments_of_the_posterior_and_their_own_correlations():
    sample = joint(TWO, 4000).sample("ab").values
    np.testing.assert_allclose(sample.mean(axis=0), TWO.mean, atol=1e-9)
    np.testing.assert_allclose(sample.std(axis=0), np.sqrt(np.diag(TWO.covariance)), atol=1e-9)
    assert np.corrcoef(sample.T)[0, 1] == pytest.approx(0.6 / np.sqrt(0.5), abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_a_lazy_choice_is_the_greedy_one(seed: int):
    """Every gain computed again at every step, also once nothing improves on anything."""
    rng = stream(seed, "values")
    values, best, weights = rng.normal(size=(200, 30)), rng.normal(size=30), -rng.random(200)
    taken: list[int] = []
    now = best
    for _ in range(60):
        score = weights + log_gains(values, now)
        score[taken] = -np.inf
        taken.append(int(np.argmax(score)))
        now = np.maximum(now, values[taken[-1]])
    assert lazily(60, values, best, weights) == taken


@pytest.mark.parametrize(
    ("joint_part", "alone"), [(QLogEI(), LogEI()), (QLogNEI(), LogEI()), (QUCB(beta=2.0), UCB(beta=2.0))]
)
def test_the_first_choice_is_that_of_the_function_of_one(joint_part: Acquisition, alone: Acquisition):
    """The joint score of one design is the closed form, which is also what a generator climbs."""
    posterior = Gaussian.random("abcdefgh", seed=1)
    score = alone.score(*posterior.model_moments("abcdefgh"), 1.0)
    many = joint_part.with_(n_draws=20_000)
    assert many.choose("abcdefgh", 1, posterior, IDLE, 1.0, stream(0, "c")) == [int(np.argmax(score))]
    np.testing.assert_array_equal(joint_part.score(*posterior.model_moments("abcdefgh"), 1.0), score)


def families() -> Gaussian:
    """Four near-duplicates with the highest means, and two loners."""
    covariance = np.eye(6)
    covariance[:4, :4] = 0.999
    np.fill_diagonal(covariance, 1.0)
    return Gaussian("abcdef", np.array([1.0, 0.999, 0.998, 0.997, 0.7, 0.6]), covariance)


every_joint = pytest.mark.parametrize("part", [QLogEI(), QLogNEI(), QUCB(beta=2.0)], ids=lambda part: part.kind)


@every_joint
def test_a_batch_spreads_over_near_duplicates(part: Acquisition):
    taken = part.choose("abcdef", 3, families(), IDLE, 0.9, stream(0, "c"))
    assert taken[0] in range(4)
    assert set(taken[1:]) == {4, 5}


@every_joint
def test_a_pending_design_is_part_of_the_batch(part: Acquisition):
    """With one of the family in the lab the loners are next; if it is ignored, its kin are as good as ever."""
    lab = PendingDesigns(("a",))
    assert set(part.choose("bcdef", 2, families(), lab, 0.9, stream(0, "c"))) == {3, 4}
    assert part.with_(pending=Ignore()).choose("bcdef", 1, families(), lab, 0.9, stream(0, "c"))[0] in range(3)


def test_a_batch_with_a_pending_design_gains_what_the_plane_says():
    """E max(b - max(1, a), 0), which is not what assuming the mean of a would give."""
    lab = PendingDesigns(("a",))
    both = joint(TWO, 40_000, threshold=1.0)
    best = np.maximum(both.thresholds, both.sample(lab.sequences).values.max(axis=1))
    sample = np.maximum(both.sample("b").values[:, 0] - best, 0.0)
    assert is_within_three_errors(sample, integral(lambda a, b: np.maximum(b - np.maximum(1.0, a), 0.0)))


def test_a_noisy_best_value_is_drawn_with_the_candidates():
    """`b` is the twin of measured `m`, so it cannot improve on it; log-ei over the mean of m would take it."""
    covariance = np.array([[1.0, 0.9999, 0.0], [0.9999, 1.0, 0.0], [0.0, 0.0, 0.25]])
    posterior, lab = Gaussian("mbc", np.array([0.5, 0.5, 0.5]), covariance), PendingDesigns((), np.zeros(1), ("m",))
    assert QLogNEI().choose("bc", 1, posterior, lab, 0.5, stream(0, "c")) == [1]
    assert QLogEI().choose("bc", 1, posterior, lab, 0.5, stream(0, "c")) == [0]


@pytest.mark.parametrize(("shade", "first"), [(0.05, 1), (-0.05, 0)])
def test_viability_is_the_probability_that_a_gain_is_real(shade: float, first: int):
    """b gains more, and is less viable: what counts is gain · P(viable), here 5% to either side of equality."""
    posterior = Gaussian("ab", np.array([0.0, 0.4]), np.eye(2))
    gains = LogEI().score(posterior.mean, np.ones(2), 0.5)
    viable = np.array([0.0, gains[0] - gains[1] + shade])
    assert QLogEI(n_draws=60_000).choose("ab", 1, posterior, IDLE, 0.5, stream(0, "c"), viable) == [first]


def test_draws_under_fantasies_are_taken_from_each_belief_in_turn():
    """Means of the two beliefs alternate, and the spread about them is the posterior's."""
    two = Gaussian("ab", np.array([[0.0, 1.0], [4.0, 5.0]]), np.eye(2))
    sample = joint(two, 2000).sample("ab")
    np.testing.assert_array_equal(sample.means[:2], two.mean)
    np.testing.assert_allclose(sample.values[0::2].mean(axis=0), [0.0, 1.0], atol=0.1)
    np.testing.assert_allclose(sample.deviations.std(axis=0), 1.0)
