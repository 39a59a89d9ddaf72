"""The contract suite of surrogates: a fit depends on what was measured and on the seed, and on nothing else."""

from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import DesignloopError
from designloop.core.parts import Part
from designloop.core.random import global_states, stream
from designloop.core.spaces import Space
from designloop.surrogates.base import Surrogate
from designloop.testing.believing import BelievingLaws, answers, require_moments
from designloop.testing.bench import FEWEST, Bench, mean_at
from designloop.testing.given import described, given, require
from designloop.testing.told import Told

_SHIFT = 100.0
_TIED = 1e-4
"""Predictions this close, in units of their range, have no order."""
_ERRORS = 0.0, 3.0, 60.0
"""Of the outlier, in units of the spread of values."""


class _Holder(Part):
    surrogate: Surrogate


class SurrogateContract(BelievingLaws):
    """Tests of a surrogate. Subclass it and set `surrogate`: a part, a kind, or path/to/file.py:Name.

    `surrogate` may be an attribute, a method or a pytest fixture; so may `space`, which needs at least 16 sequences.
    The test in a space of two letters is skipped if `space` has a pool.
    """

    surrogate: Any = None
    space: Any = Space(alphabet=DNA, min_length=4, max_length=8)
    weighs_errors: bool = True
    """False: a measurement with a large error counts as much as an exact one."""
    conditions: bool = True
    """False: the posterior has no `condition`, so that `pending: ignore` is needed."""
    n_fits: int = 10
    """Fits over which a prediction is averaged, if fits draw random numbers."""

    @pytest.fixture
    def bench(self, request: pytest.FixtureRequest) -> Bench:
        """The surrogate under test."""
        space: Space = given(self, "space", request)
        part = described(_Holder, "surrogate", given(self, "surrogate", request), "a surrogate")
        bench = Bench(part, space)
        require(len(bench.sequences) >= FEWEST, f"`space` has fewer than {FEWEST} sequences; give a larger one")
        return bench

    def test_the_order_of_rows_does_not_matter(self, bench: Bench) -> None:
        rows = bench.rows()
        shuffled = [rows[i] for i in stream(0, "surrogate-contract", "order").permutation(len(rows))]
        one, other = (bench.fit(its).moments(bench.probes) for its in (rows, shuffled))
        require(
            bool(np.allclose(one, other, rtol=1e-9, atol=1e-12)),
            "predictions depend on the order of the designs in the history; sort them (Measured.of(history) is sorted)",
        )

    def test_a_shift_of_all_values_changes_no_choice(self, bench: Bench) -> None:
        here, moved = (bench.fit(bench.rows(shift=by)).moments(bench.probes)[0] for by in (0.0, _SHIFT))
        steps = np.diff(moved[np.argsort(here)])
        require(
            bool((steps >= -_TIED * np.ptp(moved)).all()),
            f"predictions are in another order when {_SHIFT:g} is added to all values; standardise the values "
            "(measured.scale), and take no logarithms",
        )

    def test_the_same_seed_gives_the_same_fit(self, bench: Bench) -> None:
        one, other = (answers(bench.fit(bench.rows(), seed=3), bench.probes) for _ in range(2))
        require(all(map(np.array_equal, one, other)), "the same seed gives different fits; draw only from `rng`")

    def test_no_global_generator_is_touched(self, bench: Bench) -> None:
        answers(bench.fit(bench.rows()), bench.probes)  # so that all imports are done
        before = global_states()
        answers(bench.fit(bench.rows()), bench.probes)
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(
            not moved, f"the surrogate uses the global generator of {' and '.join(moved)}; draw from the `rng` argument"
        )

    def test_a_fit_leaves_the_history_as_it_was(self, bench: Bench) -> None:
        history = bench.history(bench.rows())
        before = (list(history.sequences), history.values.copy(), history.std_errors.copy())
        bench.part.fit(history, stream(0, "surrogate-contract", "fit"))
        same = history.sequences == before[0] and all(
            np.array_equal(*pair, equal_nan=True)
            for pair in ((history.values, before[1]), (history.std_errors, before[2]))
        )
        require(same, "fit changes the history; work on copies of its columns")

    @pytest.mark.parametrize("n_measured", [0, 1, 2])
    def test_with_nearly_nothing_measured_there_is_a_prediction(self, bench: Bench, n_measured: int) -> None:
        posterior = bench.fit(bench.rows()[:n_measured])
        require_moments(posterior, bench.probes, f"with {n_measured} designs measured, ")

    def test_failed_designs_alone_give_a_prediction(self, bench: Bench) -> None:
        posterior = bench.fit([Told(s, "not_expressed") for s in bench.measured])
        require_moments(posterior, bench.probes, "if all designs have failed, ")

    def test_failed_designs_change_no_prediction(self, bench: Bench) -> None:
        rows = bench.rows()
        measured = [row for row in rows if isinstance(row.ending, float)]
        one, other = (bench.fit(its).moments(bench.probes) for its in (measured, rows))
        require(
            bool(np.allclose(one, other, rtol=1e-9, atol=1e-12)),
            "predictions change if designs without a value are added; a failure has no value, and is not 0 "
            "(Measured.of(history) leaves it out)",
        )

    @pytest.mark.parametrize("value", [0.0, 3.0])
    def test_equal_values_give_a_prediction(self, bench: Bench, value: float) -> None:
        posterior = bench.fit(bench.constant(value))
        require_moments(posterior, bench.probes, f"if all values are {value:g}, ")
        draws = posterior.draw(3, stream(0, "draws"))(bench.probes)
        require(bool(np.isfinite(draws).all()), f"if all values are {value:g}, draws are not finite")

    def test_two_letters_are_enough(self, bench: Bench) -> None:
        if bench.space.pool is not None:
            pytest.skip("the space has a pool")
        small = bench.of_two_letters()
        require_moments(small.fitted, small.probes, "with an alphabet of two letters, ")

    def test_unknown_errors_give_a_prediction(self, bench: Bench) -> None:
        require_moments(bench.fit(bench.rows(error=None)), bench.probes, "if no error is known, ")

    def test_a_larger_error_moves_the_prediction_less(self, bench: Bench) -> None:
        if not self.weighs_errors:
            pytest.skip("the surrogate does not weigh errors; set `weighs_errors = True` if it does")
        n_fits = self.n_fits if bench.draws_when_fitted() else 1
        exact, some, wild = (mean_at(bench, bench.outlier(error), n_fits) for error in _ERRORS)
        require(
            exact > some > wild,
            f"an outlier is predicted as {exact:.3g}, {some:.3g} and {wild:.3g} with errors of {_ERRORS}, in units of "
            "the spread; a larger error must count less: weigh rows by measured.errors(scale), or set "
            "`weighs_errors = False`",
        )

    def test_the_description_reads_back(self, bench: Bench) -> None:
        try:
            text = to_yaml(_Holder(surrogate=bench.part).describe())
            again = build(_Holder, read_text(text, "the description")).surrogate
        except DesignloopError as error:
            pytest.fail(f"the surrogate cannot be described and read back: {error}", pytrace=False)
        require(
            again == bench.part,
            "the description gives a different surrogate when it is read back; make every setting a field",
        )
