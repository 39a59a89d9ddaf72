"""Thompson sampling: one draw for each pick."""

import numpy as np
from histories import SPACES, busy_history, distinct, history_of

from designloop.acquisition import Thompson
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates import BayesianLinear
from designloop.surrogates.bayesian_linear import LinearPosterior

RNG = np.random.default_rng(0)
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


def hamming(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def test_picks_of_a_batch_stand_apart():
    """Pick i is the best of its draw among those that are far enough from all before."""
    near = [a + b + "ACGTAC" for a in "ACGT" for b in "ACGT"]
    belief, part = posterior(), Thompson(scale=1.0, min_distance=2)
    draws = part.targets(belief, IDLE, 0.0, 4, stream(3, "t"))(near)
    taken: list[int] = []
    for draw in draws:
        far = [i for i in np.argsort(-draw) if all(hamming(near[i], near[j]) >= 2 for j in taken)]
        taken.append(int(far[0]))
    assert part.choose(near, 4, belief, IDLE, 0.0, stream(3, "t")) == taken
    assert taken != Thompson(scale=1.0).choose(near, 4, belief, IDLE, 0.0, stream(3, "t"))


def test_where_none_is_left_that_far_the_best_is_taken_all_the_same():
    near = [letter + "CGTACGT" for letter in "ACGT"]
    part = Thompson(min_distance=2)
    assert sorted(part.choose(near, 4, posterior(), IDLE, 0.0, stream(3, "t"))) == [0, 1, 2, 3]


def test_where_lengths_differ_picks_stand_apart_by_edits():
    near = ["ACGTAC", "CGTAC", "TTTTTT"]
    part, belief = Thompson(min_distance=2, scale=1.0), BayesianLinear().fit(history_of(SPACES["many lengths"]), RNG)
    assert {2} < set(part.choose(near, 2, belief, IDLE, 0.0, stream(3, "t")))
