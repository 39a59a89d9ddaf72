"""The deep ensemble learns, is deterministic, and is conditioned as a Gaussian over its members."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth
from scipy.stats import spearmanr

from designloop.core.random import stream
from designloop.surrogates import DeepEnsemble

SPACE = SPACES["one length"]
SEQUENCES = distinct(SPACE, 300, seed=5)
QUICK = DeepEnsemble(members=4, channels=8, hidden=16, steps=60, minibatch=64, learning_rate=0.01)


@pytest.fixture(scope="module")
def posterior():
    history = history_of(SPACE, [Told(s, worth(s), 0.1) for s in SEQUENCES[:200]])
    return QUICK.fit(history, stream(0, "fit"))


def test_an_additive_landscape_is_learnt(posterior):
    """Held-out designs are ranked nearly right."""
    mean, _ = posterior.moments(SEQUENCES[200:])
    assert spearmanr(mean, [worth(s) for s in SEQUENCES[200:]]).statistic > 0.7


def test_members_disagree_more_where_nothing_was_measured(posterior):
    far = ["GGGGGGGG", "TTTTTTTT", "AAAAAAAA", "GTGTGTGT"]
    assert posterior.model_moments(far)[1].mean() > posterior.model_moments(SEQUENCES[:200])[1].mean()


def test_other_streams_train_other_members(posterior):
    history = history_of(SPACE, [Told(s, worth(s), 0.1) for s in SEQUENCES[:200]])
    other = QUICK.fit(history, stream(1, "fit"))
    assert not np.allclose(posterior.moments(SEQUENCES[:5])[0], other.moments(SEQUENCES[:5])[0])


def test_conditioning_is_the_gaussian_rule_on_the_members_covariance(posterior):
    """The mean moves by K (K + noise)⁻¹ (value - mean): nearly all the way at one sequence, its kin by covariance."""
    probes = SEQUENCES[200:206]
    mean, std = posterior.model_moments(probes)
    after, narrowed = posterior.condition(probes[:1], mean[:1] + std[0]).model_moments(probes)
    members = posterior._members(probes)
    slope = np.cov(members.T)[0] / np.var(members[:, 0], ddof=1)
    moved = after - mean
    assert moved[0] > 0.5 * std[0]
    np.testing.assert_allclose(moved / moved[0], slope, atol=1e-3)
    assert narrowed[0] < 0.7 * std[0]


def test_conditioning_twice_is_conditioning_at_once(posterior):
    """Beliefs may be added one after the other."""
    mean = posterior.model_moments(SEQUENCES[200:204])[0]
    once = posterior.condition(SEQUENCES[200:204], mean).model_moments(SEQUENCES[:20])
    twice = posterior.condition(SEQUENCES[200:202], mean[:2]).condition(SEQUENCES[202:204], mean[2:])
    np.testing.assert_allclose(twice.model_moments(SEQUENCES[:20]), once, rtol=1e-9)
