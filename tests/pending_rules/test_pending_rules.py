"""Pending rules by closed forms of a Gaussian posterior, and the laws that each of them keeps."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from histories import PENDING_RULES, SPACES, SURROGATES, busy_history, distinct
from scipy.stats import norm

from designloop.acquisition import EI, PI, UCB, Greedy, LogEI, Thompson
from designloop.acquisition.base import Acquisition
from designloop.core.random import stream
from designloop.pending_rules import ConstantLiar, Fantasies, Ignore, KrigingBeliever, Pessimistic
from designloop.pending_rules.base import PendingDesigns, PendingRule
from designloop.surrogates.base import Floats, Posterior

every_rule = pytest.mark.parametrize("rule", PENDING_RULES.values(), ids=PENDING_RULES)
every_surrogate = pytest.mark.parametrize("surrogate", SURROGATES)
ACQUISITIONS = (Greedy, UCB, EI, LogEI, PI, Thompson)
every_acquisition = pytest.mark.parametrize("acquisition", ACQUISITIONS, ids=lambda part: part.__name__)
SPACE = SPACES["one length"]
CANDIDATES = distinct(SPACE, 60, seed=9)


@dataclass(frozen=True)
class Gaussian:
    """A joint Gaussian over the letters a to z, conditioned in closed form."""

    mean: Floats
    covariance: Floats
    noise: float = 0.0

    def places(self, sequences):
        return ["abcdefghijklmnopqrstuvwxyz".index(sequence) for sequence in sequences]

    def model_moments(self, sequences):
        places = self.places(sequences)
        return self.mean[..., places], np.sqrt(np.maximum(np.diag(self.covariance)[places], 0.0))

    def draw(self, k, rng, *, scale=1.0):
        root = np.linalg.cholesky(self.covariance + 1e-9 * np.eye(len(self.covariance)))
        means = np.atleast_2d(self.mean)[np.arange(k) % len(np.atleast_2d(self.mean))]
        functions = means + scale * rng.standard_normal((k, len(root))) @ root.T
        return lambda sequences: functions[:, self.places(sequences)]

    def condition(self, sequences, values):
        p = self.places(sequences)
        seen = self.covariance[np.ix_(p, p)] + (self.noise + 1e-12) * np.eye(len(p))
        gain = np.linalg.solve(seen, self.covariance[p])
        return replace(
            self,
            mean=self.mean + (values - self.mean[p]) @ gain,
            covariance=self.covariance - self.covariance[:, p] @ gain,
        )


def pair(correlation: float, mean: tuple[float, float, float] = (1.0, 0.9, 0.5), noise: float = 0.0) -> Gaussian:
    """`a` is in the lab, `b` its kin, `c` a loner; all of variance 1."""
    covariance = np.eye(3)
    covariance[0, 1] = covariance[1, 0] = correlation
    return Gaussian(np.array(mean), covariance, noise)


PENDING = PendingDesigns(("a",), np.array([-1.0, 0.0, 1.6]))


def moments(rule: PendingRule, posterior: Gaussian, threshold: float = 0.8):
    belief = rule.believed(posterior, PENDING, threshold, stream(0, "rule"))
    return *belief.posterior.model_moments("bc"), belief.threshold


def score(part: type[Acquisition], rule: PendingRule, posterior: Gaussian, threshold: float = 0.8) -> Floats:
    return part(pending=rule).targets(posterior, PENDING, threshold, 1, stream(0, "rule"))("bc")[0]


def test_believers_keep_the_mean_and_narrow_the_kin():
    """Mean unchanged; the kin's std is √(1 - ρ²) = 0.6; the loner's stays; the threshold too."""
    mean, std, threshold = moments(KrigingBeliever(), pair(0.8))
    np.testing.assert_allclose(mean, [0.9, 0.5])
    np.testing.assert_allclose(std, [0.6, 1.0])
    assert threshold == 0.8


@pytest.mark.parametrize(("lie", "value"), [("min", -1.0), ("mean", 0.2), ("max", 1.6)])
def test_a_constant_liar_moves_the_kin_by_its_correlation(lie: str, value: float):
    """Kin's mean is 0.9 + ρ (lie - 1); what must be improved on is the lie, where that is more than was there."""
    mean, std, threshold = moments(ConstantLiar(lie=lie), pair(0.8))
    np.testing.assert_allclose(mean, [0.9 + 0.8 * (value - 1.0), 0.5])
    np.testing.assert_allclose(std, [0.6, 1.0])
    assert threshold == pytest.approx(max(value, 0.8))


def test_a_liar_with_nothing_measured_believes():
    belief = ConstantLiar(lie="min").believed(pair(0.8), PendingDesigns(("a",)), 0.8, stream(0, "rule"))
    np.testing.assert_allclose(belief.posterior.model_moments("bc")[0], [0.9, 0.5])


def test_a_pessimist_believes_the_lower_bound():
    """Kin's mean is 0.9 - ρ · beta · 1: below the believer's, as are all its scores."""
    mean, _, threshold = moments(Pessimistic(beta=2.0), pair(0.8))
    np.testing.assert_allclose(mean, [0.9 - 0.8 * 2.0, 0.5])
    assert threshold == 0.8
    for part in (Greedy, UCB, LogEI, PI):
        low, high = (score(part, rule, pair(0.8)) for rule in (Pessimistic(beta=2.0), KrigingBeliever()))
        assert low[0] < high[0]
        assert low[1] == pytest.approx(high[1])


def test_a_pessimist_without_pessimism_is_a_believer():
    one, other = (moments(rule, pair(0.8)) for rule in (Pessimistic(beta=0.0), KrigingBeliever()))
    np.testing.assert_array_equal(one[0], other[0])


@pytest.mark.parametrize("part", [EI, LogEI, PI], ids=lambda part: part.__name__)
def test_the_best_lie_lowers_the_improvement_of_kin(part: type[Acquisition]):
    """As good as the best so far: near a pending design nothing is left to improve."""
    lied, ignored = (score(part, rule, pair(0.99)) for rule in (ConstantLiar(lie="max"), Ignore()))
    assert lied[0] < ignored[0] - 0.5


def test_many_fantasies_average_to_the_expected_improvement_over_the_pending_design():
    """E max(f_b - max(T, f_a), 0), by direct simulation of both."""
    posterior = pair(0.6)
    rule = Fantasies(n_fantasies=64)
    found = np.exp([
        EI(pending=rule).targets(posterior, PENDING, 0.8, 1, stream(seed, "rule"))("b")[0, 0] for seed in range(200)
    ]).mean()  # fmt: skip
    f = posterior.draw(400_000, stream(1, "check"))("ab")
    assert found == pytest.approx(np.maximum(f[:, 1] - np.maximum(0.8, f[:, 0]), 0.0).mean(), rel=0.03)
    assert found < 0.6 * np.exp(score(EI, Ignore(), posterior)[0])


def test_logarithms_are_averaged_as_what_they_are_logarithms_of():
    """Two beliefs of improvement 0.2 and 0.4 have the mean 0.3; their bounds, the mean bound."""
    means, std = np.array([[-0.5], [1.0]]), np.array([1.0])
    alone = [np.exp(LogEI().score(mean, std, 0.0)[0]) for mean in means]
    assert np.exp(LogEI()._averaged(means, std, 0.0)[0]) == pytest.approx(np.mean(alone))
    assert np.exp(PI()._averaged(means, std, 0.0)[0]) == pytest.approx(norm.cdf(means[:, 0]).mean())
    assert UCB(beta=2.0)._averaged(means, std, 0.0)[0] == pytest.approx(0.25 + 2.0)


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_thompson_under_fantasies_is_in_law_thompson_that_ignores(noise: float, scale: float):
    """A draw conditioned on a draw is a draw: mean and covariance are those of the posterior that came in."""
    posterior, rule = pair(0.8, noise=noise), Fantasies(n_fantasies=64)
    part = Thompson(scale=scale, pending=rule)
    draws = np.vstack([part.targets(posterior, PENDING, 0.8, 64, stream(seed, "t"))("abc") for seed in range(400)])
    np.testing.assert_allclose(draws.mean(axis=0), posterior.mean, atol=0.03)
    np.testing.assert_allclose(np.cov(draws.T), scale**2 * posterior.covariance, atol=0.04)


def test_thompson_under_a_belief_draws_from_what_is_left_unsure():
    """Believers: the kin's draws stand 0.6 off, and none is moved."""
    draws = Thompson(scale=1.0).targets(pair(0.8), PENDING, 0.8, 20_000, stream(0, "t"))("bc")
    np.testing.assert_allclose(draws.mean(axis=0), [0.9, 0.5], atol=0.03)
    np.testing.assert_allclose(draws.std(axis=0), [0.6, 1.0], atol=0.02)


@lru_cache
def fitted(surrogate: str) -> Posterior:
    return SURROGATES[surrogate].fit(busy_history(SPACE), stream(0, "fit"))


def told(surrogate: str) -> PendingDesigns:
    return PendingDesigns(tuple(CANDIDATES[:5]), fitted(surrogate).to_model_scale(np.array([0.0, 1.0, 3.0])))


@every_surrogate
def test_beliefs_taken_together_are_those_taken_one_by_one(surrogate: str):
    """Conditioned on (k, p) values, means are (k, n) and row j is what values j alone would give."""
    posterior = fitted(surrogate)
    values = stream(0, "values").normal(size=(3, 5))
    means, std = posterior.condition(CANDIDATES[:5], values).model_moments(CANDIDATES)
    assert means.shape == (3, 60)
    for row, mean in zip(values, means, strict=True):
        alone, alone_std = posterior.condition(CANDIDATES[:5], row).model_moments(CANDIDATES)
        np.testing.assert_allclose(mean, alone, atol=1e-5)
        if surrogate != "motifs":  # whose particles move by their own gains, so that the spread depends on the values
            np.testing.assert_allclose(std, alone_std, atol=1e-5)


@every_surrogate
def test_functions_are_drawn_from_beliefs_in_turn(surrogate: str):
    """Draw i belongs to belief i mod k; with no spread it is that belief's mean."""
    if surrogate == "motifs":
        pytest.skip("a draw of motifs is one of its particles, whatever the scale")
    posterior = fitted(surrogate).condition(CANDIDATES[:5], stream(0, "values").normal(size=(3, 5)))
    means = posterior.model_moments(CANDIDATES)[0]
    flat = posterior.draw(7, stream(0, "d"), scale=0.0)(CANDIDATES)
    np.testing.assert_allclose(flat, means[np.arange(7) % 3], atol=1e-6)


@every_rule
@every_acquisition
def test_with_nothing_pending_every_rule_chooses_alike(rule: PendingRule, acquisition: type[Acquisition]):
    belief, idle = fitted("bayesian-linear"), PendingDesigns((), np.array([1.0, 2.0]))
    plain, ruled = (acquisition(pending=r) for r in (Ignore(), rule))
    climbed = [part.targets(belief, idle, 0.5, 9, stream(2, "c"))(CANDIDATES) for part in (plain, ruled)]
    chosen = [part.choose(CANDIDATES, 9, belief, idle, 0.5, stream(2, "c")) for part in (plain, ruled)]
    np.testing.assert_array_equal(*climbed)
    assert chosen[0] == chosen[1]


@every_rule
@every_surrogate
@every_acquisition
def test_what_is_climbed_is_what_chooses(rule: PendingRule, surrogate: str, acquisition: type[Acquisition]):
    """From one state of the generator, the first choice is the best of the (first) function that was climbed."""
    belief, lab, part = fitted(surrogate), told(surrogate), acquisition(pending=rule)
    function = part.targets(belief, lab, 0.5, 4, stream(2, "c"))(CANDIDATES)[0]
    assert part.choose(CANDIDATES, 4, belief, lab, 0.5, stream(2, "c"))[0] == int(np.argmax(function))


@every_rule
@every_surrogate
def test_a_belief_leaves_the_posterior_as_it_was(rule: PendingRule, surrogate: str):
    posterior, lab = fitted(surrogate), told(surrogate)
    before = posterior.model_moments(CANDIDATES)
    rule.believed(posterior, lab, 0.5, stream(0, "rule"))
    np.testing.assert_array_equal(posterior.model_moments(CANDIDATES), before)
