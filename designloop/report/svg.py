"""Marks as SVG, at pixel positions given by two scales."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from designloop.report.glyphs import svg_path
from designloop.report.keys import DASHES, SHAPES
from designloop.report.layout import FONT
from designloop.report.marks import Band, Bars, Cells, Floats, Letters, Line, Points, Rule, Text, floats
from designloop.report.palette import INK, PAPER, QUIET, TICK, Style, shade, text_on
from designloop.report.scales import Scale

_HATCHES = {
    "/": "M-2 2L2-2M0 8L8 0M6 10L10 6",
    "\\": "M-2 6L2 10M0 0L8 8M6-2L10 2",
    "x": "M-2 2L2-2M0 8L8 0M6 10L10 6M-2 6L2 10M0 0L8 8M6-2L10 2",
    "-": "M0 4H8",
    "+": "M0 4H8M4 0V8",
    ".": "M3.2 4H4.8",
}
_SHAPE = 8
"""Width of a shape in a legend key, in pixels."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mark is drawn: the scales of its panel, and a unique name for the elements that it refers to."""

    x: Scale
    y: Scale
    name: str


def element(tag: str, *inside: str, **attributes: Any) -> str:
    """An SVG element, as in `element("path", d="M0 0", stroke_width=2)`; attributes "" and None are left out."""
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_word(value))}"'
        for name, value in attributes.items()
        if value not in ("", None)
    )
    return f"<{tag}{said}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{said}/>"


def picture(inside: Iterable[str], width: float, height: float) -> str:
    """An SVG picture on paper, with these elements."""
    return element(
        "svg",
        element("rect", width=width, height=height, fill=PAPER),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height:.0f}",
        width=width,
        height=f"{height:.0f}",
        font_family=FONT,
    )


def words(text: str, x: float, y: float, size: float = 12, colour: str = INK, **attributes: Any) -> str:
    """A line of text at a position."""
    shown = escape(_ILLEGAL.sub("\ufffd", text), quote=False)
    return element("text", shown, x=x, y=y, font_size=size, fill=colour, **attributes)


def _word(value: Any) -> str:
    return _short(value) if isinstance(value, float) else str(value)


def _short(value: float) -> str:
    """A number in tenths of a pixel, or a share in hundredths."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:.3g}"


def path(x: Iterable[float], y: Iterable[float]) -> str:
    """The path through these pixels; NaN breaks it."""
    written, is_down = list[str](), False
    for across, down in zip(x, y, strict=True):
        if across == across and down == down:  # noqa: PLR0124  # neither is NaN
            written.append(f"{'L' if is_down else 'M'}{across:.1f} {down:.1f}")
            is_down = True
        else:
            is_down = False
    return "".join(written)


# -- each mark -------------------------------------------------------------------------------------------------------


def _line(mark: Line, spot: Spot) -> Iterator[str]:
    x, y = floats(mark.x), floats(mark.y)
    if mark.is_step:
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    yield _stroke(path(spot.x(x).tolist(), spot.y(y).tolist()), mark.style)


def _stroke(d: str, look: Style, width: float = 1.0) -> str:
    dash = DASHES[look.dash]
    return element(
        "path",
        d=d,
        fill="none",
        stroke=look.colour,
        stroke_width=look.width * width,
        stroke_dasharray=dash,
        stroke_linejoin="round",
        opacity=_opacity(look.opacity),
    )


def _opacity(share: float) -> float | None:
    return share if share < 1 else None


def _band(mark: Band, spot: Spot) -> Iterator[str]:
    x, y = mark.outline()
    if len(x):
        outline = path(spot.x(x).tolist(), spot.y(y).tolist())
        yield element("path", d=f"{outline}Z", fill=mark.style.colour, opacity=0.18 * mark.style.opacity)


def _points(mark: Points, spot: Spot) -> Iterator[str]:
    x, y = spot.x(mark.x), spot.y(mark.y)
    if intervals := "".join(_intervals(mark, spot, x, y)):
        yield _stroke(intervals, Style(mark.style.colour, opacity=mark.style.opacity, width=mark.style.width * 0.75))
    yield element("defs", element("g", SHAPES[mark.style.marker], id=spot.name, **_look_of_points(mark.style)))
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if np.isfinite(across) and np.isfinite(down):
            yield f'<use href="#{spot.name}" x="{across:.1f}" y="{down:.1f}"/>'


def _look_of_points(look: Style) -> dict[str, Any]:
    """The paint of a marker: filled, with a light rim that separates neighbours; a tick has no rim."""
    size = look.size / _SHAPE
    rim = {} if look.marker == TICK else {"stroke": PAPER, "stroke_width": 0.5 / size}
    place = f"scale({size:.3g}) translate(-14 -7)"
    return {"fill": look.colour, **rim, "opacity": _opacity(look.opacity), "transform": place}


def _intervals(mark: Points, spot: Spot, x: Floats, y: Floats) -> Iterator[str]:
    for axis, scale in (("x", spot.x), ("y", spot.y)):
        if (spread := mark.spread(axis)) is None:
            continue
        at = floats(getattr(mark, axis))
        ends = zip(scale(at - spread[0]).tolist(), scale(at + spread[1]).tolist(), x.tolist(), y.tolist(), strict=True)
        for low, high, across, down in ends:
            yield path([low, high], [down, down]) if axis == "x" else path([across, across], [low, high])


def _bars(mark: Bars, spot: Spot) -> Iterator[str]:
    look, along = mark.style, (mark.bases(), mark.bases() + floats(mark.length))
    across = floats(mark.at) - mark.thickness / 2, floats(mark.at) + mark.thickness / 2
    x, y = (along, across) if mark.is_horizontal else (across, along)
    fill = look.colour
    if look.hatch:
        yield element("defs", _hatch(look, spot.name))
        fill = f"url(#{spot.name})"
    boxes = _boxes(spot.x(x[0]), spot.x(x[1]), spot.y(y[0]), spot.y(y[1]))
    yield element("path", d="".join(boxes), fill=fill, opacity=_opacity(look.opacity))


def _hatch(look: Style, name: str) -> str:
    ground = element("path", d="M0 0H8V8H0Z", fill=look.colour)
    lines = element("path", d=_HATCHES[look.hatch], stroke=PAPER, stroke_width=1.6 if look.hatch == "." else 0.9)
    return element("pattern", ground, lines, id=name, width=8, height=8, patternUnits="userSpaceOnUse")


def _boxes(left: Floats, right: Floats, bottom: Floats, top: Floats) -> Iterator[str]:
    for x0, x1, y0, y1 in zip(left.tolist(), right.tolist(), bottom.tolist(), top.tolist(), strict=True):
        if np.isfinite([x0, x1, y0, y1]).all():
            yield f"M{x0:.1f} {y0:.1f}H{x1:.1f}V{y1:.1f}H{x0:.1f}Z"


def _cells(mark: Cells, spot: Spot) -> Iterator[str]:
    by_colour, names = defaultdict[str, list[tuple[int, int]]](list), list[str]()
    for (row, column), share in np.ndenumerate(mark.shares()):
        colour = shade(float(share), mark.ramp) if np.isfinite(share) else ""
        if colour:
            by_colour[colour].append((row, column))
        if len(mark.labels) and (label := mark.labels[row][column]):
            names.append(_label(label, float(spot.x(column)), float(spot.y(row)), text_on(colour) if colour else INK))
    for colour, places in by_colour.items():
        row, column = np.array(places, dtype=float).T
        boxes = _boxes(spot.x(column - 0.5), spot.x(column + 0.5), spot.y(row - 0.5), spot.y(row + 0.5))
        yield element("path", d="".join(boxes), fill=colour, stroke=PAPER, stroke_width=1.5)
    yield from names


def _label(label: str, x: float, y: float, colour: str) -> str:
    return words(label, x, y + 4, 11, colour, text_anchor="middle")


def _letters(mark: Letters, spot: Spot) -> Iterator[str]:
    left, bottom = spot.x(mark.left), spot.y(mark.bottom)
    width, height = floats(mark.width) * spot.x.rate, floats(mark.height) * spot.y.rate
    boxes = zip(mark.letters, left.tolist(), bottom.tolist(), width.tolist(), height.tolist(), strict=True)
    for box, colour in zip(boxes, mark.colours, strict=True):
        yield element("path", d=svg_path(*box), fill=colour)


def _text(mark: Text, spot: Spot) -> Iterator[str]:
    anchor = {"left": "start", "middle": "middle", "right": "end"}[mark.anchor]
    for x, y, word in zip(spot.x(mark.x).tolist(), spot.y(mark.y).tolist(), mark.words, strict=True):
        if np.isfinite(x) and np.isfinite(y):
            yield words(word, x, y + 0.35 * mark.size, mark.size, mark.colour, text_anchor=anchor)


def _rule(mark: Rule, spot: Spot) -> Iterator[str]:
    """A line across the panel, with its word beside a vertical line or above a horizontal one."""
    x, y = spot.x, spot.y
    at = float((x if mark.axis == "x" else y)(mark.at))
    if mark.axis == "x":
        yield _stroke(path([at, at], [y.start, y.end]), mark.style)
        place: tuple[float, float, str] = (at + 3, min(y.start, y.end) + 11, "start")
    else:
        yield _stroke(path([x.start, x.end], [at, at]), mark.style)
        place = (max(x.start, x.end), at - 3, "end")
    if mark.word:
        yield words(mark.word, *place[:2], 11, mark.style.colour, text_anchor=place[2])


DRAW: dict[type, Any] = {
    Line: _line,
    Band: _band,
    Points: _points,
    Bars: _bars,
    Cells: _cells,
    Letters: _letters,
    Text: _text,
    Rule: _rule,
}
"""How each mark is drawn: (mark, spot) -> elements."""


def colour_bar(mark: Cells, left: float, top: float, width: float, name: str) -> Iterator[str]:
    """The colour bar of cells: title, ramp and numbers, 46 pixels high."""
    high = mark.high if mark.high > mark.low else mark.low + 1.0
    scale = Scale(mark.low, high, left, left + width)
    last = len(mark.ramp) - 1
    stops = [element("stop", offset=f"{100 * i / last:.4g}%", stop_color=c) for i, c in enumerate(mark.ramp)]
    yield element("defs", element("linearGradient", *stops, id=name))
    yield words(mark.title, left, top + 12, 12, QUIET)
    yield element("rect", x=left, y=top + 18, width=width, height=9, fill=f"url(#{name})")
    for at, word in scale.ticks(60):
        yield words(word, float(scale(at)), top + 40, 11, INK, text_anchor="middle")
