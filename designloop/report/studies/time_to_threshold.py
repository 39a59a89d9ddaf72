"""Time to the threshold, and the share of campaigns that reach it, as Kaplan-Meier curves."""

from collections.abc import Iterator

from designloop.report.marks import Axis, Figure, Line, Mark, Panel, Points
from designloop.report.page import Views
from designloop.report.palette import TICK, Style
from designloop.report.studies.judged_study import AXIS_WORDS, Judged, named, slug
from designloop.report.studies.value_curves import BEYOND, looks
from designloop.study.reaching import Reached
from designloop.study.sentences import number
from designloop.study.traces import first_reach
from designloop.study.units import Setting
from designloop.study.verdict import SettingVerdict


def reaching(judged: Judged, setting: Setting, verdict: SettingVerdict) -> Views | None:
    """The share of campaigns that have reached the threshold; None if none is set."""
    threshold = judged.results.thresholds.get(setting.landscape)
    if threshold is None or not any(one.reached for one in verdict.standings):
        return None
    name = slug("reached", *setting.labels.values())
    return looks(judged, name, lambda trace, axis: _figure(judged, setting, verdict, trace, axis))


def _figure(judged: Judged, setting: Setting, verdict: SettingVerdict, trace: str, axis: str) -> Figure:
    found = {one.label: one.reached[trace][axis] for one in verdict.standings if trace in one.reached}
    end = BEYOND * max(getattr(cell, axis) for cell in setting.cells)
    marks = [
        mark for label, reached in found.items() for mark in _marks(judged, setting, label, reached, trace, axis, end)
    ]
    shares = ", ".join(f"{label} {_share(one)}" for label, one in found.items())
    threshold = next(iter(found.values())).threshold
    return Figure(
        slug("reached", *setting.labels.values(), trace, axis),
        f"Reaching a true value of {number(threshold)}: {named(setting.labels)}",
        "Share of campaigns that have reached it (Kaplan-Meier). Campaigns that end without reaching it are censored "
        f"(small vertical marks). Reached in total: {shares}.",
        (
            Panel(
                Axis(AXIS_WORDS[axis], low=0.0, high=end),
                Axis("share that reached it", low=-0.02, high=1.02),
                tuple(marks),
                height=280,
            ),
        ),
    )


def _share(reached: Reached) -> str:
    return f"{reached.n_reached} of {reached.n}"


def _marks(
    judged: Judged, setting: Setting, label: str, reached: Reached, trace: str, axis: str, end: float
) -> Iterator[Mark]:
    look = judged.style(label)
    cells = list(setting.done[label].values())
    times, shares = [0.0, *(t for t, _ in reached.curve)], [0.0, *(share for _, share in reached.curve)]
    hover = [
        f"{label}<br>{AXIS_WORDS[axis]}: {number(t)}<br>{s:.0%} reached it" for t, s in zip(times, shares, strict=True)
    ]
    yield Line([*times, end], [*shares, shares[-1]], look, label, is_step=True, hover=[*hover, hover[-1]])
    reaches = [first_reach(c.traces.get(trace), axis, reached.threshold, getattr(c, axis)) for c in cells]
    censored = sorted(reach.at for reach in reaches if not reach.is_reached)
    if censored:
        heights = [max((share for t, share in reached.curve if t <= at), default=0.0) for at in censored]
        tick = Style(look.colour, marker=TICK, size=9)
        said = [f"{label}: ended without reaching it<br>{AXIS_WORDS[axis]}: {number(at)}" for at in censored]
        yield Points(censored, heights, tick, label, hover=said)
