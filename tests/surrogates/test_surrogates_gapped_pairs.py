"""Gapped pairs against features written out by hand, dense algebra, and draws at each function's own sequences."""

import numpy as np
import pytest
from histories import SPACES, Told, busy_history, distinct, history_of

from designloop.core.alphabet import DNA, PROTEIN, states
from designloop.core.errors import InputError
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.surrogates import BayesianLinear
from designloop.surrogates.block_rows import BlockRows
from designloop.surrogates.evidence import Observed
from designloop.surrogates.gapped_pairs import GappedPairs
from designloop.surrogates.regression import Fit, Regression, scales
from designloop.surrogates.scale import Measured
from designloop.surrogates.views import OneHot

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
SPACE = SPACES["many lengths"]
PAIRS = BayesianLinear(features="gapped-pairs", pair_share=0.6)
WIDE = Space.of_length(states(12), 10)


def written_out(space: Space, sequences: list[str], n_gaps: int) -> np.ndarray:
    """√variance where letter a is anywhere with b `gap` places later, (n, gaps · letters²), by plain loops."""
    letters = space.alphabet.letters
    found = np.zeros((len(sequences), n_gaps, len(letters), len(letters)))
    for i, sequence in enumerate(sequences):
        for gap in range(1, n_gaps + 1):
            for left, right in zip(sequence[:-gap], sequence[gap:], strict=True):
                found[i, gap - 1, letters.index(left), letters.index(right)] = max(1 - (gap - 1) / 8, 0.02) ** 0.5
    return found.reshape(len(sequences), -1)


@every_space
def test_features_are_presence_with_a_variance_that_falls_with_the_gap(space: Space):
    """Common pairs are one constant of the same length: products of rows are those of all pairs."""
    sequences = distinct(space, 12)
    view, rows = GappedPairs(space), GappedPairs(space)(sequences)
    assert view.n_gaps == min(12, space.max_length - 1)
    every, found = written_out(space, sequences, view.n_gaps), rows.dense()
    common = view._letters[1].astype(bool)
    np.testing.assert_allclose(found[:, :-1][:, ~common], every[:, ~common])
    assert not found[:, :-1][:, common].any()
    assert (every[:, common] > 0).all()
    np.testing.assert_allclose(found @ found.T, every @ every.T)


@every_space
def test_rows_of_pairs_and_of_blocks_are_products_with_dense_ones(space: Space, monkeypatch: pytest.MonkeyPatch):
    sequences, rng = distinct(space, 9), np.random.default_rng(1)
    pairs, letters = GappedPairs(space)(sequences), OneHot(space)(sequences)
    for most in (1, 4_000_000):
        monkeypatch.setattr("designloop.surrogates.block_rows._MAX_WRITTEN_OUT", most)
        for rows in (pairs, BlockRows((letters, pairs), (0.5, 2.0))):
            x, other = rows.dense(), rows.picked(np.array([3, 0, 5]))
            assert x.shape == rows.shape
            matrix = rng.standard_normal((x.shape[1], x.shape[1]))
            matrix = matrix + matrix.T
            np.testing.assert_allclose(rows.times(matrix[0]), x @ matrix[0], atol=1e-12)
            np.testing.assert_allclose(rows.times(matrix[:, :3]), x @ matrix[:, :3], atol=1e-12)
            np.testing.assert_allclose(rows.transposed(x[:, 0]), x.T @ x[:, 0], atol=1e-12)
            np.testing.assert_allclose(rows.gram(np.arange(9.0)), x.T @ np.diag(np.arange(9.0)) @ x, atol=1e-12)
            np.testing.assert_allclose(rows.forms(matrix), np.einsum("ni,ij,nj->n", x, matrix, x), atol=1e-9)
            np.testing.assert_allclose(rows.norms(), (x**2).sum(axis=1), atol=1e-12)
            np.testing.assert_allclose(rows.kernel(other), x @ x[[3, 0, 5]].T, atol=1e-12)
            np.testing.assert_allclose(other.with_(rows).dense(), np.vstack([x[[3, 0, 5]], x]))
    both = BlockRows((letters, pairs), (0.5, 2.0)).dense()
    np.testing.assert_array_equal(both, np.hstack([0.5 * letters.dense(), 2.0 * pairs.dense()]))


def test_letters_that_cannot_vary_are_not_looked_at():
    """286 positions of which four are free: of 8,370 pairs of positions only those with a free one are."""
    rng = np.random.default_rng(0)
    parent = "".join(rng.choice(list(PROTEIN.letters), size=286))
    space = Space.of_length(PROTEIN, 286, parent=parent, fixed=tuple(range(4, 286)))
    view, sequences = GappedPairs(space), space.sample(5, rng)
    assert view.n_gaps == 31
    assert len(view._positions[0]) == 4 * 31
    x = GappedPairs(Space.of_length(PROTEIN, 286))(sequences).dense()
    np.testing.assert_allclose(view(sequences).kernel(view(sequences)), x @ x.T)


LARGEST = (
    (4, None, 3, 0.75),
    (32, None, 12, 0.02),
    (64, None, 16, 0.02),
    (300, None, 31, 0.02),
    (32, 3, 3, 0.75),
    (64, 24, 24, 0.02),
)


@pytest.mark.parametrize(("length", "max_gap", "n_gaps", "last"), LARGEST)
def test_the_largest_gap_grows_with_the_length(length: int, max_gap: int | None, n_gaps: int, last: float):
    """At least 12 where the sequence is long enough, at most 31; the variance falls over two thirds of it."""
    view = GappedPairs(Space.of_length(DNA, length), max_gap)
    assert view.n_gaps == n_gaps
    assert view._variances[-1] == pytest.approx(last)


def test_sequences_of_one_letter_have_letters_alone():
    space = Space.of_length(PROTEIN, 1)
    history = history_of(space, [Told(s, float(i)) for i, s in enumerate("ACDEF")])
    assert isinstance(PAIRS.fit(history, stream(0, "fit")).view, OneHot)


@pytest.mark.parametrize("setting", [{"max_gap": 5}, {"pair_share": 0.0}])
def test_settings_of_pairs_are_refused_without_pairs(setting):
    with pytest.raises(ValueError, match=f"`{next(iter(setting))}` is a setting of .*pairs; set `features"):
        BayesianLinear(**setting)


def test_too_many_features_are_refused():
    space = Space.of_length(states(200), 20)
    history = history_of(space, [Told(s, float(i)) for i, s in enumerate(distinct(space, 5))])
    with pytest.raises(InputError, match=r"200 letters .* are 480,000 features.*lower max_gap to 6, or"):
        PAIRS.fit(history, stream(0, "fit"))
    BayesianLinear(features="gapped-pairs", max_gap=6).fit(history, stream(0, "fit"))


def many(n: int, *, share: float, seed: int = 0, space: Space = WIDE, noise: float = 0.3) -> History:
    """Values that letters and pairs explain, pairs by this share of the variance."""
    sequences, rng = distinct(space, n, seed=seed), np.random.default_rng(seed)
    parts = []
    for rows in (OneHot(space)(sequences), GappedPairs(space)(sequences)):
        values = rows.times(rng.standard_normal(rows.shape[1]))
        parts.append((values - values.mean()) / values.std())
    values = np.sqrt(1 - share) * parts[0] + np.sqrt(share) * parts[1] + noise * rng.standard_normal(n)
    return history_of(space, [Told(s, float(v)) for s, v in zip(sequences, values, strict=True)])


def regression(history: History) -> Regression:
    return Regression.of(history, *BayesianLinear(features="gapped-pairs")._views(history))


def fit(history: History) -> Fit:
    return regression(history).best("standard", 0.0)


@pytest.mark.parametrize(("n", "space"), [(60, WIDE), (150, Space.of_length(DNA, 5))])
def test_the_posterior_is_that_of_dense_algebra(n: int, space: Space):
    """In rows (60 of 1,400 features) and in weights (150 of 85): means, deviations and the draws' weights."""
    history = busy_history(space, n_measured=n)
    posterior, probes = PAIRS.fit(history, stream(0, "fit")), distinct(space, 20, seed=7)
    belief = posterior.belief
    x, asked = belief.rows.dense(), posterior.view(probes).dense()
    covariance = belief.prior * x @ x.T + np.diag(belief.variances_of_rows)
    cross = belief.prior * asked @ x.T
    mean, std = posterior.model_moments(probes)
    np.testing.assert_allclose(mean, posterior.bias + cross @ np.linalg.solve(covariance, posterior.values), atol=1e-8)
    explained = np.einsum("mn,nm->m", cross, np.linalg.solve(covariance, cross.T))
    np.testing.assert_allclose(std**2, belief.prior * (asked**2).sum(axis=1) - explained, atol=1e-8)
    if n == 60:  # Matheron's rule
        rng = stream(1, "draw")
        prior = np.sqrt(belief.prior) * rng.standard_normal((x.shape[1], 3))
        noise = np.sqrt(belief.variances_of_rows)[:, None] * rng.standard_normal((n, 3))
        known = posterior.values[:, None] - x @ prior - noise
        drawn = asked @ prior + cross @ np.linalg.solve(covariance, known)
        np.testing.assert_allclose(posterior.draw(3, stream(1, "draw"))(probes), (posterior.bias + drawn).T, atol=1e-8)


def test_left_out_predictions_are_those_of_fits_without_the_row():
    found = fit(many(40, share=0.6))
    belief, y = found.posterior.belief, found.posterior.values
    x = belief.rows.dense()
    covariance = belief.prior * x @ x.T + np.diag(belief.variances_of_rows)
    for i in range(40):
        rest = np.arange(40) != i
        alone = (covariance[i, rest]) @ np.linalg.solve(covariance[np.ix_(rest, rest)], y[rest])
        assert found.left_out[i] == pytest.approx(found.posterior.bias + alone, abs=1e-8)


def test_many_designs_are_predicted_by_a_fit_to_the_best_and_some_of_the_others(monkeypatch: pytest.MonkeyPatch):
    """Those that the fit has seen are left out one by one; the others have its posterior means."""
    history = many(40, share=0.6)
    monkeypatch.setattr("designloop.surrogates.regression._MOST_IN_ROWS", 20)
    found, measured = fit(history), Measured.of(history)
    means = found.posterior.model_means(measured.sequences)
    is_seen = ~np.isclose(found.left_out, means, rtol=0, atol=1e-9)
    assert is_seen.sum() == found.posterior.belief.rows.shape[0] == 20
    assert is_seen[np.argsort(-measured.values)[:10]].all()
    assert is_seen[measured.values < np.median(measured.values)].any()
    np.testing.assert_array_equal(found.posterior.left_out, found.left_out)


@pytest.mark.parametrize(("share", "found"), [(0.0, (0.0,)), (0.9, (0.6, 0.9))])
def test_the_share_is_found_that_made_the_values(share: float, found: tuple[float, ...]):
    assert fit(many(200, share=share)).shares[1] in found


@pytest.mark.parametrize(("n", "few", "most"), [(80, 300, 1000), (80, 30, 1000), (80, 10, 40)])
def test_the_share_has_the_highest_evidence(n: int, few: int, most: int, monkeypatch: pytest.MonkeyPatch):
    """Also by steps from the best share of few rows; with very many, of some of the rows."""
    monkeypatch.setattr("designloop.surrogates.blocks._FEW", few)
    monkeypatch.setattr("designloop.surrogates.blocks.MANY", most)
    history = many(n, share=0.5, noise=0.1)
    model = regression(history)
    values = model.fitted(scales(model.measured, "standard")[0], 0.0).posterior.values
    observed, spread = Observed(model.rows[0], values, np.ones(n), np.zeros(n)), float(values.var())
    by_hand = [model._shares.evidence((i,), observed, spread).maximised().value for i in range(4)]
    place, point = model._shares.best(observed, spread)
    assert len(point.evidence.observed.values) == n
    if most > n:
        assert place == (int(np.argmax(by_hand)),)
        assert point.value == pytest.approx(max(by_hand), abs=1e-4)


@every_space
@pytest.mark.parametrize("part", [BayesianLinear(), PAIRS], ids=["letters", "pairs"])
def test_own_sequences_have_the_values_of_the_call(part: BayesianLinear, space: Space):
    """Codes of any integer type, also without the columns that only longer sequences have."""
    draw = part.fit(busy_history(space), stream(0, "fit")).draw(4, stream(1, "draw"))
    asked = [distinct(space, 5, seed=i) for i in range(4)]
    every = np.stack([draw(its)[i] for i, its in enumerate(asked)])
    codes = np.stack([space.padded_codes(its) for its in asked])
    longest = max(len(s) for its in asked for s in its)
    for its in (codes, codes[:, :, :longest].astype(np.int64)):
        np.testing.assert_allclose(draw.own(its), every, atol=1e-10)


def test_an_embedding_has_no_values_of_own_sequences_but_pairs_beside_it():
    part = BayesianLinear(embedding=Markov(), features="gapped-pairs", pair_share=0.3)
    posterior = part.fit(busy_history(SPACE), stream(0, "fit"))
    draw = posterior.draw(2, stream(1, "draw"))
    assert getattr(draw, "own", None) is None
    assert draw(distinct(SPACE, 3)).shape == (2, 3)
    assert posterior.view(distinct(SPACE, 3)).shape[1] > 5 * 16


def test_pairs_rank_what_moved():
    """A motif anywhere: shifted designs are ranked by pairs, and not by letters."""
    space, rng = Space.of_length(states(8), 12), np.random.default_rng(0)
    sequences = distinct(space, 300, seed=1)
    for i, start in enumerate(rng.integers(0, 8, 150)):
        sequences[i] = sequences[i][:start] + "0123" + sequences[i][start + 4 :]
    sequences = list(dict.fromkeys(sequences))
    values = np.array([sum(word in s for word in ("01", "12", "23")) for s in sequences], dtype=float)
    told = rng.permutation(len(sequences))
    train, test = told[:200], told[200:]
    history = history_of(space, [Told(sequences[i], float(values[i])) for i in train])
    left = [
        np.corrcoef(part.fit(history, stream(0, "fit")).moments([sequences[i] for i in test])[0], values[test])[0, 1]
        for part in (BayesianLinear(), BayesianLinear(features="gapped-pairs"))
    ]
    assert left[1] > left[0] + 0.1
    assert left[1] > 0.9
