"""The contract suite of acquisition functions passes a sound one, and names the mend of a faulty one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import field_validator

from designloop.acquisition import UCB
from designloop.acquisition.base import Acquisition
from designloop.testing import AcquisitionContract
from designloop.testing.choosing import Choosing

pytest_plugins = ["pytester"]
SUITE = """from designloop.testing import AcquisitionContract
class TestMine(AcquisitionContract):
    acquisition = "my_acquisition.py:Mine"
"""
SOUND = """import designloop as dl
class Mine(dl.Acquisition):
    def score(self, mean, std, threshold):
        return mean + 2.0 * std
"""


def altered(**methods: Callable[..., Any]) -> Acquisition:
    """A confidence bound with these methods in the place of its own."""
    return type("Faulty", (UCB,), methods)()


def choosing_with(change: Callable[..., Any]) -> Acquisition:
    """A confidence bound whose choice is changed by `change(places, candidates)`."""

    def choose(self, candidates, n, *known):
        return change(UCB().choose(candidates, n, *known), candidates)

    return altered(choose=choose)


def first_again(places, candidates):
    return places[:-1] + places[:1]


def one_less(places, candidates):
    return places[1:]


def numpy_places(places, candidates):
    return [np.int64(place) for place in places]


def an_array(places, candidates):
    return np.array(places)


def beyond(places, candidates):
    return [place + 1 for place in places]


def never_none(places, candidates):
    return places or [0]


def by_place(places, candidates):
    return [(place + 1) % len(candidates) for place in places]


def removing(places, candidates):
    candidates.pop()
    return places


class Counting(UCB):
    """Another offset at each call."""

    calls: ClassVar[list[int]] = []

    def choose(self, candidates, n, *known):
        self.calls.append(1)
        return [(place + len(self.calls)) % len(candidates) for place in UCB().choose(candidates, n, *known)]


class Doubling(UCB):
    """Reads another number than it writes."""

    @field_validator("beta")
    @classmethod
    def _is_doubled(cls, value):
        return 2 * value


def averse(self, candidates, n, posterior, pending, threshold, rng, log_viability=None):
    return UCB().choose(
        candidates, n, posterior, pending, threshold, rng, None if log_viability is None else -log_viability
    )


def in_place(self, candidates, n, posterior, pending, threshold, rng, log_viability=None):
    log_viability -= 1.0
    return UCB().choose(candidates, n, posterior, pending, threshold, rng, log_viability)


def teaching(self, candidates, n, posterior, pending, threshold, rng, log_viability=None):
    posterior.mean[:3] = 9.0
    return UCB().choose(candidates, n, posterior, pending, threshold, rng, log_viability)


def by_global(self, candidates, n, *known):
    return [int(place) for place in np.random.permutation(len(candidates))[:n]]  # noqa: NPY002 - the fault


def not_without(what: str) -> Acquisition:
    """Chooses nothing where there is no uncertainty, or no difference between means; or one where there are several."""

    def choose(self, candidates, n, posterior, pending, *known):
        mean, std = posterior.model_moments(candidates)
        fails = {"std": std.max() == 0, "difference": np.ptp(mean) == 0, "ignored": not self.pending.believes}[what]
        return [] if fails else UCB().choose(candidates, n, posterior, pending, *known)

    return altered(choose=choose)


def share_of_threshold(self, mean, std, threshold):
    return mean / threshold + std


def divided(self, mean, std, threshold):
    with np.errstate(divide="ignore"):
        return (mean - threshold) / std


def summed(self, mean, std, threshold):
    return mean.sum()


def whole(self, mean, std, threshold):
    return np.argsort(np.argsort(mean, axis=-1), axis=-1)


def centred(self, mean, std, threshold):
    return mean - mean.mean()


def transposed(self, posterior, pending, threshold, n, rng):
    return lambda sequences: posterior.model_moments(sequences)[0]


def infinite(self, posterior, pending, threshold, n, rng):
    return lambda sequences: np.full((1, len(sequences)), -np.inf)


def anew(self, posterior, pending, threshold, n, rng):
    def function(sequences):
        return posterior.draw(1, rng)(sequences)

    return function


def unseeded(self, posterior, pending, threshold, n, rng):
    return posterior.draw(1, np.random.default_rng())


MANY, SCORES = "n_distinct_candidates_are_chosen", "scores_are_one_finite_float_for_each_candidate"
ELEMENTS = "scores_are_computed_element_by_element"
FAULTS = [
    (choosing_with(first_again), MANY, (7,), "twice; choose each once"),
    (choosing_with(one_less), MANY, (24,), "returns 23 places for n = 24 and 24 candidates; return 24"),
    (choosing_with(numpy_places), MANY, (7,), r"place of type int64; return int\("),
    (choosing_with(an_array), MANY, (7,), "an array of int64; return a list"),
    (choosing_with(beyond), MANY, (24,), "a place that no candidate has"),
    (choosing_with(never_none), MANY, (0,), "returns 1 places for n = 0"),
    (choosing_with(never_none), "one_candidate_and_none_are_enough", (), "0 candidates; return 0"),
    (choosing_with(by_place), "the_order_of_the_candidates_does_not_matter", (), "sort the candidates first"),
    (Counting(), "the_same_seed_gives_the_same_choice", (), "keep nothing between calls"),
    (altered(score=share_of_threshold), "a_shift_of_all_values_changes_no_choice", (), "state why in"),
    (altered(choose=averse), "a_more_viable_candidate_is_not_chosen_later", (), "add `log_viability` to its score"),
    (not_without("difference"), "equal_means_are_no_obstacle", (1.0,), "returns 0 places"),
    (not_without("std"), "equal_means_are_no_obstacle", (0.0,), "returns 0 places"),
    (not_without("std"), "no_uncertainty_is_no_obstacle", (), "returns 0 places"),
    (not_without("ignored"), "every_pending_rule_can_be_used", ("ignore",), "returns 0 places"),
    (altered(choose=by_global), "no_global_generator_is_touched", (), "global generator of numpy; draw from"),
    (choosing_with(removing), "a_choice_leaves_its_arguments_alone", (), "changes the list of candidates"),
    (altered(choose=in_place), "a_choice_leaves_its_arguments_alone", (), "changes `log_viability` in place"),
    (altered(choose=teaching), "a_choice_leaves_its_arguments_alone", (), "changes the posterior; use `condition`"),
    (Doubling(), "the_description_reads_back", (), "make every setting a field|cannot be described"),
    (altered(score=summed), SCORES, (1.0,), "returns float64|returns an array of float64|returns shape"),
    (altered(score=whole), SCORES, (1.0,), "an array of int64; return a numpy array of float64"),
    (altered(score=divided), SCORES, (0.0,), "where std is 0; return finite numbers"),
    (altered(score=centred), ELEMENTS, (), "compute each score from its own mean"),
    (altered(targets=transposed), "functions_to_optimise_have_a_value_for_each_sequence", (), r"return \(1, 24\)"),
    (altered(targets=infinite), "functions_to_optimise_have_a_value_for_each_sequence", (), "return finite numbers"),
    (altered(targets=anew), "a_function_to_optimise_is_one_function", (), "draw functions once, in `targets`"),
    (altered(targets=unseeded), "a_function_to_optimise_is_one_function", (), "draw only from `rng`"),
]


@pytest.mark.parametrize(("faulty", "law", "given", "sentence"), FAULTS, ids=[f"{f[1]}-{f[3]}" for f in FAULTS])
def test_a_planted_fault_is_named_with_its_mend(faulty, law, given, sentence):
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(AcquisitionContract(), f"test_{law}")(Choosing(faulty), *given)


def test_every_law_has_a_fault_that_it_finds():
    laws = {name.removeprefix("test_") for name in dir(AcquisitionContract) if name.startswith("test_")}
    assert laws == {law for _, law, _, _ in FAULTS}


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_acquisition=SOUND, test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    assert set(result.parseoutcomes()) == {"passed"}


def test_a_function_states_why_a_shift_matters_to_it(pytester):
    pytester.makepyfile(my_acquisition=SOUND, test_mine=SUITE + "    depends_on_shift = 'it takes logarithms'\n")
    result = pytester.runpytest("-p", "no:cacheprovider", "-rs", "test_mine.py", "-k", "shift")
    result.stdout.fnmatch_lines(["*it takes logarithms*"])


def test_the_gaussian_of_the_suite_is_conditioned_exactly():
    """By the formula for one value: the mean moves by covariance / (variance + noise) of the surprise."""
    sound = Choosing(UCB()).posterior
    one, other = sound.names[:2]
    after = replace(sound, noise=0.5).condition([one], sound.model_moments([one])[0] + 2.0)
    c = sound.covariance
    moved = after.model_moments([other])[0] - sound.model_moments([other])[0]
    assert moved[0] == pytest.approx(2.0 * c[1, 0] / (c[0, 0] + 0.5))
    assert after.model_moments([other])[1][0] ** 2 == pytest.approx(c[1, 1] - c[1, 0] ** 2 / (c[0, 0] + 0.5))
