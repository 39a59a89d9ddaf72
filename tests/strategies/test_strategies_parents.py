"""Strategies that breed say from which sequence: one that was known, as far away as their moves reach."""

from typing import Any

import numpy as np
import pytest
from histories import QUICK, SPACES, Told, busy_history, distinct, history_of, worth

from designloop.core.contracts import check_proposal
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.records import Choice, Event, Order, Proposal
from designloop.core.spaces import Space
from designloop.generators import LanguageModel, Mixture, Mutation
from designloop.generators.base import Generator, Score
from designloop.generators.offspring import Offspring, parents_of
from designloop.language_models import Markov
from designloop.storage.replay import proposal_in, told
from designloop.strategies import (
    PEX,
    AdaLead,
    Auto,
    EmbeddingTopN,
    Genetic,
    HillClimb,
    ModelGuided,
    Random,
    RandomViable,
)
from designloop.strategies.base import Strategy
from designloop.strategies.command import Chosen
from designloop.strategies.mutants import edits_from
from designloop.surrogates import BayesianLinear

SPACE = SPACES["one length"]
LINEAR = BayesianLinear()
ONE_EDIT = {"mutations": 0.01}
"""So rarely more than one that none of the few children here has two."""
_NO_CROSSOVER = QUICK.with_(crossover=0.0)
BREEDERS: dict[str, tuple[Strategy, int, int]] = {
    "genetic": (Genetic(model=None, recombination=0.0, **ONE_EDIT), 1, 3),
    "hill-climb": (HillClimb(model=None, parents=3), 1, 3),
    "pex": (PEX(surrogate=LINEAR, model=None, model_queries=60, **ONE_EDIT), 1, 1),
    "embedding-topn": (EmbeddingTopN(surrogate=LINEAR, model=None, most=1, parents=3), 1, 1),
    "adalead": (AdaLead(surrogate=LINEAR, threshold=1.0, recombination=0.0, model_queries=26, **ONE_EDIT), 2, 3),
    "auto": (Auto(surrogate=LINEAR, generator=Mutation(climb=_NO_CROSSOVER, **ONE_EDIT)), 5, 2),
    "infilling": (ModelGuided(surrogate=LINEAR, generator=LanguageModel(infilled=1, climb=_NO_CROSSOVER)), 5, 1),
}
"""(strategy, the most edits from a parent to a child, the fewest parents): an edit for each step that may be made."""


def known_in(history: History) -> set[str]:
    return {*history.sequences, *history.pending_sequences, *history.known.corpus}


def proposed_by(strategy: Strategy, history: History, n: int = 12) -> tuple[Choice, ...]:
    return strategy.answer(history, Order(n), stream(3, "parents")).choices


@pytest.mark.parametrize(("strategy", "most", "least"), BREEDERS.values(), ids=BREEDERS)
def test_a_parent_is_a_known_sequence_within_the_edits_of_a_strategy(strategy: Strategy, most: int, least: int):
    history = busy_history(SPACE)
    choices = proposed_by(strategy, history)
    parents = [choice.parent for choice in choices if choice.parent is not None]
    assert len(parents) == len(choices)
    assert set(parents) <= known_in(history)
    assert len(set(parents)) >= least
    edits = [int(edits_from(choice.parent or "", [choice.sequence], SPACE)[0]) for choice in choices]
    assert 1 <= min(edits) <= max(edits) <= most


@pytest.mark.parametrize("strategy", [Random(), RandomViable(model=Markov()), ModelGuided(n_initial=99)])
def test_what_is_sampled_has_no_parent(strategy: Strategy):
    history = busy_history(SPACE)
    assert {choice.parent for choice in proposed_by(strategy, history)} == {None}


def test_mutants_of_a_random_draw_have_no_parent_and_those_of_the_parent_of_the_space_have_it():
    generator = Mutation(climb=QUICK)
    drawn = generator.propose(history_of(SPACE), 9, stream(0, "p"))
    assert parents_of(drawn) == {}
    space = Space.of_length(SPACE.alphabet, 8, parent="ACGTACGT")
    found = generator.propose(history_of(space), 9, stream(0, "p"))
    assert parents_of(found) == dict.fromkeys(found, "ACGTACGT")


def test_the_parent_of_a_crossover_is_the_mother():
    """All letters before the cut are hers, those behind it a father's, but for one letter."""
    known = distinct(SPACE, 12, seed=8)
    history = history_of(SPACE, [Told(sequence, worth(sequence)) for sequence in known])
    found = Mutation(recombination=1.0, parents=12, **ONE_EDIT).propose(history, 60, stream(0, "p"))
    pairs = list(parents_of(found).items())
    assert len(pairs) >= 58, "a child that equals its mother has none"

    def made_of(child: str, mother: str) -> int:
        """The fewest letters that differ from a crossover of this mother with anyone."""
        crossed = [mother[:cut] + father[cut:] for father in known for cut in range(9)]
        return int(edits_from(child, crossed, SPACE).min())

    assert max(made_of(*pair) for pair in pairs) == 1
    others = [min(made_of(child, other) for other in known if other != mother) for child, mother in pairs]
    assert sum(n > 1 for n in others) > 10, "of many children, no other is the mother"


@pytest.mark.parametrize(
    "generator",
    [Mutation(climb=QUICK), Mixture(generators=(Mutation(climb=QUICK), Mutation(climb=QUICK, mutations=1.0)))],
)
def test_a_climb_that_begins_with_free_mutants_names_what_these_were_bred_from(generator: Generator):
    """Two designs are measured, six starts are wanted: four are mutants of the two and the parent of the space."""
    space = Space.of_length(SPACE.alphabet, 8, parent="ACGTACGT")
    known = distinct(space, 2, seed=4)
    history = history_of(space, [Told(sequence, worth(sequence)) for sequence in known])
    score = Score(lambda sequences: np.array([[worth(sequence) for sequence in sequences]]))
    found = generator.propose(history, 8, stream(0, "p"), score=score)
    assert set(parents_of(found).values()) <= {*known, "ACGTACGT"}
    assert len(parents_of(found)) == len(found)


def test_the_first_parent_that_is_known_stays():
    one, other = Offspring.bred(["AA", "AC", "AA"], ["CC", "AC", "GG"]), Offspring.bred(["AA", "AG"], ["TT", None])
    assert (list(one), one.parents) == (["AA", "AC", "AA"], {"AA": "CC"})
    assert parents_of(one, ["AT"], other) == {"AA": "CC"}
    assert parents_of(other, one) == {"AA": "TT"}


def test_a_parent_is_recorded_and_read_back_and_only_where_there_is_one():
    history = history_of(SPACE)
    choices = (Choice("AAAAAAAA", "mutation", parent="AAAAAAAC"), Choice("CCCCCCCC", "uniform"))
    events = told(Proposal(choices), Proposal(choices), Order(2), history)
    assert [event.data.get("parent", "no key") for event in events] == ["AAAAAAAC", "no key"]
    assert proposal_in(events).choices == choices
    assert history.after(events).parents == {0: "AAAAAAAC"}
    assert history.after([Event(0, "waited")]).parents == {}


def test_an_outside_program_may_say_a_parent():
    assert Chosen(sequence="AAAA", parent="AAAC").choice() == Choice("AAAA", "program", parent="AAAC")


@pytest.mark.parametrize(
    ("parent", "words"),
    [
        ("AAAAAAAA", "as its own `parent`"),
        ("AAXAAAAA", "'X' is not in the alphabet of the space"),
        (7, "gave an int as `parent`"),
    ],
)
def test_a_parent_that_cannot_be_one_is_refused_with_the_mend(parent: Any, words: str):
    proposal = Proposal((Choice("AAAAAAAA", parent=parent),))
    with pytest.raises(ContractError, match=words) as caught:
        check_proposal(proposal, Order(1), history_of(SPACE), "own")
    assert "give the sequence from which it was bred, or None" in str(caught.value)
