"""A duration reads from YAML as short as it is said, and draws what it says."""

import numpy as np
import pytest

from designloop.core.config import to_yaml
from designloop.core.distributions import BySize, Fixed, Mixture, Triangular, Uniform
from designloop.core.durations import read_duration
from designloop.lab.assay import Assay

FORMS = [
    3.0,
    {"uniform": [1.0, 2.0]},
    {"triangular": [1.0, 2.0, 4.0]},
    {"lognormal": [6.0, 0.2]},
    {"exponential": 2.0},
    {"hours": {"uniform": [12.0, 36.0]}},
    {"mixture": [[0.8, 1.0], [0.2, {"triangular": [5.0, 5.0, 6.0]}]]},
    {"sum": [1.0, {"uniform": [0.0, 1.0]}]},
    {"by_size": [[10.0, 5.0], [100.0, 50.0]]},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_duration_is_written_as_it_was_read(form):
    assert read_duration(form).form == form


def test_a_duration_made_with_whole_numbers_is_written_as_it_will_be_read():
    assay = Assay(days=Mixture(((1, Fixed(3)), (2, Uniform(1, 2)))))
    assert to_yaml(assay.describe()) == to_yaml(Assay.model_validate(assay.describe()).describe())


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_no_draw_is_below_the_shortest_or_above_the_longest(form):
    duration, rng = read_duration(form), np.random.default_rng(0)
    draws = [duration.draw(rng, 20) for _ in range(500)]
    assert 0 <= duration.shortest <= min(draws)
    assert max(draws) <= duration.longest + 1e-9


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_mean_is_that_of_the_draws(form):
    found, duration = draws(form), read_duration(form)
    assert duration.mean(1) == pytest.approx(found.mean(), abs=4 * found.std() / len(found) ** 0.5 + 1e-9)


def draws(form, n=20_000):
    rng, duration = np.random.default_rng(1), read_duration(form)
    return np.array([duration.draw(rng, 1) for _ in range(n)])


def test_draws_have_the_moments_they_should():
    assert draws({"triangular": [1, 2, 4]}).mean() == pytest.approx(7 / 3, abs=0.02)
    assert draws({"triangular": [1, 2, 4]}).var() == pytest.approx(7 / 18, abs=0.015)
    assert draws({"exponential": 2}).mean() == pytest.approx(2, abs=0.05)
    assert draws({"hours": {"uniform": [12, 36]}}).mean() == pytest.approx(1, abs=0.01)
    lognormal = draws({"lognormal": [6, 0.2]})
    assert np.median(lognormal) == pytest.approx(6, abs=0.05)
    assert lognormal.std() / lognormal.mean() == pytest.approx(0.2, abs=0.005)
    assert draws({"mixture": [[0.75, 0], [0.25, 1]]}).mean() == pytest.approx(0.25, abs=0.01)


def test_days_by_size_lie_on_a_line_between_anchors_on_log_log_axes():
    duration = BySize(((10, 5), (1000, 20)))
    rng = np.random.default_rng(0)
    assert [duration.draw(rng, size) for size in (1, 10, 100, 1000, 9999)] == pytest.approx([5, 5, 10, 20, 20])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"triangle": [1, 2, 3]}, "Did you mean 'triangular'"),
        ({"triangular": [3, 2, 1]}, "low <= mode <= high"),
        ({"uniform": [1]}, "expected 2 numbers"),
        ({"mixture": [[0, 1]]}, "not all 0"),
        ({"sum": 3}, "expected a list of durations, got 3"),
        ("3 days", "expected a number of days, or one of"),
        (-1, "expected a duration of 0 to 36,500 days, got -1"),
    ],
)
def test_a_wrong_duration_says_what_to_write(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_duration(wrong)


def test_a_mixture_is_as_short_as_its_shortest_part():
    assert Mixture(((0.5, Triangular(2, 3, 4)), (0.5, Triangular(1, 3, 4)))).shortest == 1
