"""The Bayesian linear model against normal equations, brute-force evidence and its own draws."""

import numpy as np
import pytest
from histories import SPACES, SURROGATES, Told, busy_history, distinct, history_of, worth

from designloop.core.alphabet import Alphabet
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.surrogates import BayesianLinear
from designloop.surrogates.bayesian_linear import LinearPosterior, _Belief, _emphasised, _evidence_fit
from designloop.surrogates.views import OneHot

SPACE = SPACES["many lengths"]
PROBES = distinct(SPACE, 25, seed=11)


def fitted(part: BayesianLinear = SURROGATES["bayesian-linear"], **busy) -> LinearPosterior:  # type: ignore[assignment]
    return part.fit(busy_history(SPACE, **busy), stream(0, "fit"))


def test_two_points_by_hand():
    """One position, letters A and B, prior variance 1, noise 1, targets 1 and -1: means are ±1/2, variances 1/2."""
    belief = _Belief(np.eye(2), np.zeros(2)).updated(np.eye(2), np.array([1.0, -1.0]), np.ones(2))
    np.testing.assert_allclose(belief.mean, [0.5, -0.5])
    space = Space.of_length(Alphabet(name="two", letters="AB"), 1)
    part = BayesianLinear(transform="standard", emphasis=0)
    posterior = part.fit(history_of(space, [Told("A", 1.0), Told("B", -1.0)]), stream(0, "fit"))
    mean, std = posterior.model_moments(["A", "B"])
    prior = 1.0 / posterior.belief.precision[0, 0]
    # One observation of one weight: 1 / (1 / prior + 1 / noise); `precision` already holds that sum.
    np.testing.assert_allclose(mean, [prior / posterior.noise, -prior / posterior.noise])
    np.testing.assert_allclose(std, [np.sqrt(prior)] * 2)


def test_the_posterior_solves_the_normal_equations():
    """mean = (XᵀWX + λI)⁻¹ XᵀWy, covariance = its inverse, whatever the weights of the rows."""
    rng = np.random.default_rng(0)
    features, target, precisions = rng.random((9, 5)), rng.standard_normal(9), rng.random(9) + 0.5
    belief = _Belief(2.0 * np.eye(5), np.zeros(5)).updated(features, target, precisions)
    gram = features.T @ np.diag(precisions) @ features + 2.0 * np.eye(5)
    np.testing.assert_allclose(belief.mean, np.linalg.solve(gram, features.T @ (precisions * target)), rtol=1e-10)


def test_moments_are_those_of_the_weights():
    """Mean x·m and variance xᵀ Σ x, worked out with a plain inverse."""
    posterior = fitted()
    x, covariance = OneHot(SPACE)(PROBES), np.linalg.inv(posterior.belief.precision)
    mean, std = posterior.model_moments(PROBES)
    np.testing.assert_allclose(mean, posterior.bias + x @ covariance @ posterior.belief.pull, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(std**2, np.einsum("ni,ij,nj->n", x, covariance, x), rtol=1e-8)


def test_the_evidence_is_highest_where_the_fit_says():
    """MacKay's fixed point stands where the marginal likelihood, worked out directly, is stationary."""
    rng = np.random.default_rng(3)
    sequences = distinct(SPACE, 120, seed=4)
    features = OneHot(SPACE)(sequences)
    target = features @ rng.standard_normal(features.shape[1]) + 0.5 * rng.standard_normal(120)
    target -= target.mean()
    prior, noise = _evidence_fit(features, target, np.ones(120))

    def evidence(log_prior: float, log_noise: float) -> float:
        covariance = np.exp(log_prior) * features @ features.T + np.exp(log_noise) * np.eye(120)
        _, determinant = np.linalg.slogdet(covariance)
        return float(-0.5 * (determinant + target @ np.linalg.solve(covariance, target)))

    here = np.log([prior, noise])
    for step in ([0.1, 0.0], [-0.1, 0.0], [0.0, 0.1], [0.0, -0.1]):
        assert evidence(*here) > evidence(*(here + step))


def test_draws_have_the_posterior_mean_and_covariance():
    posterior = fitted()
    x = OneHot(SPACE)(PROBES)
    draws = posterior.draw(20_000, stream(1, "draws"))(PROBES)
    mean, std = posterior.model_moments(PROBES)
    covariance = x @ np.linalg.inv(posterior.belief.precision) @ x.T
    assert draws.shape == (20_000, 25)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=5 * std.max() / np.sqrt(20_000))
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=6 * std.max() ** 2 / np.sqrt(20_000))


def test_a_draw_is_one_function_wherever_it_is_asked():
    """A sequence has the same value alone, among others, and in any order."""
    function = fitted().draw(3, stream(1, "draws"))
    together = function(PROBES)
    np.testing.assert_allclose(function(PROBES[::-1])[:, ::-1], together, rtol=1e-12)
    np.testing.assert_allclose(np.hstack([function([probe]) for probe in PROBES]), together, rtol=1e-9, atol=1e-12)


def test_conditioning_equals_fitting_with_more_rows():
    """condition() is the posterior whose data had those rows too, at the same scales."""
    posterior = fitted()
    new, values = PROBES[:4], np.array([0.3, -1.0, 2.0, 0.0])
    conditioned = posterior.condition(new, values)
    belief = posterior.belief
    x = OneHot(SPACE)(new)
    precision = belief.precision + x.T @ x / posterior.noise
    pull = belief.pull + x.T @ (values - posterior.bias) / posterior.noise
    weights = np.linalg.solve(precision, pull)
    mean, std = conditioned.model_moments(PROBES)
    all_x = OneHot(SPACE)(PROBES)
    np.testing.assert_allclose(mean, posterior.bias + all_x @ weights, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(std**2, np.einsum("ni,ij,nj->n", all_x, np.linalg.inv(precision), all_x), rtol=1e-8)


def test_conditioning_in_two_steps_or_in_any_order_is_the_same():
    posterior = fitted()
    values = np.array([0.3, -1.0, 2.0])
    once = posterior.condition(PROBES[:3], values)
    steps = posterior.condition(PROBES[2:3], values[2:]).condition(PROBES[:2], values[:2])
    for one, other in zip(once.model_moments(PROBES), steps.model_moments(PROBES), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


def test_conditioning_leaves_the_first_belief_as_it_was():
    posterior = fitted()
    before = posterior.model_moments(PROBES)
    posterior.condition(PROBES[:5], np.full(5, 9.0))
    for one, other in zip(before, posterior.model_moments(PROBES), strict=True):
        np.testing.assert_array_equal(one, other)


def test_emphasis_weighs_good_designs_more_and_keeps_the_mean_weight():
    values = np.array([3.0, 1.0, 2.0, 2.0])
    np.testing.assert_allclose(_emphasised(values, 0.0), np.ones(4))
    weights = _emphasised(values, 2.0)
    # Shares of designs not above: 7/8, 1/8, 1/2, 1/2 (ties averaged); squared and normalised to mean one.
    shares = np.array([7 / 8, 1 / 8, 1 / 2, 1 / 2])
    np.testing.assert_allclose(weights, shares**2 / np.mean(shares**2))


def test_an_additive_landscape_is_learnt():
    """Held-out values of an additive function are ranked nearly right from 150 designs."""
    from scipy.stats import spearmanr

    sequences = distinct(SPACE, 250, seed=5)
    history = history_of(SPACE, [Told(s, worth(s), 0.1) for s in sequences[:150]])
    mean, _ = BayesianLinear().fit(history, stream(0, "fit")).moments(sequences[150:])
    assert spearmanr(mean, [worth(s) for s in sequences[150:]]).statistic > 0.95


def test_noise_is_found_where_values_are_noise():
    """Of pure noise the evidence says that nothing was learnt: all means are near the bias."""
    rng = np.random.default_rng(0)
    sequences = distinct(SPACE, 150, seed=5)
    history = history_of(SPACE, [Told(s, float(rng.standard_normal())) for s in sequences])
    posterior = BayesianLinear(emphasis=0).fit(history, stream(0, "fit"))
    assert posterior.model_moments(PROBES)[0].std() < 0.3
    assert posterior.noise == pytest.approx(1.0, abs=0.25)


def test_an_embedding_stands_for_letters_and_keeps_the_algebra():
    """Features are the model's, as the mean and variance of the same weights; with letters, they stand beside it."""
    corpus = distinct(SPACE, 40, seed=5)
    history = busy_history(SPACE, corpus=corpus)
    alone, beside = (
        BayesianLinear(embedding=Markov(), with_letters=with_letters).fit(history, stream(0, "fit"))
        for with_letters in (False, True)
    )
    x, covariance = alone.view(PROBES), np.linalg.inv(alone.belief.precision)
    mean, std = alone.model_moments(PROBES)
    np.testing.assert_allclose(mean, alone.bias + x @ covariance @ alone.belief.pull, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(std**2, np.einsum("ni,ij,nj->n", x, covariance, x), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(beside.view(PROBES)[:, : x.shape[1]], x)
    np.testing.assert_allclose(beside.view(PROBES)[:, x.shape[1] :], OneHot(SPACE)(PROBES))
    draws = alone.draw(400, stream(1, "draw"))(PROBES)
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.2)


def test_without_a_corpus_an_embedding_is_centred_on_what_is_measured():
    posterior = BayesianLinear(embedding=Markov()).fit(busy_history(SPACE), stream(0, "fit"))
    assert np.isfinite(posterior.moments(PROBES)).all()


@pytest.mark.parametrize("corpus", [[], distinct(SPACE, 40, seed=5)])
def test_the_order_of_rows_changes_no_embedded_feature(corpus: list[str]):
    part, rows = BayesianLinear(embedding=Markov()), [Told(s, worth(s)) for s in distinct(SPACE, 30, seed=6)]
    views = [
        part.fit(history_of(SPACE, told, corpus=known), stream(0, "fit")).view(PROBES)
        for told, known in ((rows, corpus), (rows[::-1], corpus[::-1]))
    ]
    np.testing.assert_allclose(views[0], views[1], atol=1e-8)
