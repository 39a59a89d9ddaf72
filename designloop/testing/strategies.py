"""The contract suite of strategies: a batch depends on what is known and on the seed, and on nothing else."""

import warnings
from copy import deepcopy
from typing import Any

import pytest

from designloop.core.alphabet import DNA
from designloop.core.errors import DesignloopError, Notice
from designloop.core.history import History
from designloop.core.random import global_states
from designloop.core.records import Design, Order
from designloop.core.spaces import Space
from designloop.strategies.base import Strategy
from designloop.testing.batches import BatchLaws
from designloop.testing.given import described, given, require
from designloop.testing.told import Told
from designloop.testing.trial import FEWEST, Held, Trial, read_held, rng

_SHIFT, _SCALE = -64.0, 1024.0
_ORDER = Order(6, n_retests=2)
_COLUMNS = ("ids", "values", "readings", "std_errors", "sides", "n_replicates", "rounds", "measured_at", "is_measured")


class StrategyContract(BatchLaws):
    """Tests of a strategy. Subclass it and set `strategy`: a part, a kind, or path/to/file.py:Name.

    `strategy` may be an attribute, a method or a pytest fixture; so may `space`, which needs at least 64 sequences. The
    tests with two letters and with a fixed letter are skipped if `space` has a pool.
    """

    strategy: Any = None
    space: Any = Space(alphabet=DNA, min_length=6, max_length=6)
    depends_on_shift: str = ""
    """The reason why a constant added to all values may change the choices; empty: it may not."""
    depends_on_scale: str = ""
    """The reason why values in other units may change the choices; empty: they may not."""

    @pytest.fixture
    def trial(self, request: pytest.FixtureRequest) -> Trial:
        """The strategy under test."""
        space: Space = given(self, "space", request)
        part: Strategy = described(Held, "strategy", given(self, "strategy", request), "a strategy")
        trial = Trial(part, space)
        require(len(trial.sequences) >= FEWEST, f"`space` has fewer than {FEWEST} sequences; give a larger one")
        return trial

    def test_the_same_seed_gives_the_same_batch(self, trial: Trial) -> None:
        # With another history in between. As text, in which NaN equals NaN.
        histories = trial.history(), trial.history([]), trial.history()
        one, _, other = (repr(trial.proposal(history, _ORDER, seed=3)) for history in histories)
        require(
            one == other,
            "the same history, order and seed give different proposals; draw everything from `rng`, and keep nothing "
            "between calls",
        )

    def test_another_process_gives_the_same_batch(self, trial: Trial) -> None:
        try:
            trial.description()
        except DesignloopError:
            pytest.skip("the strategy cannot be described")
        require(
            trial.batch(trial.busy()) == trial.batch_elsewhere(),
            "another process chooses other sequences from the same history and seed; do not iterate over a set, or "
            "sort by hash() or id()",
        )

    def test_no_global_generator_is_touched(self, trial: Trial) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Notice)  # the loop warns of it too
            trial.proposal(trial.busy(), _ORDER)  # so that all imports are done
            before = global_states()
            trial.proposal(trial.busy(), _ORDER)
            trial.part.recommend(trial.busy(), rng())
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(
            not moved, f"the strategy uses the global generator of {' and '.join(moved)}; draw from the `rng` argument"
        )

    @pytest.mark.parametrize("tied", [False, True], ids=["distinct values", "equal values"])
    def test_the_order_of_rows_does_not_matter(self, trial: Trial, tied: bool) -> None:
        one, other = (trial.history(rows) for rows in _both_ways(trial.rows(tied=tied)))
        require(
            trial.batch(one) == trial.batch(other),
            "choices depend on the order of the designs in the history; sort by value, and equal values by sequence",
        )

    def test_the_order_of_rows_does_not_matter_to_the_recommendation(self, trial: Trial) -> None:
        named = [trial.part.recommend(trial.history(rows), rng()) for rows in _both_ways(trial.rows())]
        require(
            len({design.sequence if design else None for design in named}) == 1,
            "the recommended design depends on the order of the designs in the history; break ties by sequence",
        )

    def test_a_shift_of_all_values_changes_no_choice(self, trial: Trial) -> None:
        if self.depends_on_shift:
            pytest.skip(self.depends_on_shift)
        moved = trial.batch(trial.history(trial.rows(shift=_SHIFT)))
        require(
            trial.batch(trial.history()) == moved,
            f"choices change if {_SHIFT:g} is added to all values; standardise or rank the values, take no logarithms "
            "and no shares of a value, or state why in `depends_on_shift`",
        )

    def test_other_units_change_no_choice(self, trial: Trial) -> None:
        if self.depends_on_scale:
            pytest.skip(self.depends_on_scale)
        scaled = trial.batch(trial.history(trial.rows(scale=_SCALE)))
        require(
            trial.batch(trial.history()) == scaled,
            f"choices change if all values and errors are multiplied by {_SCALE:g}; standardise or rank the values, "
            "or state why in `depends_on_scale`",
        )

    def test_a_proposal_leaves_the_history_as_it_was(self, trial: Trial) -> None:
        history = trial.busy()
        for name in _COLUMNS:
            getattr(history, name).flags.writeable = False
        before = _content(history)
        try:
            trial.proposal(history, _ORDER)
            trial.part.recommend(history, rng())
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            pytest.fail(f"a column of the history is changed in place ({error}); work on a copy", pytrace=False)
        require(before == _content(history), "the history is changed; work on copies of its lists and mappings")

    def test_a_measured_design_is_recommended(self, trial: Trial) -> None:
        history = trial.busy()
        design = trial.part.recommend(history, rng())
        require(isinstance(design, Design), f"recommend returns {design!r}; return one of history.designs")
        measured = {int(i) for i in history.ids[history.is_measured]}
        require(
            design is not None and history.designs.get(design.id) == design and design.id in measured,
            f"recommend returns {design}, which has no value in the history; return a measured one of history.designs",
        )

    def test_nothing_is_recommended_before_a_value(self, trial: Trial) -> None:
        rows = [Told(s, None if i % 2 else "not_expressed") for i, s in enumerate(trial.sequences[:6])]
        for history in (trial.history([]), trial.history(rows)):
            named = trial.part.recommend(history, rng())
            require(named is None, f"recommend returns {named} before anything is measured; return None")

    def test_the_description_reads_back(self, trial: Trial) -> None:
        try:
            again = read_held(trial.description()).strategy
        except DesignloopError as error:
            pytest.fail(f"the strategy cannot be described and read back: {error}", pytrace=False)
        require(
            again == trial.part,
            "the description gives a different strategy when it is read back; make every setting a field",
        )


def _both_ways(rows: list[Told]) -> tuple[list[Told], list[Told]]:
    return rows, rows[::-1]


def _content(history: History) -> Any:
    """All that a strategy could change."""
    kept = history.rows, history.waiting, history.designs, history.retesting, history.sequences, history.outcomes
    return deepcopy((*kept, history.known, history.taken))
