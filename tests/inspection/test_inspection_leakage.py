"""Leakage between a corpus and measured sequences, and the search for near-duplicates, which misses none."""

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from designloop.core.errors import InputError
from designloop.inspection.leakage import Duplicate, leakage, near_duplicates
from designloop.inspection.neighbours import identity
from designloop.inspection.shared_pieces import most_edits, similar_pairs


def random_sequences(n: int, length: int, seed: int, letters: str = "ACGU") -> list[str]:
    return ["".join(row) for row in np.random.default_rng(seed).choice(list(letters), (n, length))]


def mutated(sequence: str, n: int, rng: np.random.Generator) -> str:
    letters = list(sequence)
    for _ in range(n):
        place, kind = int(rng.integers(len(letters))), rng.integers(3)
        if kind == 0:
            letters[place] = "ACGU"[rng.integers(4)]
        elif kind == 1:
            letters.insert(place, "ACGU"[rng.integers(4)])
        else:
            del letters[place]
    return "".join(letters)


@pytest.mark.parametrize("length", [9, 23, 60, 150])
@pytest.mark.parametrize("alike", [0.7, 0.9])
def test_no_near_duplicate_is_missed(length: int, alike: float):
    """Against all pairs, with substitutions, insertions and deletions."""
    rng = np.random.default_rng(length)
    corpus = random_sequences(60, length, seed=1)
    mine = [mutated(corpus[i], int(rng.integers(0, length // 4 + 1)), rng) for i in rng.integers(0, 60, 80)]
    every = {
        (row, place)
        for row, one in enumerate(mine)
        for place, other in enumerate(corpus)
        if Levenshtein.distance(one, other) <= most_edits(len(one), alike)
    }
    found = list(similar_pairs(mine, corpus, alike))
    assert set(found) == every
    assert len(found) == len(every)
    assert len(every) >= 10
    best = {row: max(identity(one, other) for other in corpus) for row, one in enumerate(mine)}
    assert {d.row: d.identity for d in near_duplicates(mine, corpus, alike)} == {
        row: its for row, its in best.items() if its >= alike
    }


def test_the_first_of_equals_is_named_and_an_exact_one_is_nearest():
    corpus = ["ACGUACGUAC", "ACGUACGUAG", "ACGUACGUAC"]
    assert near_duplicates(["ACGUACGUAC", "CCCCCCCCCC", "ACGUACGUAU"], corpus) == [
        Duplicate(0, 0, 1.0),
        Duplicate(2, 0, 0.9),
    ]
    with pytest.raises(InputError, match=r"identity: expected a number from 0\.5 to 1"):
        near_duplicates(["A"], ["A"], 0.3)


def test_leakage_counts_the_best_and_all():
    measured = random_sequences(500, 30, seed=3)
    values = np.arange(500.0)
    values[499] = np.nan
    corpus = [measured[498], mutated_end(measured[497]), mutated_end(measured[496]), measured[0]]
    found = leakage(measured, values, corpus)
    assert (found.n_measured, found.n_in_corpus) == (500, 2)
    assert (found.n_best, found.n_best_in_corpus, found.n_best_near) == (100, 1, 2)
    assert str(found) == (
        "leakage: of the 100 best measured sequences, 1 in the corpus, 2 more nearly so (identity 90% or more); "
        "2 of all 500 are in it"
    )
    assert str(leakage(measured, values, ["ACGU"])).startswith("leakage: none of the 100 best measured sequences is in")


def mutated_end(sequence: str) -> str:
    return sequence[:-1] + ("A" if sequence[-1] != "A" else "C")
