"""Wells and their names, and templates of plates."""

import numpy as np
import pytest

from designloop.core.errors import ConfigError
from designloop.core.plates import is_edge, place_of, places_in, plate_shape, template, well_name

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("size", "shape", "last"),
    [
        (24, (4, 6), "D6"),
        (96, (8, 12), "H12"),
        (384, (16, 24), "P24"),
        (1536, (32, 48), "AF48"),
        (180, (12, 15), "L15"),
        (90, (9, 10), "I10"),
        (7, (1, 7), "A7"),
    ],
)
def test_plates_have_their_usual_shapes_and_others_are_as_square_as_they_divide(size, shape, last):
    assert plate_shape(size) == shape
    assert well_name((shape[0] - 1, shape[1] - 1)) == last


def test_names_of_wells_are_read_back_and_sort_as_people_read_them():
    every = [(row, column) for row in range(32) for column in range(48)]
    assert [place_of(well_name(place)) for place in every] == every
    assert sorted(["B1", "A10", "AA1", "A2", "Z9"], key=place_of) == ["A2", "A10", "B1", "Z9", "AA1"]
    assert place_of(" a01") == place_of("A1") == (0, 0)
    assert [place_of(text) for text in ("A0", "1A", "", "AAA1", "A1:B2", "edge")] == [None] * 6


def test_wells_are_named_one_by_one_by_ranges_and_by_the_edge():
    assert [well_name(place) for place in places_in(["A1:H1"], (8, 12), "")] == [f"{letter}1" for letter in "ABCDEFGH"]
    assert places_in(["b3-A2"], (8, 12), "") == places_in(["A2", "A3", "B2", "B3"], (8, 12), "")
    assert len(places_in(["edge"], (8, 12), "")) == 36
    with pytest.raises(ConfigError, match="'X' is not a well; write A1, a range such as A1:H1, or edge"):
        places_in(["X"], (8, 12), "")
    with pytest.raises(ConfigError, match="`reserved`: 'A1:H13' is not on a plate of 96 wells, whose last well is H12"):
        template(96, reserved=["A1:H13"])


def test_a_plate_holds_everything_once():
    """Every design once, every control as often as asked, each in a well of its own, row by row."""
    plate = template(96, drawn=[("parent", 8), ("blank", 8)])
    wells = plate.filled(range(80), RNG)
    assert sorted(well.design for well in wells if well.design is not None) == list(range(80))
    assert [w.control for w in wells].count("parent") == [w.control for w in wells].count("blank") == 8
    places = [(well.row, well.column) for well in wells]
    assert len(set(places)) == 96
    assert places == sorted(places)


def test_designs_stand_anywhere_with_the_same_chance():
    """A design is at the edge of a 96-well plate in 36 of 96 layouts, whatever its place in the list."""
    plate, at_edge = template(96), []
    for seed in range(2000):
        well = next(w for w in plate.filled([5, 6], np.random.default_rng(seed)) if w.design == 5)
        at_edge.append(is_edge((well.row, well.column), (8, 12)))
    assert np.mean(at_edge) == pytest.approx(36 / 96, abs=0.045)  # 4 standard errors


@pytest.mark.parametrize("seed", range(30))
def test_every_template_holds_what_it_says(seed):
    """Controls stand in their wells, no design or drawn control in a reserved one, and orders are kept."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([24, 96, 384, 1536]))
    shape, order = plate_shape(size), ("random", "rows", "columns")[seed % 3]
    names = [well_name((int(rng.integers(shape[0])), int(rng.integers(shape[1])))) for _ in range(4)]
    named = [("high", sorted(set(names[:2]))), ("low", sorted(set(names[2:]) - set(names[:2])))]
    reserved = [["edge"], ["A1:B2"], []][int(rng.integers(3))]
    plate = template(size, named, [("blank", 2)], reserved, order)
    wells = plate.filled(range(n := int(rng.integers(1, plate.n_places + 1))), rng)
    content = {well.name: well.control if well.design is None else well.design for well in wells}
    assert {name: content[name] for _, its in named for name in its} == {w: name for name, its in named for w in its}
    assert len(content) == len(wells) == n + 2 + len(plate.named)
    closed = set(places_in(reserved, shape, ""))
    assert all((w.row, w.column) not in closed for w in wells if w.control in (None, "blank"))
    if order != "random":
        places = {w.design: (w.row, w.column)[:: 1 if order == "rows" else -1] for w in wells if w.design is not None}
        assert [places[design] for design in range(n)] == sorted(places.values())


def test_a_template_tells_what_a_plate_holds():
    plate = template(96, [("standard", ["A1", "H12"])], [("blank", 8)], ["edge"])
    assert plate.in_words == "a plate of 96 wells holds 52 designs and 10 controls (8 blank, 2 standard)"
    assert template(1536).in_words == "a plate of 1,536 wells holds 1,536 designs"


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="90 designs do not fit into 88 wells"):
        template(96, drawn=[("parent", 8)]).filled(range(90), RNG)
    with pytest.raises(ConfigError, match="a plate of 24 wells has no well left for designs; enlarge it"):
        template(24, drawn=[("parent", 24)])
    with pytest.raises(ConfigError, match="control 'low' names well A1 and 'high' too; remove one"):
        template(96, [("high", ["A1"]), ("low", ["A01:A2"])])
