"""Exploration and diversity against brute force: variance, optimality, distances, determinants, chance."""

from itertools import product

import numpy as np
import pytest
from gaussians import ExactGaussian, Gaussian
from scipy.stats import norm

from designloop.acquisition import DPP, EpsilonGreedy, FarthestFirst, MaxVariance, ProbabilityOfOptimality
from designloop.acquisition.optimality import probabilities_of_best
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns

IDLE = PendingDesigns()
WORDS = ["AAAA", "AAAC", "AACC", "CCCC", "GGGG", "GGGT", "TTTT", "ACGT"]


def alike(values: np.ndarray, spread: float = 0.1, names: list[str] = WORDS) -> Gaussian:
    return Gaussian(names, np.asarray(values, dtype=float), spread**2 * np.eye(len(names)))


def test_the_most_uncertain_are_chosen_by_their_variance_given_those_before():
    """Each step conditions on the last choice in closed form."""
    posterior = Gaussian.random("abcdefghijkl", seed=2)
    left, expected = posterior, []
    for _ in range(5):
        variance = np.diag(left.covariance).copy()
        variance[expected] = -1.0
        expected.append(int(np.argmax(variance)))
        left = left.condition(["abcdefghijkl"[expected[-1]]], np.zeros(1))
    exact = ExactGaussian(posterior.names, posterior.mean, posterior.covariance)
    assert MaxVariance().choose("abcdefghijkl", 5, exact, IDLE, 0.0, stream(0, "c")) == expected
    assert MaxVariance().score(np.zeros(1), np.full(1, 3.0), 0.0)[0] == pytest.approx(np.log(9.0))


def test_of_two_the_better_is_the_best_with_the_probability_of_the_normal_tail():
    """P(a > b) = Φ((1 - 0.4) / √(1 + 0.25))."""
    sample = Gaussian("ab", np.array([1.0, 0.4]), np.diag([1.0, 0.25])).draw(40_000, stream(0, "d"))("ab")
    found = probabilities_of_best(np.argsort(-sample, axis=1), np.ones(2))
    expected = norm.cdf(0.6 / np.sqrt(1.25))
    assert found[0] == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / 40_000))
    assert found.sum() == pytest.approx(1.0)


def test_the_best_viable_one_is_found_over_all_ways_to_be_viable():
    """All 16 sets of viable candidates, each with its probability."""
    values, viable = stream(0, "v").normal(size=(7, 4)), np.array([0.9, 0.2, 0.5, 1.0])
    expected = np.zeros(4)
    for alive in product([0, 1], repeat=4):
        weight = np.prod(np.where(alive, viable, 1 - viable))
        for row in values:
            expected[np.argmax(np.where(alive, row, -np.inf))] += weight / 7 if any(alive) else 0.0
    np.testing.assert_allclose(probabilities_of_best(np.argsort(-values, axis=1), viable), expected, atol=1e-12)


def test_the_batch_most_likely_to_hold_the_best_has_no_design_that_is_second_everywhere():
    """b is a little below a in every draw: it is never the best, and comes after all that may be."""
    covariance = np.eye(4)
    covariance[0, 1] = covariance[1, 0] = 1.0
    posterior = Gaussian("abcd", np.array([1.0, 0.9, 0.0, -0.2]), covariance)
    part = ProbabilityOfOptimality()
    assert part.choose("abcd", 4, posterior, IDLE, 0.0, stream(0, "c")) == [0, 2, 3, 1]
    # With its better twin in the lab, b cannot be the best either.
    assert part.choose("bcd", 3, posterior, PendingDesigns(("a",)), 0.0, stream(0, "c")) == [1, 2, 0]


def test_each_design_is_as_far_as_possible_from_those_before_it():
    """Of the best six, AAAA is the best; GGGG is as far as TTTT and better; then the nearest distances are compared."""
    posterior = alike([9, 8, 7, 6, 5, 4, 1, 0])
    part = FarthestFirst(top=2, beta=0.0)
    assert part.choose(WORDS, 3, posterior, IDLE, 0.0, stream(0, "c")) == [0, 3, 4]
    # One that is in the lab counts as chosen.
    assert part.choose(WORDS[1:], 1, posterior, PendingDesigns(("AAAA",)), 0.0, stream(0, "c")) == [1]


def test_a_distance_counts_as_far_as_its_end_is_viable():
    """Four letters at P = 0.1 are worth 0.4, less than one letter."""
    posterior = alike([9, 8, 7, 6, 5, 4, 1, 0])
    viable = np.log(np.where(np.isin(WORDS, ["AAAA", "AAAC"]), 1.0, 0.1))
    part = FarthestFirst(top=4, beta=0.0)
    assert part.choose(WORDS, 2, posterior, IDLE, 0.0, stream(0, "c"), viable) == [0, 1]


def test_sequences_of_other_lengths_are_as_far_as_the_edits_between_them():
    """AAAAT and TAAAA share no more than three positions, but two edits lead from one to the other."""
    words = ["AAAAT", "TAAAA", "AAGGT", "AAAATT"]
    taken = FarthestFirst(beta=0.0).choose(words, 2, alike([9, 8, 7, 6], names=words), IDLE, 0.0, stream(0, "c"))
    assert taken == [0, 1]
    same = words[:3]
    taken = FarthestFirst(beta=0.0).choose(same, 3, alike([9, 8, 7], names=same), IDLE, 0.0, stream(0, "c"))
    assert taken == [0, 1, 2]


@pytest.mark.parametrize("pending", [(), ("CCCC",)], ids=["idle", "busy"])
def test_each_choice_multiplies_the_determinant_most(pending: tuple[str, ...]):
    """The determinants themselves, of the kernel of letters with qualities, at every step."""
    mean = np.array([0.3, 0.2, 0.9, 0.0, 0.5, 0.45, -0.3, 0.1])
    viable = -0.1 * np.arange(8.0)
    every = [word for word in WORDS if word not in pending]
    part = DPP(similarity="letters", weight=0.7, beta=0.0)
    keep = [WORDS.index(word) for word in every]
    taken = part.choose(every, 4, alike(mean), PendingDesigns(pending), 0.0, stream(0, "c"), viable[keep])
    assert [every[i] for i in taken] == greedy_determinants(0.7 * mean + viable / 2, list(pending), 4)


def greedy_determinants(log_quality: np.ndarray, chosen: list[str], n: int) -> list[str]:
    differ = np.array([[sum(a != b for a, b in zip(x, y, strict=True)) for y in WORDS] for x in WORDS])
    similar = (1 - 1e-3) * np.exp(-10.0 * differ / 4) + 1e-3 * np.eye(8)
    kernel = np.exp(log_quality)[:, None] * similar * np.exp(log_quality)
    held = [WORDS.index(word) for word in chosen]

    def determinant(place: int) -> float:
        both = [*held, place]
        return -1.0 if place in held else float(np.linalg.det(kernel[np.ix_(both, both)]))

    for _ in range(n):
        held += [max(range(8), key=determinant)]
    return [WORDS[i] for i in held[len(chosen) :]]


def test_what_the_draws_correlate_is_similar():
    """Twins of the posterior are not chosen together, whatever their letters."""
    covariance = np.eye(3)
    covariance[0, 1] = covariance[1, 0] = 0.999
    posterior = Gaussian(["AAAA", "CCCC", "AAAC"], np.array([1.0, 0.9, 0.5]), covariance)
    part = DPP(beta=0.0)
    assert part.choose(posterior.names, 2, posterior, IDLE, 0.0, stream(0, "c")) == [0, 2]
    assert part.with_(similarity="letters").choose(posterior.names, 2, posterior, IDLE, 0.0, stream(0, "c")) == [0, 1]
    # Also of one that is in the lab.
    free = posterior.names[1:]
    assert part.choose(free, 1, posterior, IDLE, 0.0, stream(0, "c")) == [0]
    assert part.choose(free, 1, posterior, PendingDesigns(("AAAA",)), 0.0, stream(0, "c")) == [1]


def test_weight_nought_is_diversity_alone():
    """Neither means nor spread: the determinant of the similarity."""
    posterior = alike([9, 8, 7, 0, 0, 0, 0, 0])
    taken = DPP(weight=0.0, similarity="letters").choose(WORDS, 5, posterior, IDLE, 0.0, stream(0, "c"))
    assert [WORDS[i] for i in taken] == greedy_determinants(np.zeros(8), [], 5)


def test_one_choice_in_ten_is_random():
    """The share of choices other than the best of eight is epsilon · 7/8."""
    part, posterior = EpsilonGreedy(epsilon=0.4), alike(np.arange(8.0))
    taken = [part.choose(WORDS, 1, posterior, IDLE, 0.0, stream(seed, "c"))[0] for seed in range(3000)]
    assert np.mean(np.array(taken) != 7) == pytest.approx(0.4 * 7 / 8, abs=0.027)  # three standard errors


def test_random_choices_are_in_proportion_to_viability():
    part, posterior = EpsilonGreedy(epsilon=1.0), alike(np.arange(8.0))
    viable = np.log(np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.8]))
    taken = [part.choose(WORDS, 1, posterior, IDLE, 0.0, stream(seed, "c"), viable)[0] for seed in range(3000)]
    assert np.mean(np.array(taken) == 7) == pytest.approx(0.5, abs=0.027)


def test_without_chance_the_means_decide():
    assert EpsilonGreedy(epsilon=0.0).choose(WORDS, 3, alike(np.arange(8.0)), IDLE, 0.0, stream(0, "c")) == [7, 6, 5]
