"""The contract suite of strategies passes a sound one, and names the mend of a faulty one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import field_validator

from designloop.core.alphabet import DNA
from designloop.core.errors import ContractError
from designloop.core.records import Choice, Design, Proposal
from designloop.core.spaces import Space
from designloop.strategies import HillClimb
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.mutants import single_mutants
from designloop.testing import StrategyContract
from designloop.testing.trial import Trial

pytest_plugins = ["pytester"]
SPACE = Space.of_length(DNA, 6)
SUITE = """from designloop.testing import StrategyContract
class TestMine(StrategyContract):
    strategy = "my_strategy.py:Mine"
"""
SOUND = """from designloop.strategies import HillClimb
class Mine(HillClimb):
    model: None = None
"""
BY_HASH = """import designloop as dl
class Mine(dl.Strategy):
    def propose(self, history, order, rng):
        left = {s for s in history.space.enumerate() if s not in history.taken}
        chosen = [dl.Choice(sequence, "hash") for sequence in sorted(left, key=hash)]
        return dl.Proposal(tuple(chosen[: order.n_designs]), dl.strategies.leaders(history, order.n_retests))
"""


def changed(change: Callable[..., Proposal]) -> Strategy:
    """A sound strategy whose proposal is changed by `change(proposal, history, order)`."""

    class Described(HillClimb):
        def propose(self, history, order, rng):
            return change(super().propose(history, order, rng), history, order)

    return Described(model=None)


def climbing(choose: Callable[..., list[str]], **methods: Any) -> Strategy:
    """A strategy that takes the mutants of the designs that `choose(history)` names, in turn."""

    class Described(Strategy):
        def propose(self, history, order, rng):
            mutants = [m for one in choose(history) for m in single_mutants(one, history.space, rng)]
            chosen = (Choice(mutant, "mutant") for mutant in mutants)
            return Proposal(self.filled(history, chosen, order.n_designs, rng), leaders(history, order.n_retests))

    for name, method in methods.items():
        setattr(Described, name, method)
    return Described()


def measured(history):
    return [(v, s) for s, v in zip(history.sequences, history.values, strict=True) if np.isfinite(v)]


def with_choices(change: Callable[[Choice], Choice]) -> Strategy:
    def all_changed(proposal, history, order):
        return replace(proposal, choices=tuple(map(change, proposal.choices)))

    return changed(all_changed)


def one_less(proposal, history, order):
    return replace(proposal, choices=proposal.choices[1:])


def twice(proposal, history, order):
    return replace(proposal, choices=(*proposal.choices[1:], *proposal.choices[-1:]))


def again(proposal, history, order):
    taken = [Choice(sequence, "again") for sequence in history.pending_sequences[:1]]
    return replace(proposal, choices=(*proposal.choices[len(taken) :], *taken))


def no_retests(proposal, history, order):
    return replace(proposal, retests=())


def only_if(holds: Callable[[Any], bool]) -> Strategy:
    """Chooses nothing unless the history is as it likes it."""

    def or_nothing(proposal, history, order):
        return proposal if holds(history) else replace(proposal, choices=())

    return changed(or_nothing)


def with_any_letter(proposal, history, order):
    """Turns the first letter of each choice, whether it is fixed or not."""
    turned = str.maketrans("ACGT", "CGTA")
    return replace(proposal, choices=tuple(replace(c, sequence=c.sequence.translate(turned)) for c in proposal.choices))


def numpy_ids(proposal, history, order):
    return replace(proposal, retests=tuple(np.array(proposal.retests)))


class Patient(HillClimb):
    """Gives what it finds, and never an error."""

    def propose(self, history, order, rng):
        return self.with_(fill="short")._sound(history, order, rng)

    def _sound(self, history, order, rng):
        return HillClimb.propose(self, history, order, rng)


class Strict(HillClimb):
    """Raises where it should be short."""

    def propose(self, history, order, rng):
        proposal = super().propose(history, order, rng)
        if len(proposal.choices) < order.n_designs:
            raise ContractError("too few")
        return proposal


class Remembering(HillClimb):
    """Counts its calls."""

    calls: ClassVar[list[int]] = []

    def propose(self, history, order, rng):
        self.calls.append(1)
        rng = np.random.default_rng(len(self.calls))
        return super().propose(history, order, rng)


class Doubling(HillClimb):
    """Reads another number than it writes."""

    @field_validator("surplus")
    @classmethod
    def _is_doubled(cls, value):
        return 2 * value


def of_global(history):
    one = np.random.permutation(len(history.sequences))[0] if history.sequences else 0  # noqa: NPY002 - the fault
    return history.sequences[one : one + 1]


def first_row(history):
    return history.sequences[:1]


def first_of_the_best(history):
    return [history.sequences[int(np.nanargmax(history.values))]] if history.is_measured.any() else []


def near_the_best_by_share(history):
    told = measured(history)
    best = max(told, default=(0.0, ""))[0]
    return [s for v, s in sorted(told) if v >= 0.5 * best]


def by_units(history):
    return [s for v, s in sorted(measured(history)) if v > 1.0] or [s for _, s in sorted(measured(history))]


def clipping(history):
    np.maximum(history.values, 0.0, out=history.values)
    return first_of_the_best(history)


def sorting(history):
    history.sequences.sort()
    return []


def nobody(history):
    return []


def recommending(recommend: Callable[..., Any]) -> Strategy:
    return climbing(nobody, recommend=recommend)


def the_first(self, history, rng):
    return history.designs[int(history.ids[history.is_measured][0])] if history.is_measured.any() else None


def none(self, history, rng):
    return None


def a_stranger(self, history, rng):
    return STRANGER


STRANGER = Design(99, "ACGTAC", 1)
LEAST, NO_CORPUS = "a_batch_is_what_was_ordered", "the_first_batch_needs_no_value"
FAULTS = [
    (changed(one_less), LEAST, (), "proposed 6 designs, expected 7"),
    (changed(twice), LEAST, (), "twice in a batch; propose each sequence once"),
    (changed(again), LEAST, (), r"\(pending\); exclude history.taken"),
    (changed(no_retests), LEAST, (), "expected 3 retests, got 0; pass ids of measured designs"),
    (changed(one_less), "a_batch_without_pending_designs_is_what_was_ordered", (), "expected 7"),
    (only_if(lambda h: h.is_measured.any()), NO_CORPUS, (True,), "proposed 0 designs, expected 7"),
    (only_if(lambda h: h.is_measured.any() or h.known.corpus), NO_CORPUS, (False,), "proposed 0 designs"),
    (only_if(lambda h: h.is_measured.sum() > 1), "one_value_is_enough", (), "proposed 0 designs"),
    (only_if(lambda h: h.is_measured.any()), "failed_designs_alone_are_no_obstacle", (), "proposed 0 designs"),
    (only_if(lambda h: np.nanstd(h.values) > 0), "equal_values_are_no_obstacle", (3.0,), "proposed 0 designs"),
    (only_if(lambda h: h.values[h.is_measured].any()), "equal_values_are_no_obstacle", (0.0,), "proposed 0 designs"),
    (only_if(lambda h: len(h.space.alphabet) > 2), "two_letters_are_enough", (), "proposed 0 designs"),
    (changed(with_any_letter), "a_fixed_letter_is_kept", (), "outside the space"),
    (changed(one_less), "the_last_sequences_are_all_found", (), "proposed 3 designs, expected 4"),
    (Patient(model=None), "more_than_the_space_has_left_is_an_error", ("uniform",), "no error is raised"),
    (Patient(model=None), "more_than_the_space_has_left_is_an_error", ("error",), "no error is raised"),
    (Strict(model=None), "with_fill_short_a_batch_may_be_short", (), "ContractError is raised"),
    (with_choices(lambda c: replace(c, mean=np.float32(1.0))), "choices_can_be_recorded", (), "`mean` of a choice"),
    (with_choices(lambda c: replace(c, viability=1.5)), "choices_can_be_recorded", (), "give a probability"),
    (with_choices(lambda c: replace(c, origin=None)), "choices_can_be_recorded", (), "an origin is NoneType"),
    (
        changed(numpy_ids),
        "choices_can_be_recorded",
        (),
        r"cannot be recorded as JSON .*use int\(",
    ),
    (Remembering(model=None), "the_same_seed_gives_the_same_batch", (), "keep nothing between calls"),
    (climbing(of_global), "no_global_generator_is_touched", (), "global generator of numpy; draw from the `rng`"),
    (climbing(first_row), "the_order_of_rows_does_not_matter", (False,), "sort by value, and equal values by sequence"),
    (climbing(first_of_the_best), "the_order_of_rows_does_not_matter", (True,), "equal values by sequence"),
    (
        recommending(the_first),
        "the_order_of_rows_does_not_matter_to_the_recommendation",
        (),
        "break ties by sequence",
    ),
    (climbing(near_the_best_by_share), "a_shift_of_all_values_changes_no_choice", (), "standardise or rank"),
    (climbing(by_units), "other_units_change_no_choice", (), "state why in `depends_on_scale`"),
    (climbing(clipping), "a_proposal_leaves_the_history_as_it_was", (), "changed in place .*work on a copy"),
    (climbing(sorting), "a_proposal_leaves_the_history_as_it_was", (), "work on copies of its lists"),
    (recommending(none), "a_measured_design_is_recommended", (), "recommend returns None"),
    (recommending(a_stranger), "a_measured_design_is_recommended", (), "which has no value"),
    (recommending(a_stranger), "nothing_is_recommended_before_a_value", (), "return None"),
    (Doubling(model=None), "the_description_reads_back", (), "make every setting a field|cannot be described"),
]


@pytest.mark.parametrize(("faulty", "law", "given", "sentence"), FAULTS, ids=[f"{f[1]}-{f[3]}" for f in FAULTS])
def test_a_planted_fault_is_named_with_its_mend(faulty, law, given, sentence):
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(StrategyContract(), f"test_{law}")(Trial(faulty, SPACE), *given)


def test_every_law_has_a_fault_that_it_finds():
    laws = {name.removeprefix("test_") for name in dir(StrategyContract) if name.startswith("test_")}
    assert laws - {law for _, law, _, _ in FAULTS} == {"another_process_gives_the_same_batch"}  # below


def test_what_depends_on_the_order_of_hashes_is_found_in_another_process(pytester):
    pytester.makepyfile(my_strategy=BY_HASH, test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py", "-k", "another_process")
    result.stdout.fnmatch_lines(["*do not iterate over a set, or sort by hash*"])


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_strategy=SOUND, test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    assert set(result.parseoutcomes()) == {"passed"}


def test_a_strategy_states_why_values_in_other_units_matter_to_it(pytester):
    reasons = "    depends_on_shift = 'it takes logarithms'\n    depends_on_scale = 'its threshold is in units'\n"
    pytester.makepyfile(my_strategy=SOUND, test_mine=SUITE + reasons)
    result = pytester.runpytest("-p", "no:cacheprovider", "-rs", "test_mine.py", "-k", "shift or units")
    assert result.parseoutcomes()["skipped"] == 2
    result.stdout.fnmatch_lines(["*it takes logarithms*"])


def test_a_space_of_few_sequences_is_refused(pytester):
    small = "    space = __import__('designloop').Space(alphabet='dna', length=2)\n"
    pytester.makepyfile(my_strategy=SOUND, test_mine=SUITE + small)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py", "-k", "reads_back")
    result.stdout.fnmatch_lines(["*`space` has fewer than 64 sequences; give a larger one*"])


class TestInAPool(StrategyContract):
    """Other spaces, too."""

    strategy = HillClimb(model=None)
    space = Space.of_pool(DNA, Space.of_length(DNA, 5).sample(300, np.random.default_rng(2)))


class TestWithEditsAndLengths(StrategyContract):
    """And the one with the most rules."""

    strategy = "genetic"
    space = Space(alphabet=DNA, min_length=5, max_length=8, parent="ACGTACG", max_edits=4, fixed=(0, 1))
