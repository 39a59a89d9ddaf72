"""The outcome of a rehearsal in words; they claim no more than the simulations show."""

from collections.abc import Iterator

from designloop.core.counting import many
from designloop.rehearsal.outcome import Arm, Outcome, Spread
from designloop.study.pairs import MIN_UNITS, Pair
from designloop.study.sentences import estimate, number

INSIDE, ENDS = 122, 160
"""Real ends inside the ranges, and all, where the model has skill (benchmarks/rehearsal.py)."""
FEWEST = 9
"""Simulations from which a range of 8 in 10 can be told."""
_FEW = 2
"""Differences that a headline tells one by one."""


def headline(outcome: Outcome) -> str:
    """What the plan leads to, and whether another arm is better."""
    first, *others = outcome.arms
    if outcome.plan.skill.reason:
        spent = f"{weeks(first.weeks.mean.value)} and {cost(first, outcome.plan.currency)}"
        why = f"the truth is nearly arbitrary, since {outcome.plan.skill.reason}"
        return f"No forecast of values: {why}. '{first.label}' takes {spent}, on average."
    end = first.final["recommended"]
    told = (
        f"After {weeks(first.weeks.mean.value)}, the recommended design of '{first.label}' is worth "
        f"{number(end.mean.value)} on average, and {range_of(end)} in {most(outcome.n)}."
    )
    return f"{told} {compared(outcome)}" if others else told


def value_in_words(outcome: Outcome) -> str:
    """What the values are of."""
    held, what = outcome.plan.in_hand, "the true value of the design that is recommended"
    return what if held is None else f"{what}, or of {held.words} where that is worth more"


def most(n: int) -> str:
    """`8 of 10 simulations`; of fewer than nine, the range is that of all, and one more is often outside."""
    return "8 of 10 simulations" if n >= FEWEST else f"all {many(n, 'simulation')}, too few for a range of 8 in 10"


def may_miss() -> str:
    """What ranges are worth."""
    return (
        "Ranges hold only if the model of the truth is right. In our benchmark, where it predicted what was measured, "
        f"{INSIDE} of {ENDS} real campaigns ended inside, instead of {8 * ENDS // 10}."
    )


def weeks(number_of: float) -> str:
    """`12 weeks` or `3.4 weeks`."""
    return f"{number_of:.1f} weeks"


def cost(arm: Arm, currency: str) -> str:
    """`12,300 USD`; `cost 12,300` if the lab names no currency."""
    return f"{arm.cost.mean.value:,.0f} {currency}" if currency else f"cost {arm.cost.mean.value:,.0f}"


def range_of(spread: Spread) -> str:
    """`1.1 to 1.8`: where 8 of 10 simulations lie."""
    return f"{number(spread.low)} to {number(spread.high)}"


def compared(outcome: Outcome) -> str:
    """The differences that are shown, or that none is."""
    called = sorted((pair for pair in outcome.pairs if pair.is_called), key=_size, reverse=True)
    if len(called) > _FEW:
        return (
            f"Differences are shown in {len(called)} of {len(outcome.pairs)} pairs. The largest: {_called(called[0])}"
        )
    if called:
        return " ".join(_called(pair) for pair in called)
    n = outcome.n
    if n < MIN_UNITS:
        return f"With {many(n, 'simulation')} of each arm nothing is tested; {MIN_UNITS} are needed."
    if any(pair.p is None for pair in outcome.pairs):
        return "Nothing is tested, since simulations failed or are missing."
    return f"No difference between the arms is shown with {n} simulations of each."


def _size(pair: Pair) -> float:
    return 0.0 if pair.difference is None else abs(pair.difference.value)


def _called(pair: Pair) -> str:
    assert pair.difference is not None
    sign = 1.0 if pair.difference.value > 0 else -1.0
    behind = pair.b if pair.ahead == pair.a else pair.a
    ends = sorted(sign * end for end in (pair.difference.low or 0.0, pair.difference.high or 0.0))
    by = f"{number(sign * pair.difference.value)} (95% interval {number(ends[0])} to {number(ends[1])})"
    return f"'{pair.ahead}' ends above '{behind}' by {by}."


def difference(pair: Pair) -> tuple[str, str, str]:
    """The difference of two arms, how often the first ends above, and what can be said."""
    if pair.difference is None:
        return "–", "–", "no simulation of both"
    share = "–" if pair.improvement is None else f"{100 * pair.improvement.value:.0f}%"
    return estimate(pair.difference), share, _said(pair)


def _said(pair: Pair) -> str:
    if pair.is_called:
        return f"'{pair.ahead}' is ahead"
    if pair.p is None:
        return "not tested"
    least = f"; {number(pair.detectable)} would be found in 8 of 10 rehearsals" if pair.detectable else ""
    return f"no difference shown{least}"


def chance(arm: Arm) -> str:
    """`65% (41% to 85%)`."""
    found = arm.chance
    return "" if found is None else f"{found.share:.0%} ({found.low:.0%} to {found.high:.0%})"


def lines_of(outcome: Outcome) -> Iterator[str]:
    """What the terminal prints, before the tables."""
    plan = outcome.plan
    yield f"rehearsal of {plan.name}: {many(len(outcome.arms), 'arm')}, {many(outcome.n, 'simulation')} of each"
    yield from (f"  {sentence}" for sentence in plan.sentences)
    yield from (f"warning: {warning}" for warning in plan.warnings)
