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
    with pytest.raises(InputError, match=r"are 507,904 features; the most are 250,000; keep more letters with `fixed`"):
        Pairwise(wide)(["".join(wide.alphabet.letters[:32])])


def test_a_gap_is_no_setting_of_them():
    with pytest.raises(ValidationError, match="set `features: gapped-pairs`"):
        BayesianLinear(features="pairwise", max_gap=3)
