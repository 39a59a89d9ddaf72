"""Scales: they map the units of an axis to pixels and place its ticks."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np

from designloop.report.marks import Axis, Band, Bars, Cells, Floats, Letters, Mark, Numbers, Points, Rule, floats

_AIR = 0.05
"""The margin beyond the data on either side, as a share of the scale."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `first` to `last`, in units of an axis (logarithms if `is_log`), to the pixels `start` to `end`."""

    first: float
    last: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, values: Numbers | float) -> Floats:
        """Positions in pixels; NaN for a value without one."""
        return self.start + (_units(floats(values), is_log=self.is_log) - self.first) * self.rate

    @property
    def rate(self) -> float:
        """Pixels per unit; negative if they run in opposite directions."""
        return (self.end - self.start) / (self.last - self.first)

    def ticks(self, apart: float) -> list[tuple[float, str]]:
        """(position in units of the axis, label) of round numbers, at least `apart` pixels from each other."""
        low, high = sorted((self.first, self.last))
        step = _step((high - low) * apart / abs(self.end - self.start))
        if self.is_log:
            return [(10.0**power, f"{10.0**power:,.12g}") for power in _multiples(low, high, max(ceil(step), 1))]
        decimals = max(0, -floor(log10(step)) + (f"{step:e}"[:3] == "2.5"))
        return [(at, _number(at, decimals)) for at in _multiples(low, high, step)]


def scale(axis: Axis, along: str, marks: tuple[Mark, ...], start: float, end: float) -> Scale:
    """The scale of an axis, `x` or `y`: between its fixed ends, or else around all marks, with a margin."""
    if axis.range is not None:
        first, last = _units(floats(axis.range), is_log=axis.is_log).tolist()
        return Scale(first, last, start, end, axis.is_log)
    ends = [_units(floats(values), is_log=axis.is_log).ravel() for mark in marks for values in _extent(mark, along)]
    found = np.concatenate([*ends, []])
    found = found[np.isfinite(found)]
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 1.0)
    air = _air(marks) * (high - low) if high > low else 0.5
    first, last = (high + air, low - air) if axis.is_reversed else (low - air, high + air)
    return Scale(first, last, start, end, axis.is_log)


def _air(marks: tuple[Mark, ...]) -> float:
    return 0.0 if any(isinstance(mark, Cells) for mark in marks) else _AIR


def _units(values: Floats, *, is_log: bool) -> Floats:
    return np.log10(np.where(values > 0, values, np.nan)) if is_log else values


def _extent(mark: Mark, along: str) -> Iterator[Numbers]:
    """All coordinates of a mark along `x` or `y`."""
    if isinstance(mark, Rule):
        yield [mark.at] if mark.axis == along else []
    elif isinstance(mark, Cells):
        yield [-0.5, floats(mark.values).shape["yx".index(along)] - 0.5]
    elif isinstance(mark, Letters):
        near, size = (mark.left, mark.width) if along == "x" else (mark.bottom, mark.height)
        yield from (near, floats(near) + floats(size))
    elif isinstance(mark, Bars):
        yield from _extent_of_bars(mark, is_along=mark.is_horizontal == (along == "x"))
    elif isinstance(mark, Band):
        x, y = mark.outline()
        yield x if along == "x" else y
    else:
        yield getattr(mark, along)
        if isinstance(mark, Points) and (spread := mark.spread(along)) is not None:
            yield from (floats(getattr(mark, along)) - spread[0], floats(getattr(mark, along)) + spread[1])


def _extent_of_bars(mark: Bars, *, is_along: bool) -> tuple[Floats, Floats]:
    if is_along:
        return mark.bases(), mark.bases() + floats(mark.length)
    return floats(mark.at) - mark.thickness / 2, floats(mark.at) + mark.thickness / 2


def _step(least: float) -> float:
    """The smallest round number that is not below `least`."""
    if not isfinite(least) or least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> list[float]:
    slack = 1e-9 * (high - low)
    return [count * step for count in range(ceil((low - slack) / step), floor((high + slack) / step) + 1)]


def _number(value: float, decimals: int) -> str:
    """`−1,200`, `0.25`; powers of ten where that would be long."""
    if value and not 1e-5 <= abs(value) < 1e9:
        return f"{value:.3g}".replace("-", "\u2212")
    return f"{value:,.{decimals}f}".replace("-", "\u2212")
