"""Choices one at a time: the highest score first, near-duplicates spread, pending designs respected."""

from functools import lru_cache

import numpy as np
import pytest
from gaussians import Gaussian
from histories import SPACES, SURROGATES, busy_history, distinct

from designloop.acquisition import EI, PI, UCB, Greedy, LogEI, Random, Thompson
from designloop.acquisition.base import Acquisition
from designloop.core.errors import ContractError
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Floats, Posterior

EVERY = {part.kind: part for part in (Random(), Greedy(), UCB(), EI(), LogEI(), PI(), Thompson())}
every_surrogate = pytest.mark.parametrize("surrogate", SURROGATES)
IDLE = PendingDesigns()
"""A lab with nothing in it."""
SPACE = SPACES["many lengths"]
CANDIDATES = distinct(SPACE, 60, seed=9)


def two_families() -> Gaussian:
    """Four near-duplicates that promise most, and two loners that promise a little less."""
    covariance = np.eye(6)
    covariance[:4, :4] = 0.999
    np.fill_diagonal(covariance, 1.0)
    return Gaussian("abcdef", np.array([1.0, 0.999, 0.998, 0.997, 0.7, 0.6]), covariance)


@lru_cache
def fitted(surrogate: str = "bayesian-linear") -> Posterior:
    return SURROGATES[surrogate].fit(busy_history(SPACE), stream(0, "fit"))


@pytest.mark.parametrize("acquisition", [part for kind, part in EVERY.items() if kind not in ("random", "thompson")],
                         ids=lambda part: part.kind)  # fmt: skip
def test_the_first_choice_has_the_highest_score(acquisition: Acquisition):
    belief = fitted()
    score = acquisition.score(*belief.model_moments(CANDIDATES), 0.5)
    assert acquisition.choose(CANDIDATES, 1, belief, IDLE, 0.5, stream(0, "choose")) == [int(np.argmax(score))]


@pytest.mark.parametrize("acquisition", [UCB(beta=1.0), EI(), LogEI()], ids=lambda part: part.kind)
def test_a_batch_spreads_over_near_duplicates(acquisition: Acquisition):
    """Once one of the family is believed, little is unsure about its kin, and the loners come next."""
    taken = acquisition.choose("abcdef", 3, two_families(), IDLE, 0.9, stream(0, "choose"))
    assert taken[0] == 0
    assert set(taken[1:]) == {4, 5}


def test_greed_does_not_spread():
    """Means stay as they are under belief, so the greedy batch is the family."""
    assert Greedy().choose("abcdef", 4, two_families(), IDLE, 0.9, stream(0, "choose")) == [0, 1, 2, 3]


def test_what_is_believed_of_one_narrows_its_kin_as_conditioning_does():
    """The believer's spread is the conditional standard deviation √(1 - ρ²), up to the draws it is made from."""
    from designloop.acquisition.base import _Believer

    belief = Gaussian("ab", np.zeros(2), np.array([[1.0, 0.8], [0.8, 1.0]]))
    sample = belief.draw(20_000, stream(0, "draws"))("ab")
    believer = _Believer(np.ones(2), sample)
    believer.believe(0)
    assert believer.std[0] == pytest.approx(0.0, abs=1e-9)
    assert believer.std[1] == pytest.approx(0.6, abs=0.02)


@every_surrogate
def test_designs_in_the_lab_are_less_worth_exploring(surrogate: str):
    """A pending design, believed to have its mean, keeps its mean and loses its spread, and so its bound."""
    belief = fitted(surrogate)
    pending = CANDIDATES[:3]
    mean, std = belief.model_moments(pending)
    now_mean, now_std = belief.condition(pending, mean).model_moments(pending)
    # Particles of motifs move by their own gains, so that their mean moves by a small part of the spread.
    np.testing.assert_allclose(now_mean, mean, atol=0.3 * std.max() if surrogate == "motifs" else 1e-5)
    assert (now_std < std).all()
    assert (UCB().score(now_mean, now_std, 0.0) < UCB().score(mean, std, 0.0)).all()


def test_random_is_uniform():
    """Each candidate is chosen about as often as any other."""
    counts = np.zeros(10)
    for seed in range(2000):
        counts[Random().choose("abcdefghij", 3, two_families(), IDLE, 0.0, stream(seed, "choose"))] += 1
    assert np.abs(counts / 2000 - 0.3).max() < 0.045  # 4.4 standard errors


@pytest.mark.parametrize(("flaw", "what"), [(np.nan, "NaN"), (None, r"an array of shape \(3,\)")])
def test_scores_that_are_no_numbers_are_refused_and_never_the_best(flaw: float | None, what: str):
    class Flawed(Greedy):
        def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
            return mean[:3] if flaw is None else np.where(mean == mean.max(), flaw, mean)

    posterior = SURROGATES["bayesian-linear"].fit(busy_history(SPACE), stream(0, "fit"))
    with pytest.raises(ContractError, match=what):
        Flawed().choose(CANDIDATES, 4, posterior, IDLE, 0.0, stream(0, "choice"))


def test_draws_that_are_no_numbers_are_refused_and_never_the_best():
    posterior = Gaussian(CANDIDATES[:3], np.array([0.0, np.nan, 1.0]), np.eye(3))
    with pytest.raises(ContractError, match="draws of the posterior are NaN"):
        Thompson().choose(CANDIDATES[:3], 2, posterior, IDLE, 0.0, stream(0, "choice"))
