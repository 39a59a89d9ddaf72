"""The figures of a replay."""

import numpy as np

from designloop.core.counting import many
from designloop.hindsight.chance import best_of, mean_of
from designloop.hindsight.findings import BUILT, CHANCE, Findings
from designloop.report.marks import Axis, Band, Figure, Line, Mark, Panel, Points, Rule
from designloop.report.palette import Style, style

_SPREAD = 0.5
"""The width over which the marks of one decision are spread."""


def differences(found: Findings) -> Figure:
    """The differences of the mean values, as a forest plot."""
    pairs = found.pairs
    gains = [found.mean_gain(*pair) for pair in pairs]
    heights = list(range(len(pairs)))
    marks: list[Mark] = [Rule(0.0, "x")]
    for name in dict.fromkeys(name for name, _ in pairs):
        here = [at for at in heights if pairs[at][0] == name]
        its = [gains[at] for at in here]
        lows, highs = [one.low for one in its], [one.high for one in its]
        marks.append(Points([one.value for one in its], here, _style(found, name), name, lows, highs))
    ticks = tuple((float(at), f"{name} − {over}") for at, (name, over) in enumerate(pairs))
    return Figure(
        "differences",
        "Differences of the mean value",
        "The mean value of the choices of a strategy minus that of another chooser, with 95% intervals (bootstrap over "
        f"designs and seeds); {many(len(found.compared), 'decision')}, each choice with the same weight.",
        (
            Panel(
                Axis("difference of the mean measured value"),
                Axis(ticks=ticks, low=-0.6, high=len(pairs) - 0.4, is_reversed=True, has_grid=False),
                tuple(marks),
                height=60 + 34 * len(pairs),
            ),
        ),
    )


def by_decision(found: Findings) -> Figure:
    """The mean value of the choices at each decision: seeds of strategies, chance with its range, and the batches."""
    decisions = [one for one in found.decisions if one.is_choice]
    at = [float(one.number) for one in decisions]
    chance = [mean_of([one.chance]) for one in decisions]
    places = _places(len(found.strategies) + len(found.others))
    marks: list[Mark] = [
        Points(
            [x + places[0] for x in at],
            [its.expected for its in chance],
            _style(found, CHANCE),
            CHANCE,
            y_low=[its.low for its in chance],
            y_high=[its.high for its in chance],
        )
    ]
    if BUILT in found.others:
        means = [one.as_built.mean if len(one.actual) else np.nan for one in decisions]
        marks.append(Points([x + places[1] for x in at], means, _style(found, BUILT), BUILT))
    for name, shift in zip(found.strategies, places[len(found.others) :], strict=True):
        each = [[float(one.values[its].mean()) for its in one.picks(name) if len(its)] or [np.nan] for one in decisions]
        marks.append(
            Points(
                [x + shift for x in at],
                [float(np.mean(its)) for its in each],
                _style(found, name),
                name,
                y_low=[min(its) for its in each],
                y_high=[max(its) for its in each],
            )
        )
    ticks = tuple((float(one.number), str(one.number)) for one in decisions)
    return Figure(
        "by-decision",
        "Mean value of the choices at each decision",
        "Strategies: the mean and the range over seeds. Random choice: its expectation, and the range of 95% of random "
        f"choices from the same candidates. {many(len(decisions), 'decision')}.",
        (Panel(Axis("decision", ticks), Axis("mean measured value"), tuple(marks)),),
    )


def best_so_far(found: Findings) -> Figure:
    """The best value among the choices so far, over the compared decisions."""
    compared = found.compared
    at = [float(one.number) for one in compared]
    chance = [best_of([one.chance for one in compared[: n + 1]]) for n in range(len(compared))]
    marks: list[Mark] = [
        Band(at, [its.low for its in chance], [its.high for its in chance], _style(found, CHANCE).faint(), CHANCE),
        Line(at, [its.expected for its in chance], _style(found, CHANCE), CHANCE),
    ]
    if BUILT in found.others:
        built = [best_of([one.as_built for one in compared[: n + 1]]).expected for n in range(len(compared))]
        marks += [Line(at, built, _style(found, BUILT), BUILT), Points(at, built, _style(found, BUILT), BUILT)]
    for name in found.strategies:
        bests = found.bests(name).mean(axis=0)
        marks += [Line(at, bests, _style(found, name), name), Points(at, bests, _style(found, name), name)]
    ticks = tuple((float(one.number), str(one.number)) for one in compared)
    return Figure(
        "best-so-far",
        "Best value among the choices so far",
        "Strategies: mean over seeds. Random choice: its expectation, and the range of 95% of random choices. Values "
        "are measured, so the best of many is partly luck, for every chooser.",
        (Panel(Axis("decision", ticks), Axis("best measured value"), tuple(marks)),),
    )


def _style(found: Findings, name: str) -> Style:
    """Strategies have the first styles; chance and the batches those after them."""
    return style([*found.strategies, *found.others].index(name))


def _places(n: int) -> list[float]:
    """Places around 0, so that the marks of one decision do not hide each other."""
    return [_SPREAD * (at - (n - 1) / 2.0) / max(n, 2) for at in range(n)]
