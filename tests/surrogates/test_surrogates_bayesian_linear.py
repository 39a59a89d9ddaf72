"""The Bayesian linear model against normal equations, brute-force evidence and its own draws."""

import numpy as np
import pytest
from histories import SPACES, SURROGATES, Told, busy_history, distinct, history_of, worth

from designloop.core.alphabet import PROTEIN, Alphabet
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.surrogates import BayesianLinear
from designloop.surrogates.gaussian import InRows, InWeights, cholesky, gaussian
from designloop.surrogates.linear_posterior import LinearPosterior
from designloop.surrogates.regression import emphasised
from designloop.surrogates.rows import DenseRows, LetterRows
from designloop.surrogates.views import OneHot

SPACE = SPACES["many lengths"]
PROBES = distinct(SPACE, 25, seed=11)


def fitted(part: BayesianLinear = SURROGATES["bayesian-linear"], **busy) -> LinearPosterior:  # type: ignore[assignment]
    return part.fit(busy_history(SPACE, **busy), stream(0, "fit"))


def covariance_of(posterior: LinearPosterior) -> np.ndarray:
    """(XᵀV⁻¹X + I / prior)⁻¹ with a plain inverse, (D, D)."""
    belief = posterior.belief
    x = belief.rows.dense()
    return np.linalg.inv(x.T @ (x / belief.variances_of_rows[:, None]) + np.eye(x.shape[1]) / belief.prior)


def test_two_points_by_hand():
    """Features 0 and 1 apart, prior 1: K = I + diag(v); means are y / (1 + v), variances v / (1 + v)."""
    belief = gaussian(DenseRows(np.eye(2)), 1.0, np.array([1.0, 3.0]))
    np.testing.assert_allclose(belief.weights(np.array([1.0, -1.0])), [1 / 2, -1 / 4])
    np.testing.assert_allclose(belief.variances(DenseRows(np.eye(2))), [1 / 2, 3 / 4])
    np.testing.assert_allclose(belief.solved(np.array([1.0, -1.0])), [1 / 2, -1 / 4])
    assert belief.log_determinant == pytest.approx(np.log(2 * 4))


def test_two_designs_with_different_errors_by_hand():
    """A ± .1 and B ± 2 at 1 and -1, standardised: with K = diag(p + v), each mean is bias + p r / (p + v).

    The variance between designs is 1 - (.01 + 4) / 2, kept at a tenth of 1; so the bias is (w₁ - w₂) / (w₁ + w₂) with
    w = 1 / (.1 + .1 + error²), and v = residual + error².
    """
    space = Space.of_length(Alphabet(name="two", letters="AB"), 1)
    part = BayesianLinear(transform="standard", emphasis=0)
    posterior = part.fit(history_of(space, [Told("A", 1.0, 0.1), Told("B", -1.0, 2.0)]), stream(0, "fit"))
    first, second = 1 / (0.1 + 0.01), 1 / (0.1 + 4.0)
    bias = (first - second) / (first + second)
    assert posterior.bias == pytest.approx(bias)
    residual = posterior.noise - (0.01 + 4.0) / 2
    prior, v = posterior.belief.prior, residual + np.array([0.01, 4.0])
    left = np.array([1.0, -1.0]) - bias
    mean, std = posterior.model_moments(["A", "B"])
    np.testing.assert_allclose(mean, bias + prior * left / (prior + v))
    np.testing.assert_allclose(std**2, prior * v / (prior + v))


@pytest.mark.parametrize("n", [1, 6, 40])
def test_rows_and_weights_are_two_ways_to_one_gaussian(n: int):
    """By K (n × n) or by A (D × D): all that they answer is equal, and is that of the plain inverses."""
    rng = np.random.default_rng(0)
    rows, asked = OneHot(SPACE)(distinct(SPACE, n)), OneHot(SPACE)(PROBES)
    prior, v, y = 0.7, rng.uniform(0.1, 2.0, n), rng.standard_normal(n)
    one, other = InRows(rows, prior, v), InWeights(rows, prior, v)
    x, covariance = rows.dense(), prior * rows.dense() @ rows.dense().T + np.diag(v)
    for belief in (one, other, one.with_(asked, np.ones(25)), other.with_(asked, np.ones(25))):
        dense = belief.rows.dense()
        a = np.linalg.inv(dense.T @ (dense / belief.variances_of_rows[:, None]) + np.eye(x.shape[1]) / prior)
        np.testing.assert_allclose(
            belief.variances(asked), np.einsum("ni,ij,nj->n", asked.dense(), a, asked.dense()), atol=1e-9
        )
    for belief in (one, other):
        np.testing.assert_allclose(belief.solved(y), np.linalg.solve(covariance, y), atol=1e-9)
        np.testing.assert_allclose(belief.weights(y), prior * x.T @ np.linalg.solve(covariance, y), atol=1e-9)
        np.testing.assert_allclose(belief.inverse_diagonal, np.diag(np.linalg.inv(covariance)), atol=1e-9)
        assert belief.log_determinant == pytest.approx(np.linalg.slogdet(covariance)[1], abs=1e-9)


def test_a_gaussian_without_its_kernel_answers_the_same():
    rows, asked, v = OneHot(SPACE)(distinct(SPACE, 12)), OneHot(SPACE)(PROBES), np.linspace(0.1, 2.0, 12)
    one = InRows(rows, 0.7, v, rows.kernel(rows))
    spared = one.without_kernel()
    assert spared.known_kernel is None
    for before, after in ((one, spared), (one.with_(asked, np.ones(25)), spared.with_(asked, np.ones(25)))):
        np.testing.assert_array_equal(after.factor, before.factor)
        np.testing.assert_array_equal(after.variances(asked), before.variances(asked))


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_rows_are_products_with_written_out_letters(space: Space):
    """Whatever can vary is a column, the rest one constant: the kernel counts the letters that two sequences share."""
    sequences = distinct(space, 9)
    codes = space.padded_codes(sequences)
    hot = np.zeros((9, *codes.shape[1:], len(space.alphabet) + 1))
    np.put_along_axis(hot, codes[:, :, None].astype(int), 1.0, axis=2)
    flat = hot[:, :, :-1].reshape(9, -1)
    dense = OneHot(space)(sequences)
    view = OneHot(space)
    letters = LetterRows(
        view._columns[np.arange(len(view._positions)), codes[:, view._positions]], view._width, dense.dense()[0, -1]
    )
    rng = np.random.default_rng(1)
    x, other = dense.dense(), letters.picked(np.arange(4))
    np.testing.assert_allclose(x @ x.T, flat @ flat.T, atol=1e-12)
    matrix = rng.standard_normal((x.shape[1], x.shape[1]))
    matrix = matrix + matrix.T
    for rows in (dense, letters):
        np.testing.assert_allclose(rows.times(matrix[0]), x @ matrix[0], atol=1e-12)
        np.testing.assert_allclose(rows.times(matrix[:, :3]), x @ matrix[:, :3], atol=1e-12)
        np.testing.assert_allclose(rows.transposed(x[:, 0]), x.T @ x[:, 0], atol=1e-12)
        np.testing.assert_allclose(rows.gram(np.arange(9.0)), x.T @ np.diag(np.arange(9.0)) @ x, atol=1e-12)
        np.testing.assert_allclose(rows.forms(matrix), np.einsum("ni,ij,nj->n", x, matrix, x), atol=1e-9)
        np.testing.assert_allclose(rows.norms(), (x**2).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(letters.kernel(other), x @ x[:4].T, atol=1e-12)
    np.testing.assert_allclose(other.with_(letters).dense(), np.vstack([x[:4], x]))


def test_rows_are_summed_alike_in_parts_and_at_once(monkeypatch: pytest.MonkeyPatch):
    """Pairs of letters are looked up for some rows after the others where they are many."""
    space = Space(alphabet=PROTEIN, min_length=2, max_length=5)
    rows = OneHot(space)(distinct(space, 50))
    assert isinstance(rows, LetterRows)
    x, precisions = rows.dense(), np.arange(1.0, 51.0)
    matrix = x.T @ x
    for most in (30, 1_000_000):
        monkeypatch.setattr("designloop.surrogates.rows._MAX_LOOKED_UP", most)
        np.testing.assert_allclose(rows.gram(precisions), x.T @ np.diag(precisions) @ x, atol=1e-12)
        np.testing.assert_allclose(rows.forms(matrix), np.einsum("ni,ij,nj->n", x, matrix, x), atol=1e-9)


def test_the_diagonal_of_an_inverse_needs_no_inverse(monkeypatch: pytest.MonkeyPatch):
    """300 rows, in three blocks of columns."""
    rows, v = DenseRows(np.random.default_rng(0).standard_normal((300, 310))), np.linspace(0.1, 2.0, 300)
    expected = InRows(rows, 0.7, v).inverse_diagonal
    monkeypatch.setattr("designloop.surrogates.gaussian._MAX_INVERTED", 10)
    np.testing.assert_allclose(InRows(rows, 0.7, v).inverse_diagonal, expected, rtol=1e-10)


def test_a_matrix_that_is_not_positive_definite_has_no_factor():
    with pytest.raises(np.linalg.LinAlgError, match="2 rows is not positive definite"):
        cholesky(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert cholesky(np.zeros((0, 0))).shape == (0, 0)


def test_letters_that_cannot_vary_cost_nothing():
    """286 positions of which four are free: 4 · 20 columns and a constant, with the kernel of all letters."""
    rng = np.random.default_rng(0)
    parent = "".join(rng.choice(list(PROTEIN.letters), size=286))
    space = Space.of_length(PROTEIN, 286, parent=parent, fixed=tuple(range(4, 286)))
    rows = OneHot(space)(space.sample(5, rng))
    assert rows.shape == (5, 81)
    np.testing.assert_allclose(rows.norms(), 286.0)


def test_moments_are_those_of_the_weights():
    """Mean x·m and variance xᵀ Σ x, worked out with a plain inverse."""
    posterior = fitted()
    x, covariance = OneHot(SPACE)(PROBES).dense(), covariance_of(posterior)
    pull = posterior.belief.rows.dense().T @ (posterior.values / posterior.belief.variances_of_rows)
    mean, std = posterior.model_moments(PROBES)
    np.testing.assert_allclose(mean, posterior.bias + x @ covariance @ pull, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(std**2, np.einsum("ni,ij,nj->n", x, covariance, x), rtol=1e-8)
    np.testing.assert_allclose(posterior.model_means(PROBES), mean, atol=1e-12)


def test_draws_have_the_posterior_mean_and_covariance():
    posterior = fitted()
    x = OneHot(SPACE)(PROBES).dense()
    draws = posterior.draw(20_000, stream(1, "draws"))(PROBES)
    mean, std = posterior.model_moments(PROBES)
    covariance = x @ covariance_of(posterior) @ x.T
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
    x, all_x = OneHot(SPACE)(new).dense(), OneHot(SPACE)(PROBES).dense()
    precision = np.linalg.inv(covariance_of(posterior)) + x.T @ x / posterior.noise
    pull = posterior.belief.rows.dense().T @ (posterior.values / posterior.belief.variances_of_rows)
    pull = pull + x.T @ (values - posterior.bias) / posterior.noise
    mean, std = conditioned.model_moments(PROBES)
    np.testing.assert_allclose(mean, posterior.bias + all_x @ np.linalg.solve(precision, pull), rtol=1e-8, atol=1e-9)
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
    np.testing.assert_allclose(emphasised(values, 0.0), np.ones(4))
    weights = emphasised(values, 2.0)
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
    x, covariance = alone.view(PROBES).dense(), covariance_of(alone)
    pull = alone.belief.rows.dense().T @ (alone.values / alone.belief.variances_of_rows)
    mean, std = alone.model_moments(PROBES)
    np.testing.assert_allclose(mean, alone.bias + x @ covariance @ pull, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(std**2, np.einsum("ni,ij,nj->n", x, covariance, x), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(beside.view(PROBES).dense()[:, : x.shape[1]], x)
    np.testing.assert_allclose(beside.view(PROBES).dense()[:, x.shape[1] :], OneHot(SPACE)(PROBES).dense())
    draws = alone.draw(400, stream(1, "draw"))(PROBES)
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.2)


def test_without_a_corpus_an_embedding_is_centred_on_what_is_measured():
    posterior = BayesianLinear(embedding=Markov()).fit(busy_history(SPACE), stream(0, "fit"))
    assert np.isfinite(posterior.moments(PROBES)).all()


@pytest.mark.parametrize("corpus", [[], distinct(SPACE, 40, seed=5)])
def test_the_order_of_rows_changes_no_embedded_feature(corpus: list[str]):
    part, rows = BayesianLinear(embedding=Markov()), [Told(s, worth(s)) for s in distinct(SPACE, 30, seed=6)]
    views = [
        part.fit(history_of(SPACE, told, corpus=known), stream(0, "fit")).view(PROBES).dense()
        for told, known in ((rows, corpus), (rows[::-1], corpus[::-1]))
    ]
    np.testing.assert_allclose(views[0], views[1], atol=1e-8)
