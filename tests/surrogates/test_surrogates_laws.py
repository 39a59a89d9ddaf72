"""What every surrogate keeps to: a belief in the assay's units, draws that agree, nothing about the order of rows."""

import numpy as np
import pytest
from histories import SPACES, SURROGATES, Told, busy_history, distinct, history_of, worth

from designloop.core.random import stream
from designloop.surrogates.base import Posterior, Surrogate

every_surrogate = pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=SURROGATES)
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
SPACE = SPACES["many lengths"]
PROBES = distinct(SPACE, 30, seed=11)


def fitted(surrogate: Surrogate, **busy) -> Posterior:
    return surrogate.fit(busy_history(SPACE, **busy), stream(0, "fit"))


@every_space
@every_surrogate
def test_shapes_are_right_in_every_space(surrogate: Surrogate, space):
    """Moments and viability are (n,), draws (k, n), also for no sequence at all."""
    posterior = surrogate.fit(busy_history(space), stream(0, "fit"))
    for probes in (distinct(space, 5, seed=1), []):
        n = len(probes)
        for column in (*posterior.moments(probes), *posterior.model_moments(probes), posterior.viability(probes)):
            assert column.shape == (n,)
            assert np.isfinite(column).all()
        assert posterior.draw(3, stream(0, "d"))(probes).shape == (3, n)
        assert posterior.condition(probes, np.zeros(n)).model_moments(PROBES[:0])[0].shape == (0,)


@every_surrogate
@pytest.mark.parametrize("n_rows", [0, 1])
def test_with_next_to_nothing_measured_there_is_a_belief(surrogate: Surrogate, n_rows: int):
    """The prior belief is finite and unsure."""
    history = history_of(SPACE, [Told(s, 2.0) for s in PROBES[:n_rows]])
    mean, std = surrogate.fit(history, stream(0, "fit")).moments(PROBES)
    assert np.isfinite(mean).all()
    assert (std > 0).all()


@every_surrogate
def test_equal_values_are_no_trouble(surrogate: Surrogate):
    history = history_of(SPACE, [Told(s, 0.0) for s in PROBES])
    mean, std = surrogate.fit(history, stream(0, "fit")).moments(PROBES)
    assert np.isfinite([mean, std]).all()


@every_surrogate
def test_a_fit_is_deterministic(surrogate: Surrogate):
    one, other = (fitted(surrogate).moments(PROBES) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@every_surrogate
def test_the_order_of_rows_is_nothing(surrogate: Surrogate):
    rows = [int(i) for i in np.random.default_rng(8).permutation(38)]
    one, other = fitted(surrogate).moments(PROBES), fitted(surrogate, order=rows).moments(PROBES)
    np.testing.assert_array_equal(one, other)


@every_surrogate
def test_moments_are_in_the_units_of_the_assay(surrogate: Surrogate):
    """Values shifted and stretched shift and stretch the means, and stretch the spread."""
    mean, std = fitted(surrogate).moments(PROBES)
    moved, widened = fitted(surrogate, shift=100.0, stretch=8.0).moments(PROBES)
    np.testing.assert_allclose(moved, 100.0 + 8.0 * mean, rtol=1e-5)
    np.testing.assert_allclose(widened, 8.0 * std, rtol=1e-4)


@every_surrogate
def test_the_model_scale_is_monotone(surrogate: Surrogate):
    """Better in the assay's units is better on the model's scale, also beyond what was measured."""
    values = np.linspace(-20.0, 40.0, 400)
    assert (np.diff(fitted(surrogate).to_model_scale(values)) > 0).all()


@every_surrogate
def test_draws_agree_with_the_moments(surrogate: Surrogate):
    posterior = fitted(surrogate)
    draws = posterior.draw(4000, stream(0, "draws"))(PROBES)
    mean, std = posterior.model_moments(PROBES)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=6 * std.max() / np.sqrt(4000))
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.1)


@every_surrogate
def test_a_draw_is_one_function_wherever_it_is_asked(surrogate: Surrogate):
    """A sequence has the same value alone, among others, and in any order."""
    function = fitted(surrogate).draw(3, stream(1, "draws"))
    together = function(PROBES)
    np.testing.assert_allclose(function(PROBES[::-1])[:, ::-1], together, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.hstack([function([probe]) for probe in PROBES]), together, rtol=1e-4, atol=1e-5)


@every_surrogate
def test_the_same_stream_draws_the_same_functions(surrogate: Surrogate):
    posterior = fitted(surrogate)
    one, other = (posterior.draw(3, stream(1, "draws"))(PROBES) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@every_surrogate
def test_what_is_believed_is_believed(surrogate: Surrogate):
    """Conditioned on values far away, the mean moves towards them and the spread shrinks; kin follow."""
    posterior = fitted(surrogate)
    mean, std = posterior.model_moments(PROBES[:2])
    after, narrowed = posterior.condition(PROBES[:2], mean + 2.0).model_moments(PROBES[:2])
    assert (after > mean).all()
    assert (narrowed < std).all()


@every_surrogate
def test_failures_say_nothing_about_values(surrogate: Surrogate):
    """A design without a value moves no mean: it is no zero."""
    rows = [Told(s, worth(s)) for s in PROBES[:20]]
    failed = [*rows, *(Told(s, "lost") for s in PROBES[20:])]
    one, other = (surrogate.fit(history_of(SPACE, told), stream(0, "fit")).moments(PROBES) for told in (rows, failed))
    np.testing.assert_array_equal(one, other)
