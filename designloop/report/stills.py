"""Stills: figures as SVG for print and for readers without scripts, twenty times as fast as matplotlib."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from designloop.report.marks import Cells, Figure, Panel
from designloop.report.palette import GRID, QUIET
from designloop.report.scales import Scale, scale
from designloop.report.svg import DRAW, Spot, colour_bar, element, path, picture, words

_WIDTH, _NARROW = 900, 440
"""Pixels of a figure on a wide page, and on that of a telephone."""
_RIGHT, _GAP, _HEADING, _TITLE, _BAR, _LINE = 16, 24, 28, 22, 54, 15
"""Pixels beyond the last panel, between panels, and for a panel title, an axis title, a colour bar, a tick line."""
_LETTER = 6.6
"""Approximate width of a letter in a tick label, in pixels."""
_X_APART, _Y_APART = 60, 45
_SLANT = 30
"""Degrees by which tick labels of x are rotated if they would overlap."""

Ticks = list[tuple[float, str]]


class _Box(NamedTuple):
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A panel with its scales and ticks, before it is placed."""

    panel: Panel
    x: Scale
    y: Scale
    x_ticks: Ticks
    y_ticks: Ticks
    shows_x: bool
    room_left: float
    """Pixels for the ticks and the title of y."""

    @property
    def is_slanted(self) -> bool:
        """Whether the tick labels of x would overlap."""
        places = sorted((float(self.x(at)), _broad(word)) for at, word in self.x_ticks)
        return any(b - a < (u + v) / 2 + 4 for (a, u), (b, v) in pairwise(places))

    @property
    def room_for_x(self) -> float:
        """Pixels for the ticks of x."""
        if not self.shows_x:
            return 6
        if self.is_slanted:
            return 16 + max(_broad(word) for _, word in self.x_ticks) / 2
        return 8 + _LINE * max((word.count("\n") + 1 for _, word in self.x_ticks), default=0)

    @property
    def room_below(self) -> float:
        """Pixels below the axes: ticks, title, a colour bar."""
        title = _TITLE if self.shows_x and self.panel.x.title else 0
        return self.room_for_x + title + _BAR * sum(isinstance(mark, Cells) for mark in self.panel.marks) + 6


def narrow(figure: Figure) -> str:
    """The figure for a narrow page, its panels below each other, as SVG. Wide figures are not narrower."""
    return still(replace(figure, columns=1), max(_NARROW, figure.least_width))


def still(figure: Figure, width: int = _WIDTH) -> str:
    """The figure as SVG, without title and legend, which are part of the page."""
    rooms = [
        max(map(_room_left, figure.panels[column :: figure.columns]), default=0.0) for column in range(figure.columns)
    ]
    inside, height = list[str](), 0.0
    for row in _rows(figure):
        drawn, high = _row(figure, row, rooms, height, width)
        inside += drawn
        height += high
    return picture(inside, width, height)


def _rows(figure: Figure) -> Iterator[dict[int, Panel]]:
    places = dict(enumerate(figure.panels))
    for first in range(0, len(places), figure.columns):
        yield {place: places[place] for place in range(first, min(first + figure.columns, len(places)))}


def _room_left(panel: Panel) -> float:
    ticks = panel.y.ticks or scale(panel.y, "y", panel.marks, panel.height, 0).ticks(_Y_APART)
    return max((_broad(word) for _, word in ticks), default=0) + 10 + (20 if panel.y.title else 0)


def _row(
    figure: Figure, row: dict[int, Panel], rooms: Sequence[float], top: float, width: int
) -> tuple[list[str], float]:
    """(SVG of a row of panels, its height in pixels)."""
    above = _HEADING if any(panel.title for panel in row.values()) else 10
    deep = max(panel.height for panel in row.values())
    is_last = not figure.shares_x or max(row) == len(figure.panels) - 1
    inside, below = list[str](), 0.0
    share = (width - _RIGHT - _GAP * (figure.columns - 1)) / figure.columns
    for column, (place, panel) in enumerate(row.items()):
        left = column * (share + _GAP)
        box = _Box(left + rooms[column], left + share, top + above, top + above + deep)
        drawn = _placed(figure, panel, box, rooms[column], shows_x=is_last)
        inside += _panel(drawn, str(place))
        below = max(below, drawn.room_below)
    return inside, above + deep + below


def _placed(figure: Figure, panel: Panel, box: _Box, room_left: float, *, shows_x: bool) -> _Drawn:
    marks = tuple(mark for each in figure.panels for mark in each.marks) if figure.shares_x else panel.marks
    x = scale(panel.x, "x", marks, box.left, box.right)
    y = scale(panel.y, "y", panel.marks, box.bottom, box.top)
    if panel.is_square:
        rate = min(abs(x.rate), abs(y.rate))
        x = replace(x, end=box.left + rate * abs(x.last - x.first))
        y = replace(y, start=box.top + rate * abs(y.last - y.first))
    x_ticks, y_ticks = list(panel.x.ticks) or x.ticks(_X_APART), list(panel.y.ticks) or y.ticks(_Y_APART)
    return _Drawn(panel, x, y, x_ticks, y_ticks, shows_x, room_left)


def _broad(word: str) -> float:
    return _LETTER * max(map(len, word.split("\n")))


# -- a panel ---------------------------------------------------------------------------------------------------------


def _panel(drawn: _Drawn, name: str) -> Iterator[str]:
    panel, x, y = drawn.panel, drawn.x, drawn.y
    box = _Box(x.start, x.end, y.end, y.start)
    size = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
    yield element("rect", **size, fill=panel.paper)
    yield element("defs", element("clipPath", element("rect", **size), id=f"box{name}"))
    yield from _grid(drawn, box)
    for n, mark in enumerate(panel.marks):
        inside = "".join(DRAW[type(mark)](mark, Spot(x, y, f"m{name}-{n}")))
        yield element("g", inside, clip_path=f"url(#box{name})") if inside else ""
    yield from _axes(drawn, box)
    if panel.title:
        yield words(panel.title, box.left, box.top - 9, 13, font_weight="bold")
    top = box.bottom + drawn.room_for_x + (_TITLE if drawn.shows_x and panel.x.title else 0) + 6
    for n, mark in enumerate(panel.marks):
        if isinstance(mark, Cells):
            yield from colour_bar(mark, box.left, top, box.right - box.left, f"bar{name}-{n}")


def _grid(drawn: _Drawn, box: _Box) -> Iterator[str]:
    lines = ""
    if drawn.panel.x.has_grid:
        lines += "".join(path([at, at], [box.top, box.bottom]) for at, _ in _seen(drawn.x_ticks, drawn.x))
    if drawn.panel.y.has_grid:
        lines += "".join(path([box.left, box.right], [at, at]) for at, _ in _seen(drawn.y_ticks, drawn.y))
    if lines:
        yield element("path", d=lines, stroke=GRID)


def _seen(ticks: Ticks, scale: Scale) -> Ticks:
    """(pixel, label) of the ticks inside an axis."""
    low, high = sorted((scale.start, scale.end))
    places = zip(scale([at for at, _ in ticks]).tolist(), ticks, strict=True)
    return [(place, word) for place, (_, word) in places if low - 0.5 <= place <= high + 0.5]


def _axes(drawn: _Drawn, box: _Box) -> Iterator[str]:
    across, up = _seen(drawn.x_ticks, drawn.x), _seen(drawn.y_ticks, drawn.y)
    lines = path([box.left, box.left, box.right], [box.top, box.bottom, box.bottom])
    lines += "".join(path([at, at], [box.bottom, box.bottom + 4]) for at, _ in across)
    lines += "".join(path([box.left - 4, box.left], [at, at]) for at, _ in up)
    yield element("path", d=lines, fill="none", stroke=QUIET)
    for at, word in up:
        yield from _lines(word, box.left - 7, at + 4 - _LINE * word.count("\n") / 2, "end")
    if drawn.shows_x:
        yield from _below(across, drawn, box)
    yield from _titles(drawn, box)


def _below(ticks: Ticks, drawn: _Drawn, box: _Box) -> Iterator[str]:
    for at, word in ticks:
        if drawn.is_slanted:
            turned = f"rotate(-{_SLANT} {at:.1f} {box.bottom + 14:.1f})"
            yield words(word.replace("\n", " "), at, box.bottom + 14, text_anchor="end", transform=turned)
        else:
            yield from _lines(word, at, box.bottom + 17, "middle")


def _lines(word: str, x: float, y: float, anchor: str) -> Iterator[str]:
    for n, line in enumerate(word.split("\n")):
        yield words(line, x, y + _LINE * n, text_anchor=anchor)


def _titles(drawn: _Drawn, box: _Box) -> Iterator[str]:
    x, y = drawn.panel.x.title, drawn.panel.y.title
    if x and drawn.shows_x:
        middle = (box.left + box.right) / 2
        yield words(x, middle, box.bottom + drawn.room_for_x + 14, 13, QUIET, text_anchor="middle")
    if y:
        across, middle = box.left - drawn.room_left + 13, (box.top + box.bottom) / 2
        turned = f"rotate(-90 {across:.1f} {middle:.1f})"
        yield words(y, across, middle, 13, QUIET, text_anchor="middle", transform=turned)
