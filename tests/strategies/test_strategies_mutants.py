"""Mutants are all that one edit makes; the wild type and the first batch follow from what was known."""

from itertools import product

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, picks

from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.records import Order, Outcome, Start
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.strategies import PEX, EmbeddingTopN, HillClimb, RandomViable
from designloop.strategies.mutants import edits_from, single_mutants, wild_type

RNG = np.random.default_rng(0)
ROOTED = {
    "hill-climb": HillClimb(model=None),
    "pex": PEX(model=None, model_queries=200),
    "embedding-topn": EmbeddingTopN(model=None, most=100),
}
every_rooted = pytest.mark.parametrize("strategy", ROOTED.values(), ids=ROOTED)


def distance(one: str, other: str) -> int:
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(one, other))


SMALL = {
    "one length": Space.of_length(DNA, 4),
    "lengths": Space(alphabet=DNA, min_length=2, max_length=5),
    "fixed": Space.of_length(DNA, 4, parent="ACGT", fixed=(1,)),
    "allowed": Space.of_length(DNA, 4, allowed={0: "AC", 2: "G"}),
    "edit budget": Space(alphabet=DNA, min_length=3, max_length=5, parent="ACGT", max_edits=2),
}


@pytest.mark.parametrize("space", SMALL.values(), ids=SMALL)
def test_single_mutants_are_all_that_are_one_edit_away(space: Space):
    """By brute force over the whole space; each once."""
    found = single_mutants("ACGT", space, RNG)
    near = {s for s in space.enumerate() if distance("ACGT", s) == 1}
    assert sorted(found) == sorted(near)


def test_of_a_pool_the_others_come_nearest_first():
    space = SPACES["pool of lengths"]
    found = single_mutants("ACGT", space, RNG)
    assert set(found) == set(space.enumerate()) - {"ACGT"}
    away = [distance("ACGT", s) for s in found]
    assert away == sorted(away)


def test_edits_are_counted_as_the_space_has_them():
    """A shifted sequence is two edits away where letters can be inserted and deleted; four substitutions where not."""
    assert edits_from("ACGT", ["CGTA", "ACGG"], SMALL["one length"]).tolist() == [4, 1]
    assert edits_from("ACGT", ["CGTA", "ACG"], SMALL["lengths"]).tolist() == [2, 1]
    assert edits_from("ACGT", [], SMALL["lengths"]).tolist() == []


def test_the_wild_type_is_the_parent_or_else_the_best_of_the_first_round_inside_the_space():
    rows = [Told("AAAA", 3.0, round=1), Told("CCCC", 4.0, round=1), Told("GGGG", 9.0, round=2)]
    space = SMALL["one length"]
    assert wild_type(history_of(space, rows)) == "CCCC"
    assert wild_type(history_of(space, rows, starts=[Start("AACC", 1.0), Start("AACCC", 5.0)])) == "AACC"
    assert wild_type(history_of(SMALL["fixed"], rows)) == "ACGT"
    assert wild_type(history_of(space, [Told("AAAA", "lost")])) is None


@every_rooted
def test_the_first_batch_holds_the_starts_and_mutants_of_them(strategy):
    """Starts that are not measured are built first; one that failed, or is outside the space, is not a root."""
    space = SPACES["one length"]
    starts = [Start("ACGTACGT"), Start("GGGGGGGG"), Start("ACGT"), Start("TTTTTTTT", outcome=Outcome.NOT_EXPRESSED)]
    choices = strategy.propose(history_of(space, starts=starts), Order(30), stream(0, "s")).choices
    assert [(c.sequence, c.origin) for c in choices[:2]] == [("ACGTACGT", "start"), ("GGGGGGGG", "start")]
    nearest = [min((distance(root, c.sequence), root) for root in ("ACGTACGT", "GGGGGGGG")) for c in choices[2:]]
    assert max(away for away, _ in nearest) < 8
    assert {root for _, root in nearest} == {"ACGTACGT", "GGGGGGGG"}
    assert {c.origin for c in choices[2:]} == {"mutation"}


@every_rooted
def test_the_first_batch_holds_mutants_of_the_parent_whatever_the_corpus(strategy):
    space = SPACES["fixed"]
    batch = picks(strategy, history_of(space, corpus=distinct(space, 40)), n=10)
    if not isinstance(strategy, PEX):
        assert {distance("ACGTACGT", s) for s in batch} == {1}
    assert np.mean([distance("ACGTACGT", s) for s in batch]) < 3.0


@every_rooted
def test_without_parent_and_starts_it_begins_as_random_viable_does(strategy):
    space = SPACES["one length"]
    history = history_of(space, corpus=distinct(space, 60, seed=3))
    assert picks(strategy.with_(model=Markov()), history) == picks(RandomViable(model=Markov()), history)


def test_a_long_design_has_a_random_part_of_its_mutants(monkeypatch):
    monkeypatch.setattr("designloop.strategies.mutants._MOST_LETTERS", 80)
    parts = [single_mutants("ACGTACGT", SPACES["one length"], np.random.default_rng(seed)) for seed in range(2)]
    assert all(5 <= len(part) <= 10 for part in parts)
    assert set(parts[0]) != set(parts[1])


def test_every_kind_of_edit_is_made_and_no_sequence_of_a_budget_is_left_out():
    """Brute force of strings: substitutions, insertions, deletions."""
    space = Space(alphabet=DNA, min_length=1, max_length=4)
    found = set(single_mutants("AC", space, RNG))
    made = {x + "C" for x in "CGT"} | {"A" + x for x in "AGT"} | {"A", "C"}
    made |= {"AC"[:i] + x + "AC"[i:] for i, x in product(range(3), "ACGT")}
    assert found == made
