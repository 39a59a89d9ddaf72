"""Figures as PNG and SVG for papers and slides, drawn with matplotlib."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from designloop.report.glyphs import placed
from designloop.report.marks import Band, Bars, Cells, Entry, Figure, Letters, Line, Panel, Points, Rule, Text, floats
from designloop.report.palette import EMPTY, GRID, INK, PAPER, QUIET, TICK, Style, shade, text_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_DASHES: dict[str, Any] = {
    "solid": "-",
    "dash": (0, (5, 3)),
    "dot": (0, (1.2, 2)),
    "dashdot": (0, (5, 2, 1.2, 2)),
    "longdash": (0, (9, 3)),
}
_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "triangle-down": "v",
    "cross": "P",
    "x": "X",
    "star": "*",
    TICK: "|",
}
_HATCHES = {"/": "///", "\\": "\\\\\\", "x": "xxx", ".": "...", "-": "---", "+": "+++"}
_PIXELS_PER_INCH = 100
_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "hatch.color": PAPER,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "designloop",
    "text.color": INK,
    "text.parse_math": False,  # a $ in the name of a stage is a $
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


def picture(figure: Figure) -> bytes:
    """The figure as SVG."""
    return pictures(figure, ("svg",))["svg"]


def pictures(figure: Figure, formats: Sequence[str] = ("png", "svg")) -> dict[str, bytes]:
    """The figure as pictures, by format."""
    with _settings():
        canvas = drawn(figure)
        return {format: _saved(canvas, format) for format in formats}


def canvas_of(figure: Figure) -> "Canvas":
    """The matplotlib figure, with our settings."""
    with _settings():
        return drawn(figure)


def _saved(canvas: "Canvas", format: str) -> bytes:
    out = BytesIO()
    # Without a date, the same run gives the same file.
    metadata = {"svg": {"Date": None, "Creator": "designloop"}, "pdf": {"CreationDate": None}}.get(format, {})
    canvas.savefig(out, format=format, dpi=160, metadata=metadata, facecolor=PAPER)
    return out.getvalue()


def drawn(figure: Figure, *, width: int = 900) -> "Canvas":
    """The matplotlib figure, without pyplot and its global state."""
    from matplotlib.figure import Figure as Canvas
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    rows = [figure.panels[i : i + figure.columns] for i in range(0, len(figure.panels), figure.columns)]
    heights = [max(panel.height for panel in row) for row in rows]
    entries = list(figure.entries())
    below = sum(70 + 50 * _has_cells(row) for row in rows) + 60 + 20 * ((len(entries) + 2) // 3)
    size = width / _PIXELS_PER_INCH, (sum(heights) + below) / _PIXELS_PER_INCH
    canvas = Canvas(figsize=size, dpi=_PIXELS_PER_INCH)
    grid = canvas.add_gridspec(len(rows), figure.columns, height_ratios=heights)
    first: Axes | None = None
    for place, panel in enumerate(figure.panels):
        row, column = divmod(place, figure.columns)
        axes = canvas.add_subplot(grid[row, column], sharex=first if figure.shares_x else None)
        first = first or axes
        _draw_panel(axes, panel)
        if figure.shares_x and row < len(rows) - 1:
            axes.tick_params(labelbottom=False)
            axes.set_xlabel("")
    canvas.suptitle(figure.title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    if entries:
        handles = [_handle(entry) for entry in entries]
        canvas.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=9)
    # The layout takes half of the time, so it is computed once and not again at each drawing.
    ConstrainedLayoutEngine().execute(canvas)
    return canvas


def _has_cells(row: tuple[Panel, ...]) -> bool:
    return any(isinstance(mark, Cells) for panel in row for mark in panel.marks)


@contextmanager
def _settings() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(_SETTINGS):  # type: ignore[arg-type]  # its stubs name every key
        yield


# -- panels ----------------------------------------------------------------------------------------------------------


def _draw_panel(axes: "Axes", panel: Panel) -> None:
    axes.set_facecolor(panel.paper)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    if panel.title:
        axes.set_title(panel.title, loc="left", fontsize=10, fontweight="bold")
    for z, mark in enumerate(panel.marks, start=2):
        _DRAW[type(mark)](axes, mark, z)
    for name, axis in (("x", panel.x), ("y", panel.y)):
        getattr(axes, f"set_{name}label")(axis.title)
        its = getattr(axes, f"{name}axis")
        if axis.has_grid:
            its.grid(color=GRID, linewidth=0.8)
        if axis.is_log:
            getattr(axes, f"set_{name}scale")("log")
        if axis.ticks:
            its.set_ticks([at for at, _ in axis.ticks], labels=[word for _, word in axis.ticks])
        if axis.range is not None:
            getattr(axes, f"set_{name}lim")(*axis.range)
        elif axis.is_reversed:
            its.set_inverted(True)
    if panel.is_square:
        axes.set_aspect("equal", adjustable="box", anchor="NW")


# -- marks -----------------------------------------------------------------------------------------------------------


def _line(axes: "Axes", mark: Line, z: int) -> None:
    axes.plot(
        floats(mark.x),
        floats(mark.y),
        color=mark.style.colour,
        linestyle=_DASHES[mark.style.dash],
        linewidth=mark.style.width * 0.8,
        alpha=mark.style.opacity,
        drawstyle="steps-post" if mark.is_step else "default",
        zorder=z,
    )


def _band(axes: "Axes", mark: Band, z: int) -> None:
    axes.fill(*mark.outline(), color=mark.style.colour, alpha=0.18 * mark.style.opacity, linewidth=0, zorder=z)


def _points(axes: "Axes", mark: Points, z: int) -> None:
    x, y = floats(mark.x), floats(mark.y)
    spreads: dict[str, Any] = {f"{axis}err": spread for axis in "xy" if (spread := mark.spread(axis)) is not None}
    look: dict[str, Any] = {"color": mark.style.colour, "alpha": mark.style.opacity}
    if spreads:
        axes.errorbar(x, y, **spreads, fmt="none", elinewidth=mark.style.width * 0.6, zorder=z, **look)
    axes.plot(
        x,
        y,
        linestyle="none",
        marker=_MARKERS[mark.style.marker],
        markersize=mark.style.size * 0.72,
        markeredgecolor=mark.style.colour if mark.style.marker == TICK else PAPER,
        markeredgewidth=1.2 if mark.style.marker == TICK else 0.4,
        zorder=z,
        **look,
    )


def _bars(axes: "Axes", mark: Bars, z: int) -> None:
    at, length, base = floats(mark.at), floats(mark.length), mark.bases()
    look: dict[str, Any] = {"color": mark.style.colour, "alpha": mark.style.opacity, "linewidth": 0, "zorder": z}
    if mark.style.hatch:
        look["hatch"] = _HATCHES[mark.style.hatch]
    if mark.is_horizontal:
        axes.barh(at, length, height=mark.thickness, left=base, **look)
    else:
        axes.bar(at, length, width=mark.thickness, bottom=base, **look)


def _cells(axes: "Axes", mark: Cells, z: int) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    values = np.ma.masked_invalid(floats(mark.values))
    colours = LinearSegmentedColormap.from_list("designloop", list(mark.ramp))
    high = mark.high if mark.high > mark.low else mark.low + 1.0
    scale = Normalize(mark.low, high, clip=True)
    rows, columns = values.shape
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    axes.pcolormesh(*edges, values, cmap=colours, norm=scale, edgecolors=EMPTY, linewidth=1.2, zorder=z)
    for (row, column), share in np.ndenumerate(mark.shares()):
        if len(mark.labels) and mark.labels[row][column]:
            colour = text_on(shade(float(share), mark.ramp)) if np.isfinite(share) else INK
            axes.text(
                column, row, mark.labels[row][column], ha="center", va="center", color=colour, fontsize=7, zorder=z
            )
    canvas = axes.figure
    bar = canvas.colorbar(
        ScalarMappable(scale, colours),
        ax=axes,
        orientation="horizontal",
        use_gridspec=False,  # which the search for places does not know
        pad=0.04,
        aspect=60,
        shrink=0.7,
        anchor=(0, 1),
    )
    bar.set_label(mark.title, fontsize=8)
    bar.outline.set_visible(False)


def _letters(axes: "Axes", mark: Letters, z: int) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    boxes = zip(mark.letters, *map(floats, (mark.left, mark.bottom, mark.width, mark.height)), strict=True)
    placed_letters = [placed(*box) for box in boxes]
    if not placed_letters:
        return
    paths = [Path(vertices, codes) for vertices, codes in placed_letters]
    # In one piece, in data units: a letter at a time takes most of a logo's time.
    its = PathCollection(paths, facecolors=list(mark.colours), linewidths=0, transform=axes.transData, zorder=z)
    axes.add_collection(its, autolim=False)
    corners = np.array([[vertices.min(axis=0), vertices.max(axis=0)] for vertices, _ in placed_letters])
    axes.update_datalim(corners.reshape(-1, 2))
    axes.autoscale_view()


def _text(axes: "Axes", mark: Text, z: int) -> None:
    x, y = floats(mark.x), floats(mark.y)
    sides = {"left": "left", "middle": "center", "right": "right"}
    look: dict[str, Any] = {"ha": sides[mark.anchor], "va": "center", "color": mark.colour, "fontsize": mark.size * 0.7}
    for across, up, word in zip(x, y, mark.words, strict=True):
        axes.text(across, up, word, zorder=z, **look)
    axes.update_datalim(np.column_stack([x, y]))  # words alone do not stretch matplotlib's axes
    axes.autoscale_view()


def _rule(axes: "Axes", mark: Rule, z: int) -> None:
    look: dict[str, Any] = {"color": mark.style.colour, "linestyle": _DASHES[mark.style.dash], "zorder": z}
    look["linewidth"] = mark.style.width * 0.8
    if mark.axis == "x":
        axes.axvline(mark.at, **look)
        place: dict[str, Any] = {"xy": (mark.at, 1), "xycoords": ("data", "axes fraction"), "ha": "left", "va": "top"}
    else:
        axes.axhline(mark.at, **look)
        place = {"xy": (1, mark.at), "xycoords": ("axes fraction", "data"), "ha": "right", "va": "bottom"}
    if mark.word:
        side = 3 if mark.axis == "x" else 0
        axes.annotate(
            mark.word, **place, xytext=(side, 0), textcoords="offset points", fontsize=7.5, color=mark.style.colour
        )


_DRAW: dict[type, Any] = {
    Line: _line,
    Band: _band,
    Points: _points,
    Bars: _bars,
    Cells: _cells,
    Letters: _letters,
    Text: _text,
    Rule: _rule,
}


def _handle(entry: Entry) -> Any:
    """The legend handle of an entry."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look: Style = entry.style
    if entry.kind in ("Bars", "Band"):
        alpha = look.opacity * (0.3 if entry.kind == "Band" else 1.0)
        return Patch(facecolor=look.colour, alpha=alpha, hatch=_HATCHES.get(look.hatch), label=entry.name)
    is_line = entry.kind == "Line"
    return Line2D(
        [],
        [],
        color=look.colour,
        linestyle=_DASHES[look.dash] if is_line else "none",
        marker="" if is_line else _MARKERS[look.marker],
        linewidth=look.width * 0.8,
        label=entry.name,
    )
