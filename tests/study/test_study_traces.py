"""Traces are read as step functions."""

import numpy as np
import pytest
from results_stubs import cell, study, trace

from designloop.core.errors import StoreError
from designloop.study.traces import common_end, first_reach, lowest, mean_height, value_at
from designloop.study.units import n_planned, settings_of

STEPS = trace((10, 1.0), (20, 3.0))


def test_a_value_holds_from_its_point_until_the_next_and_before_the_first_there_is_the_given_one() -> None:
    found = value_at(STEPS, "designs", [0, 9.9, 10, 19, 20, 1e9], before=-1.0)
    assert found.tolist() == [-1, -1, 1, 1, 3, 3]
    assert value_at(STEPS, "weeks", [0.9, 1.0, 2.0], before=0.0).tolist() == [0, 1, 3]
    assert value_at(STEPS, "cost", [999, 1000], before=0.0).tolist() == [0, 1]


@pytest.mark.parametrize("nothing", [None, trace()])
def test_who_measured_nothing_has_the_given_value_everywhere_and_never_nan(nothing) -> None:
    assert value_at(nothing, "weeks", [0, 5], before=0.25).tolist() == [0.25, 0.25]
    assert mean_height(nothing, "weeks", 5.0, before=0.25) == 0.25
    assert first_reach(nothing, "weeks", 0.0, end=5.0) == (5.0, False)


def test_of_several_values_at_one_point_the_last_counts() -> None:
    assert value_at(trace((10, 1.0), (10, 2.0), (10, 4.0)), "designs", [10], before=0.0).tolist() == [4]


@pytest.mark.parametrize(("until", "mean"), [(40, 70 / 40), (20, 10 / 20), (15, 5 / 15), (10, 0.0), (0, 0.0)])
def test_the_area_of_two_steps_by_hand(until, mean) -> None:
    """0 for 10 designs, 1 for 10 more, then 3."""
    assert mean_height(STEPS, "designs", until, before=0.0) == pytest.approx(mean)


def test_the_area_counts_what_was_before_the_first_value() -> None:
    assert mean_height(STEPS, "designs", 40, before=-2.0) == pytest.approx((-20 + 10 + 60) / 40)


def test_a_threshold_is_reached_at_the_first_value_that_is_not_below_it_or_censored_at_the_end() -> None:
    assert first_reach(STEPS, "designs", 1.0, end=40) == (10.0, True)
    assert first_reach(STEPS, "weeks", 1.1, end=4) == (2.0, True)
    assert first_reach(STEPS, "cost", 3.1, end=4000) == (4000.0, False)
    assert first_reach(STEPS, "designs", 3.0, end=19) == (19.0, False)
    falling = trace((10, 5.0), (20, 1.0))
    assert first_reach(falling, "designs", 4.0, end=40) == (10.0, True)


def test_equal_points_are_those_that_all_campaigns_came_to() -> None:
    cells = [cell("a", end=40), cell("a", 1, end=30), cell("b", end=50)]
    assert [common_end(cells, axis) for axis in ("designs", "weeks", "cost")] == [30, 3, 3000]
    assert common_end([], "weeks") is None


def test_a_campaign_without_a_value_counts_as_the_lowest_that_anyone_showed_on_its_instance() -> None:
    cells = [cell("a", points=[(10, 0.7)]), cell("b", points=[(10, 0.2), (20, 0.9)]), cell("b", 1, points=[(10, -9.0)])]
    assert lowest(cells[:2]) == 0.2
    assert lowest([cell("a")]) is None
    (setting,) = settings_of(study([*cells, cell("a", 1), cell("a", 2)]))
    assert setting.nothing == {0: 0.2, 1: -9.0}
    assert (2, 0) not in setting.done["a"]
    assert setting.n_blank == {"a": 1, "b": 0}, "nobody measured anything there"
    assert setting.values(setting.at("a", [(0, 0), (1, 0)]), "true", "designs", 5).tolist() == [0.2, -9.0]


def test_the_unit_is_the_instance_and_the_seed_where_there_is_one_instance() -> None:
    many, one = [cell("a", i, labels={"oracles": "nk"}) for i in range(2)], cell("a", 0, 7, labels={"oracles": "gb1"})
    units = {setting.landscape: setting.unit for setting in settings_of(study([*many, one]))}
    assert units == {"nk": "instance", "gb1": "seed"}


def test_two_cells_in_one_place_are_refused() -> None:
    with pytest.raises(StoreError, match="both instance 0, seed 0"):
        settings_of(study([cell("a"), cell("a")]))


@pytest.mark.parametrize(
    ("description", "n"),
    [
        ({"instances": 4, "seeds": [0, 1, 2]}, 12),
        ({"seeds": 40}, 40),
        ({"instances": {"nk": 5, "gb1": 1}, "seeds": {"nk": [1, 2], "gb1": 30}}, 10),
        ({}, None),
    ],
)
def test_what_was_planned_stands_in_the_description(description, n) -> None:
    assert n_planned(description, "nk") == n


def test_failed_cells_are_counted_and_missing_ones_too() -> None:
    cells = [cell("a"), cell("a", 1, error="ValueError: on fire"), cell("b"), cell("b", 1, points=[(10, 1.0)])]
    (setting,) = settings_of(study(cells, description={"instances": 3, "seeds": 1}))
    assert (setting.n_failed, setting.n_missing) == ({"a": 1, "b": 0}, {"a": 1, "b": 1})
    assert np.isfinite(list(setting.nothing.values())).all()
