"""Pairwise features against pairs written out by hand, and what a model of them learns that letters alone do not."""

from itertools import combinations

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of
from pydantic import ValidationError

from designloop.core.alphabet import DNA, states
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.surrogates import BayesianLinear
from designloop.surrogates.features import differing_positions
from designloop.surrogates.pairwise import Pairwise

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def written_out(space: Space, sequences: list[str]) -> np.ndarray:
    """1 for each pair of letters at two positions that may differ, (n, pairs of positions · letters²)."""
    letters = space.alphabet.letters
    places = list(combinations(differing_positions(space).tolist(), 2))
    found = np.zeros((len(sequences), len(places), len(letters), len(letters)))
    for i, sequence in enumerate(sequences):
        for p, (left, right) in enumerate(places):
            if right < len(sequence):
                found[i, p, letters.index(sequence[left]), letters.index(sequence[right])] = 1
    return found.reshape(len(sequences), -1)


@every_space
def test_features_are_pairs_of_letters_at_two_positions(space: Space):
    sequences, rng = distinct(space, 9), np.random.default_rng(2)
    view = Pairwise(space)
    rows, expected = view(sequences), written_out(space, sequences)
    np.testing.assert_array_equal(rows.dense(), expected)
    np.testing.assert_array_equal(rows.kernel(rows), expected @ expected.T)
    weights = rng.standard_normal((view.n_features, 3))
    codes = np.stack([space.padded_codes(sequences[k : k + 5]) for k in range(3)])
    own = [expected[k : k + 5] @ weights[:, k] for k in range(3)]
    np.testing.assert_allclose(view.own(weights.copy())(codes), own)


@every_space
def test_rows_are_products_with_written_out_pairs(space: Space):
    x, rng = written_out(space, sequences := distinct(space, 9)), np.random.default_rng(3)
    rows, some = Pairwise(space)(sequences), Pairwise(space)(sequences[:4])
    weights, values = rng.standard_normal((x.shape[1], 3)), rng.standard_normal((9, 2))
    for its in (weights, weights[:, 0]):
        np.testing.assert_allclose(rows.times(its), x @ its, atol=1e-12)
    for its in (values, values[:, 0]):
        np.testing.assert_allclose(rows.transposed(its), x.T @ its, atol=1e-12)
    np.testing.assert_array_equal(rows.norms(), x.sum(axis=1))
    np.testing.assert_array_equal(rows.kernel(some), x @ x[:4].T)
    np.testing.assert_array_equal(some.with_(rows.picked(np.array([8, 5]))).dense(), x[[0, 1, 2, 3, 8, 5]])


def test_rows_are_written_out_where_features_are_few():
    space = Space.of_length(DNA, 3)
    sequences = distinct(space, 9)
    x, rows = written_out(space, sequences), Pairwise(space)(sequences)
    matrix = np.diag(np.arange(len(x[0]))) + 0.5
    np.testing.assert_allclose(rows.gram(np.arange(9.0)), x.T @ np.diag(np.arange(9.0)) @ x, atol=1e-12)
    np.testing.assert_allclose(rows.forms(matrix), np.einsum("ni,ij,nj->n", x, matrix, x), atol=1e-12)


def test_a_model_of_them_learns_an_interaction_that_letters_cannot():
    """The value is whether the first letter equals the last: no letter matters by itself."""
    space = Space.of_length(DNA, 6)
    sequences = distinct(space, 160)
    values = [float(s[0] == s[-1]) for s in sequences]
    new = [s for s in space.sample(200, np.random.default_rng(4)) if s not in sequences]
    truth = np.array([float(s[0] == s[-1]) for s in new])
    history = history_of(space, [Told(s, v) for s, v in zip(sequences, values, strict=True)])
    posterior = BayesianLinear(features="pairwise", transform="standard").fit(history, stream(0, "fit"))
    letters = BayesianLinear(transform="standard").fit(history, stream(0, "fit"))
    assert np.corrcoef(posterior.moments(new)[0], truth)[0, 1] > 0.95
    assert np.corrcoef(letters.moments(new)[0], truth)[0, 1] < 0.3


def test_more_features_than_can_be_fitted_are_an_error_that_names_the_mend():
    wide = Space.of_length(states(32), 32)
    assert not Pairwise(wide).has_few
    assert Pairwise(Space.of_length(DNA, 64)).has_few
    assert not Pairwise(Space.of_length(DNA, 65)).has_few  # though it can still be fitted
    with pytest.raises(InputError, match=r"are 507,904 features; the most are 250,000; keep more letters with `fixed`"):
        Pairwise(wide)(["".join(wide.alphabet.letters[:32])])


def test_a_gap_is_no_setting_of_them():
    with pytest.raises(ValidationError, match="set `features: gapped-pairs`"):
        BayesianLinear(features="pairwise", max_gap=3)
