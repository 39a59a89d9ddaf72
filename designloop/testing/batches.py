"""Tests of what a batch holds: new sequences of the space, as many as ordered, whatever is known."""

import json
from dataclasses import asdict

import pytest

from designloop.core.errors import ContractError
from designloop.core.records import Order, Proposal
from designloop.testing.given import kind_of, require
from designloop.testing.told import Told
from designloop.testing.trial import Trial, rng

_NUMBERS = "mean", "std", "viability"


class BatchLaws:
    """Part of `StrategyContract`."""

    def test_a_batch_is_what_was_ordered(self, trial: Trial) -> None:
        for order in (Order(7, n_retests=3), Order(1), Order(0, n_retests=3), Order(6, 4, may_split=True)):
            trial.proposal(trial.busy(), order)

    def test_a_batch_without_pending_designs_is_what_was_ordered(self, trial: Trial) -> None:
        rows = [row for row in trial.rows() if row.ending is not None]
        trial.proposal(trial.history(rows), Order(7, n_retests=3))

    @pytest.mark.parametrize("corpus", [True, False], ids=["corpus", "no corpus"])
    def test_the_first_batch_needs_no_value(self, trial: Trial, corpus: bool) -> None:
        trial.proposal(trial.history([], corpus=corpus), Order(7, n_retests=2))

    def test_one_value_is_enough(self, trial: Trial) -> None:
        trial.proposal(trial.history(trial.rows()[:1]), Order(7, n_retests=2))

    def test_failed_designs_alone_are_no_obstacle(self, trial: Trial) -> None:
        words = "not_expressed", "lost", "synthesis_failed", "build_failed"
        rows = [Told(s, words[i % len(words)]) for i, s in enumerate(trial.sequences[:20])]
        trial.proposal(trial.history(rows), Order(7, n_retests=2))

    @pytest.mark.parametrize("value", [0.0, 3.0])
    def test_equal_values_are_no_obstacle(self, trial: Trial, value: float) -> None:
        trial.proposal(trial.history(trial.rows(constant=value)), Order(7, n_retests=2))

    def test_two_letters_are_enough(self, trial: Trial) -> None:
        if trial.space.pool is not None:
            pytest.skip("the space has a pool")
        small = trial.of_two_letters()
        small.proposal(small.busy(), Order(7, n_retests=2))

    def test_a_fixed_letter_is_kept(self, trial: Trial) -> None:
        if trial.space.pool is not None or trial.space.parent is not None:
            pytest.skip("the space has a pool or a parent")
        bound = trial.with_a_fixed_letter()
        bound.proposal(bound.busy(), Order(7))

    def test_the_last_sequences_are_all_found(self, trial: Trial) -> None:
        small, history, left = trial.nearly_used_up(4, "uniform")
        found = small.batch(history, len(left))
        require(
            set(found) == set(left),
            f"{len(left)} sequences are left, and the batch does not hold all of them; end `propose` with self.filled",
        )

    @pytest.mark.parametrize("fill", ["uniform", "error"])
    def test_more_than_the_space_has_left_is_an_error(self, trial: Trial, fill: str) -> None:
        small, history, left = trial.nearly_used_up(4, fill)
        try:
            small.part.propose(history, Order(len(left) + 1), rng())
        except ContractError:
            return
        pytest.fail(
            f"with `fill: {fill}`, no error is raised if more sequences are ordered than the space has left; end "
            "`propose` with self.filled, which raises ContractError",
            pytrace=False,
        )

    def test_with_fill_short_a_batch_may_be_short(self, trial: Trial) -> None:
        small, history, left = trial.nearly_used_up(4, "short")
        try:
            small.part.answer(history, Order(len(left) + 3), rng())
        except Exception as error:
            pytest.fail(
                f"with `fill: short`, {type(error).__name__} is raised if the space has fewer sequences left than "
                "ordered; return those that are left (end `propose` with self.filled)",
                pytrace=False,
            )

    def test_choices_can_be_recorded(self, trial: Trial) -> None:
        proposal = trial.proposal(trial.busy(), Order(7, n_retests=2))
        for choice in proposal.choices:
            require(type(choice.sequence) is str, f"a sequence is {kind_of(choice.sequence)}; give a str")
            require(type(choice.origin) is str, f"an origin is {kind_of(choice.origin)}; give a str")
            for name in _NUMBERS:
                number = getattr(choice, name)
                require(
                    number is None or isinstance(number, float),
                    f"`{name}` of a choice is {kind_of(number)}; give a float, or None",
                )
            viability = choice.viability
            require(
                viability is None or 0.0 <= viability <= 1.0,
                f"`viability` of a choice is {viability}; give a probability, or None",
            )
        _require_json(proposal)


def _require_json(proposal: Proposal) -> None:
    try:
        json.dumps([asdict(choice) for choice in proposal.choices])
        json.dumps(list(proposal.retests))
        json.dumps(proposal.notes)
    except TypeError as error:
        pytest.fail(
            f"a proposal cannot be recorded as JSON ({error}); use int(...), float(...) and lists", pytrace=False
        )
