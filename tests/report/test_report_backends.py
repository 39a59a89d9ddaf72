"""Figures: described once, and the page and the pictures draw the same data."""

import re
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from designloop.report.interactive import as_json, traces
from designloop.report.layout import layout
from designloop.report.marks import (
    Axis,
    Band,
    Bars,
    Cells,
    Figure,
    Letters,
    Line,
    Mark,
    Panel,
    Points,
    Rule,
    Text,
    floats,
)
from designloop.report.numbers import numbers
from designloop.report.palette import TICK, Style, ordered, shade, style, text_on
from designloop.report.static import drawn, picture

NAN = float("nan")


def figure(*marks: Mark, **fields: Any) -> Figure:
    return Figure("one", "One", "It is one.", (Panel(Axis("week"), Axis("value"), marks),), **fields)


def both(mark: Mark) -> tuple[Any, Any]:
    """(matplotlib's axes, plotly's trace or None) of a mark that stands alone."""
    alone = figure(mark)
    return drawn(alone).axes[0], next(iter(traces(alone)), None)


@pytest.mark.parametrize("is_step", [False, True])
def test_a_line_goes_through_the_same_points(is_step):
    axes, trace = both(Line([0, 1, 2.5], [3, NAN, 5], style(1), "a line", is_step=is_step))
    assert trace["x"] == [0, 1, 2.5]
    assert trace["y"] == [3, None, 5]
    assert numbers(axes.lines[0].get_xdata()) == trace["x"]
    assert numbers(axes.lines[0].get_ydata()) == trace["y"]
    assert (trace["line"].get("shape") == "hv", axes.lines[0].get_drawstyle() == "steps-post") == (is_step, is_step)


@pytest.mark.parametrize(
    ("is_step", "outline"),
    [
        (False, [(0, 1), (1, 2), (3, 3), (3, 6), (1, 5), (0, 4)]),
        (True, [(0, 1), (1, 1), (1, 2), (3, 2), (3, 3), (3, 6), (3, 5), (1, 5), (1, 4), (0, 4)]),
    ],
)
def test_a_band_has_one_outline_and_leaves_nan_out(is_step, outline):
    axes, trace = both(Band([0, 1, 2, 3], [1, 2, NAN, 3], [4, 5, 6, 6], style(0), is_step=is_step))
    assert list(zip(trace["x"], trace["y"], strict=True)) == outline
    assert [tuple(point) for point in axes.patches[0].get_xy()[: len(outline)]] == outline


def test_points_and_their_intervals_agree():
    mark = Points([1, 2], [5, 7], style(2), x_low=[0.5, 1], x_high=[3, 2], y_low=[4, 7], y_high=[6, 9])
    axes, trace = both(mark)
    assert numbers(axes.lines[0].get_xydata().ravel()) == [1, 5, 2, 7]
    assert (trace["x"], trace["y"]) == ([1, 2], [5, 7])
    spans = [segment.tolist() for bars in axes.collections for segment in bars.get_segments()]
    assert spans == [[[0.5, 5], [3, 5]], [[1, 7], [2, 7]], [[1, 4], [1, 6]], [[2, 7], [2, 9]]]
    assert (trace["error_x"]["arrayminus"], trace["error_x"]["array"]) == ([0.5, 1], [2, 0])
    assert (trace["error_y"]["arrayminus"], trace["error_y"]["array"]) == ([1, 0], [1, 2])


@pytest.mark.parametrize("is_horizontal", [False, True])
def test_bars_begin_and_end_at_the_same_places(is_horizontal):
    axes, trace = both(Bars([1, 2], [3, 4], style(1), base=[0, 10], thickness=0.5, is_horizontal=is_horizontal))
    along, across = ("x", "y") if is_horizontal else ("y", "x")
    assert (trace["base"], trace[along], trace[across], trace["width"]) == ([0, 10], [3, 4], [1, 2], 0.5)
    boxes = [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in axes.patches]
    lying, standing = [(0, 0.75, 3, 0.5), (10, 1.75, 4, 0.5)], [(0.75, 0, 0.5, 3), (1.75, 10, 0.5, 4)]
    assert boxes == (lying if is_horizontal else standing)


def test_cells_have_the_same_values_and_the_same_ends_of_their_colours():
    mark = Cells([[1, NAN, 3], [4, 5, 6]], 1, 5, "value", [["a", "", ""], ["", "", "b"]])
    axes, trace = both(mark)
    mesh = axes.collections[0]
    assert trace["z"] == [[1, None, 3], [4, 5, 6]]
    assert [numbers(row) for row in mesh.get_array().filled(NAN)] == trace["z"]
    colours = layout(figure(mark), 1)["coloraxis"]
    assert (colours["cmin"], colours["cmax"]) == (mesh.norm.vmin, mesh.norm.vmax) == (1, 5)
    assert [text.get_text() for text in axes.texts] == ["a", "b"]
    assert trace["text"] == [["a", "", ""], ["", "", "b"]]


def test_letters_fill_the_same_boxes():
    mark = Letters(["A", "W"], [0, 1], [0, 0.5], [1, 1], [0.5, 2], ["#000000", "#123456"])
    axes, _ = both(mark)
    outlines = layout(figure(mark), 1)["shapes"]
    (letters,) = axes.collections
    for path, shape, box in zip(letters.get_paths(), outlines, [(0, 0, 1, 0.5), (1, 0.5, 2, 2.5)], strict=True):
        drawn_at = path.vertices
        said_at = np.array(re.findall(r"(-?[\d.e-]+),(-?[\d.e-]+)", shape["path"]), dtype=float)
        for places in (drawn_at, said_at):
            assert [*places.min(axis=0), *places.max(axis=0)] == pytest.approx(box, abs=1e-3)
    assert [shape["fillcolor"] for shape in outlines] == ["#000000", "#123456"]
    assert [to_hex(colour) for colour in letters.get_facecolors()] == ["#000000", "#123456"]


def test_words_and_rules_stand_at_the_same_places():
    axes, trace = both(Text([1, 2], [3, 4], ["here", "there"]))
    assert trace["text"] == [text.get_text() for text in axes.texts] == ["here", "there"]
    assert [text.get_position() for text in axes.texts] == [(1, 3), (2, 4)]
    rule = Rule(2.5, "x", "threshold")
    axes, nothing = both(rule)
    page = layout(figure(rule), 1)
    assert nothing is None
    assert page["shapes"][0]["x0"] == page["shapes"][0]["x1"] == axes.lines[0].get_xdata()[0] == 2.5
    assert page["annotations"][0]["text"] == axes.texts[0].get_text() == "threshold"


def test_panels_stand_below_each_other_without_touching():
    panel = Panel(Axis("x"), Axis("y"), (Line([0], [0], style(0)),), "titled", height=200)
    three = Figure("three", "Three", "", (panel, panel, panel), columns=2)
    wide, narrow = layout(three, 2), layout(three, 1)
    for page, rows in ((wide, [0, 0, 1]), (narrow, [0, 1, 2])):
        boxes = [page[f"yaxis{nth}"]["domain"] for nth in ("", "2", "3")]
        assert [(high - low) * page["height"] for low, high in boxes] == pytest.approx([200, 200, 200])
        for (low, _), row, (_, high), other in zip(boxes, rows, boxes[1:], rows[1:], strict=False):
            assert row == other or low > high
    assert wide["xaxis2"]["domain"][0] > wide["xaxis"]["domain"][1]
    assert narrow["xaxis2"]["domain"] == [0, 1]


def test_axes_say_the_same():
    axis = Axis("days", ((0, "none"), (1, "one")), 0, 10, is_reversed=True)
    one = Figure("one", "One", "", (Panel(axis, Axis("n", is_log=True, low=1, high=100), (Line([0], [1], style(0)),)),))
    page, axes = layout(one, 1), drawn(one).axes[0]
    assert page["xaxis"]["range"] == list(axes.get_xlim()) == [10, 0]
    assert page["xaxis"]["title"]["text"] == axes.get_xlabel() == "days"
    assert page["xaxis"]["ticktext"] == [label.get_text() for label in axes.get_xticklabels()] == ["none", "one"]
    assert (page["yaxis"]["type"], page["yaxis"]["range"]) == (axes.get_yscale(), [0, 2])


def test_names_stand_in_the_legend_once_and_in_order():
    marks = (Line([0], [0], style(0), "b"), Line([0], [0], style(1)), Points([0], [0], style(2), "a"))
    entries = list(figure(*marks, Line([0], [1], style(0), "b")).entries())
    assert [(entry.name, entry.kind) for entry in entries] == [("b", "Line"), ("a", "Points")]


def test_the_same_figure_gives_the_same_picture():
    marks = (Points([0], [0], Style("#000000", marker=TICK), "tick"), Bars([1], [1], style(3), "hatched"))
    assert picture(figure(*marks)) == picture(figure(*marks))
    assert picture(figure(*marks)).lstrip().startswith(b"<?xml")


def test_a_dollar_in_a_name_is_a_dollar():
    axis = Axis("$x$ and $", ((0, "$unfinished_{"),))
    one = Figure("one", "costs $5 and $_{", "", (Panel(axis, Axis("$y_{"), (Line([0], [1], style(0), "$\\frac{"),)),))
    text = picture(one).decode()
    assert "costs $5 and $_{" in text
    assert "$unfinished_{" in text


def test_what_stands_in_a_script_element_cannot_end_it():
    assert "</script" not in as_json(figure(Line([0], [0], style(0), "</script><script>alert(1)</script>")))


def test_colour_is_never_the_only_carrier():
    looks = [style(i) for i in range(35)]
    assert len({(look.colour, look.dash) for look in looks}) == 35
    assert len({(look.dash, look.marker) for look in looks[:5]}) == 5
    assert len({(look.hatch,) for look in looks[:5]}) == 5
    assert len({ordered(i, 6).colour for i in range(6)}) == len({ordered(i, 6).marker for i in range(6)}) == 6


def test_shades_run_from_dark_to_light_and_words_on_them_are_read():
    assert (shade(0.0), shade(1.0), shade(2.0)) == ("#00224e", "#fee838", "#fee838")
    assert (text_on(shade(0.0)), text_on(shade(1.0))) == ("#ffffff", "#1b1f24")


def test_numbers_for_the_browser_are_short_and_hold_no_nan():
    assert numbers([1.0, 1 / 3, NAN, float("inf"), 1e-9]) == [1, 0.333333, None, None, 1e-9]
    assert np.isnan(floats([None, 1.0])[0])  # type: ignore[list-item]  # as truths hold them
