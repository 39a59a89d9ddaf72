"""The tables of a rehearsal: of arms, of weeks, and of differences; the terminal and the page show the same."""

from dataclasses import dataclass

from designloop.rehearsal.outcome import Arm, Outcome, Week
from designloop.rehearsal.words import FEWEST, chance, difference, range_of, value_in_words
from designloop.study.sentences import estimate, number


@dataclass(frozen=True)
class Table:
    """A table of words; all columns but the first hold numbers, if `are_numbers`."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    are_numbers: bool = True


def tables_of(outcome: Outcome) -> list[Table]:
    """All tables that have rows."""
    return [table for table in (_arms(outcome), _weeks(outcome), _differences(outcome)) if table.rows]


def _arms(outcome: Outcome) -> Table:
    has_target = outcome.plan.target is not None
    titles = (
        "arm",
        "value at the end",
        "8 of 10",
        "best tested",
        "rise",
        "weeks",
        "designs",
        outcome.plan.money,
        f"{outcome.plan.money} a week",
    )
    reach = (f"reaches {number(outcome.plan.target)}", "half by week") if has_target else ()
    return Table(
        "arms",
        "At the end of each arm",
        (*titles, *reach),
        tuple(_arm(arm) for arm in outcome.arms),
        f"Value: {value_in_words(outcome)}, as the mean over simulations with its 95% interval. "
        f"8 of 10: where 8 of 10 simulations lie; of fewer than {FEWEST}, their whole range. Rise: from the value now. "
        "Designs count the whole campaign; weeks and money count from now on.",
    )


def _arm(arm: Arm) -> tuple[str, ...]:
    end = arm.final["recommended"]
    found = arm.chance
    half = "–" if found is None or found.weeks is None else f"{found.weeks:.1f}"
    return (
        arm.label if not arm.n_failed else f"{arm.label} ({arm.n_failed} failed)",
        estimate(end.mean),
        range_of(end),
        number(arm.final["true"].mean.value),
        number(arm.gain.value),
        f"{arm.weeks.mean.value:.1f}",
        f"{arm.designs.mean.value:.0f}",
        f"{arm.cost.mean.value:,.0f}",
        f"{arm.cost_per_week:,.0f}",
        *((chance(arm), half) if found is not None else ()),
    )


def _weeks(outcome: Outcome) -> Table:
    rows = tuple(_week(arm, week) for arm in outcome.arms for week in arm.by_week)
    return Table(
        "weeks",
        "By week",
        ("arm", "week from now", "value", "8 of 10", "best tested", "designs", outcome.plan.money),
        rows,
        "Means over simulations. An arm that has ended keeps its last value.",
    )


def _week(arm: Arm, week: Week) -> tuple[str, ...]:
    named = week.values["recommended"]
    return (
        arm.label,
        f"{week.week:g}",
        number(named.mean.value),
        range_of(named),
        number(week.values["true"].mean.value),
        f"{week.designs:.0f}",
        f"{week.cost:,.0f}",
    )


def _differences(outcome: Outcome) -> Table:
    return Table(
        "differences",
        "Differences at the end",
        ("arms", "difference", "first is above", "result"),
        tuple((f"{pair.a} - {pair.b}", *difference(pair)) for pair in outcome.pairs),
        "Value of the first arm minus that of the second, in simulations with the same truth and the same luck of the "
        "lab, with its 95% interval. Tests are sign-flip tests, corrected over all pairs (Holm).",
        are_numbers=False,
    )
