"""Hill-climb is steepest ascent where the batch holds all mutants, and a random walk uphill where it does not."""

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, picks, worth

import designloop as dl
from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.strategies import HillClimb
from designloop.strategies.mutants import single_mutants

NK = dl.oracles.NK(length=6, neighbours=2)
START = "CGTATG"
RNG = np.random.default_rng(0)


def value(sequence: str) -> float:
    return float(NK([sequence])[0])


def ascent(start: str) -> list[str]:
    """Steepest ascent by brute force, until no mutant is better."""
    path = [start]
    while value(best := max(single_mutants(path[-1], NK.space, RNG), key=value)) > value(path[-1]):
        path.append(best)
    return path


def test_with_room_for_all_mutants_it_is_steepest_ascent():
    """Round by round, its best design is that of the ascent, up to the local optimum, where it stays."""
    path = ascent(START)
    assert len(path) > 4
    assert value(path[-1]) < 1.0
    told, best = [Told(START, value(START))], [START]
    for _ in path:
        n = len(set(single_mutants(best[-1], NK.space, RNG)) - {row.sequence for row in told})
        batch = picks(HillClimb(model=None), history_of(NK.space, told), n=n)
        told += [Told(sequence, value(sequence)) for sequence in batch]
        best.append(max(told, key=lambda row: row.ending).sequence)
    assert best == [*path, path[-1]]


def test_with_little_room_it_draws_mutants_of_the_best_at_random():
    """Each of 24 mutants about as often as any other."""
    history = history_of(SPACES["one length"], [Told("ACGTACGT", 2.0), Told("TTTTTTTT", 1.0)])
    counts = {}
    for seed in range(300):
        for sequence in picks(HillClimb(model=None), history, n=4, seed=seed):
            counts[sequence] = counts.get(sequence, 0) + 1
    assert set(counts) == set(single_mutants("ACGTACGT", SPACES["one length"], RNG))
    assert all(abs(count - 50) < 30 for count in counts.values())  # 4.7 standard deviations


def test_when_the_mutants_of_the_best_are_used_up_the_next_best_has_its_turn():
    history = history_of(SPACES["one length"], [Told("ACGTACGT", 2.0), Told("TTTTTTTT", 1.0)])
    batch = picks(HillClimb(model=None), history, n=30)
    assert set(batch[:24]) == set(single_mutants("ACGTACGT", SPACES["one length"], RNG))
    assert set(batch[24:]) < set(single_mutants("TTTTTTTT", SPACES["one length"], RNG))


def test_two_parents_share_the_batch():
    history = history_of(SPACES["one length"], [Told("ACGTACGT", 2.0), Told("TTTTTTTT", 1.0), Told("GGGGGGGG", 0.0)])
    batch = picks(HillClimb(model=None, parents=2), history, n=20)
    near = [set(single_mutants(s, SPACES["one length"], RNG)) for s in ("ACGTACGT", "TTTTTTTT")]
    assert set(batch) <= near[0] | near[1]
    assert 4 < len(set(batch) & near[0]) < 16


@pytest.mark.parametrize(("mutations", "furthest"), [(1.0, 1), (3.0, 8)])
def test_mutations_set_how_far_it_goes(mutations: float, furthest: int):
    history = history_of(SPACES["one length"], [Told("ACGTACGT", 2.0)])
    batch = picks(HillClimb(model=None, mutations=mutations), history, n=12)
    away = [sum(a != b for a, b in zip(s, "ACGTACGT", strict=True)) for s in batch]
    assert max(away) <= furthest
    assert (np.mean(away) > 2) == (mutations > 1)


def test_noise_does_not_lead_it():
    """A lucky reading of one well is worth less than a solid one: shrunk means decide."""
    rows = [
        Told("ACGTACGT", 2.0, 0.1),
        Told("TTTTTTTT", 2.1, 5.0),
        Told("GGGGGGGG", 0.0, 0.1),
        Told("CCCCCCCC", 0.1, 0.1),
    ]
    batch = picks(HillClimb(model=None), history_of(SPACES["one length"], rows), n=10)
    assert set(batch) <= set(single_mutants("ACGTACGT", SPACES["one length"], RNG))


def test_it_keeps_to_what_looks_viable():
    """Where only sequences without GG are natural, and outcomes bear it out, the filter keeps GG out."""
    space = SPACES["one length"]
    natural = [s for s in distinct(space, 400, seed=3) if "GG" not in s]
    told = [Told(s, "not_expressed" if "GG" in s else worth(s)) for s in distinct(space, 120)]
    history = history_of(space, [*told, Told("GAGAGAGA", 99.0)], corpus=natural)
    filtered, free = (
        sum("GG" in s for seed in range(5) for s in picks(HillClimb(model=m), history, n=8, seed=seed))
        for m in (Markov(), None)
    )
    assert filtered < free


def test_a_pool_is_climbed_by_its_nearest_members():
    space = Space.of_pool(DNA, ["AAAA", "AAAC", "AACC", "GGGG", "GGGT", "TTTT"])
    history = history_of(space, [Told("AAAA", 2.0), Told("TTTT", 1.0)])
    assert picks(HillClimb(model=None, surplus=1), history, n=1) == ["AAAC"]
