"""Stills: the marks stand where the axes say, in well-formed SVG."""

import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from designloop.report.glyphs import glyph, keep, traced
from designloop.report.marks import Axis, Band, Bars, Cells, Figure, Letters, Line, Mark, Panel, Points, Rule, Text
from designloop.report.palette import CIVIDIS, TICK, style
from designloop.report.scales import Scale, scale
from designloop.report.stills import narrow, still

SVG = "{http://www.w3.org/2000/svg}"
NAN = float("nan")


class Still:
    """A figure's still, read; places of its n-th panel in the units of 0 to 10 along x, and of 0 to 100 along y."""

    def __init__(self, *marks: Mark, **fields: Any) -> None:
        x, y = Axis("x", low=0, high=10, has_grid=False), Axis("y", low=0, high=100, has_grid=False)
        panel = Panel(x, y, marks, **fields)
        self.root = ElementTree.fromstring(still(Figure("one", "One", "", (panel,))))
        (group,) = [each for each in self.root.iter(f"{SVG}g") if "clip-path" in each.attrib] or [None]
        self.group = group
        self.box = boxes(self.root)[0]

    def at(self, x: float, y: float) -> tuple[float, float]:
        left, top, width, height = self.box
        return pytest.approx(((x - left) / width * 10, 100 - (y - top) / height * 100), abs=0.02)

    def path(self, nth: int = 0) -> list[str]:
        return re.findall(r"[A-Z][^A-Z]*", list(self.group.iter(f"{SVG}path"))[nth].attrib["d"])

    def points(self, nth: int = 0) -> list[Any]:
        return [self.at(*map(float, step[1:].split())) for step in self.path(nth) if step[0] in "ML"]

    def corners(self, nth: int = 0) -> list[tuple[Any, Any]]:
        steps = [(step[0], [float(n) for n in step[1:].split()]) for step in self.path(nth)]
        return [
            (self.at(*steps[i][1]), self.at(steps[i + 1][1][0], steps[i + 2][1][0])) for i in range(0, len(steps), 5)
        ]


def boxes(root: ElementTree.Element) -> list[tuple[float, ...]]:
    """(left, top, width, height) of each panel."""
    found = [clip[0].attrib for clip in root.iter(f"{SVG}clipPath")]
    return [tuple(float(rect[name]) for name in ("x", "y", "width", "height")) for rect in found]


def texts(root: ElementTree.Element) -> list[str | None]:
    return [text.text for text in root.iter(f"{SVG}text")]


def test_a_line_goes_through_its_points_and_breaks_at_nan():
    found = Still(Line([0, 1, 2, 3], [30, NAN, 50, 60], style(0)))
    assert [step[0] for step in found.path()] == ["M", "M", "L"]
    assert found.points() == [(0, 30), (2, 50), (3, 60)]


def test_a_step_holds_until_the_next():
    assert Still(Line([1, 2, 4], [10, 20, 5], style(0), is_step=True)).points() == [
        (1, 10), (2, 10), (2, 20), (4, 20), (4, 5),
    ]  # fmt: skip


def test_a_band_is_its_outline():
    assert Still(Band([0, 1, 2], [1, 2, NAN], [40, 50, 60], style(0))).points() == [(0, 1), (1, 2), (1, 50), (0, 40)]


@pytest.mark.parametrize("marker", [style(i).marker for i in range(8)] + [TICK])
def test_points_stand_at_their_places_with_their_intervals(marker):
    look = style(1).__class__("#123456", marker=marker)
    found = Still(Points([1, 2, NAN], [5, 70, 1], look, x_low=[0, 2, 0], x_high=[3, 4, 0]))
    assert [found.at(float(use.attrib["x"]), float(use.attrib["y"])) for use in found.group.iter(f"{SVG}use")] == [
        (1, 5),
        (2, 70),
    ]
    assert found.points() == [(0, 5), (3, 5), (2, 70), (4, 70)]


@pytest.mark.parametrize(
    ("is_horizontal", "corners"),
    [(False, [((0.5, 0), (1.5, 30)), ((1.5, 10), (2.5, 50))]), (True, [((0, 0.5), (3, 1.5)), ((1, 1.5), (5, 2.5))])],
)
def test_bars_begin_and_end_where_they_say(is_horizontal, corners):
    length, base = ([3, 4], [0, 1]) if is_horizontal else ([30, 40], [0, 10])
    assert Still(Bars([1, 2], length, style(0), "", base, 1.0, is_horizontal)).corners() == corners


@pytest.mark.parametrize("ordinal", range(1, 7))
def test_a_hatched_bar_refers_to_its_own_hatch(ordinal):
    found = Still(Bars([1], [3], style(ordinal)))
    (pattern,) = found.group.iter(f"{SVG}pattern")
    assert list(found.group)[-1].attrib["fill"] == f"url(#{pattern.attrib['id']})"


def test_cells_have_their_colours_and_what_is_empty_has_none():
    found = Still(Cells([[1, NAN, 5]], 1, 5, "value", [["a", "b", ""]]))
    colours = [path.attrib["fill"] for path in found.group.iter(f"{SVG}path")]
    assert colours == [CIVIDIS[0], CIVIDIS[-1]]
    assert (found.corners(0), found.corners(1)) == ([((-0.5, -0.5), (0.5, 0.5))], [((1.5, -0.5), (2.5, 0.5))])
    assert [text.text for text in found.group.iter(f"{SVG}text")] == ["a", "b"]
    assert {"value", "1", "5"} <= set(texts(found.root))


def test_a_letter_fills_its_box():
    found = Still(Letters(["W"], [2], [10], [3], [40], ["#123456"]))
    numbers = re.findall(r"(-?[\d.e-]+),(-?[\d.e-]+)", "".join(found.path()))
    places = np.array(numbers, dtype=float)
    low, high = places.min(axis=0), places.max(axis=0)
    assert found.at(low[0], high[1]) == (2, 10)
    assert found.at(high[0], low[1]) == (5, 50)


def test_words_and_rules_stand_at_their_places():
    (word,) = Still(Text([2], [50], ["here"], size=0)).group
    found = Still(Text([2], [50], ["here"], size=0))
    assert found.at(float(word.attrib["x"]), float(word.attrib["y"])) == (2, 50)
    found = Still(Rule(2.5, "x", "threshold"))
    assert found.points() == [(2.5, 0), (2.5, 100)]
    assert "threshold" in texts(found.root)
    assert Still(Rule(30.0)).points() == [(0, 30), (10, 30)]


def test_a_scale_has_logarithms_and_runs_backwards():
    log = scale(Axis(is_log=True, low=1, high=100), "x", (), 0, 200)
    assert log([1, 10, 100, 0]).tolist() == pytest.approx([0, 100, 200, NAN], nan_ok=True)
    assert log.ticks(60) == [(1, "1"), (10, "10"), (100, "100")]
    assert scale(Axis(low=0, high=10, is_reversed=True), "y", (), 0, 100)([0, 10]).tolist() == [100, 0]
    line = Line([0, 1], [0, 1], style(0))
    assert scale(Axis(is_reversed=True), "x", (line,), 0, 110)([0, 1]).tolist() == pytest.approx([105, 5])


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (0, 10, ["0", "2", "4", "6", "8", "10"]),
        (0.0, 0.13, ["0.000", "0.025", "0.050", "0.075", "0.100", "0.125"]),
        (-1.0, 1.0, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
        (0, 310_000, ["0", "100,000", "200,000", "300,000"]),
        (5, 3, ["3.0", "3.5", "4.0", "4.5", "5.0"]),
    ],
)
def test_ticks_are_round_numbers_inside_the_axis(first, last, said):
    assert [word for _, word in Scale(first, last, 0, 500).ticks(90)] == said


def test_all_that_is_drawn_has_room():
    marks = (
        Points([5], [1], style(0), x_low=[-20], x_high=[9]),
        Bars([1], [70], style(0), base=[10], thickness=2.0),
        Letters(["A"], [30], [0], [1], [2], ["#000000"]),
        Rule(90.0, "y"),
    )
    ends = [scale(Axis(), along, marks, 0, 1) for along in "xy"]
    assert [(each.first, each.last) for each in ends] == [pytest.approx((-22.55, 33.55)), pytest.approx((-4.5, 94.5))]


def test_panels_that_share_x_have_one_scale_and_the_labels_below_the_last():
    panels = tuple(
        Panel(Axis("week"), Axis(f"{n:,}", ticks=((0, "much longer" * n),)), (Line([0, n], [0, 1], style(0)),))
        for n in (1, 2)
    )
    root = ElementTree.fromstring(still(Figure("two", "Two", "", panels, shares_x=True)))
    upper, lower = boxes(root)
    assert (upper[0], upper[2]) == (lower[0], lower[2])
    assert upper[1] + upper[3] < lower[1]
    assert texts(root).count("week") == texts(root).count("2.0") == 1


def test_panels_side_by_side_stand_below_each_other_on_a_narrow_page():
    panel = Panel(Axis("week"), Axis("value"), (Line([0, 1], [0, 1], style(0)),))
    figure = Figure("three", "Three", "", (panel,) * 3, columns=3)
    wide, small = (boxes(ElementTree.fromstring(drawn)) for drawn in (still(figure), narrow(figure)))
    assert len({top for _, top, _, _ in wide}) == len({left for left, _, _, _ in small}) == 1
    assert all(width > 300 for _, _, width, _ in small)
    (heat_map,) = boxes(ElementTree.fromstring(narrow(Figure("wide", "", "", (panel,), least_width=800))))
    assert heat_map[2] > 600


def test_a_square_panel_has_equal_units():
    panel = Panel(Axis(low=0, high=2), Axis(low=0, high=1), (), height=300, is_square=True)
    ((_, _, width, height),) = boxes(ElementTree.fromstring(still(Figure("one", "", "", (panel,)))))
    assert width == pytest.approx(2 * height)


def test_ticks_that_would_overlap_are_slanted():
    ticks = tuple((float(n), f"a landscape of name {n}") for n in range(9))
    axis = Axis(ticks=ticks, low=-1, high=9)
    root = ElementTree.fromstring(still(Figure("one", "", "", (Panel(axis, Axis(), ()),))))
    turned = [text for text in root.iter(f"{SVG}text") if "rotate(-30" in text.attrib.get("transform", "")]
    assert [text.text for text in turned] == [word for _, word in ticks]


def test_what_a_user_named_is_shown_and_not_obeyed():
    axis = Axis('<b>&"', ((0, "\x00</text>"),))
    root = ElementTree.fromstring(
        still(Figure("one", "", "", (Panel(axis, Axis(), (Line([0], [0], style(0)),), "a < b"),)))
    )
    assert {'<b>&"', "\ufffd</text>", "a < b"} <= set(texts(root))


def test_the_outlines_that_are_kept_are_those_that_are_traced(tmp_path, monkeypatch):
    for letter in "AWIg0&":
        for kept, drawn in zip(glyph(letter), traced(letter), strict=True):
            np.testing.assert_allclose(kept, drawn, atol=5.1e-5)
    monkeypatch.setattr("designloop.report.glyphs.KEPT", tmp_path / "glyphs.json")
    keep("AB")
    assert (tmp_path / "glyphs.json").read_text().startswith('{"A": [[1,')
    assert glyph("É")[1].tolist() == traced("É")[1].tolist()


def test_a_page_is_made_without_what_takes_long_to_import(run, tmp_path):
    program = (
        "import sys; from designloop.cli.report import write_report; from pathlib import Path\n"
        "write_report(Path(sys.argv[1]), Path(sys.argv[2]), None)\n"
        "sys.exit(any(name.split('.')[0] in ('matplotlib', 'plotly', 'scipy', 'sqlalchemy') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(run), str(tmp_path / "page.html")], check=False)
    assert done.returncode == 0
