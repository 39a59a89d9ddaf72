"""Figures, described once as plain data: panels, axes and a small vocabulary of marks. Three backends draw them.

Everything stands in the axes' units; places are numbers, and an axis may name some of them (`Axis.ticks`). Marks that
share a name share an entry in the legend. NaN breaks a line, and leaves a cell empty.
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
    """A line through points, or with `is_step` a value that holds until the next."""

    x: Numbers
    y: Numbers
    style: Style
    name: str = ""
    is_step: bool = False
    hover: Sequence[str] = ()
    """What is said of each point; left out: its place."""


@dataclass(frozen=True, eq=False)
class Band:
    """Between a low and a high; NaN left out."""

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
    """Points, with intervals where `x_low` and `x_high` (or `y_...`) are given: a forest plot is made of these."""

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
    """Whom it speaks of, beside its name: it is hidden with any of them."""

    def spread(self, axis: str) -> tuple[Floats, Floats] | None:
        """How far the interval reaches (below, above) along `x` or `y`; None where there is none."""
        low, high = getattr(self, f"{axis}_low"), getattr(self, f"{axis}_high")
        if low is None or high is None:
            return None
        at = floats(getattr(self, axis))
        return np.maximum(at - floats(low), 0.0), np.maximum(floats(high) - at, 0.0)


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars from `base`, along x where `is_horizontal`. A Gantt chart's bars are these, and a stack names each base."""

    at: Numbers
    length: Numbers
    style: Style
    name: str = ""
    base: Numbers | None = None
    thickness: float = 0.8
    is_horizontal: bool = False
    hover: Sequence[str] = ()
    about: tuple[str, ...] = ()
    """As of points."""

    def bases(self) -> Floats:
        """Where each bar begins, (n,)."""
        return np.zeros(len(floats(self.at))) if self.base is None else floats(self.base)


@dataclass(frozen=True, eq=False)
class Cells:
    """A grid of values as colours, at the whole numbers x = 0, 1, ... and y = 0, 1, ...; NaN stays empty."""

    values: Numbers
    """(rows, columns)."""
    low: float
    high: float
    title: str
    """What the colours say, with its unit."""
    labels: Sequence[Sequence[str]] = ()
    """Words in the cells, (rows, columns)."""
    hover: Sequence[Sequence[str]] = ()
    ramp: tuple[str, ...] = CIVIDIS

    def shares(self) -> Floats:
        """Where each value stands between low and high, 0 to 1; (rows, columns)."""
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
    """Words at places. `anchor`: which part of the word stands there: left, middle or right."""

    x: Numbers
    y: Numbers
    words: Sequence[str]
    colour: str = QUIET
    anchor: str = "middle"
    size: int = 12


@dataclass(frozen=True, eq=False)
class Rule:
    """A reference line across a panel, at a place on `axis`, with a word at its end."""

    at: float
    axis: str = "y"
    word: str = ""
    style: Style = RULE


Mark = Line | Band | Points | Bars | Cells | Letters | Text | Rule


@dataclass(frozen=True, slots=True)
class Axis:
    """A titled scale. `ticks` name places, in one line or more; without them, places are numbers."""

    title: str = ""
    ticks: tuple[tuple[float, str], ...] = ()
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    is_reversed: bool = False
    has_grid: bool = True

    @property
    def range(self) -> tuple[float, float] | None:
        """(first, last) as drawn, where both are fixed."""
        if self.low is None or self.high is None:
            return None
        return (self.high, self.low) if self.is_reversed else (self.low, self.high)


@dataclass(frozen=True, eq=False)
class Panel:
    """Axes with marks on them; what comes later lies above."""

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    title: str = ""
    height: int = 320
    """Pixels, without titles."""
    is_square: bool = False
    """Equal units on both axes."""
    paper: str = "#ffffff"


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels side by side in `columns` (below each other on a narrow screen), with one legend."""

    name: str
    """Short, in words-with-dashes: its file and its anchor."""
    title: str
    caption: str
    """What is shown, how to read it, and of how many; also what stands for the figure where it is not seen."""
    panels: tuple[Panel, ...]
    columns: int = 1
    shares_x: bool = False
    """The panels below each other have one x axis."""
    least_width: int = 0
    """Pixels; on a narrower screen the figure is moved along under a finger."""

    def entries(self) -> "Iterator[Entry]":
        """The legend: each name once, in order, as the least faint of its marks looks."""
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
    """A name in a legend, and what kind of mark (`Line`, `Points`, ...) it stands for."""

    name: str
    kind: str
    style: Style
