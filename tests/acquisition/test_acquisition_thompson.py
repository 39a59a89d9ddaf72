"""Thompson sampling: one draw for each pick."""

import numpy as np
from histories import SPACES, busy_history, distinct

from designloop.acquisition import Thompson
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates import BayesianLinear
from designloop.surrogates.bayesian_linear import LinearPosterior

IDLE = PendingDesigns()
SPACE = SPACES["one length"]
CANDIDATES = distinct(SPACE, 40, seed=7)


def posterior() -> LinearPosterior:
    return BayesianLinear().fit(busy_history(SPACE), stream(0, "fit"))


def test_each_pick_is_the_best_left_of_its_own_draw():
    """Pick i is the best candidate of draw i that no earlier draw took."""
    belief, part = posterior(), Thompson(scale=1.0)
    draws = part.targets(belief, IDLE, 0.0, 12, stream(3, "t"))(CANDIDATES)
    taken: list[int] = []
    for draw in draws:
        taken.append(next(int(i) for i in np.argsort(-draw) if int(i) not in taken))
    assert part.choose(CANDIDATES, 12, belief, IDLE, 0.0, stream(3, "t")) == taken


def test_there_is_one_function_to_climb_for_each_pick():
    assert Thompson().targets(posterior(), IDLE, 0.0, 5, stream(0, "t"))(CANDIDATES).shape == (5, 40)


def test_the_scale_shortens_how_far_draws_stand_off_the_mean():
    belief = posterior()
    mean = belief.model_moments(CANDIDATES)[0]
    half, whole = (
        Thompson(scale=s).targets(belief, IDLE, 0.0, 4, stream(1, "t"))(CANDIDATES) - mean for s in (0.5, 1.0)
    )
    np.testing.assert_allclose(2.0 * half, whole, atol=1e-9)


def test_what_is_hardly_viable_is_taken_last():
    """log P(viable) is added to every draw."""
    viable = np.zeros(40)
    viable[:20] = np.log(1e-9)
    taken = Thompson(scale=1.0).choose(CANDIDATES, 40, posterior(), IDLE, 0.0, stream(3, "t"), viable)
    assert set(taken[:20]) == set(range(20, 40))
