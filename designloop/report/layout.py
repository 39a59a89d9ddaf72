"""The layout of a figure's panels for plotly. The browser sets the widths; heights are in pixels."""

from collections.abc import Sequence
from math import ceil, log10
from typing import Any

from designloop.report.glyphs import svg_path
from designloop.report.marks import Axis, Cells, Figure, Letters, Panel, Rule
from designloop.report.numbers import number, numbers
from designloop.report.palette import GRID, INK, PAPER, QUIET

Json = dict[str, Any]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_TITLE, _BETWEEN, _TICKS, _BAR, _BELOW = 30, 16, 54, 62, 12
"""Pixels for a panel's title; between panels that share x; for tick labels and an axis title; for a colour bar."""
_COLUMN_GAP = 0.085


def layout(figure: Figure, columns: int) -> Json:
    """The layout of `columns` panels side by side, each with its own height and room for titles and tick labels."""
    rows = [figure.panels[i : i + columns] for i in range(0, len(figure.panels), columns)]
    tops, height = list[int](), 0
    for index, panels in enumerate(rows):
        height += _TITLE if any(panel.title for panel in panels) else _BELOW
        tops.append(height)
        height += max(panel.height for panel in panels) + _room_below(figure, panels, is_last=index == len(rows) - 1)
    result: Json = _page(height)
    for place, panel in enumerate(figure.panels):
        row, column = divmod(place, columns)
        width = (1 - _COLUMN_GAP * (columns - 1)) / columns
        left = column * (width + _COLUMN_GAP)
        deep = max(other.height for other in rows[row])
        box = (left, left + width, 1 - (tops[row] + deep) / height, 1 - tops[row] / height)
        shows_x = not figure.shares_x or row == ceil(len(figure.panels) / columns) - 1
        _add_panel(result, panel, place, box, shows_x=shows_x, follows=figure.shares_x and place > 0)
    return result


def nth(place: int) -> str:
    """The suffix of the n-th axis in plotly: none, 2, 3, ..."""
    return "" if place == 0 else str(place + 1)


def _room_below(figure: Figure, row: Sequence[Panel], *, is_last: bool) -> int:
    ticks = _BETWEEN if figure.shares_x and not is_last else _TICKS
    return ticks + (_BAR if any(isinstance(mark, Cells) for panel in row for mark in panel.marks) else 0)


def _page(height: int) -> Json:
    return {
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 0, "b": 0, "pad": 0},
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "showlegend": False,
        "barmode": "overlay",
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "bgcolor": PAPER, "bordercolor": QUIET, "font": {"color": INK, "size": 13}},
        "shapes": [],
        "annotations": [],
    }


Box = tuple[float, float, float, float]


def _add_panel(result: Json, panel: Panel, place: int, box: Box, *, shows_x: bool, follows: bool) -> None:
    left, right, bottom, top = box
    which = nth(place)
    x, y = _axis(panel.x), _axis(panel.y)
    x |= {"domain": [left, right], "anchor": f"y{which}"}
    y |= {"domain": [bottom, top], "anchor": f"x{which}"}
    if follows:
        x["matches"] = "x"
    if not shows_x:
        x |= {"showticklabels": False, "title": {"text": ""}}
    if panel.is_square:
        y |= {"scaleanchor": f"x{which}", "constrain": "domain", "constraintoward": "top"}
        x["constrain"] = "domain"
    result |= {f"xaxis{which}": x, f"yaxis{which}": y}
    if panel.title:
        result["annotations"].append(_heading(panel.title, left, top))
    if panel.paper != PAPER:
        result["shapes"].append(_backdrop(panel.paper, which))
    for mark in panel.marks:
        if isinstance(mark, Letters):
            result["shapes"] += _outlines(mark, which)
        elif isinstance(mark, Rule):
            shape, word = _rule(mark, which)
            result["shapes"].append(shape)
            result["annotations"] += word
        elif isinstance(mark, Cells):
            result[f"coloraxis{which}"] = _colours(mark, box, result["height"])


def _axis(axis: Axis) -> Json:
    result: Json = {
        "title": {"text": axis.title, "standoff": 8, "font": {"size": 13, "color": QUIET}},
        "automargin": True,
        "zeroline": False,
        "showline": True,
        "linecolor": QUIET,
        "linewidth": 1,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": QUIET,
        "showgrid": axis.has_grid,
        "gridcolor": GRID,
        "tickfont": {"size": 12},
    }
    if axis.is_log:
        result["type"] = "log"
    if axis.ticks:
        result |= {
            "tickmode": "array",
            "tickvals": [number(at) for at, _ in axis.ticks],
            "ticktext": [word.replace("\n", "<br>") for _, word in axis.ticks],
        }
        if any("\n" in word for _, word in axis.ticks):
            result["tickangle"] = 0
    if axis.range is not None:
        result["range"] = [number(log10(end) if axis.is_log else end) for end in axis.range]
    elif axis.is_reversed:
        result["autorange"] = "reversed"
    return result


def _heading(title: str, left: float, top: float) -> Json:
    return {
        "text": f"<b>{title}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": left,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 5,
        "showarrow": False,
        "font": {"size": 13, "color": INK},
    }


def _backdrop(colour: str, which: str) -> Json:
    return {
        "type": "rect",
        "xref": f"x{which} domain",
        "yref": f"y{which} domain",
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "fillcolor": colour,
        "line": {"width": 0},
    }


def _colours(mark: Cells, box: Box, height: int) -> Json:
    """The colour bar of a panel, below its tick labels."""
    left, right, bottom, _ = box
    last = len(mark.ramp) - 1
    return {
        "cmin": number(mark.low),
        "cmax": number(mark.high if mark.high > mark.low else mark.low + 1.0),
        "colorscale": [[index / last, colour] for index, colour in enumerate(mark.ramp)],
        "colorbar": {
            "orientation": "h",
            "x": left,
            "xanchor": "left",
            "y": bottom - _TICKS / height,
            "yanchor": "top",
            "len": right - left,
            "lenmode": "fraction",
            "thickness": 9,
            "xpad": 0,
            "ypad": 0,
            "outlinewidth": 0,
            "title": {"text": mark.title, "side": "top", "font": {"size": 12, "color": QUIET}},
            "tickfont": {"size": 11},
        },
    }


def _outlines(mark: Letters, which: str) -> list[Json]:
    boxes = zip(mark.letters, *map(numbers, (mark.left, mark.bottom, mark.width, mark.height)), strict=True)
    return [
        {
            "type": "path",
            "path": svg_path(*box),
            "xref": f"x{which}",
            "yref": f"y{which}",
            "fillcolor": colour,
            "line": {"width": 0},
        }
        for box, colour in zip(boxes, mark.colours, strict=True)
    ]


def _rule(mark: Rule, which: str) -> tuple[Json, list[Json]]:
    along, across = mark.axis, "y" if mark.axis == "x" else "x"
    at = number(mark.at)
    shape = {
        "type": "line",
        f"{along}ref": f"{along}{which}",
        f"{across}ref": f"{across}{which} domain",
        f"{along}0": at,
        f"{along}1": at,
        f"{across}0": 0,
        f"{across}1": 1,
        "line": {"color": mark.style.colour, "dash": mark.style.dash, "width": mark.style.width},
    }
    if not mark.word:
        return shape, []
    word = {
        f"{along}ref": f"{along}{which}",
        f"{across}ref": f"{across}{which} domain",
        along: at,
        across: 1,
        "text": mark.word,
        "showarrow": False,
        "xanchor": "left" if along == "x" else "right",
        "yanchor": "top" if along == "x" else "bottom",
        "font": {"size": 11, "color": mark.style.colour},
    }
    return shape, [word]
