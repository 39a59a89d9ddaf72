"""The page of a trial run, in the style of reports."""

from collections.abc import Iterator
from math import isnan

import numpy as np

from designloop.core.clock import WEEK
from designloop.core.counting import many
from designloop.report.lab.section import lab_blocks
from designloop.report.marks import Axis, Figure, Line, Panel, Points
from designloop.report.page import Block, Column, Fact, Page, Section, Table
from designloop.report.palette import style
from designloop.trial_runs.findings import Findings
from designloop.trial_runs.words import (
    batches_in_words,
    best_in_words,
    change_in_words,
    throughput_in_words,
    turnaround_in_words,
)

_MOST_POINTS = 400
_SHARES = {"half": 0.5, "80%": 0.8, "95%": 0.95, "all": 1.0}


def page_of(trial: Findings) -> Page:
    """The page: what the batches showed, what would help, how much the lab takes, and what each stage did."""
    sentence, *blocks = lab_blocks(trial.operations, trial.lab.describe())
    flow, *use = blocks
    sections = (
        Section("flow", "The lab", (flow,)),
        Section("turnaround", "Turnaround", (_turnaround(trial),)),
        Section("more", "One more machine or person", tuple(_one_more(trial, str(sentence)))),
        Section("loads", "Throughput against load", (_loads(trial), _load_table(trial))),
        Section("use", "Stages, machines and people", tuple(use)),
    )
    said = [f"Turnaround: {turnaround_in_words(trial)}.", f"Throughput: {throughput_in_words(trial)}."]
    first, second = said if trial.keeps_up else reversed(said)
    headline = f"{first} {best_in_words(trial)}"
    lead = (f"{batches_in_words(trial)}; every design is viable.", second)
    return Page(trial.lab.name, "lab", headline, lead, tuple(_facts(trial)), sections)


def _facts(trial: Findings) -> Iterator[Fact]:
    for share, weeks in trial.turnaround_weeks.items():
        yield Fact(f"{share[0].upper()}{share[1:]} back", "–" if isnan(weeks) else f"{weeks:.1f} weeks")
    yield Fact("Values", f"{trial.throughput:.1f} a week", f"of {trial.arrivals:.1f} designs submitted")
    found = trial.operations.bottleneck
    yield Fact("Bottleneck", found.name if found is not None else "none", "for which designs waited longest")


def _turnaround(trial: Findings) -> Figure:
    """The share of designs that are back, by weeks after their submission."""
    weeks = np.sort(trial.operations.turnarounds.with_value) / WEEK
    n = len(weeks)
    places = np.unique(np.linspace(0, max(n - 1, 0), _MOST_POINTS).astype(int))[:n]
    marks = [Line([0.0, *weeks[places]], [0.0, *((places + 1) / max(n, 1))], style(0), is_step=True)]
    found = {share: at for share, at in trial.turnaround_weeks.items() if not isnan(at)}
    heights = [_SHARES[share] for share in found]
    hover = [f"{share} back after {at:.1f} weeks" for share, at in found.items()]
    points = Points(list(found.values()), heights, style(1), hover=hover)
    return Figure(
        "turnaround",
        "Share of designs that are back",
        f"Weeks from submission to the first value, for {many(len(weeks), 'design')} with a value, submitted after the "
        "warm-up. Points: half, 80%, 95% and all of them.",
        (
            Panel(
                Axis("weeks after submission", low=0.0, high=max(float(weeks[-1]) if len(weeks) else 1.0, 0.1) * 1.05),
                Axis("share", low=0.0, high=1.05),
                (*marks, points),
                height=260,
            ),
        ),
    )


def _one_more(trial: Findings, sentence: str) -> Iterator[Block]:
    yield sentence
    yield best_in_words(trial)
    if not trial.one_more:
        return
    columns = (
        Column("one more"),
        Column("change of the mean turnaround, days", "number"),
        Column("mean turnaround before, days", "number"),
        *(Column(f"values a week {when}", "number") for when in ("before", "after")),
    )
    rows = tuple(
        (
            gain.in_words.removeprefix("one more "),
            change_in_words(gain),
            f"{gain.days_before:.1f}",
            f"{gain.before:.1f}",
            f"{gain.after:.1f}",
        )
        for gain in trial.one_more
    )
    yield Table(
        "one-more",
        "Measured by running it",
        columns,
        rows,
        "Each row is a run of its own with the same random numbers, so that the difference is that of the same "
        "designs. ± is its standard error. Tried are the machines and people for which designs waited longest.",
    )


def _loads(trial: Findings) -> Figure:
    loads = trial.loads
    arrivals = [load.arrivals for load in loads]
    high = max(arrivals) * 1.06
    across = Axis("designs submitted a week", low=0.0, high=high)
    turnarounds = [
        mark
        for place, (name, weeks) in enumerate(
            (("half back", [load.half for load in loads]), ("95% back", [load.most for load in loads]))
        )
        for mark in (Line(arrivals, weeks, style(place), name), Points(arrivals, weeks, style(place), name))
    ]
    values = [load.throughput for load in loads]
    bound = Line([0.0, high], [0.0, high * _share(trial)], style(2), "as submitted, less failures")
    return Figure(
        "loads",
        "Throughput and turnaround against load",
        f"Batches of {many(trial.batch_size, 'design')} at other intervals. Below the dotted line, the lab cannot "
        "keep up. Then the turnaround grows with every batch, and is that of the first weeks.",
        (
            Panel(
                across,
                Axis("values a week", low=0.0, high=max(*values, high * _share(trial), 0.1) * 1.06),
                (bound, Line(arrivals, values, style(0), "values"), Points(arrivals, values, style(0), "values")),
                "Throughput",
                260,
            ),
            Panel(across, Axis("weeks", low=0.0, high=_longest(trial) * 1.06), tuple(turnarounds), "Turnaround", 260),
        ),
        columns=2,
    )


def _longest(trial: Findings) -> float:
    return max((load.most for load in trial.loads if not isnan(load.most)), default=0.0) or 0.1


def _share(trial: Findings) -> float:
    share = trial.share_with_value
    return 1.0 if isnan(share) else share


def _load_table(trial: Findings) -> Table:
    titles = ("submitted a week", "values a week", "half back, weeks", "95% back, weeks")
    rows = tuple(
        (
            f"{load.arrivals:.1f}",
            f"{load.throughput:.1f}",
            f"{load.half:.1f}",
            f"{load.most:.1f}",
            "yes" if load.keeps_up else "no",
        )
        for load in trial.loads
    )
    columns = (*(Column(title, "number") for title in titles), Column("keeps up"))
    return Table("load-table", "Loads", columns, rows)
