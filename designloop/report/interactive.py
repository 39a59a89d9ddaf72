"""Figures for the page as plotly JSON, written without plotly's Python package."""

from json import dumps
from typing import Any

from designloop.report.layout import layout, nth
from designloop.report.marks import Band, Bars, Cells, Figure, Letters, Line, Mark, Panel, Points, Text, floats
from designloop.report.numbers import numbers
from designloop.report.palette import PAPER, TICK, Style

Json = dict[str, Any]


def as_json(figure: Figure) -> str:
    """The figure's traces and two layouts, wide and narrow, as JSON that is safe inside a script element."""
    spec: Json = {"data": traces(figure), "wide": layout(figure, figure.columns), "narrow": layout(figure, 1)}
    if figure.least_width:
        spec["least"] = figure.least_width
    return dumps(spec, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def traces(figure: Figure) -> list[Json]:
    """The marks that plotly draws as traces, in order; letters and rules are shapes of the layout."""
    return [
        {**trace, **_axes_of(trace, nth(place))}
        for place, panel in enumerate(figure.panels)
        for mark in panel.marks
        for trace in _traces(mark, panel)
    ]


def _axes_of(trace: Json, which: str) -> Json:
    colours = {"coloraxis": f"coloraxis{which}"} if trace["type"] == "heatmap" else {}
    return {"xaxis": f"x{which}", "yaxis": f"y{which}", **colours}


# -- marks -----------------------------------------------------------------------------------------------------------


def _traces(mark: Mark, panel: Panel) -> list[Json]:
    draw = _DRAW.get(type(mark))
    if draw is None:
        return []
    trace: Json = draw(mark)
    hover = {} if "hoverinfo" in trace else _hover(mark, panel)
    name, about = getattr(mark, "name", ""), getattr(mark, "about", ())
    named = {"name": name, "legendgroup": name} if name else {}
    return [{**trace, **hover, "showlegend": False, **named, **({"meta": list(about)} if about else {})}]


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
            "size": mark.style.size,
            "opacity": mark.style.opacity,
            **_shape(mark.style),
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


def _shape(style: Style) -> Json:
    """A marker's shape: filled, with a light rim that separates neighbours; a tick is a line without an inside."""
    if style.marker == TICK:
        return {"symbol": "line-ns-open", "line": {"width": 1.5}}
    return {"symbol": style.marker, "line": {"width": 0.5, "color": PAPER}}


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
    return {"pattern": {"shape": style.hatch, "bgcolor": style.colour, "fgcolor": PAPER, "size": 7, "solidity": 0.2}}


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


def _words(mark: Text) -> Json:
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
    """Invisible points in the middle of a logo's letters, which carry the hover texts."""
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
    Text: _words,
}


def _hover(mark: Any, panel: Panel) -> Json:
    if len(mark.hover):
        texts = [list(row) for row in mark.hover] if isinstance(mark, Cells) else list(mark.hover)
        return {"hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}
    name = f"{mark.name}<br>" if getattr(mark, "name", "") else ""
    value = "<br>%{z:.4~g}" if isinstance(mark, Cells) else ""
    places = f"{panel.x.title or 'x'}: %{{x:.4~g}}<br>{panel.y.title or 'y'}: %{{y:.4~g}}"
    return {"hovertemplate": f"{name}{places}{value}<extra></extra>"}
