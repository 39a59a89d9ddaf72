"""The contract suite of surrogates passes a sound one, and names the mend of a faulty one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.surrogates import BayesianLinear
from designloop.surrogates.base import Surrogate
from designloop.testing import SurrogateContract
from designloop.testing.bench import Bench

pytest_plugins = ["pytester"]
SPACE = Space(alphabet=DNA, min_length=4, max_length=8)
SUITE = """from designloop.testing import SurrogateContract
class TestMine(SurrogateContract):
    surrogate = "my_surrogate.py:Mine"
"""
SOUND = """from designloop.surrogates import BayesianLinear
class Mine(BayesianLinear):
    pass
"""


class Altered:
    """A linear posterior with methods that replace its own; each is given the sound posterior first."""

    def __init__(self, sound: Any, **methods: Callable[..., Any]) -> None:
        self.sound, self.methods = sound, methods

    def __getattr__(self, name: str) -> Any:
        method = self.methods.get(name)
        if method is None:
            return getattr(self.sound, name)
        return lambda *args, **fields: method(self, *args, **fields)


def posterior_with(**methods: Callable[..., Any]) -> Surrogate:
    """A linear surrogate whose posterior has these methods."""

    class Described(Surrogate):
        def fit(self, history, rng):
            return Altered(BayesianLinear().fit(history, rng), **methods)

    return Described()


def fit_with(fit: Callable[..., Any]) -> Surrogate:
    """A surrogate with this `fit`."""

    class Described(Surrogate):
        def fit(self, history, rng):
            return fit(history, rng)

    return Described()


def linear(history, rng, shift=0.0):
    sound = BayesianLinear(transform="standard").fit(history, rng)
    return replace(sound, bias=sound.bias + shift)


def by_first_row(history, rng):
    return linear(history, rng, float(history.values[0]) if history.is_measured.any() else 0.0)


def by_global(history, rng):
    return linear(history, rng, float(np.random.rand()))  # noqa: NPY002 - the fault


def by_nothing(history, rng):
    return linear(history, rng, float(np.random.default_rng().random()))


def by_failures(history, rng):
    return linear(history, rng, float(np.isnan(history.values).sum()))


def by_sign(history, rng):
    """Prefers long sequences where values are high: not shift-invariant."""
    sound, far = linear(history, rng), float(np.nanmean(np.append(history.values, 0.0))) > 10

    def moments(self, sequences):
        mean, std = sound.moments(sequences)
        return mean + 5.0 * far * np.array([len(s) for s in sequences], dtype=float), std

    return Altered(sound, moments=moments)


def changing(history, rng):
    history.values[:1] = 5.0
    return linear(history, rng)


def blind(history, rng):
    history.__dict__["std_errors"] = np.zeros(len(history.sequences))
    return linear(history, rng)


def unsure_of_nothing(self, sequences):
    mean, std = self.sound.moments(sequences)
    return mean, 0.0 * std


def narrow(self, k, rng, *, scale=1.0):
    return self.sound.draw(k, rng, scale=0.5 * scale)


def anew(self, k, rng, *, scale=1.0):
    def function(sequences):
        return self.sound.draw(k, rng, scale=scale)(sequences)

    return function


def unseeded(self, k, rng, *, scale=1.0):
    return self.sound.draw(k, np.random.default_rng(0), scale=scale)


def away(self, sequences, values):
    return self.sound.condition(sequences, 2.0 * self.sound.model_means(sequences) - values)


def in_place(self, sequences, values):
    self.sound = self.sound.condition(sequences, values)
    return self


def single(self, sequences, values):
    return self.sound.condition(sequences, values.reshape(-1, len(sequences))[0])


def falling(self, values):
    return -values


def logits(self, sequences):
    return np.full(len(sequences), 3.0)


def whole(self, sequences):
    mean, std = self.sound.moments(sequences)
    return mean.astype(int), std


FAULTS = [
    (fit_with(by_first_row), "the_order_of_rows_does_not_matter", r"sort them \(Measured.of"),
    (fit_with(by_global), "no_global_generator_is_touched", "global generator of numpy; draw from the `rng`"),
    (fit_with(by_nothing), "the_same_seed_gives_the_same_fit", "draw only from `rng`"),
    (fit_with(by_failures), "failed_designs_change_no_prediction", "a failure has no value, and is not 0"),
    (fit_with(by_sign), "a_shift_of_all_values_changes_no_choice", "standardise the values"),
    (fit_with(changing), "a_fit_leaves_the_history_as_it_was", "work on copies of its columns"),
    (fit_with(blind), "a_larger_error_moves_the_prediction_less", "a larger error must count less: weigh rows"),
    (posterior_with(moments=unsure_of_nothing), "failed_designs_alone_give_a_prediction", "include the residual"),
    (posterior_with(moments=whole), "moments_are_one_finite_mean_and_std_for_each_sequence", "array of int64; return"),
    (posterior_with(draw=narrow), "draws_agree_with_the_moments", "draw with the same spread"),
    (posterior_with(draw=anew), "a_draw_is_one_function", "not at each call"),
    (posterior_with(draw=unseeded), "the_same_seed_draws_the_same_functions", "two seeds draw the same"),
    (posterior_with(condition=away), "an_assumed_value_moves_the_mean_towards_it", "does not move the mean towards"),
    (posterior_with(condition=in_place), "a_posterior_never_changes", "return a new one"),
    (posterior_with(condition=single), "several_sets_of_assumed_values_are_as_many_posteriors", r"values of shape \(k"),
    (posterior_with(to_model_scale=falling), "the_models_scale_is_monotone", "does not rise everywhere"),
    (posterior_with(viability=logits), "viability_is_a_probability", "return probabilities"),
]


@pytest.mark.parametrize(("faulty", "law", "sentence"), FAULTS, ids=[law for _, law, _ in FAULTS])
def test_a_planted_fault_is_named_with_its_mend(faulty, law, sentence):
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(SurrogateContract(), f"test_{law}")(Bench(faulty, SPACE))


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_surrogate=SOUND, test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    assert set(result.parseoutcomes()) == {"passed"}


def test_a_suite_skips_what_a_surrogate_does_not_promise(pytester):
    promise = "    conditions = False\n    weighs_errors = False\n"
    pytester.makepyfile(my_surrogate=SOUND, test_mine=SUITE + promise)
    assert pytester.runpytest("-p", "no:cacheprovider", "test_mine.py").parseoutcomes()["skipped"] == 3


def test_a_space_of_few_sequences_is_refused(pytester):
    small = "    space = __import__('designloop').Space(alphabet='dna', length=1)\n"
    pytester.makepyfile(my_surrogate=SOUND, test_mine=SUITE + small)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    result.stdout.fnmatch_lines(["*`space` has fewer than 16 sequences; give a larger one*"])


class TestInAPool(SurrogateContract):
    """Other spaces, too."""

    surrogate = "bayesian-linear"
    space = Space.of_pool(DNA, Space.of_length(DNA, 5).sample(40, np.random.default_rng(2)))
