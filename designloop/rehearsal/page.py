"""The page of a rehearsal, in the style of reports."""

from collections.abc import Iterator

import numpy as np

from designloop.core.counting import many
from designloop.rehearsal.arms import in_words
from designloop.rehearsal.outcome import Arm, Outcome, quantiles
from designloop.rehearsal.tables import Table as Plain
from designloop.rehearsal.tables import tables_of
from designloop.rehearsal.words import cost, headline, may_miss, range_of, value_in_words, weeks
from designloop.report.marks import Axis, Band, Figure, Line, Mark, Panel, Points, Rule
from designloop.report.page import Column, Fact, Page, Section, Table
from designloop.report.palette import style
from designloop.study.sentences import number

_POINTS = 120


def page_of(outcome: Outcome) -> Page:
    """The page: values by week and by money, the arms, their differences, and what was simulated."""
    plan = outcome.plan
    tables = {table.name: _table(table) for table in tables_of(outcome)}
    sections = (
        Section("weeks", "By week", (_by_week(outcome), _ends(outcome), tables["arms"])),
        Section("money", "Money", (_money(outcome),)),
        *((Section("differences", "Differences", (tables["differences"],)),) if "differences" in tables else ()),
        Section("table", "All weeks", (tables["weeks"],)),
        Section("assumed", "What was simulated", tuple(_sentence(one) for one in _assumed(outcome))),
    )
    lead = (*(f"Warning: {warning}." for warning in plan.warnings), *_lead(outcome))
    return Page(f"{plan.name}, rehearsed", "rehearsal", headline(outcome), lead, tuple(_facts(outcome)), sections)


def _lead(outcome: Outcome) -> Iterator[str]:
    n, plan = outcome.n, outcome.plan
    each = f"simulated {many(n, 'time')} for each of {many(len(outcome.arms), 'arm')}"
    yield f"The rest of the campaign from {plan.moment} on, {each}."
    if not plan.skill.reason:
        yield may_miss()
    if plan.is_assumed:
        yield "Nobody described the lab: its times and prices are those of a preset."


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _assumed(outcome: Outcome) -> Iterator[str]:
    yield from outcome.plan.sentences
    yield from in_words(outcome.plan.arms)


def _facts(outcome: Outcome) -> Iterator[Fact]:
    yield from (_fact(outcome, arm) for arm in outcome.arms[:4])
    found = outcome.arms[0].chance
    if found is not None and not outcome.plan.skill.reason:
        note = f"of simulations of '{outcome.arms[0].label}'; 95% interval {found.low:.0%} to {found.high:.0%}"
        yield Fact(f"Reaches {number(outcome.plan.target)}", f"{found.share:.0%}", note)


def _fact(outcome: Outcome, arm: Arm) -> Fact:
    """The value at the end; weeks and money where the truth is arbitrary."""
    if outcome.plan.skill.reason:
        return Fact(arm.label, weeks(arm.weeks.mean.value), cost(arm, outcome.plan.currency))
    end = arm.final["recommended"]
    return Fact(arm.label, number(end.mean.value), f"{range_of(end)} in 8 of 10")


def _by_week(outcome: Outcome) -> Figure:
    end = max(arm.weeks.high for arm in outcome.arms)
    at = np.linspace(0.0, max(end, 0.1), _POINTS)
    marks = [mark for i, arm in enumerate(outcome.arms) for mark in _curve(outcome, arm, i, at)]
    if outcome.plan.target is not None:
        marks.append(Rule(outcome.plan.target))
    target = " Dotted line: the target." if outcome.plan.target is not None else ""
    return Figure(
        "value-by-week",
        "Value by week",
        f"{_sentence(value_in_words(outcome))} Lines: mean over simulations. Band: where 8 of 10 simulations "
        f"of '{outcome.arms[0].label}' lie. An arm that has ended keeps its last value.{target}",
        (Panel(Axis("weeks from now", low=0.0, high=float(at[-1])), Axis("value"), tuple(marks), height=360),),
    )


def _curve(outcome: Outcome, arm: Arm, place: int, at: np.ndarray) -> Iterator[Mark]:
    values = outcome.values(arm.label, "recommended", at)
    low, _, high = quantiles(values)
    if place == 0:
        yield Band(at.tolist(), low.tolist(), high.tolist(), style(place).faint(0.35), arm.label, is_step=True)
    yield Line(at.tolist(), values.mean(axis=0).tolist(), style(place), arm.label, is_step=True)


def _ends(outcome: Outcome) -> Figure:
    arms = outcome.arms
    rows, marks = [float(-i) for i in range(len(arms))], list[Mark]()
    for i, (arm, y) in enumerate(zip(arms, rows, strict=True)):
        end = arm.final["recommended"]
        hover = [f"{arm.label}: {range_of(end)}"]
        mean = end.mean.value
        marks.append(Points([mean], [y], style(i), arm.label, x_low=[end.low], x_high=[end.high], hover=hover))
    ticks = tuple((y, arm.label) for arm, y in zip(arms, rows, strict=True))
    return Figure(
        "ends",
        "Value at the end",
        "At the end of each arm. Points: mean over simulations. Lines: where 8 of 10 simulations lie.",
        (
            Panel(
                Axis("value"), Axis("", ticks, low=rows[-1] - 0.6, high=0.6), tuple(marks), height=90 + 34 * len(arms)
            ),
        ),
    )


def _money(outcome: Outcome) -> Figure:
    at = np.linspace(0.0, max(*(arm.weeks.high for arm in outcome.arms), 0.1), _POINTS)
    value, money = list[Mark](), list[Mark]()
    for i, arm in enumerate(outcome.arms):
        spent = outcome.spent(arm.label, "cost", at).mean(axis=0)
        values = outcome.values(arm.label, "recommended", at).mean(axis=0)
        value.append(Line(spent.tolist(), values.tolist(), style(i), arm.label, is_step=True))
        money.append(Line(at.tolist(), spent.tolist(), style(i), arm.label, is_step=True))
    most = max(*(arm.cost.mean.value for arm in outcome.arms), 1.0)
    return Figure(
        "money",
        "Money",
        "Means over simulations, from now on, by the prices of the simulated lab.",
        (
            Panel(
                Axis(f"{outcome.plan.money} from now on", low=0.0, high=1.03 * most),
                Axis("value"),
                tuple(value),
                "Value by money",
                280,
            ),
            Panel(
                Axis("weeks from now", low=0.0), Axis(outcome.plan.money, low=0.0), tuple(money), "Money by week", 280
            ),
        ),
        columns=2,
    )


def _table(table: Plain) -> Table:
    kind = "number" if table.are_numbers else "text"
    columns = tuple(Column(title, "text" if i == 0 else kind) for i, title in enumerate(table.columns))  # type: ignore[arg-type]
    return Table(table.name, table.title, columns, table.rows, table.caption)
