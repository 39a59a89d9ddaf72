"""Figures of the report on strategies: critical differences, performance profile, and a forest of the ablation.

Critical differences are drawn by scikit-posthocs: pip install -c constraints.txt scikit-posthocs
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from judgements import ALPHA, Duel, Floats, Ranks
from matplotlib.figure import Figure

_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "designloop", "font.size": 8, "axes.titlesize": 9}
_COLOURS = ("#0b6e4f", "#c8553d", "#2f4b7c", "#b8860b", "#777777", "#7a4988", "#3a9ca6", "#a63a50", "#4d4d4d")


def colours(names: Sequence[str]) -> dict[str, str]:
    return {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}


def save(figure: Figure, file: Path) -> None:
    """The same bytes each time, so that a figure that did not change is not a change."""
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None, dpi=110)


def critical_differences(panels: Mapping[str, Ranks], file: Path, n_columns: int = 2) -> None:
    """A panel for each title: mean ranks, 1 the best; a bar joins strategies that are not told apart."""
    with mpl.rc_context(_STYLE):
        n_rows = -(-len(panels) // n_columns)
        most = max(len(ranks.names) for ranks in panels.values())
        size = (4.6 * n_columns, (0.6 + 0.22 * most) * n_rows)
        axes = Figure(figsize=size, layout="constrained").subplots(n_rows, n_columns, squeeze=False)
        for place in axes.flat[len(panels) :]:
            place.set_axis_off()
        for place, (title, ranks) in zip(axes.flat, panels.items(), strict=False):
            _one_panel(place, title, ranks)
        save(axes.flat[0].figure, file)


def _one_panel(place: Any, title: str, ranks: Ranks) -> None:
    from pandas import DataFrame, Series
    from scikit_posthocs import critical_difference_diagram

    p = DataFrame(1.0, index=ranks.names, columns=ranks.names)
    for (a, b), value in ranks.p.items():
        p.loc[a, b] = p.loc[b, a] = value
    critical_difference_diagram(
        Series(ranks.mean, index=ranks.names), p, ax=place, alpha=ALPHA, color_palette=colours(ranks.names),
        label_fmt_left="{label} ({rank:.2f})", label_fmt_right="({rank:.2f}) {label}",
    )  # fmt: skip
    each = f", {ranks.n_blocks} campaigns each" if ranks.n_blocks > ranks.n_units else ""
    units = f"{ranks.n_units} instances{each}"
    place.set_title(f"{title} ({units})")


def profile(panels: Mapping[str, Mapping[str, Mapping[str, Floats]]], file: Path) -> None:
    """For each title, the share of instances on which a strategy reaches a share of the best value; works count alike.

    `panels` holds shares of the best value by strategy and work.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.2 * len(panels), 3.2), layout="constrained")
        at = np.linspace(0.0, 1.0, 401)
        for place, (title, shares) in zip(
            figure.subplots(1, len(panels), squeeze=False).flat, panels.items(), strict=True
        ):
            for name, colour in colours(list(shares)).items():
                reached = np.mean([(row[:, None] >= at - 1e-9).mean(axis=0) for row in shares[name].values()], axis=0)
                area = float(np.mean([row.mean() for row in shares[name].values()]))
                place.plot(
                    at, reached, color=colour, label=f"{name} (mean {area:.2f})", lw=1.6 if name == "auto" else 1.0
                )
            place.set(
                title=f"{title}: {len(next(iter(shares.values())))} works",
                xlabel="share of the best strategy's value", ylabel="share of instances", xlim=(0, 1), ylim=(0, 1.02),
            )  # fmt: skip
            place.grid(color="#eeeeee")
            place.legend(frameon=False, loc="lower left")
        save(figure, file)


def forest(groups: Mapping[str, Mapping[str, Sequence[Duel]]], file: Path) -> None:
    """Mean paired differences from the default with their 95% intervals: a panel a work, rows by group and variant."""
    works = list(dict.fromkeys(one.work for rows in groups.values() for duels in rows.values() for one in duels))
    lines = [("", group) if name is None else (name, group) for group, rows in groups.items() for name in (None, *rows)]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(2.4 + 2.4 * len(works), 0.6 + 0.19 * len(lines)), layout="constrained")
        axes = figure.subplots(1, len(works), squeeze=False, sharey=True)
        for place, work in zip(axes.flat, works, strict=True):
            place.axvline(0.0, color="#777777", lw=0.8)
            for y, (name, group) in enumerate(lines):
                for one in groups[group].get(name, ()):
                    if one.work == work:
                        _whisker(place, y, one)
            place.set(title=f"{work}", xlabel="difference from auto")
            place.grid(axis="x", color="#eeeeee")
        first = axes.flat[0]
        first.set_yticks(range(len(lines)), [name or group for name, group in lines])
        for label, (name, _) in zip(first.get_yticklabels(), lines, strict=True):
            label.set_weight("normal" if name else "bold")
        first.set_ylim(len(lines) - 0.4, -0.6)
        save(figure, file)


def _whisker(place: Any, y: int, one: Duel) -> None:
    is_clear = abs(one.mean) > one.half if np.isfinite(one.half) else False
    colour = ("#c8553d" if one.mean > 0 else "#0b6e4f") if is_clear else "#888888"
    place.errorbar(-one.mean, y, xerr=one.half if np.isfinite(one.half) else None, fmt="o", ms=3, color=colour, lw=1.2)
