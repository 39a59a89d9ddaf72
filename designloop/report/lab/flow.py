"""The flow of a lab as a picture: its stages as boxes, from top to bottom, with alternatives, skips and ways back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan

from designloop.report.lab.stage_words import StageWords
from designloop.report.palette import COLOURS, INK, QUIET
from designloop.report.svg import element, picture, words
from designloop.report.words import percent

WIDE, NARROW = 900, 440
_LINE, _TITLE, _BAR = 17, 20, 16
"""Pixels of a line of details, of the name of a stage, and of its bar."""
_BETWEEN, _LANE = 34, 13
"""Pixels between two rows, and for each way back."""
_LETTER = 0.54
"""Width of a letter, in its size. Approximate."""
BOX, WORST, USED = "#f5f7f9", COLOURS[1], COLOURS[0]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picture shows of the use of a stage."""

    utilisation: float = float("nan")
    queue: float = 0.0
    """Mean number of designs that wait before it."""
    is_bottleneck: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """One stage, or the alternatives of which a design passes one."""

    stages: tuple[StageWords, ...]
    top: float
    height: float
    details: tuple[str, ...]

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class _Page:
    """Where boxes, lanes and details are on a page of a width."""

    width: int
    left: float
    right: float
    """The ends of the boxes."""
    has_details_inside: bool

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    @classmethod
    def of(cls, width: int, n_lanes: int) -> "_Page":
        if width < WIDE:
            return cls(width, 26, width - 12 - _LANE * n_lanes, has_details_inside=True)
        return cls(width, 40, 370, has_details_inside=False)


def flow(stages: Sequence[StageWords], shown: Mapping[str, Shown], width: int = WIDE) -> str:
    """The picture as SVG. `shown` is the use of stages that are drawn with it."""
    page = _Page.of(width, sum(stage.back_to is not None for stage in stages))
    rows = list(_rows(stages, page, shown))
    inside = [mark for row in rows for mark in _row(row, page, shown)]
    inside += [mark for above, below in zip([None, *rows], rows, strict=False) for mark in _arrows(above, below, page)]
    inside += [mark for row in rows for mark in _skip(row, page)]
    inside += _ways_back(rows, page)
    height = rows[-1].bottom + 14
    return picture(inside, width, height)


def _rows(stages: Sequence[StageWords], page: _Page, shown: Mapping[str, Shown]) -> Iterator[_Row]:
    top = 26.0
    for _, group in groupby(enumerate(stages), key=lambda pair: pair[1].one_of or pair[0]):
        members = tuple(stage for _, stage in group)
        details = tuple(_details(members))
        n_lines = max(len(stage.details) for stage in members) if page.has_details_inside else len(details)
        box = _TITLE + _LINE * any(stage.equipment for stage in members) + 12
        box += _BAR * any(_is_used(shown.get(stage.name)) for stage in members)
        height = box + _LINE * n_lines + 2 if page.has_details_inside else max(box, _LINE * n_lines + 8)
        yield _Row(members, top, height, details)
        top += height + _BETWEEN


def _details(stages: Sequence[StageWords]) -> Iterator[str]:
    for stage in stages:
        first = f"{stage.name}: " if len(stages) > 1 else ""
        yield from (f"{first}{detail}" for detail in stage.details)


def _is_used(shown: Shown | None) -> bool:
    return shown is not None and not isnan(shown.utilisation)


def _row(row: _Row, page: _Page, shown: Mapping[str, Shown]) -> Iterator[str]:
    broad = (page.right - page.left - 10 * (len(row.stages) - 1)) / len(row.stages)
    for place, stage in enumerate(row.stages):
        yield from _box(stage, row, page.left + place * (broad + 10), broad, shown.get(stage.name, Shown()), page)
    if not page.has_details_inside:
        yield from _lines(row.details, 450, row.middle - _LINE * len(row.details) / 2, page.width - 458)


def _lines(details: Sequence[str], left: float, top: float, room: float) -> Iterator[str]:
    for place, detail in enumerate(details):
        yield words(_fit(detail, room, 12), left, top + _LINE * (place + 0.75), 12, QUIET)


def _box(stage: StageWords, row: _Row, left: float, broad: float, shown: Shown, page: _Page) -> Iterator[str]:
    stroke, width = (WORST, 2.0) if shown.is_bottleneck else (QUIET, 1.0)
    size = {"x": left, "y": row.top, "width": broad, "height": row.height}
    yield element("rect", **size, rx=7, fill=BOX, stroke=stroke, stroke_width=width)
    text = _TITLE + _LINE * bool(stage.equipment) + _BAR * _is_used(shown)
    top = row.top + 6 if page.has_details_inside else row.middle - text / 2
    yield words(_fit(stage.name, broad - 20, 15), left + 10, top + 15, 15, INK, font_weight="bold")
    if stage.equipment:
        yield words(_fit(stage.equipment, broad - 20, 13), left + 10, top + 32, 13, INK)
    if _is_used(shown):
        yield from _bar(shown, left + 10, top + text - 8, broad - 20)
    if page.has_details_inside:
        yield from _lines(stage.details, left + 10, top + text + 5, broad - 14)
    if shown.queue >= 0.05:
        yield words(f"{shown.queue:,.1f} waiting", left + broad / 2 + 12, row.top - 12, 12, QUIET)


def _bar(shown: Shown, left: float, top: float, room: float) -> Iterator[str]:
    """Utilisation as a bar, with its number at the end."""
    long = room - 44
    colour = WORST if shown.is_bottleneck else USED
    yield element("rect", x=left, y=top, width=long, height=7, rx=3.5, fill="#dfe4e9")
    used = long * min(shown.utilisation, 1.0)
    if used:
        yield element("rect", x=left, y=top, width=max(used, 3), height=7, rx=3, fill=colour)
    yield words(percent(shown.utilisation), left + room, top + 8, 12, INK, text_anchor="end")


def _arrows(above: _Row | None, below: _Row, page: _Page) -> Iterator[str]:
    """The arrows into each box of a row, with the share of designs that take it, if not all do."""
    start = 4.0 if above is None else above.bottom
    broad = (page.right - page.left) / len(below.stages)
    for place, stage in enumerate(below.stages):
        x = page.left + broad * (place + 0.5)
        yield _arrow([(page.centre, start), (page.centre, start + 8), (x, start + 8), (x, below.top)])
        if stage.share < 1:
            yield words(percent(stage.share), x - 8, below.top - 8, 12, INK, text_anchor="end")


def _skip(row: _Row, page: _Page) -> Iterator[str]:
    """The way past a stage that only a share of the designs pass."""
    if len(row.stages) > 1 or row.stages[0].share == 1:
        return
    x, start, end = page.left - 14, row.top - _BETWEEN + 8, row.bottom + 8
    yield _arrow([(page.centre, start), (x, start), (x, end), (page.centre, end)], dash="4 3", has_head=False)
    yield words(f"{percent(1 - row.stages[0].share)} skip it", x + 5, start + 14, 12, QUIET)


def _ways_back(rows: Sequence[_Row], page: _Page) -> list[str]:
    """An arrow, in a lane of its own, from each stage to the one to which its failures go back."""
    at = {stage.name: row for row in rows for stage in row.stages}
    ways = [(at[stage.name], at[stage.back_to]) for row in rows for stage in row.stages if stage.back_to in at]
    lanes = (page.right + _LANE * (lane + 0.9) for lane in range(len(ways)))
    return [_way_back(start, goal, page.right, lane) for (start, goal), lane in zip(ways, lanes, strict=True)]


def _way_back(start: _Row, goal: _Row, edge: float, lane: float) -> str:
    low, high = start.middle, goal.middle
    if start is goal:
        low, high = start.middle + 10, start.middle - 10
    return _arrow([(edge, low), (lane, low), (lane, high), (edge, high)], colour=WORST)


def _arrow(points: Sequence[tuple[float, float]], colour: str = QUIET, dash: str = "", *, has_head: bool = True) -> str:
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    drawn = element("path", d=line, fill="none", stroke=colour, stroke_width=1.5, stroke_dasharray=dash)
    return drawn + (_head(points[-2], points[-1], colour) if has_head else "")


def _head(before: tuple[float, float], tip: tuple[float, float], colour: str) -> str:
    """The head of an arrow, which points down, left or right."""
    x, y = tip
    if before[0] == x:
        return element("path", d=f"M{x - 4.5:.1f} {y - 8:.1f}H{x + 4.5:.1f}L{x:.1f} {y:.1f}z", fill=colour)
    back = 8 if before[0] > x else -8
    return element("path", d=f"M{x + back:.1f} {y - 4.5:.1f}V{y + 4.5:.1f}L{x:.1f} {y:.1f}z", fill=colour)


def _fit(text: str, room: float, size: float) -> str:
    """The text, cut to a room in pixels."""
    most = max(int(room / (size * _LETTER)), 4)
    return text if len(text) <= most else f"{text[: most - 1]}…"
