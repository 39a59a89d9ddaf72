"""Rough Mount Fuji: an additive slope and independent random values; peaks as frequent as theory says; exact optima."""

from itertools import product
from math import comb, exp, pi, sqrt

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from designloop.core.errors import InputError
from designloop.oracles import RoughMtFuji
from designloop.testing import OracleContract

DISTRIBUTIONS = {
    "normal": stats.norm(),
    "gumbel": stats.gumbel_r(scale=sqrt(6) / pi, loc=-np.euler_gamma * sqrt(6) / pi),
    "exponential": stats.expon(loc=-1),
    "uniform": stats.uniform(loc=-sqrt(3), scale=sqrt(12)),
}


class TestContract(OracleContract):
    oracle = RoughMtFuji(length=9, slope=0.7, costs="drawn", distribution="gumbel")


def every(oracle: RoughMtFuji) -> list[str]:
    return ["".join(letters) for letters in product(oracle.alphabet.letters, repeat=oracle.length)]


def test_without_roughness_each_substitution_costs_the_slope():
    oracle = RoughMtFuji(length=15, slope=0.5, roughness=0, seed=3)
    rng = np.random.default_rng(0)
    for sequence in oracle.space.sample(50, rng):
        distance = sum(map(str.__ne__, sequence, oracle.summit))
        assert oracle([sequence])[0] == pytest.approx(-0.5 * distance)
    assert (oracle.optimum, oracle.optimal_solution()) == (0.0, oracle.summit)


def test_drawn_costs_add_up_lie_between_0_and_twice_the_slope_and_have_it_as_their_mean():
    oracle = RoughMtFuji(length=200, alphabet="protein", slope=0.5, roughness=0, costs="drawn")
    (one, other), summit = (3, 120), list(oracle.summit)

    def value(*places):
        letters = ["A" if summit[i] != "A" else "C" for i in range(200)]
        return oracle(["".join(letters[i] if i in places else summit[i] for i in range(200))])[0]

    assert value(one, other) == pytest.approx(value(one) + value(other))
    rest = oracle._costs[oracle._costs > 0]
    assert len(rest) == 200 * 19
    assert stats.kstest(rest, stats.uniform(0, 1).cdf).pvalue > 0.001


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_random_part_has_its_distribution(distribution):
    oracle = RoughMtFuji(length=30, slope=0, roughness=2.0, distribution=distribution)
    values = oracle(oracle.space.sample(20_000, np.random.default_rng(0)))
    assert stats.kstest(values / 2.0, DISTRIBUTIONS[distribution].cdf).pvalue > 0.001
    assert values.std() == pytest.approx(2.0, rel=0.05)


def test_random_values_of_neighbours_are_independent():
    """Of sequences one letter apart, two apart at one position, and of squares of two substitutions."""
    oracle = RoughMtFuji(length=10, slope=0)
    codes = oracle.space.alphabet.encode(oracle.space.sample(20_000, np.random.default_rng(1)))
    changed = [codes.copy() for _ in range(3)]
    changed[0][:, 4] = (codes[:, 4] + 1) % 4
    changed[1][:, 7] = (codes[:, 7] + 1) % 4
    changed[2][:, [4, 7]] = (codes[:, [4, 7]] + 1) % 4
    parts = np.array([oracle.random(each) for each in (codes, *changed)])
    assert np.abs(np.corrcoef(parts) - np.eye(4)).max() < 0.03
    assert abs(np.mean(parts.prod(axis=0))) < 0.03


@pytest.mark.parametrize(("slope", "alphabet", "length"), [(0.0, "dna", 6), (0.6, "dna", 6), (1.5, "states-2", 11)])
def test_peaks_are_as_frequent_as_theory_says(slope, alphabet, length):
    """With a Gumbel random part of scale 1, a sequence at distance d from the summit is a peak with probability
    1 / (1 + sum over neighbours of exp(their additive advantage)); Neidhart et al. 2014, for any number of letters.
    """
    n_letters, n_peaks, n_expected, n_instances = len(RoughMtFuji(alphabet=alphabet).alphabet), 0, 0.0, 60
    for seed in range(n_instances):
        fields = {"alphabet": alphabet, "length": length, "slope": slope, "seed": seed}
        oracle = RoughMtFuji(roughness=pi / sqrt(6), distribution="gumbel", **fields)
        grid = oracle(every(oracle)).reshape((n_letters,) * length)
        is_peak = np.ones(grid.shape, dtype=bool)
        for axis in range(length):
            is_peak &= grid == grid.max(axis=axis, keepdims=True)
        n_peaks += int(is_peak.sum())
    for d in range(length + 1):
        count = comb(length, d) * (n_letters - 1) ** d
        near = d * exp(slope) + d * (n_letters - 2) + (length - d) * (n_letters - 1) * exp(-slope)
        n_expected += n_instances * count / (1 + near)
    assert n_peaks == pytest.approx(n_expected, abs=5 * sqrt(n_expected))


@pytest.mark.parametrize("costs", ["equal", "drawn"])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_optimum_is_exact(costs, distribution):
    """No sequence is better, whether few or all of them had to be looked at."""
    for slope in (0.0, 0.3, 3.0):
        for seed in range(3):
            fields = {"length": 7, "slope": slope, "costs": costs, "seed": seed}
            oracle = RoughMtFuji(distribution=distribution, **fields)
            values = oracle(every(oracle))
            assert oracle.optimum == values.max()
            assert oracle.optimal_solution() == every(oracle)[int(np.argmax(values))]


def test_where_the_slope_is_steep_the_optimum_of_a_long_sequence_is_known_and_else_not():
    steep, flat = RoughMtFuji(length=100, slope=5.0, seed=1), RoughMtFuji(length=40, slope=0.1)
    assert is_a_peak(steep)
    assert (flat.optimum, flat.optimal_solution()) == (None, None)


def is_a_peak(oracle: RoughMtFuji) -> bool:
    best = oracle.optimal_solution()
    near = [best[:i] + c + best[i + 1 :] for i in range(len(best)) for c in oracle.alphabet.letters]
    assert oracle([best])[0] == oracle.optimum
    return bool(oracle(near).max() == oracle.optimum)


def test_the_same_seed_is_the_same_instance_and_another_is_another():
    sequences = RoughMtFuji().space.sample(50, np.random.default_rng(0))
    np.testing.assert_array_equal(RoughMtFuji(seed=4)(sequences), RoughMtFuji(seed=4)(sequences))
    assert abs(np.corrcoef(RoughMtFuji(seed=4)(sequences), RoughMtFuji(seed=5)(sequences))[0, 1]) < 0.5
    assert RoughMtFuji(seed=4).summit != RoughMtFuji(seed=5).summit


def test_values_are_those_of_every_version():
    """A record of numbers: a change of the hash or of a stream would change published instances."""
    assert RoughMtFuji(length=8, seed=1).summit == "TATTTTAG"
    values = RoughMtFuji(length=8, seed=1)(["ACGTACGT", "TTTTTTTT"])
    np.testing.assert_allclose(values, [-7.168032169636504, -2.9628378203978962], rtol=1e-12)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"slope": 0, "roughness": 0}, "both 0, so all values are equal"),
        ({"alphabet": "states-1"}, "at least 2 letters, got states-1 with 1"),
        ({"slope": -1}, "greater than or equal to 0"),
    ],
)
def test_what_is_no_landscape_is_told(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        RoughMtFuji(**fields)


def test_a_sequence_of_another_length_or_letter_is_refused():
    with pytest.raises(InputError, match="sequence 2: this landscape expects 5 letters, got 3"):
        RoughMtFuji(length=5)(["ACGTA", "ACG"])
    with pytest.raises(InputError, match="sequence 1"):
        RoughMtFuji(length=5)(["ACGTN"])
