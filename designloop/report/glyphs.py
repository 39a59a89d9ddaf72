"""The outlines of letters, so that every backend draws a logo from the same curves."""

from functools import lru_cache
from json import dumps, loads
from pathlib import Path
from string import ascii_letters, digits, punctuation
from typing import Any

import numpy as np
from numpy.typing import NDArray

Outline = tuple[NDArray[np.float64], NDArray[np.uint8]]
"""(vertices (n, 2), matplotlib path codes (n,)) of a letter that fills the unit square."""
KEPT = Path(__file__).with_suffix(".json")
"""The outlines of the usual letters, so that a page needs no matplotlib: for each its codes, and its vertices in units
of a ten-thousandth. `keep` wrote it.
"""


@lru_cache(maxsize=256)
def glyph(letter: str) -> Outline:
    """The outline of a letter, from the stored outlines or else traced now."""
    if (found := _kept().get(letter)) is None:
        return traced(letter)
    codes, units = found
    return np.array(units).reshape(-1, 2) / _UNITS, np.array(codes, dtype=np.uint8)


@lru_cache(maxsize=1)
def _kept() -> dict[str, Any]:
    return dict(loads(KEPT.read_text(encoding="utf-8")))


def keep(letters: str = digits + ascii_letters + punctuation) -> None:
    """Write the outlines of these letters into the package."""
    lines = []
    for letter in letters:
        vertices, codes = traced(letter)
        units = np.rint(vertices * _UNITS).astype(int).ravel().tolist()
        lines.append(f"{dumps(letter)}: {dumps([codes.tolist(), units], separators=(',', ':'))}")
    KEPT.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def traced(letter: str) -> Outline:
    """The outline of a letter of DejaVu Sans Bold, by matplotlib."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), letter, size=100, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    vertices = np.asarray(path.vertices, dtype=float)
    on_it = vertices[np.asarray(path.codes) != _CLOSE]
    low, span = on_it.min(axis=0), np.ptp(on_it, axis=0)
    # A thin letter keeps its shape: an I as broad as a W is a bar.
    broad = max(span[0], 0.45 * span[1])
    left = low[0] - (broad - span[0]) / 2
    return np.clip((vertices - [left, low[1]]) / [broad, span[1]], 0.0, 1.0), np.asarray(path.codes)


def placed(letter: str, left: float, bottom: float, width: float, height: float) -> tuple[Any, Any]:
    """(vertices, codes) of a letter that fills a box."""
    vertices, codes = glyph(letter)
    return vertices * [width, height] + [left, bottom], codes


@lru_cache(maxsize=4096)
def svg_path(letter: str, left: float, bottom: float, width: float, height: float) -> str:
    """The outline as SVG path data, in the units of the box."""
    vertices, codes = placed(letter, left, bottom, width, height)
    points = [f"{x:.4g},{y:.4g}" for x, y in vertices.tolist()]
    words, index = list[str](), 0
    while index < len(codes):
        command, n_points = _COMMANDS[int(codes[index])]
        words.append(command + " ".join(points[index : index + n_points]))
        index += max(n_points, 1)
    return "".join(words)


_CLOSE, _UNITS = 79, 10_000
_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), _CLOSE: ("Z", 0)}
"""matplotlib's path codes: move, line, two kinds of curves, close."""
