"""The random forest agrees with scikit-learn's own, and is as sure as it should be."""

import sys

import numpy as np
import pytest
from histories import SPACES, Told, busy_history, distinct, history_of, worth
from sklearn.ensemble import RandomForestRegressor

from designloop.campaign import Campaign
from designloop.core.errors import ConfigError
from designloop.core.random import stream
from designloop.surrogates import RandomForest
from designloop.surrogates.features import one_hot

SPACE = SPACES["one length"]
MEASURED, NEW = distinct(SPACE, 120, seed=4)[:80], distinct(SPACE, 120, seed=4)[80:]


def hot(sequences):
    return one_hot(SPACE.padded_codes(sequences), len(SPACE.alphabet))


def test_the_mean_is_that_of_scikit_learns_forest():
    """Two forests of 600 trees on the same values, each with its own bootstraps: equal within five standard errors."""
    values = np.array([worth(s) for s in MEASURED])
    ours = RandomForest(trees=600, min_leaf=2).fit(
        history_of(SPACE, [Told(*row) for row in zip(MEASURED, values.tolist(), strict=True)]), stream(0, "fit")
    )
    theirs = RandomForestRegressor(600, min_samples_leaf=2, random_state=0).fit(hot(MEASURED), values)
    trees = np.stack([tree.predict(hot(NEW)) for tree in theirs.estimators_])
    error = np.sqrt(2.0) * trees.std(axis=0) / np.sqrt(600)
    mean, _ = ours.moments(NEW)
    spread = ours.model_moments(NEW)[1] * values.std()
    assert (np.abs(mean - trees.mean(axis=0)) < 5 * error).all()
    np.testing.assert_allclose(spread, trees.std(axis=0), rtol=0.2)


def test_the_recorded_prediction_adds_what_trees_miss_in_designs_that_they_have_not_seen():
    posterior = RandomForest().fit(busy_history(SPACE), stream(0, "fit"))
    mean, std = posterior.model_moments(NEW)
    assert posterior.residual > 0
    np.testing.assert_allclose(
        posterior.moments(NEW)[1],
        posterior.scale.moments_to_assay(mean, np.sqrt(std**2 + posterior.residual))[1],
    )


@pytest.mark.parametrize("error", [0.0, 0.5])
def test_predictions_miss_by_as_much_as_they_say(error: float):
    """80 designs, with and without errors of measurement: the true values of new ones lie about one std away."""
    missed = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        values = [worth(s) + error * rng.standard_normal() for s in MEASURED]
        rows = [Told(s, v, error) for s, v in zip(MEASURED, values, strict=True)]
        mean, std = RandomForest().fit(history_of(SPACE, rows), stream(0, "fit")).moments(NEW)
        missed.append((np.array([worth(s) for s in NEW]) - mean) / std)
    assert 0.6 < np.sqrt(np.mean(np.square(missed))) < 1.4


def test_precise_measurements_count_more():
    """Forty exact designs, and forty with errors of ten times the spread: told so, the forest predicts far better."""
    rng = np.random.default_rng(0)
    errors = np.where(np.arange(80) % 2, 10.0, 0.01)
    values = np.array([worth(s) for s in MEASURED]) + errors * rng.standard_normal(80)
    told = [
        [Told(*row) for row in zip(MEASURED, values.tolist(), its, strict=True)]
        for its in (errors.tolist(), [0.01] * 80)
    ]
    truth = np.array([worth(s) for s in NEW])
    seeing, blind = (
        np.mean((RandomForest().fit(history_of(SPACE, rows), stream(0, "f")).moments(NEW)[0] - truth) ** 2)
        for rows in told
    )
    assert seeing < blind / 3


def test_fewer_features_at_a_split_make_trees_more_different():
    spreads = [
        RandomForest(feature_share=share).fit(busy_history(SPACE), stream(0, "fit")).model_moments(NEW)[1].mean()
        for share in (1.0, 0.1)
    ]
    assert spreads[1] > spreads[0]


def test_without_scikit_learn_the_extra_is_named_before_the_run(monkeypatch):
    campaign = Campaign.model_validate(
        {
            "oracle": {"kind": "nk", "length": 8, "neighbours": 1},
            "lab": "instant",
            "strategy": {"kind": "model-guided", "surrogate": "random-forest"},
            "scheduler": "rounds",
            "budget": {"designs": 8},
        }
    )
    campaign.known()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ConfigError, match=r"requires scikit-learn: pip install 'designloop\[sklearn\]'"):
        campaign.known()
