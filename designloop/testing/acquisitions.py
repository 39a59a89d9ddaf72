"""The contract suite of acquisition functions: a choice depends on the posterior, the lab and the seed, and no more."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from designloop.acquisition.base import Acquisition
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import DesignloopError
from designloop.core.kinds import short_names
from designloop.core.parts import Part, find
from designloop.core.random import global_states
from designloop.testing.choosing import N_CANDIDATES, Choosing
from designloop.testing.given import described, given, kind_of, require
from designloop.testing.scoring import ScoringLaws

_SHIFT = 8.0
_N = 6


class _Holder(Part):
    acquisition: Acquisition


class AcquisitionContract(ScoringLaws):
    """Tests of an acquisition function. Subclass it and set `acquisition`: a part, a kind, or path/to/file.py:Name.

    `acquisition` may be an attribute, a method or a pytest fixture. The posterior of the tests is a joint Gaussian over
    24 candidates, 3 pending and 5 measured designs.
    """

    acquisition: Any = None
    depends_on_shift: str = ""
    """The reason why a constant added to all values may change the choice; empty: it may not."""

    @pytest.fixture
    def choosing(self, request: pytest.FixtureRequest) -> Choosing:
        """The acquisition function under test."""
        value = given(self, "acquisition", request)
        return Choosing(described(_Holder, "acquisition", value, "an acquisition function"))

    @pytest.mark.parametrize("n", [0, 1, 7, N_CANDIDATES, N_CANDIDATES + 9])
    def test_n_distinct_candidates_are_chosen(self, choosing: Choosing, n: int) -> None:
        for idle in (False, True):
            _require_places(choosing.places(n, idle=idle), n, N_CANDIDATES)

    def test_one_candidate_and_none_are_enough(self, choosing: Choosing) -> None:
        for candidates in (choosing.candidates[:1], []):
            _require_places(choosing.places(3, candidates), 3, len(candidates))

    def test_the_order_of_the_candidates_does_not_matter(self, choosing: Choosing) -> None:
        here = choosing.chosen(_N, log_viability=choosing.unequal)
        there = choosing.chosen(_N, choosing.candidates[::-1], choosing.unequal[::-1].copy())
        require(
            here == there,
            "the choice depends on the order of the candidates; define `score`, or sort the candidates first",
        )

    def test_the_same_seed_gives_the_same_choice(self, choosing: Choosing) -> None:
        require(
            choosing.places(_N) == choosing.places(_N),
            "the same seed gives different choices; draw everything from `rng`, and keep nothing between calls",
        )

    def test_a_shift_of_all_values_changes_no_choice(self, choosing: Choosing) -> None:
        if self.depends_on_shift:
            pytest.skip(self.depends_on_shift)
        require(
            choosing.chosen(_N) == replace(choosing, shift=_SHIFT).chosen(_N),
            f"the choice changes if {_SHIFT:g} is added to all values and to the threshold; use differences from the "
            "threshold, and take no logarithms of values, or state why in `depends_on_shift`",
        )

    def test_a_more_viable_candidate_is_not_chosen_later(self, choosing: Choosing) -> None:
        before = choosing.places(N_CANDIDATES, log_viability=choosing.unequal)
        for place in before[1:_N]:
            viable = choosing.unequal
            viable[place] += 2.0
            after = choosing.places(N_CANDIDATES, log_viability=viable)
            require(
                after.index(place) <= before.index(place),
                "a candidate is chosen later if log P(viable) is raised; add `log_viability` to its score",
            )

    @pytest.mark.parametrize("spread", [1.0, 0.0], ids=["uncertain", "certain"])
    def test_equal_means_are_no_obstacle(self, choosing: Choosing, spread: float) -> None:
        _require_places(replace(choosing, slope=0.0, spread=spread).places(_N), _N, N_CANDIDATES)

    def test_no_uncertainty_is_no_obstacle(self, choosing: Choosing) -> None:
        _require_places(replace(choosing, spread=0.0).places(_N), _N, N_CANDIDATES)

    @pytest.mark.parametrize("rule", short_names("pending_rules"))
    def test_every_pending_rule_can_be_used(self, choosing: Choosing, rule: str) -> None:
        part = choosing.part.with_(pending=find("pending_rules", rule)())
        _require_places(replace(choosing, part=part).places(_N), _N, N_CANDIDATES)

    def test_no_global_generator_is_touched(self, choosing: Choosing) -> None:
        choosing.places(_N)  # so that all imports are done
        before = global_states()
        choosing.places(_N)
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(
            not moved,
            f"the function uses the global generator of {' and '.join(moved)}; draw from the `rng` argument",
        )

    def test_a_choice_leaves_its_arguments_alone(self, choosing: Choosing) -> None:
        candidates, viable = list(choosing.candidates), choosing.unequal
        mean, std = choosing.posterior.model_moments(choosing.names)
        choosing.places(_N, candidates, viable)
        require(candidates == choosing.candidates, "choose changes the list of candidates; work on a copy")
        require(np.array_equal(viable, choosing.unequal), "choose changes `log_viability` in place; work on a copy")
        again = choosing.posterior.model_moments(choosing.names)
        require(
            np.array_equal(mean, again[0]) and np.array_equal(std, again[1]),
            "choose changes the posterior; use `condition`, which returns another one",
        )

    def test_the_description_reads_back(self, choosing: Choosing) -> None:
        try:
            text = to_yaml(_Holder(acquisition=choosing.part).describe())
            again = build(_Holder, read_text(text, "the description")).acquisition
        except DesignloopError as error:
            pytest.fail(f"the acquisition function cannot be described and read back: {error}", pytrace=False)
        require(
            again == choosing.part,
            "the description gives a different acquisition function when it is read back; make every setting a field",
        )


def _require_places(places: Any, n: int, n_candidates: int) -> None:
    """Require min(n, number of candidates) distinct places of candidates, as ints."""
    require(isinstance(places, list), f"choose returns {kind_of(places)}; return a list of places")
    odd = next((place for place in places if type(place) is not int), None)
    require(odd is None, f"choose returns a place of type {type(odd).__name__}; return int(...) of it")
    wanted = min(n, n_candidates)
    require(
        len(places) == wanted,
        f"choose returns {len(places)} places for n = {n} and {n_candidates} candidates; return {wanted}",
    )
    require(len(set(places)) == len(places), "choose returns a candidate twice; choose each once")
    require(set(places) <= set(range(n_candidates)), "choose returns a place that no candidate has")
