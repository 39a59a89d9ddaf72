"""Styles: colours that colour-blind readers can distinguish, each with a dash, a marker and a hatch.

Colours are those of Okabe and Ito 2008, and of cividis (Nuñez et al. 2018) for quantities.
"""

from dataclasses import dataclass, replace

INK, QUIET, GRID, PAPER, EMPTY = "#1b1f24", "#5b6570", "#e3e6ea", "#ffffff", "#eceff2"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down")
TICK = "tick"
"""One more marker: a small vertical line, for a campaign that ended before it reached a threshold."""
HATCHES = ("", "/", "\\", "x", ".", "-", "+")
CIVIDIS = (
    "#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78",
    "#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838",
)  # fmt: skip
BLUE_TO_RED = ("#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2182b")
"""A diverging colour map, for differences."""


@dataclass(frozen=True, slots=True)
class Style:
    """A colour, with a dash, a marker and a hatch that carry the same information without colour."""

    colour: str
    dash: str = "solid"
    marker: str = "circle"
    hatch: str = ""
    opacity: float = 1.0
    width: float = 2.0
    """Line width in pixels."""
    size: float = 7.0
    """Marker size in pixels."""

    def faint(self, opacity: float = 0.25) -> "Style":
        """The same style, thin and transparent, for marks in the background."""
        return replace(self, opacity=opacity, width=1.0)


RULE = Style(QUIET, dash="dot", width=1.2)
"""The style of reference lines."""


def style(ordinal: int) -> Style:
    """The n-th style of a series: the first 35 differ from each other, and the first 5 also in black and white."""
    return Style(
        COLOURS[ordinal % len(COLOURS)],
        DASHES[ordinal % len(DASHES)],
        MARKERS[ordinal % len(MARKERS)],
        HATCHES[ordinal % len(HATCHES)],
    )


def shade(share: float, ramp: tuple[str, ...] = CIVIDIS) -> str:
    """The colour at a position of a ramp, 0 to 1."""
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    low = min(int(place), len(ramp) - 2)
    parts = zip(_rgb(ramp[low]), _rgb(ramp[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (place - low)):02x}" for a, b in parts)


def ordered(ordinal: int, n: int) -> Style:
    """The n-th style of an ordered series, such as stages or rounds: from dark to light, with a marker."""
    return Style(shade(0.9 * ordinal / max(n - 1, 1)), marker=MARKERS[ordinal % len(MARKERS)])


def text_on(colour: str) -> str:
    """Black or white, whichever is readable on this colour."""
    red, green, blue = (((part / 255) ** 2.2) for part in _rgb(colour))
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.25 else PAPER


def letter_colour(letter: str) -> str:
    """A letter's colour in a logo: conventional for bases, by chemistry for amino acids, cyclic for other states."""
    for colour, letters in _LETTERS:
        if letter in letters:
            return colour
    return COLOURS[ord(letter) % len(COLOURS)]


_LETTERS = (
    ("#009E73", "A"),
    ("#0072B2", "C"),
    ("#E69F00", "G"),
    ("#D55E00", "TU"),
    ("#000000", "FILMVWP"),  # hydrophobic
    ("#CC79A7", "NQSY"),  # polar
    ("#56B4E9", "KRH"),  # basic
    ("#D55E00", "DE"),  # acidic
)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
