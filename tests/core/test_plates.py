"""Plate layouts."""

import numpy as np
import pytest

from designloop.core.errors import ConfigError
from designloop.core.plates import Well, is_edge, plate_shape, randomised_layout


@pytest.mark.parametrize(
    ("size", "shape"), [(24, (4, 6)), (96, (8, 12)), (384, (16, 24)), (180, (12, 15)), (90, (9, 10)), (7, (1, 7))]
)
def test_plates_have_their_usual_shapes_and_others_are_as_square_as_they_divide(size: int, shape: tuple[int, int]):
    assert plate_shape(size) == shape


def test_wells_are_named_as_on_the_plate():
    assert [Well(0, 0).name, Well(7, 11).name] == ["A1", "H12"]


def test_a_layout_holds_everything_once():
    """Every design once, every control as often as asked, each in a well of its own, row by row."""
    wells = randomised_layout(list(range(80)), {"parent": 8, "blank": 8}, 96, np.random.default_rng(0))
    assert sorted(well.design for well in wells if well.design is not None) == list(range(80))
    assert [w.control for w in wells].count("parent") == [w.control for w in wells].count("blank") == 8
    places = [(well.row, well.column) for well in wells]
    assert len(set(places)) == 96
    assert places == sorted(places)


def test_designs_stand_anywhere_with_the_same_chance():
    """A design is at the edge of a 96-well plate in 36 of 96 layouts, whatever its place in the list."""
    at_edge = [
        is_edge(
            next(w for w in randomised_layout([5, 6], {}, 96, np.random.default_rng(seed)) if w.design == 5), (8, 12)
        )
        for seed in range(2000)
    ]
    assert np.mean(at_edge) == pytest.approx(36 / 96, abs=0.045)  # 4 standard errors


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="90 designs and 8 controls do not fit into 96 wells"):
        randomised_layout(list(range(90)), {"parent": 8}, 96, np.random.default_rng(0))
