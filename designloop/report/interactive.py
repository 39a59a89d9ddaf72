"""Figures for the page: plotly's JSON, without plotly's Python. Widths are left to the browser, heights are in pixels."""

from collections.abc import Sequence
from json import dumps
from math import ceil, isfinite, log10
from typing import Any

from designloop.report.glyphs import svg_path
from designloop.report.marks import Axis, Band, Bars, Cells, Figure, Floats, Letters, Line, Mark, Panel, Points, Rule
from designloop.report.marks import Text as Words
from designloop.report.marks import floats
from designloop.report.palette import GRID, INK, PAPER, QUIET, Style

Json = dict[str, Any]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_TITLE, _BETWEEN, _TICKS, _BAR, _BELOW = 30, 16, 54, 62, 12
"""Pixels for a panel's title; between panels that share x; for tick labels and an axis title; for a colour bar."""
_COLUMN_GAP = 0.085


def as_json(figure: Figure) -> str:
    """The figure's traces and two layouts, wide and narrow, as JSON that may stand in a script element."""
    spec = {"data": traces(figure), "wide": layout(figure, figure.columns), "narrow": layout(figure, 1)}
    return dumps(spec, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def traces(figure: Figure) -> list[Json]:
    """Every mark that plotly has a trace for, in order; letters and rules are shapes of the layout."""
    return [
        {**trace, **_axes_of(trace, _nth(place))}
        for place, panel in enumerate(figure.panels)
        for mark in panel.marks
        for trace in _traces(mark, panel)
    ]


def _axes_of(trace: Json, nth: str) -> Json:
    colours = {"coloraxis": f"coloraxis{nth}"} if trace["type"] == "heatmap" else {}
    return {"xaxis": f"x{nth}", "yaxis": f"y{nth}", **colours}


def _nth(place: int) -> str:
    return "" if place == 0 else str(place + 1)


# -- marks -----------------------------------------------------------------------------------------------------------


def _traces(mark: Mark, panel: Panel) -> list[Json]:
    draw = _DRAW.get(type(mark))
    if draw is None:
        return []
    trace: Json = draw(mark)
    hover = {} if "hoverinfo" in trace else _hover(mark, panel)
    name = getattr(mark, "name", "")
    return [{**trace, **hover, "showlegend": False, **({"name": name, "legendgroup": name} if name else {})}]


def _line(mark: Line) -> Json:
    line = {"color": mark.style.colour, "width": mark.style.width, "dash": mark.style.dash}
    shape = {"shape": "hv"} if mark.is_step else {}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(mark.x),
        "y": numbers(mark.y),
        "line": {**line, **shape},
        "opacity": mark.style.opacity,
    }


def _band(mark: Band) -> Json:
    x, y = mark.outline()
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(x),
        "y": numbers(y),
        "fill": "toself",
        "fillcolor": mark.style.colour,
        "line": {"width": 0},
        "opacity": 0.18 * mark.style.opacity,
        "hoverinfo": "skip",
    }


def _points(mark: Points) -> Json:
    trace: Json = {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(mark.x),
        "y": numbers(mark.y),
        "marker": {
            "color": mark.style.colour,
            "symbol": mark.style.marker,
            "size": mark.style.size,
            "opacity": mark.style.opacity,
            "line": {"width": 0.5, "color": PAPER},
        },
    }
    for axis in "xy":
        if (spread := mark.spread(axis)) is not None:
            trace[f"error_{axis}"] = {
                "type": "data",
                "symmetric": False,
                "array": numbers(spread[1]),
                "arrayminus": numbers(spread[0]),
                "color": mark.style.colour,
                "thickness": mark.style.width * 0.75,
                "width": 0,
            }
    return trace


def _bars(mark: Bars) -> Json:
    along, across = ("x", "y") if mark.is_horizontal else ("y", "x")
    return {
        "type": "bar",
        "orientation": "h" if mark.is_horizontal else "v",
        along: numbers(mark.length),
        across: numbers(mark.at),
        "base": numbers(mark.bases()),
        "width": mark.thickness,
        "marker": {"color": mark.style.colour, "opacity": mark.style.opacity, **_pattern(mark.style)},
    }


def _pattern(style: Style) -> Json:
    if not style.hatch:
        return {}
    return {"pattern": {"shape": style.hatch, "fgcolor": PAPER, "fgopacity": 0.6, "size": 6, "solidity": 0.2}}


def _cells(mark: Cells) -> Json:
    trace: Json = {
        "type": "heatmap",
        "z": [numbers(row) for row in floats(mark.values)],
        "xgap": 1.5,
        "ygap": 1.5,
        "hoverongaps": len(mark.hover) > 0,
    }
    if len(mark.labels):
        trace |= {"text": [list(row) for row in mark.labels], "texttemplate": "%{text}", "textfont": {"size": 11}}
    return trace


def _words(mark: Words) -> Json:
    sides = {"left": "middle right", "middle": "middle center", "right": "middle left"}
    return {
        "type": "scatter",
        "mode": "text",
        "x": numbers(mark.x),
        "y": numbers(mark.y),
        "text": list(mark.words),
        "textposition": sides[mark.anchor],
        "textfont": {"color": mark.colour, "size": mark.size},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _letters(mark: Letters) -> Json:
    """What the pointer finds of a logo: unseen points in the middle of its letters."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(floats(mark.left) + floats(mark.width) / 2),
        "y": numbers(floats(mark.bottom) + floats(mark.height) / 2),
        "marker": {"opacity": 0, "size": 14},
    }


_DRAW: dict[type, Any] = {
    Line: _line,
    Band: _band,
    Points: _points,
    Bars: _bars,
    Cells: _cells,
    Letters: _letters,
    Words: _words,
}


def _hover(mark: Any, panel: Panel) -> Json:
    if len(mark.hover):
        texts = [list(row) for row in mark.hover] if isinstance(mark, Cells) else list(mark.hover)
        return {"hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}
    name = f"{mark.name}<br>" if getattr(mark, "name", "") else ""
    value = "<br>%{z:.4~g}" if isinstance(mark, Cells) else ""
    places = f"{panel.x.title or 'x'}: %{{x:.4~g}}<br>{panel.y.title or 'y'}: %{{y:.4~g}}"
    return {"hovertemplate": f"{name}{places}{value}<extra></extra>"}


# -- layout ----------------------------------------------------------------------------------------------------------


def layout(figure: Figure, columns: int) -> Json:
    """Where panels stand: `columns` side by side, each as high as it says, with room for titles and tick labels."""
    rows = [figure.panels[i : i + columns] for i in range(0, len(figure.panels), columns)]
    tops, height = list[int](), 0
    for index, row in enumerate(rows):
        height += _TITLE if any(panel.title for panel in row) else _BELOW
        tops.append(height)
        height += max(panel.height for panel in row) + _room_below(figure, row, is_last=index == len(rows) - 1)
    result: Json = _page(height)
    for place, panel in enumerate(figure.panels):
        row, column = divmod(place, columns)
        width = (1 - _COLUMN_GAP * (columns - 1)) / columns
        left = column * (width + _COLUMN_GAP)
        box = (left, left + width, 1 - (tops[row] + panel.height) / height, 1 - tops[row] / height)
        shows_x = not figure.shares_x or row == ceil(len(figure.panels) / columns) - 1
        _add_panel(result, panel, place, box, shows_x=shows_x, follows=figure.shares_x and place > 0)
    return result


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
    nth = _nth(place)
    x, y = _axis(panel.x), _axis(panel.y)
    x |= {"domain": [left, right], "anchor": f"y{nth}"}
    y |= {"domain": [bottom, top], "anchor": f"x{nth}"}
    if follows:
        x["matches"] = "x"
    if not shows_x:
        x |= {"showticklabels": False, "title": {"text": ""}}
    if panel.is_square:
        y |= {"scaleanchor": f"x{nth}", "constrain": "domain", "constraintoward": "top"}
        x["constrain"] = "domain"
    result |= {f"xaxis{nth}": x, f"yaxis{nth}": y}
    if panel.title:
        result["annotations"].append(_heading(panel.title, left, top))
    if panel.paper != PAPER:
        result["shapes"].append(_backdrop(panel.paper, nth))
    for mark in panel.marks:
        if isinstance(mark, Letters):
            result["shapes"] += _outlines(mark, nth)
        elif isinstance(mark, Rule):
            shape, word = _rule(mark, nth)
            result["shapes"].append(shape)
            result["annotations"] += word
        elif isinstance(mark, Cells):
            result[f"coloraxis{nth}"] = _colours(mark, box, result["height"])


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
            "ticktext": [word for _, word in axis.ticks],
        }
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


def _backdrop(colour: str, nth: str) -> Json:
    return {
        "type": "rect",
        "xref": f"x{nth} domain",
        "yref": f"y{nth} domain",
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "fillcolor": colour,
        "line": {"width": 0},
    }


def _colours(mark: Cells, box: Box, height: int) -> Json:
    """What the colours of a panel say, on a bar below its tick labels."""
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


def _outlines(mark: Letters, nth: str) -> list[Json]:
    boxes = zip(mark.letters, *map(numbers, (mark.left, mark.bottom, mark.width, mark.height)), strict=True)
    return [
        {
            "type": "path",
            "path": svg_path(*box),
            "xref": f"x{nth}",
            "yref": f"y{nth}",
            "fillcolor": colour,
            "line": {"width": 0},
        }
        for box, colour in zip(boxes, mark.colours, strict=True)
    ]


def _rule(mark: Rule, nth: str) -> tuple[Json, list[Json]]:
    along, across = mark.axis, "y" if mark.axis == "x" else "x"
    at = number(mark.at)
    shape = {
        "type": "line",
        f"{along}ref": f"{along}{nth}",
        f"{across}ref": f"{across}{nth} domain",
        f"{along}0": at,
        f"{along}1": at,
        f"{across}0": 0,
        f"{across}1": 1,
        "line": {"color": mark.style.colour, "dash": mark.style.dash, "width": mark.style.width},
    }
    if not mark.word:
        return shape, []
    word = {
        f"{along}ref": f"{along}{nth}",
        f"{across}ref": f"{across}{nth} domain",
        along: at,
        across: 1,
        "text": mark.word,
        "showarrow": False,
        "xanchor": "left" if along == "x" else "right",
        "yanchor": "top" if along == "x" else "bottom",
        "font": {"size": 11, "color": mark.style.colour},
    }
    return shape, [word]


# -- numbers ---------------------------------------------------------------------------------------------------------


def numbers(values: Any) -> list[float | int | None]:
    """Numbers for JSON: six significant digits, None for NaN."""
    array: Floats = floats(values)
    return [number(value) for value in array.tolist()]


def number(value: float) -> float | int | None:
    """One number for JSON: six significant digits, whole ones as such, None for NaN."""
    if not isfinite(value):
        return None
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
