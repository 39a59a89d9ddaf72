"""NK landscapes: the optimum is exact, K sets the ruggedness that theory says, and a seed is an instance."""

from itertools import product

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.alphabet import PROTEIN, states
from designloop.core.errors import InputError
from designloop.oracles import NK
from designloop.testing import OracleContract

SMALL = [("states-2", 9, 2), ("states-3", 7, 1), ("dna", 6, 2), ("dna", 5, 4), ("states-3", 7, 0), ("states-2", 10, 3)]
small = pytest.mark.parametrize(("alphabet", "length", "neighbours"), SMALL)


class TestContract(OracleContract):
    oracle = NK(length=12, neighbours=3)


def every(oracle: NK) -> list[str]:
    return ["".join(letters) for letters in product(oracle.alphabet.letters, repeat=oracle.length)]


@small
def test_values_are_the_mean_of_contributions_stretched_over_all_sequences(alphabet, length, neighbours):
    """Each letter with those behind it, on a circle, looked up one by one; the worst of all is 0 and the best is 1."""
    oracle = NK(alphabet=alphabet, length=length, neighbours=neighbours, seed=3)
    table, letters = oracle.instance.contributions, oracle.alphabet.letters
    sums = []
    for sequence in every(oracle):
        windows = [[sequence[(i + j) % length] for j in range(neighbours + 1)] for i in range(length)]
        places = [int("".join(str(letters.index(c)) for c in window), len(letters)) for window in windows]
        sums.append(sum(table[i, place] for i, place in enumerate(places)))
    expected = (np.array(sums) - min(sums)) / (max(sums) - min(sums))
    values = oracle(every(oracle))
    np.testing.assert_allclose(values, expected, atol=1e-12)
    assert (values.min(), values.max()) == (0.0, 1.0)


@small
def test_the_optimum_is_reached_exactly(alphabet, length, neighbours):
    """By trying all sequences, and by dynamic programming where that is quicker: no sequence is better."""
    for seed in range(5):
        oracle = NK(alphabet=alphabet, length=length, neighbours=neighbours, seed=seed)
        assert oracle([oracle.optimal_solution()])[0] == oracle.optimum == 1.0
        assert every(oracle)[int(np.argmax(oracle(every(oracle))))] == oracle.optimal_solution()


def test_without_neighbours_letters_add_up():
    """The value of two changes is the sum of what each does."""
    oracle = NK(alphabet=PROTEIN, length=8, neighbours=0)
    plain, one, other, both = oracle(["AAAAAAAA", "ACAAAAAA", "AAAAAAWA", "ACAAAAWA"])
    assert both - plain == pytest.approx(one - plain + other - plain)


def test_a_letter_changes_only_the_contributions_that_hang_on_it():
    """With K = 2, what a change at position 0 does hangs on positions 10, 11, 1 and 2 of 12, and on no other."""
    oracle = NK(length=12, neighbours=2)

    def effect(background: str) -> float:
        before, after = oracle([background, "C" + background[1:]])
        return after - before

    plain = effect("A" * 12)
    changed = [not np.isclose(effect("A" * i + "G" + "A" * (11 - i)), plain, atol=1e-12) for i in range(1, 12)]
    assert [i for i, is_changed in enumerate(changed, start=1) if is_changed] == [1, 2, 10, 11]


@pytest.mark.parametrize("neighbours", [0, 2, 5, 7])
def test_the_correlation_of_neighbours_is_what_theory_says(neighbours):
    """1 - (K + 1) / N over instances (Weinberger 1990); over instances, a contribution's mean is 1/2."""
    rng, length, products, squares = np.random.default_rng(0), 8, 0.0, 0.0
    for seed in range(400):
        oracle = NK(length=length, neighbours=neighbours, seed=seed, alphabet="dna" if neighbours < 5 else "states-2")
        n_letters = len(oracle.alphabet)
        here = rng.integers(n_letters, size=(100, length)).astype(np.int16)
        there, place = here.copy(), rng.integers(length, size=100)
        there[np.arange(100), place] = (here[np.arange(100), place] + rng.integers(1, n_letters, 100)) % n_letters
        one, other = (oracle.instance.means(codes) - 0.5 for codes in (here, there))
        products += float(one @ other)
        squares += float(one @ one + other @ other) / 2
    assert products / squares == pytest.approx(1 - (neighbours + 1) / length, abs=0.02)


def test_the_same_seed_is_the_same_instance():
    sequences = NK().space.sample(50, np.random.default_rng(0))
    np.testing.assert_array_equal(NK(seed=4)(sequences), NK(seed=4)(sequences))
    assert not np.allclose(NK(seed=4)(sequences), NK(seed=5)(sequences))


def test_contributions_have_streams_of_their_own():
    """A longer landscape has the contributions of a shorter one, and more."""
    short, long = NK(length=6).instance.contributions, NK(length=9).instance.contributions
    np.testing.assert_array_equal(short, long[:6])


def test_there_is_no_corpus_and_every_sequence_is_viable():
    oracle = NK(alphabet=states(5), length=7)
    assert oracle.corpus(10, np.random.default_rng(0)) == []
    assert np.isfinite(oracle(oracle.space.sample(200, np.random.default_rng(0)))).all()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"length": 4, "neighbours": 4}, "neighbours: expected at most length - 1 = 3, got 4; reduce it"),
        (
            {"length": 60, "neighbours": 8},
            "takes too long to find for length 60, .*; use at most 5 neighbours, or a smaller alphabet",
        ),
        ({"length": 30, "neighbours": 5, "alphabet": "protein"}, "use at most 2 neighbours, or a smaller alphabet"),
        ({"alphabet": "states-1"}, "expected an alphabet of at least 2 letters, got states-1 with 1"),
    ],
)
def test_what_cannot_be_solved_is_told_with_the_mend(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        NK(**fields)


def test_a_sequence_of_another_length_is_refused():
    with pytest.raises(InputError, match="sequence 2: this NK landscape expects 5 letters, got 3"):
        NK(length=5)(["ACGTA", "ACG"])
