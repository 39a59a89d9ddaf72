"""Legend keys: small drawings of a mark's style, for the page's own legend, which wraps and never overlaps."""

from designloop.report.marks import Entry
from designloop.report.palette import PAPER, TICK

DASHES = {"solid": "", "dash": "6 3", "dot": "1.5 2.5", "dashdot": "6 2.5 1.5 2.5", "longdash": "10 3"}
SHAPES = {
    "circle": '<circle cx="14" cy="7" r="4"/>',
    "square": '<path d="M10 3h8v8h-8z"/>',
    "diamond": '<path d="M14 2l5 5-5 5-5-5z"/>',
    "triangle-up": '<path d="M14 2l5 9H9z"/>',
    "triangle-down": '<path d="M14 12l5-9H9z"/>',
    "cross": '<path d="M12.5 2h3v3.5H19v3h-3.500V12h-3V8.500H9v-3h3.500z"/>',
    "x": '<path d="M10.5 2l3.5 3.500L17.5 2 19 3.5 15.5 7 19 10.5 17.5 12 14 8.5 10.5 12 9 10.5 12.5 7 9 3.500z"/>',
    "star": '<path d="M14 1.500l1.7 3.7 4 .4-3 2.7.9 3.900L14 10.200l-3.6 2 .9-3.9-3-2.7 4-.4z"/>',
    TICK: '<path d="M13 2h2v10h-2z"/>',
}
_HATCHES = {
    "/": "M0 14L14 0M7 14L21 0M14 14L28 0",
    "\\": "M0 0L14 14M7 0L21 14M14 0L28 14",
    "x": "M0 14L14 0M7 14L21 0M14 14L28 0M0 0L14 14M7 0L21 14M14 0L28 14",
    "-": "M0 4H28M0 9H28",
    "+": "M0 4H28M0 10H28M7 0V14M14 0V14M21 0V14",
    ".": "M4 4h1.500M10 4h1.500M16 4h1.500M22 4h1.500M7 9h1.500M13 9h1.500M19 9h1.500M25 9h1.5",
}


def swatch(entry: Entry) -> str:
    """The key as SVG of 28 × 14 pixels."""
    return f'<svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">{_drawing(entry)}</svg>'


def _drawing(entry: Entry) -> str:
    look = entry.style
    paint = f'fill="{look.colour}" opacity="{look.opacity}"'
    if entry.kind == "Line":
        dash = f' stroke-dasharray="{DASHES[look.dash]}"' if DASHES[look.dash] else ""
        return f'<path d="M0 7H28" stroke="{look.colour}" stroke-width="{max(look.width, 1.5)}"{dash}/>'
    if entry.kind == "Points":
        return f"<g {paint}>{SHAPES[look.marker]}</g>"
    if entry.kind == "Band":
        return f'<path d="M0 2H28V12H0z" fill="{look.colour}" opacity="0.25"/>'
    box = f'<path d="M2 1H26V13H2z" {paint}/>'
    lines = _HATCHES.get(look.hatch)
    return f'{box}<path d="{lines}" stroke="{PAPER}" stroke-width="1.2" opacity="0.7"/>' if lines else box
