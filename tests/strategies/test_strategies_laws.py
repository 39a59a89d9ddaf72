"""The laws that every strategy keeps, over every registered one and every kind of space."""

import copy

import numpy as np
import pytest
from histories import (
    GENERATORS,
    PENDING_RULES,
    SPACES,
    STRATEGIES,
    SURROGATES,
    Told,
    busy_history,
    distinct,
    history_of,
    picks,
    worth,
)

from designloop.acquisition import LogEI, Thompson
from designloop.core.alphabet import DNA
from designloop.core.contracts import check_proposal
from designloop.core.errors import ContractError
from designloop.core.parts import find, short_names
from designloop.core.random import stream
from designloop.core.records import Order
from designloop.core.spaces import Space
from designloop.strategies import ModelGuided
from designloop.strategies.base import Strategy

ACQUISITIONS = {kind: find("acquisition", kind)() for kind in short_names("acquisition")}
GUIDED = {
    **{f"guided by {name}": ModelGuided(generator=part) for name, part in GENERATORS.items()},
    **{
        f"guided by {name}": ModelGuided(generator=GENERATORS["mutation"], surrogate=s)
        for name, s in SURROGATES.items()
    },
    **{
        f"choosing by {name}": ModelGuided(generator=GENERATORS["mutation"], acquisition=a)
        for name, a in ACQUISITIONS.items()
    },
    **{
        f"{type(a).__name__} with {name}": ModelGuided(generator=GENERATORS["mutation"], acquisition=a)
        for name, rule in PENDING_RULES.items()
        for a in (LogEI(pending=rule), Thompson(pending=rule))
    },
}
EVERY = {**STRATEGIES, **GUIDED}
every_strategy = pytest.mark.parametrize("strategy", EVERY.values(), ids=EVERY)
every_registered = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def test_these_laws_are_stated_of_every_registered_part():
    assert set(STRATEGIES) == set(short_names("strategies"))
    assert set(GENERATORS) == set(short_names("generators"))
    assert {part.kind for part in SURROGATES.values()} == set(short_names("surrogates"))
    assert set(ACQUISITIONS) == set(short_names("acquisition"))
    assert set(PENDING_RULES) == set(short_names("pending_rules"))


@every_space
@every_strategy
def test_a_batch_is_exactly_so_many_new_sequences_inside_the_space(strategy: Strategy, space: Space):
    """A batch has exactly n distinct sequences inside the space, and nothing measured, pending or unmeasurable."""
    history = busy_history(space)
    order = Order(7, n_retests=3)
    proposal = strategy.propose(history, order, stream(0, "strategy", "", 1))
    check_proposal(proposal, order, history, strategy.kind)
    sequences = [choice.sequence for choice in proposal.choices]
    assert len(set(sequences)) == 7
    assert space.contains(sequences).all()
    assert not history.taken.intersection(sequences)
    assert len(set(proposal.retests)) == 3


@every_space
@every_registered
def test_the_first_batch_needs_no_value(strategy: Strategy, space: Space):
    """With nothing measured yet, and with or without a corpus, a batch is still exact."""
    for corpus in ([], distinct(space, 30, seed=2)):
        history = history_of(space, corpus=corpus)
        check_proposal(strategy.propose(history, Order(9), stream(1, "s")), Order(9), history, strategy.kind)


@every_strategy
def test_a_strategy_is_pure(strategy: Strategy):
    """The same history, order and stream give the same proposal twice, and leave the history as it was."""
    history = busy_history(SPACES["many lengths"])
    before = copy.deepcopy((history.rows, history.waiting, history.designs, history.retesting))
    first, second = (strategy.propose(history, Order(6, 2), stream(4, "s")) for _ in range(2))
    assert first == second
    assert (history.rows, history.waiting, history.designs, history.retesting) == before


@every_strategy
def test_fantasies_never_reach_the_history(strategy: Strategy):
    """What is believed of pending designs leaves no value, no row and no outcome behind."""
    history = busy_history(SPACES["one length"])
    values, pending = history.values.copy(), list(history.pending_sequences)
    picks(strategy, history)
    strategy.recommend(history, stream(0, "r"))
    again = busy_history(SPACES["one length"])
    np.testing.assert_array_equal(history.values, values)
    assert history.pending_sequences == pending
    assert history.rows == again.rows
    assert not set(history.sequences) & set(pending)


@every_strategy
def test_no_global_generator_is_read_or_moved(strategy: Strategy):
    """numpy's and torch's global generators stand where they stood, and where they stand changes nothing."""
    import torch

    history = busy_history(SPACES["one length"])
    chosen = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002 - the global generator is what this test is about
        torch.manual_seed(seed)
        legacy, tensor = np.random.get_state()[1].copy(), torch.get_rng_state().clone()  # noqa: NPY002
        chosen.append(picks(strategy, history))
        np.testing.assert_array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002
        assert torch.equal(torch.get_rng_state(), tensor)
    assert chosen[0] == chosen[1]


@every_strategy
def test_shifting_all_values_leaves_the_choices_unchanged(strategy: Strategy):
    """A constant added to every value changes no choice: there is no logarithm of what may be negative."""
    space = SPACES["one length"]
    assert picks(strategy, busy_history(space, shift=-64.0)) == picks(strategy, busy_history(space))


@every_strategy
def test_stretching_all_values_leaves_the_choices_unchanged(strategy: Strategy):
    """Values in other units change no choice."""
    space = SPACES["one length"]
    assert picks(strategy, busy_history(space, stretch=1024.0)) == picks(strategy, busy_history(space))


@every_strategy
def test_the_order_of_rows_leaves_the_choices_unchanged(strategy: Strategy):
    """The same facts under other ids give the same batch, and name the same design."""
    space = SPACES["one length"]
    rows = np.random.default_rng(8).permutation(38)
    one, other = busy_history(space), busy_history(space, order=[int(i) for i in rows])
    assert one.sequences != other.sequences
    assert picks(strategy, one) == picks(strategy, other)
    named = [strategy.recommend(history, stream(0, "r")) for history in (one, other)]
    assert named[0] is not None
    assert named[1] is not None
    assert named[0].sequence == named[1].sequence


@every_strategy
def test_among_equal_values_too_the_order_of_rows_leaves_the_choices_unchanged(strategy: Strategy):
    """Where many designs share a value, as under quantised landscapes, ids do not decide who has children."""
    space = SPACES["one length"]
    rows = [int(i) for i in np.random.default_rng(8).permutation(38)]
    one, other = (busy_history(space, steps=0.5, order=order) for order in (None, rows))
    assert len(set(one.values[one.is_measured])) < 10
    assert picks(strategy, one) == picks(strategy, other)


@every_registered
def test_the_last_sequences_of_a_small_space_are_all_found(strategy: Strategy):
    """A batch may empty the space; one more is an error that says what to change."""
    space = Space.of_length(SPACES["one length"].alphabet, 2)
    members = space.enumerate()
    history = history_of(space, [Told(s, worth(s)) for s in members[:9]], corpus=members[:12])
    assert set(picks(strategy, history, n=7)) == set(members[9:])
    with pytest.raises(
        ContractError, match=r"8 new designs were ordered, but the space has only 7 .* lower the batch size"
    ):
        picks(strategy, history, n=8)


REACHED = {
    "lengths": Space(alphabet=DNA, min_length=2, max_length=3, parent="ACG", allowed={0: "AC", 2: "GT"}),
    "edits between lengths": Space(alphabet=DNA, min_length=2, max_length=4, parent="ACG", max_edits=1, fixed=(1,)),
    "edits that shift": Space.of_length(DNA, 3, parent="ACG", max_edits=2, fixed=(1, 2)),
}


@pytest.mark.parametrize("space", REACHED.values(), ids=REACHED)
@every_registered
def test_every_sequence_of_a_small_space_is_reached_from_the_parent(strategy: Strategy, space: Space):
    """Without any fill: insertions, deletions and substitutions of the strategy's own moves find them all."""
    quick = {"surrogate": SURROGATES["bayesian-linear"]} if "surrogate" in type(strategy).model_fields else {}
    strategy = strategy.with_(fill="short", **quick)
    told = [Told(space.parent or "", 1.0)]
    lacking = set(space.enumerate()) - {space.parent}
    for attempt in range(40):
        if not lacking:
            return
        found = picks(strategy, history_of(space, told), n=min(8, len(lacking)), seed=attempt)
        lacking -= set(found)
        told += [Told(sequence, worth(sequence)) for sequence in found]
    raise AssertionError(f"{sorted(lacking)} are never proposed")


@every_registered
def test_a_lost_design_may_be_chosen_again(strategy: Strategy):
    """Where only sequences whose designs were lost are left, those are chosen."""
    space = Space.of_length(SPACES["one length"].alphabet, 2)
    members = space.enumerate()
    rows = [Told(s, worth(s)) for s in members[:12]] + [Told(s, "lost") for s in members[12:]]
    assert set(picks(strategy, history_of(space, rows, corpus=members), n=4)) == set(members[12:])


@every_registered
def test_an_order_of_retests_alone_chooses_nothing_new(strategy: Strategy):
    """No new design is ordered, and so none is chosen; the retests are measured designs not being measured again."""
    history = busy_history(SPACES["one length"])
    proposal = strategy.propose(history, Order(0, n_retests=5), stream(0, "s"))
    assert proposal.choices == ()
    assert len(set(proposal.retests)) == 5
    assert all(np.isfinite(history.rows[design].value) for design in proposal.retests)


@every_registered
def test_nothing_is_recommended_before_anything_is_measured(strategy: Strategy):
    space = SPACES["one length"]
    pending = [Told(sequence, None) for sequence in distinct(space, 3)]
    assert strategy.recommend(history_of(space, pending), stream(0, "r")) is None
