"""The laws that every generator keeps, over every registered one and every kind of space."""

from functools import partial

import numpy as np
import pytest
from histories import GENERATORS, SPACES, Told, busy_history, distinct, history_of, worth

from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.generators import LanguageModel, Mutation
from designloop.generators.base import Generator, Score
from designloop.generators.climbing import Climb
from designloop.language_models import Markov


def nearness(wanted: str, sequences) -> np.ndarray:
    """Minus Levenshtein's distance to one sequence."""
    from rapidfuzz.distance import Levenshtein

    return np.array([[-float(Levenshtein.distance(wanted, sequence)) for sequence in sequences]])


THOROUGH = Climb.thorough().with_(generations=5, children=60, parents=6)
CLIMBERS: dict[str, Generator] = {
    **GENERATORS,
    "language-model, thorough": LanguageModel(model=Markov(), climb=THOROUGH),
    "mutation, thorough": Mutation(climb=THOROUGH),
}
every_generator = pytest.mark.parametrize("generator", CLIMBERS.values(), ids=CLIMBERS)
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def landscape(sequences) -> np.ndarray:
    return np.array([[worth(s) for s in sequences]])


def two_landscapes(sequences) -> np.ndarray:
    """One function, and its opposite."""
    return np.vstack([landscape(sequences), -landscape(sequences)])


@every_space
@every_generator
def test_free_proposals_are_distinct_and_inside_the_space(generator: Generator, space: Space):
    found = generator.propose(busy_history(space), 12, stream(0, "g"))
    assert 0 < len(found) <= 12
    assert len(set(found)) == len(found)
    assert space.contains(found).all()


@every_space
@every_generator
def test_climbed_candidates_are_distinct_inside_the_space_and_not_taken(generator: Generator, space: Space):
    history = busy_history(space)
    found = generator.propose(history, 12, stream(0, "g"), score=Score(two_landscapes, 2))
    assert len(set(found)) == len(found) >= 2
    assert space.contains(found).all()
    assert not history.taken.intersection(found)


REACHED = {
    "lengths": Space(alphabet=DNA, min_length=2, max_length=4, parent="ACG", allowed={0: "AC", 2: "GT"}),
    "lengths and a fixed letter": Space(alphabet=DNA, min_length=2, max_length=4, parent="ACG", fixed=(1,)),
    "edits between lengths": Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=1),
    "edits that shift": Space.of_length(DNA, 4, parent="ACGT", max_edits=2, fixed=(1,), allowed={3: "ACT"}),
    "pool of lengths": Space.of_pool(DNA, ["ACG", "ACGT", "AG", "TCG", "GG"], parent="ACG"),
}


@pytest.mark.parametrize("space", REACHED.values(), ids=REACHED)
@pytest.mark.parametrize("climbs", [False, True], ids=["freely", "climbing"])
@every_generator
def test_every_sequence_of_a_small_space_is_reached_from_the_parent(generator: Generator, climbs: bool, space: Space):
    """Freely, and climbing a score that changes with every call: insertions and deletions are made too."""
    assert space.parent is not None
    history = history_of(space, [Told(space.parent, 1.0)])
    lacking = set(space.enumerate()) - {space.parent}
    for attempt in range(100):
        if not lacking:
            return
        score = Score(partial(nearness, min(lacking))) if climbs else None
        found = generator.propose(history, 16, stream(attempt, "g"), score=score)
        assert space.contains(found).all()
        lacking -= set(found)
    raise AssertionError(f"{sorted(lacking)} are never proposed")


@every_generator
def test_climbing_finds_better_ones_than_were_measured(generator: Generator):
    """The best candidate beats the best measured design, under a function and its opposite."""
    space = SPACES["one length"]
    history = busy_history(space)
    found = landscape(generator.propose(history, 12, stream(0, "g"), score=Score(two_landscapes, 2)))
    known = landscape([s for s, measured in zip(history.sequences, history.is_measured, strict=True) if measured])
    assert found.max() > known.max()
    assert found.min() < known.min()


@every_generator
def test_climbing_honours_the_penalty(generator: Generator):
    """What the penalty forbids is not climbed to."""
    space = SPACES["one length"]

    def no_t(sequences) -> np.ndarray:
        return np.array([-1000.0 if "T" in sequence else 0.0 for sequence in sequences])

    history = history_of(space, [Told(s, worth(s)) for s in ("ACGACGAC", "CCGGCCGG", "AAAACCCC")], corpus=["ACGACGAC"])
    found = generator.propose(history, 4, stream(0, "g"), score=Score(landscape, 1, no_t))
    assert "T" not in found[0]


@every_generator
def test_the_same_stream_proposes_the_same(generator: Generator):
    history = busy_history(SPACES["many lengths"])
    for score in (None, Score(two_landscapes, 2)):
        one, other = (generator.propose(history, 9, stream(2, "g"), score=score) for _ in range(2))
        assert one == other
    free = [generator.propose(history, 9, stream(seed, "g")) for seed in (1, 2)]
    assert free[0] != free[1]


@every_generator
def test_the_order_of_rows_is_nothing(generator: Generator):
    space = SPACES["one length"]
    rows = [int(i) for i in np.random.default_rng(8).permutation(38)]
    one, other = (
        generator.propose(busy_history(space, steps=0.5, order=order), 9, stream(2, "g"), score=Score(landscape))
        for order in (None, rows)
    )
    assert one == other


@every_generator
def test_every_free_position_is_reached(generator: Generator):
    """Free proposals differ from one another at each position that may vary, and at no other."""
    space = SPACES["fixed"]
    found = generator.propose(busy_history(space), 60, stream(0, "g"))
    varied = [len({sequence[place] for sequence in found}) > 1 for place in range(8)]
    assert np.flatnonzero(varied).tolist() == space.free_positions.tolist()


@every_generator
def test_a_space_of_one_sequence_is_no_trouble(generator: Generator):
    """It proposes that one, or nothing."""
    space = Space.of_length(SPACES["one length"].alphabet, 3, parent="ACG", fixed=(0, 1, 2))
    history = history_of(space, corpus=["ACG", "ACG"])
    assert set(generator.propose(history, 3, stream(0, "g"))) <= {"ACG"}


@every_generator
def test_nothing_asked_is_nothing_proposed(generator: Generator):
    assert generator.propose(busy_history(SPACES["one length"]), 0, stream(0, "g")) == []


@every_generator
def test_without_values_or_corpus_it_still_proposes(generator: Generator):
    found = generator.propose(history_of(SPACES["states"]), 8, stream(0, "g"))
    assert len(found) == 8


def test_a_pool_can_be_emptied_by_enumeration():
    """All that are not taken, and no more."""
    space = SPACES["pool"]
    history = history_of(space, [Told(s, worth(s)) for s in distinct(space, 50)])
    found = GENERATORS["enumerate"].propose(history, 10_000, stream(0, "g"))
    assert set(found) == set(space.enumerate()) - history.taken
