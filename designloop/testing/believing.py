"""Tests of a posterior: its moments, its draws, and what conditioning does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from designloop.core.random import stream
from designloop.surrogates.base import Posterior
from designloop.testing.bench import Bench, Floats
from designloop.testing.given import kind_of, require

_N_DRAWN = 4000


class BelievingLaws:
    """Part of `SurrogateContract`."""

    conditions: bool

    def test_moments_are_one_finite_mean_and_std_for_each_sequence(self, bench: Bench) -> None:
        require_moments(bench.fitted, bench.probes)
        require_moments(bench.fitted, [])

    def test_draws_are_k_functions(self, bench: Bench) -> None:
        for probes in (bench.probes, []):
            drawn = bench.fitted.draw(3, stream(0, "draws"))(probes)
            require_floats(drawn, (3, len(probes)), "a draw")

    def test_viability_is_a_probability(self, bench: Bench) -> None:
        viable = bench.fitted.viability(bench.probes)
        require_floats(viable, (len(bench.probes),), "viability")
        require(
            bool(((viable >= 0) & (viable <= 1)).all()),
            "viability is outside 0..1; return probabilities, for example of Viability.fitted(history)",
        )

    def test_the_models_scale_is_monotone(self, bench: Bench) -> None:
        values = np.linspace(bench.worths.min() - 3.0, bench.worths.max() + 3.0, 200)
        require(
            bool((np.diff(bench.fitted.to_model_scale(values)) > 0).all()),
            "to_model_scale does not rise everywhere; a better value must be higher on the model's scale",
        )

    def test_draws_agree_with_the_moments(self, bench: Bench) -> None:
        drawn = bench.fitted.draw(_N_DRAWN, stream(0, "draws"))(bench.probes)
        mean, std = bench.fitted.model_moments(bench.probes)
        away = np.abs(drawn.mean(axis=0) - mean)
        require(
            bool((away <= 6 * std.max() / np.sqrt(_N_DRAWN) + 1e-6).all()),
            f"the mean of {_N_DRAWN:,} draws differs from model_moments by {away.max():.3g}; draw about that mean",
        )
        require(
            bool(np.allclose(drawn.std(axis=0), std, rtol=0.1, atol=1e-6)),
            f"draws have a standard deviation of {drawn.std(axis=0)[0]:.3g} where model_moments says {std[0]:.3g}; "
            "draw with the same spread",
        )

    def test_a_draw_is_one_function(self, bench: Bench) -> None:
        function, probes = bench.fitted.draw(3, stream(1, "draws")), bench.probes
        together = function(probes)
        alone = np.hstack([function([probe]) for probe in probes])
        backwards = function(probes[::-1])[:, ::-1]
        require(
            _are_close(alone, together) and _are_close(backwards, together),
            "a draw gives a sequence other values alone, in another order or at another call; draw functions once, in "
            "`draw`, not at each call",
        )

    def test_the_same_seed_draws_the_same_functions(self, bench: Bench) -> None:
        one, same, other = (bench.fitted.draw(3, stream(seed, "draws"))(bench.probes) for seed in (1, 1, 2))
        require(np.array_equal(one, same), "the same seed draws different functions; draw only from `rng`")
        require(not np.array_equal(one, other), "two seeds draw the same functions; draw from `rng`")

    def test_an_assumed_value_moves_the_mean_towards_it(self, bench: Bench) -> None:
        self._skip_unless_conditioned()
        probes = bench.others[1][:2]
        mean, std = bench.fitted.model_moments(probes)
        after, narrowed = bench.fitted.condition(probes, mean + 2.0).model_moments(probes)
        require(
            bool((after > mean).all()), "condition does not move the mean towards the assumed values; see Posterior"
        )
        require(bool((narrowed <= std * (1 + 1e-9)).all()), "condition makes an assumed value less certain")

    def test_several_sets_of_assumed_values_are_as_many_posteriors(self, bench: Bench) -> None:
        self._skip_unless_conditioned()
        probes, pending = bench.probes, bench.others[1][:2]
        values = bench.fitted.model_moments(pending)[0] + np.array([[-1.0], [0.0], [2.0]])
        together, _ = bench.fitted.condition(pending, values).model_moments(probes)
        each = np.array([bench.fitted.condition(pending, row).model_moments(probes)[0] for row in values])
        require(
            _are_close(together, each),
            "values of shape (k, p) do not give the means of k posteriors, shape (k, n); see Posterior.condition",
        )

    def test_a_posterior_never_changes(self, bench: Bench) -> None:
        posterior, asked = bench.fit(bench.rows()), list(bench.probes)
        before = answers(posterior, asked)
        if self.conditions:
            pending = bench.others[1][:2]
            posterior.condition(pending, posterior.model_moments(pending)[0] + 2.0).draw(2, stream(0, "d"))(asked)
        same = all(map(np.array_equal, before, answers(posterior, asked)))
        require(same, "`condition` or `draw` changes the posterior itself; return a new one (dataclasses.replace)")
        require(asked == bench.probes, "the posterior changes the list of sequences that it is given; work on a copy")

    def _skip_unless_conditioned(self) -> None:
        if not self.conditions:
            pytest.skip("the surrogate's posterior has no `condition`; set `conditions = True` if it does")


def _are_close(one: Floats, other: Floats) -> bool:
    """Equal, apart from rounding: networks compute in single precision."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-4, atol=1e-5))


def answers(posterior: Posterior, sequences: Sequence[str]) -> list[Floats]:
    """What a posterior says of these sequences: moments on both scales, and three draws."""
    moments = (*posterior.moments(sequences), *posterior.model_moments(sequences))
    return [*moments, posterior.draw(3, stream(5, "draws"))(sequences)]


def require_moments(posterior: Posterior, sequences: Sequence[str], when: str = "") -> None:
    """Require finite moments on both scales, and a standard deviation above zero in the assay's units."""
    for name in ("moments", "model_moments"):
        mean, std = getattr(posterior, name)(sequences)
        for column, what in ((mean, "the mean"), (std, "the standard deviation")):
            require_floats(column, (len(sequences),), f"{when}{what} of {name}")
        require(bool((std >= 0).all()), f"{when}a standard deviation of {name} is below 0")
    spread = posterior.moments(sequences)[1]
    require(
        bool((spread > 0).all()),
        f"{when}the standard deviation of moments is 0, which no prediction is sure enough for; include the residual "
        "variance, and a spread before anything is measured",
    )


def require_floats(values: Any, shape: tuple[int, ...], what: str) -> None:
    """Require a finite array of float64 of this shape."""
    require(
        isinstance(values, np.ndarray) and values.dtype == np.float64,
        f"{what} is {kind_of(values)}; return a numpy array of float64",
    )
    require(values.shape == shape, f"{what} has shape {values.shape}; expected {shape}")
    require(bool(np.isfinite(values).all()), f"{what} is {values[~np.isfinite(values)][:1]}; return finite numbers")
