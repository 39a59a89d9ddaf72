"""A Gaussian process is the textbook's: moments, conditioning, draws, and the mode of its hyperparameters."""

import importlib.util
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from histories import HAS_BOTORCH, SPACES, Told, distinct, events_of, history_of, observed, worth
from scipy.optimize import minimize
from scipy.special import log_ndtr

from designloop.campaign import Campaign
from designloop.core.errors import ConfigError
from designloop.core.notices import Notice
from designloop.core.random import stream
from designloop.surrogates import GaussianProcess, ValueScale, Viability, gaussian_process
from designloop.surrogates.base import Surrogate, fit_once
from designloop.surrogates.hyperparameters import BETWEEN, LENGTHSCALE, RESIDUAL, Hyper, Taught
from designloop.surrogates.process_posterior import ProcessPosterior
from designloop.surrogates.rows import DenseRows
from designloop.surrogates.stationary import Stationary, correlation
from designloop.surrogates.views import OneHot
from designloop.testing import SurrogateContract

needs_botorch = pytest.mark.skipif(not HAS_BOTORCH, reason="the extra [botorch] is not installed")
every_kernel = pytest.mark.parametrize("name", ["hamming", "matern"])
SPACE = SPACES["one length"]
SEQUENCES = distinct(SPACE, 60, seed=7)
KNOWN, NEW = SEQUENCES[:30], SEQUENCES[30:]
UNIT = ValueScale.fitted(np.array([-1.0, 1.0]), "standard")


def process(
    known, values, variances, *, name="hamming", lengthscale=1.0, variance=1.0, mean=0.0, noise=0.1, space=SPACE
):
    """A posterior whose lengthscale is in units of the root of two: that of one differing letter."""
    view = OneHot(space)
    kernel = Stationary(name, lengthscale, variance, np.sqrt(2.0))
    return ProcessPosterior(
        view, UNIT, kernel, mean, 0.05, noise, view(known), np.array(variances, dtype=float),
        np.array(values) - mean, Viability.fitted(history_of(space)),
    )  # fmt: skip


def differing(one: str, other: str) -> float:
    """Letters that differ; one without a counterpart is half a letter."""
    n = min(len(one), len(other))
    return sum(map(str.__ne__, one[:n], other[:n])) + abs(len(one) - len(other)) / 2


def covariance(name, left, right, lengthscale=1.0, variance=1.0):
    """Written out: exp(-h / 2ℓ²), or Matérn 5/2 of √h / ℓ."""
    h = np.array([[differing(a, b) for b in right] for a in left])
    if name == "hamming":
        return variance * np.exp(-h / (2 * lengthscale**2))
    r = np.sqrt(5.0 * h) / lengthscale
    return variance * (1 + r + r**2 / 3) * np.exp(-r)


def test_two_points_by_hand():
    """AAAAAAAA = 1 with noise .5, AAAAAAAC = 0 exactly; κ of one letter is e^-½ = .60653, of two e^-1 = .36788."""
    posterior = process(["AAAAAAAA", "AAAAAAAC"], [1.0, 0.0], [0.5, 0.0])
    # K = [[1.5, .60653], [.60653, 1]]: K⁻¹ y = [1, -.60653] / (1.5 - .36788)
    mean, std = posterior.model_moments(["AAAAAAAA", "AAAAAAAC", "AAAAAACC"])
    weight = 1 / (1.5 - np.exp(-1))
    np.testing.assert_allclose(mean, [weight * (1 - np.exp(-1)), 0.0, weight * (np.exp(-1) - np.exp(-1))], atol=1e-12)
    np.testing.assert_allclose(mean[0], 0.55835, atol=1e-5)
    np.testing.assert_allclose(std[:2] ** 2, [0.5 * weight * (1 - np.exp(-1)), 0.0], atol=1e-12)
    np.testing.assert_allclose(posterior.moments(["AAAAAAAC"])[1], np.sqrt(0.05), atol=1e-9)


@every_kernel
@pytest.mark.parametrize("space", ["one length", "many lengths", "fixed"])
def test_the_kernel_is_that_of_the_differing_letters(name, space):
    sequences, view = distinct(SPACES[space], 25, seed=3), OneHot(SPACES[space])
    found = Stationary(name, 1.3, 2.0, np.sqrt(2.0))(view(sequences), view(sequences[:9]))
    np.testing.assert_allclose(found, covariance(name, sequences, sequences[:9], 1.3, 2.0), atol=1e-12)


@every_kernel
def test_moments_and_conditioning_equal_a_dense_process(name):
    """30 rows with errors of their own; then three more with four sets of assumed values, and the noise of a well."""
    rng = np.random.default_rng(0)
    values, variances = rng.standard_normal(30), rng.uniform(0.01, 1.0, 30)
    posterior = process(KNOWN, values, variances, name=name, lengthscale=1.7, variance=2.0, mean=0.4)

    def dense(rows, told, noise):
        solve = np.linalg.inv(covariance(name, rows, rows, 1.7, 2.0) + np.diag(noise))
        crossed = covariance(name, NEW, rows, 1.7, 2.0)
        return 0.4 + crossed @ solve @ (told - 0.4), np.sqrt(2.0 - np.einsum("nm,mk,nk->n", crossed, solve, crossed))

    np.testing.assert_allclose(posterior.model_moments(NEW), dense(KNOWN, values, variances), rtol=1e-8)
    np.testing.assert_allclose(posterior.model_means(NEW), dense(KNOWN, values, variances)[0], rtol=1e-8)
    assumed = rng.standard_normal((4, 3))
    means, std = posterior.condition(NEW[:3], assumed).model_moments(NEW)
    for row, mean in zip(assumed, means, strict=True):
        expected = dense([*KNOWN, *NEW[:3]], np.append(values, row), np.append(variances, [0.1] * 3))
        np.testing.assert_allclose((mean, std), expected, rtol=1e-8)
    stepwise = posterior.condition(NEW[:1], assumed[0, :1]).condition(NEW[1:3], assumed[0, 1:])
    np.testing.assert_allclose(stepwise.model_means(NEW), means[0], rtol=1e-8)


@every_kernel
def test_random_features_have_the_kernel_as_their_expectation(name):
    rows = OneHot(SPACE)(SEQUENCES[:12])
    kernel = Stationary(name, 1.2, 2.0, np.sqrt(2.0))
    found = []
    for seed in range(200):
        features = kernel.waves(rows.shape[1], 64, np.random.default_rng(seed))(rows)
        found.append(features @ features.T)
    error = np.std(found, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(found, axis=0) - kernel(rows, rows)) < 5 * error + 1e-12).all()
    np.testing.assert_allclose(np.array(found)[:, range(12), range(12)].mean(axis=0), 2.0, rtol=0.005)


@every_kernel
def test_draws_have_the_joint_covariance_of_the_posterior(name):
    """Over many draws of features, also between sequences: means and covariances within five standard errors."""
    rng = np.random.default_rng(1)
    posterior = process(KNOWN, rng.standard_normal(30), rng.uniform(0.01, 0.5, 30), name=name, lengthscale=2.0)
    probes = [*NEW[:6], *KNOWN[:2]]
    solve = np.linalg.inv(covariance(name, KNOWN, KNOWN, 2.0) + np.diag(posterior.variances))
    crossed = covariance(name, probes, KNOWN, 2.0)
    exact = covariance(name, probes, probes, 2.0) - crossed @ solve @ crossed.T
    away = [posterior.draw(400, stream(i, "d"))(probes) - posterior.model_means(probes) for i in range(20)]
    found = np.array([one.T @ one / 400 for one in away])
    error = found.std(axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(found.mean(axis=0) - exact) < 5 * error).all()
    assert np.abs(np.vstack(away).mean(axis=0)).max() < 5 * np.sqrt(exact.max() / 8000)


def test_draws_of_several_posteriors_are_taken_in_turn():
    posterior = process(KNOWN, np.zeros(30), np.full(30, 0.1)).condition(NEW[:1], np.array([[-5.0], [5.0]]))
    means, _ = posterior.model_moments(NEW[:1])
    drawn = posterior.draw(400, stream(0, "d"), scale=0.1)(NEW[:1])[:, 0]
    np.testing.assert_allclose([drawn[::2].mean(), drawn[1::2].mean()], means[:, 0], atol=0.05)


def with_botorch() -> Any:
    """The module that imports BoTorch, which warns on its import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from designloop.surrogates import botorch_fit
    return botorch_fit


def log_posterior(name: str, taught: Taught, hyper: Hyper) -> float:
    """The evidence and the hyperpriors, written out."""
    squares = ((taught.features[:, None] - taught.features) ** 2).sum(axis=2) / hyper.lengthscale**2
    full = hyper.variance * correlation(name, squares) + np.diag(taught.shares * hyper.residual + taught.errors)
    left = taught.values - hyper.mean
    fit = -0.5 * (np.linalg.slogdet(full)[1] + left @ np.linalg.solve(full, left))
    between = hyper.variance * (1 - correlation(name, np.array(hyper.lengthscale**-2)))
    for value, prior, scale in (
        (hyper.lengthscale, LENGTHSCALE, 1.0),
        (between, BETWEEN, taught.spread),
        (hyper.residual - 1e-4 * taught.spread, RESIDUAL, taught.spread),
    ):
        fit -= 0.5 * (np.log(value / (prior.median * scale)) / prior.std) ** 2
    return float(fit)


@needs_botorch
@every_kernel
@pytest.mark.parametrize("n", [8, 40])
def test_the_hyperparameters_are_at_the_mode_that_another_search_finds(name, n):
    rng = np.random.default_rng(n)
    features, shares, errors = rng.standard_normal((n, 3)) / 2.4, 1.0 + rng.integers(2, size=n), rng.uniform(0, 0.2, n)
    values = np.sin(2 * features).sum(axis=1) + 0.3 * rng.standard_normal(n)
    taught = Taught(features, values, shares, errors, 0.8)
    found = with_botorch().fitted(name, taught, Hyper.expected(name, taught))

    def unlikely(theta: np.ndarray) -> float:
        mean, *logs = theta
        lengthscale, variance, residual = np.exp(logs)
        return -log_posterior(name, taught, Hyper(mean, lengthscale, variance, 8e-5 + residual))

    best = min((minimize(unlikely, [0.0, *x], method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6,
               "fatol": 1e-9}) for x in ([1, 1, -1], [0, 0, -3], [2, 3, 0])), key=lambda one: one.fun)  # fmt: skip
    assert log_posterior(name, taught, found) > -best.fun - 1e-4
    np.testing.assert_allclose(found.mean, best.x[0], atol=0.02)
    np.testing.assert_allclose(np.log([found.lengthscale, found.variance]), best.x[1:3], atol=0.05)


@every_kernel
def test_limits_enter_by_their_likelihood(name, monkeypatch):
    """With fixed hyperparameters, the mean at the rows is the mode of their joint density, found by another search."""
    fixed = Hyper(0.1, 1.4, 0.9, 0.2)
    monkeypatch.setattr(gaussian_process, "_check_library", lambda: None)
    monkeypatch.setattr(gaussian_process, "_fitted", lambda *_: fixed)
    values, beyond = np.array([worth(s) for s in KNOWN[:12]]), np.arange(12) < 4
    order = np.argsort(values)
    sequences, values = [KNOWN[i] for i in order], values[order]
    told = np.where(beyond, values[4], values)
    built = [event for i, s in enumerate(sequences) for event in events_of([Told(s, None)], first=i)]
    wells = [
        observed(i, float(v), 0.3, outcome="below_detection" if its else "observed")
        for i, (v, its) in enumerate(zip(told, beyond, strict=True))
    ]
    posterior = GaussianProcess(kernel=name).fit(history_of(SPACE).after([*built, *wells]), stream(0, "fit"))
    target, noise = posterior.scale.to_model(told), 0.2 + (0.3 / told.std()) ** 2
    prior = posterior.kernel(posterior.view(sequences), posterior.view(sequences))
    inverse = np.linalg.inv(prior + 1e-9 * np.eye(12))

    def unlikely(f: np.ndarray) -> float:
        left = (target - 0.1 - f) / np.sqrt(noise)
        return float(0.5 * f @ inverse @ f + np.where(beyond, -log_ndtr(left), 0.5 * left**2).sum())

    mode = minimize(unlikely, np.zeros(12), method="BFGS", options={"gtol": 1e-7}).x
    np.testing.assert_allclose(posterior.model_means(sequences) - 0.1, mode, atol=1e-4)


def told(error: float | None = 0.1):
    return history_of(SPACE, [Told(s, worth(s), error) for s in KNOWN])


@needs_botorch
def test_a_search_that_fails_is_said_and_expected_hyperparameters_are_used(monkeypatch):
    botorch_fit = with_botorch()

    def failing(*arguments: Any, **fields: Any) -> None:
        raise botorch_fit.ModelFittingError("All attempts to fit the model have failed.")

    monkeypatch.setattr(botorch_fit, "fit_gpytorch_mll", failing)
    with pytest.warns(
        Notice, match=r"were not found from 30 designs \(All attempts.* failed.\); those expected before"
    ):
        posterior = GaussianProcess().fit(told(), stream(0, "fit"))
    assert posterior.kernel.lengthscale == LENGTHSCALE.median
    assert np.isfinite(posterior.moments(NEW)).all()


@needs_botorch
def test_a_search_that_ran_out_of_steps_is_a_failure(monkeypatch):
    """BoTorch accepts it without a word."""
    botorch_fit = with_botorch()
    own = botorch_fit.fit_gpytorch_mll

    def brief(likelihood: Any, **fields: Any) -> Any:
        return own(likelihood, optimizer_kwargs={"options": {"maxiter": 1}}, **fields)

    monkeypatch.setattr(botorch_fit, "fit_gpytorch_mll", brief)
    with pytest.warns(Notice, match=r"from 30 designs \(the search ended where the log density has a slope of"):
        GaussianProcess().fit(told(), stream(0, "fit"))


@needs_botorch
@pytest.mark.parametrize("error", [0.0, 0.5])
def test_predictions_miss_by_as_much_as_they_say(error: float):
    """A landscape with interactions of all letters: the square of an additive one."""
    sequences, new = distinct(SPACE, 120, seed=4)[:80], distinct(SPACE, 120, seed=4)[80:]
    missed = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        rows = [Told(s, worth(s) ** 2 + error * rng.standard_normal(), error) for s in sequences]
        mean, std = GaussianProcess().fit(history_of(SPACE, rows), stream(0, "fit")).moments(new)
        missed.append((np.array([worth(s) ** 2 for s in new]) - mean) / std)
    assert 0.5 < np.sqrt(np.mean(np.square(missed))) < 1.5


@needs_botorch
@every_kernel
def test_an_exact_landscape_without_interactions_is_no_trouble(name):
    """Covariances are then nearly singular, so that searches fail from some beginnings."""
    for seed in (4, 5):
        sequences = distinct(SPACE, 120, seed=seed)
        history = history_of(SPACE, [Told(s, worth(s)) for s in sequences[:80]])
        mean, _ = GaussianProcess(kernel=name).fit(history, stream(0, "fit")).moments(sequences[80:])
        np.testing.assert_allclose(mean, [worth(s) for s in sequences[80:]], atol=0.02)


@needs_botorch
def test_proposing_and_recommending_share_a_fit():
    history, rng = told(), stream(0, "strategy")
    assert fit_once(GaussianProcess(), history, rng) is fit_once(GaussianProcess(), history, rng)


CAMPAIGN = {
    "oracle": {"kind": "nk", "length": 8, "neighbours": 1},
    "lab": "instant",
    "strategy": {"kind": "model-guided", "surrogate": "gaussian-process", "generator": "mutation"},
    "scheduler": {"kind": "rounds", "batch_size": 6},
    "budget": {"designs": 18},
}


@needs_botorch
def test_a_campaign_runs_with_it():
    assert len(Campaign.model_validate(CAMPAIGN).run(seed=0).observations()) == 18


def test_without_botorch_the_extra_is_named_before_the_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "botorch", None)
    assert importlib.util.find_spec("botorch") is None
    with pytest.raises(ConfigError, match=r"requires BoTorch: pip install 'designloop\[botorch\]'"):
        Campaign.model_validate(CAMPAIGN).known()


@needs_botorch
class TestMatern(SurrogateContract):
    surrogate = GaussianProcess(kernel="matern", transform="ranks")


@needs_botorch
class TestOnVectors(SurrogateContract):
    space = SPACES["pool"]

    @pytest.fixture
    def surrogate(self, tmp_path) -> Surrogate:
        pool = self.space.pool
        vectors = np.random.default_rng(3).standard_normal((len(pool), 5))
        np.savez(tmp_path / "v.npz", sequences=pool, vectors=vectors)
        return GaussianProcess(kernel="matern", embedding={"path": str(tmp_path / "v.npz")})


def test_features_of_a_process_may_be_dense():
    rows = DenseRows(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(Stationary("hamming", 1.0, 1.0, 5.0)(rows, rows)[0, 1], np.exp(-0.5))
