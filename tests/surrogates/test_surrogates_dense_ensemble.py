"""The dense ensemble is ALDE's: networks on one-hot letters, each on its share of the designs, drawn as they are."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth
from scipy.stats import spearmanr

from designloop.core.history import History
from designloop.core.random import stream
from designloop.surrogates import DenseEnsemble
from designloop.surrogates.dense_ensemble import _first_weights, _forward, _places
from designloop.surrogates.features import one_hot

SPACE = SPACES["one length"]
SEQUENCES = distinct(SPACE, 300, seed=5)
QUICK = DenseEnsemble(hidden=(16, 16), steps=120, learning_rate=0.01)


def measured(n: int) -> History:
    return history_of(SPACE, [Told(s, worth(s)) for s in SEQUENCES[:n]])


@pytest.fixture(scope="module")
def posterior():
    return QUICK.fit(measured(200), stream(0, "fit"))


def test_an_additive_landscape_is_learnt(posterior):
    """Held-out designs are ranked nearly right."""
    mean, _ = posterior.moments(SEQUENCES[200:])
    assert spearmanr(mean, [worth(s) for s in SEQUENCES[200:]]).statistic > 0.7


def test_looked_up_letters_are_multiplied_one_hot_letters():
    """Also where sequences end early: what is behind the end adds nothing."""
    space, part = SPACES["many lengths"], DenseEnsemble(members=3, hidden=(5, 4))
    codes = space.padded_codes(distinct(space, 20))
    table, bias, *layers = weights = _first_weights(part, 24, stream(0, "w"))
    values = (one_hot(codes, 4) @ table[:-1].numpy() + bias.numpy()).reshape(20, 3, 5)
    for weight, shift in zip(layers[::2], layers[1::2], strict=True):
        values = np.maximum(values, 0.01 * values)  # leaky ReLU
        values = np.einsum("nmh,mhk->nmk", values, weight.numpy()) + shift.numpy()[:, 0]
    np.testing.assert_allclose(_forward(weights, _places(codes, 4)).numpy(), values[:, :, 0].T, atol=1e-6)


def test_first_weights_are_uniform_within_the_inverse_root_of_the_inputs():
    """As torch's linear layers, and so ALDE's, begin: of each layer, weight and bias."""
    weights = _first_weights(DenseEnsemble(members=40, hidden=(30, 20)), 80, stream(0, "w"))
    for tensor, n_inputs in zip(weights, (80, 80, 30, 30, 20, 20), strict=True):
        bound = n_inputs**-0.5
        assert tensor.abs().max() <= bound
        assert float(tensor.std()) == pytest.approx(bound / 3**0.5, rel=0.15)


def test_a_member_knows_its_share_of_the_designs_and_no_other():
    """Trained until it knows them by heart, on values that have no system."""
    values = stream(0, "noise").permutation(12).astype(float)
    history = history_of(SPACE, [Told(s, v) for s, v in zip(SEQUENCES[:12], values, strict=True)])
    part = DenseEnsemble(share=0.7, steps=600, learning_rate=0.01)
    posterior = part.fit(history, stream(0, "fit"))
    errors = np.abs(posterior.networks(SEQUENCES[:12]) - values / 11)
    assert ((errors < 1e-3).sum(axis=1) == int(0.7 * 12)).all()
    assert len({tuple(known) for known in errors < 1e-3}) > 1


def test_a_draw_is_a_member(posterior):
    """Each of them as likely; and its distance from the mean is what it is told to be."""
    probes = SEQUENCES[200:210]
    members = posterior.networks(probes)
    drawn = posterior.draw(500, stream(0, "d"))(probes)
    which = np.abs(drawn[:, None] - members[None]).max(axis=2).argmin(axis=1)
    np.testing.assert_allclose(drawn, members[which], atol=1e-9)
    assert (np.bincount(which, minlength=5) > 60).all()
    halved = posterior.draw(500, stream(0, "d"), scale=0.5)(probes)
    np.testing.assert_allclose(halved, (drawn + members.mean(axis=0)) / 2, atol=1e-9)


def test_draws_may_be_mixtures_of_members():
    mixed = QUICK.with_(draws="mixtures").fit(measured(60), stream(0, "fit"))
    drawn, members = mixed.draw(50, stream(0, "d"))(SEQUENCES[:5]), mixed.networks(SEQUENCES[:5])
    assert np.abs(drawn[:, None] - members[None]).max(axis=2).min() > 1e-6


def test_other_streams_train_other_members(posterior):
    other = QUICK.fit(measured(200), stream(1, "fit"))
    assert not np.allclose(posterior.moments(SEQUENCES[:5])[0], other.moments(SEQUENCES[:5])[0])
