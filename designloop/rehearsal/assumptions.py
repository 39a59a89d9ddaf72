"""What a rehearsal assumes, in sentences, and which results are overdue."""

from collections.abc import Iterator, Sequence

import numpy as np

from designloop.core.clock import as_weeks
from designloop.core.counting import many, numbered
from designloop.core.history import History
from designloop.core.past import Past
from designloop.core.spaces import Space
from designloop.lab.catching_up import CaughtUp
from designloop.lab.lab import Lab
from designloop.live.dates import shown
from designloop.live.record import Record
from designloop.oracles.posterior_draw import differ
from designloop.rehearsal.money import Money
from designloop.rehearsal.truth import Truth
from designloop.study.sentences import number

_COURSES = 5
"""Courses of the lab from which it is told whether results are overdue."""


def assumptions(
    record: Record, past: Past, history: History, whence: str, noise: str, lab: Lab, truth: Truth, money: Money
) -> Iterator[str]:
    yield f"from {shown(record.moment(past.now))} on, week {as_weeks(past.now):.1f} of the campaign"
    yield f"lab: {_described(lab, whence)}; its calendar begins on the day of the campaign, {record.began.date()}"
    yield f"noise of the assay: {noise}"
    yield from _unequal(history)
    yield from _beyond(history, lab)
    yield from truth.sentences
    yield from _pending(past)
    limits = [f"{limit:g} {key}" for key, limit in money.budgets.items() if limit is not None]
    yield f"budget of the whole campaign: {', '.join(limits) or 'none; the schedule ends it'}"
    yield from money.sentences


def _described(lab: Lab, whence: str) -> str:
    """`'ours' (from the campaign's `lab.simulated`): 3.4 weeks from order to result if nobody waits; prices in EUR`."""
    prices = f"; prices in {lab.cost.currency}" if lab.cost.currency else ""
    return f"'{lab.name}' ({whence}): {lab.card.weeks:.1f} weeks from order to result if nobody waits{prices}"


def _unequal(history: History) -> Iterator[str]:
    """That one noise stands for errors which differ much."""
    errors = history.std_errors * np.sqrt(history.n_replicates)
    errors = errors[(errors > 0) & (history.sides == 0)]
    if differ(errors):
        low, high = np.quantile(errors, [0.1, 0.9])
        yield (
            "that noise is the same for all simulated values, although real errors differ: 8 of 10 lie between "
            f"{number(low)} and {number(high)} for a well"
        )


def _beyond(history: History, lab: Lab) -> Iterator[str]:
    """How limits of detection are treated, and that the simulated assay lacks them."""
    if not (n := int((history.sides != 0).sum())):
        return
    yield (
        f"{many(n, 'measured design')} beyond a limit of detection: draws of the truth respect it within the error of "
        "a well"
    )
    for side, key in ((-1, "lower"), (1, "upper")):
        if (history.sides == side).any() and getattr(lab.assay, key) is None:
            yield (
                f"the simulated assay has no {key} limit, so that it reads values that the real one does not; give "
                f"`assay.{key}` in the description of the lab"
            )


def _pending(past: Past) -> Iterator[str]:
    if not past.in_lab:
        yield "nothing is in the lab"
        return
    rounds = numbered("round", {one.round for one in past.in_lab})
    yield (
        f"{many(len(past.in_lab), 'design')} of {rounds} come back after a time drawn "
        "from that lab, given that they are not back yet"
    )


def _range(numbers: Sequence[int]) -> str:
    """`1 value`, `2 to 5 values`."""
    low, high = min(numbers), max(numbers)
    return many(high, "value") if low == high else f"{low:,} to {many(high, 'value')}"


def overdue(past: Past, lab: Lab, truth: Truth, space: Space) -> str:
    """The warning where the lab would usually have returned values already, by the first of its courses."""
    early = [lab.begin(truth.oracle, seed, past, space=space) for seed in range(_COURSES)] if past.in_lab else []
    late = [one.n_early for one in early if isinstance(one, CaughtUp) and one.n_early]
    if 2 * len(late) <= _COURSES:
        return ""
    return (
        f"results are overdue: the simulated lab would have returned {_range(late)} of "
        f"{many(len(past.in_lab), 'design')} by now. The simulations let them come a working day later; describe a lab "
        "that is as slow as yours (--lab), or declare what is lost (`designloop live lost`)"
    )
