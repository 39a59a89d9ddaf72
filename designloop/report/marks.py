"""Figures as plain data: panels, axes and a small set of marks, which three backends draw.

All coordinates are in the units of the axes. Positions are numbers, and an axis can label some of them (`Axis.ticks`).
Marks with the same name share an entry in the legend. NaN breaks a line and leaves a cell empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.report.palette import CIVIDIS, QUIET, RULE, Style

Numbers = Sequence[float] | NDArray[Any]
Floats = NDArray[np.float64]


def floats(numbers: Numbers | float) -> Floats:
    """Numbers as float64, None as NaN."""
    return np.asarray(numbers, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points, or a step line with `is_step`: a value holds until the next point."""

    x: Numbers
    y: Numbers
    style: Style
    name: str = ""
    is_step: bool = False
    hover: Sequence[str] = ()
    """The hover text of each point; by default its coordinates."""


@dataclass(frozen=True, eq=False)
class Band:
    """The area between a lower and an upper line; NaN is skipped."""

    x: Numbers
    low: Numbers
    high: Numbers
    style: Style
    name: str = ""
    is_step: bool = False

    def outline(self) -> tuple[Floats, Floats]:
        """The closed outline (x, y), each of shape (m,)."""
        x, low, high = floats(self.x), floats(self.low), floats(self.high)
        kept = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
        x, low, high = x[kept], low[kept], high[kept]
        if self.is_step:
            x, low, high = np.repeat(x, 2)[1:], np.repeat(low, 2)[:-1], np.repeat(high, 2)[:-1]
        return np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])


@dataclass(frozen=True, eq=False)
class Points:
    """Points, with intervals if `x_low` and `x_high` (or `y_...`) are given, as in a forest plot."""

    x: Numbers
    y: Numbers
    style: Style
    name: str = ""
    x_low: Numbers | None = None
    x_high: Numbers | None = None
    y_low: Numbers | None = None
    y_high: Numbers | None = None
    hover: Sequence[str] = ()
    about: tuple[str, ...] = ()
    """Contestants, other than `name`, that the mark is about; it is hidden together with any of them."""

    def spread(self, axis: str) -> tuple[Floats, Floats] | None:
        """The extent of the interval (below, above) along `x` or `y`; None if there is none."""
        low, high = getattr(self, f"{axis}_low"), getattr(self, f"{axis}_high")
        if low is None or high is None:
            return None
        at = floats(getattr(self, axis))
        return np.maximum(at - floats(low), 0.0), np.maximum(floats(high) - at, 0.0)


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars from `base`, along x if `is_horizontal`. Gantt charts and stacked bars set `base` for each bar."""

    at: Numbers
    length: Numbers
    style: Style
    name: str = ""
    base: Numbers | None = None
    thickness: float = 0.8
    is_horizontal: bool = False
    hover: Sequence[str] = ()
    about: tuple[str, ...] = ()
    """As in `Points`."""

    def bases(self) -> Floats:
        """The start of each bar, (n,)."""
        return np.zeros(len(floats(self.at))) if self.base is None else floats(self.base)


@dataclass(frozen=True, eq=False)
class Cells:
    """A grid of values as colours, at the whole numbers x = 0, 1, ... and y = 0, 1, ...; NaN stays empty."""

    values: Numbers
    """(rows, columns)."""
    low: float
    high: float
    title: str
    """What the colours show, with the unit."""
    labels: Sequence[Sequence[str]] = ()
    """Words in the cells, (rows, columns)."""
    hover: Sequence[Sequence[str]] = ()
    ramp: tuple[str, ...] = CIVIDIS

    def shares(self) -> Floats:
        """The position of each value between low and high, 0 to 1; (rows, columns)."""
        span = self.high - self.low
        return np.clip((floats(self.values) - self.low) / (span or 1.0), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Letters:
    """Letters of a logo, each drawn to fill its box."""

    letters: Sequence[str]
    left: Numbers
    bottom: Numbers
    width: Numbers
    height: Numbers
    colours: Sequence[str]
    hover: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Text:
    """Words at positions. `anchor`: the part of the word that is at the position: left, middle or right."""

    x: Numbers
    y: Numbers
    words: Sequence[str]
    colour: str = QUIET
    anchor: str = "middle"
    size: int = 12


@dataclass(frozen=True, eq=False)
class Rule:
    """A reference line across a panel at a position on `axis`, with a word at its end."""

    at: float
    axis: str = "y"
    word: str = ""
    style: Style = RULE


Mark = Line | Band | Points | Bars | Cells | Letters | Text | Rule


@dataclass(frozen=True, slots=True)
class Axis:
    """A titled scale. `ticks` label positions with one or more lines of text; without them, ticks are numbers."""

    title: str = ""
    ticks: tuple[tuple[float, str], ...] = ()
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    is_reversed: bool = False
    has_grid: bool = True

    @property
    def range(self) -> tuple[float, float] | None:
        """(first, last) as drawn, if both ends are fixed."""
        if self.low is None or self.high is None:
            return None
        return (self.high, self.low) if self.is_reversed else (self.low, self.high)


@dataclass(frozen=True, eq=False)
class Panel:
    """Axes with marks; later marks are drawn on top."""

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    title: str = ""
    height: int = 320
    """In pixels, without titles."""
    is_square: bool = False
    """Equal units on both axes."""
    paper: str = "#ffffff"


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels side by side in `columns` (below each other on a narrow screen), with one legend."""

    name: str
    """A short name in words-with-dashes, for files and anchors."""
    title: str
    caption: str
    """What is shown, how to read it, and the number of observations; also the alternative text."""
    panels: tuple[Panel, ...]
    columns: int = 1
    shares_x: bool = False
    """Whether panels below each other share the x axis."""
    least_width: int = 0
    """In pixels; on a narrower screen the figure scrolls sideways."""

    def entries(self) -> "Iterator[Entry]":
        """The legend: each name once, in order, in the style of its most opaque mark."""
        found: dict[str, Entry] = {}
        for panel in self.panels:
            for mark in panel.marks:
                name = getattr(mark, "name", "")
                entry = Entry(name, type(mark).__name__, mark.style) if name else None  # type: ignore[union-attr]  # has a name
                if entry and (name not in found or found[name].style.opacity < entry.style.opacity):
                    found[name] = entry
        yield from found.values()


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a legend, and the kind of mark (`Line`, `Points`, ...) that it stands for."""

    name: str
    kind: str
    style: Style
