"""Mutation and recombination, move by move."""

import numpy as np
from histories import SPACES, Told, history_of

from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.generators import Mutation

SPACE = SPACES["one length"]


def differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def test_a_mutant_differs_from_its_parent_in_at_least_one_letter():
    """Without recombination and with one parent; most differ in few."""
    history = history_of(SPACE, [Told("ACGTACGT", 1.0)])
    found = Mutation(mutations=1.0, recombination=0.0, parents=1).propose(history, 60, stream(0, "g"))
    edits = [differences("ACGTACGT", s) for s in found]
    assert min(edits) == 1
    assert 1.0 < np.mean(edits) < 2.5  # distinct ones lean to more edits: there are only 24 single mutants


def test_only_the_best_have_children():
    history = history_of(SPACE, [Told("AAAAAAAA", 2.0), Told("CCCCCCCC", 1.0)])
    found = Mutation(mutations=0.01, recombination=0.0, parents=1).propose(history, 20, stream(0, "g"))
    assert all(sequence.count("A") >= 7 for sequence in found)


def test_recombinants_are_a_head_of_one_and_a_tail_of_another():
    """But for the one letter that every child has mutated."""
    history = history_of(SPACE, [Told("AAAAAAAA", 2.0), Told("CCCCCCCC", 1.0)])
    found = Mutation(mutations=0.01, recombination=1.0, parents=2).propose(history, 40, stream(0, "g"))
    whole = [f"{a * cut}{b * (8 - cut)}" for a in "AC" for b in "AC" for cut in range(9)]
    assert all(min(differences(sequence, w) for w in whole) <= 1 for sequence in found)
    assert any("AA" in sequence and "CC" in sequence for sequence in found)


def test_before_any_value_children_descend_from_starts_parent_or_corpus():
    """The starting sequences first, else the space's parent, else the corpus."""
    part = Mutation(mutations=0.01, recombination=0.0)
    corpus = ["GGGGGGGG"] * 3
    of_corpus = part.propose(history_of(SPACE, corpus=corpus), 10, stream(0, "g"))
    assert all(differences(s, "GGGGGGGG") == 1 for s in of_corpus)
    with_parent = Space.of_length(DNA, 8, parent="TTTTTTTT")
    of_parent = part.propose(history_of(with_parent, corpus=corpus), 10, stream(0, "g"))
    assert all(differences(s, "TTTTTTTT") == 1 for s in of_parent)


def test_where_too_few_are_measured_others_make_up_the_number_of_parents():
    """One value and two parents: the corpus lends the second."""
    history = history_of(SPACE, [Told("AAAAAAAA", 2.0)], corpus=["CCCCCCCC"])
    found = Mutation(mutations=0.01, recombination=0.0, parents=2).propose(history, 40, stream(0, "g"))
    assert {max("AC", key=sequence.count) for sequence in found} == {"A", "C"}


def test_a_mutated_letter_is_another_that_is_allowed():
    space = Space.of_length(DNA, 4, allowed={0: "AC", 1: "G"})
    history = history_of(space, [Told("AGTT", 1.0)])
    found = Mutation(mutations=3.0, recombination=0.0, parents=1).propose(history, 30, stream(0, "g"))
    assert {s[0] for s in found} == {"A", "C"}
    assert {s[1] for s in found} == {"G"}
