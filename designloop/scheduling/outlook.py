"""The outlook: how many more orders of the same size the budget allows, and the rent until their results."""

from math import ceil, floor, inf

from designloop.core.clock import WEEK, minutes
from designloop.core.history import History
from designloop.core.money import n_times
from designloop.core.records import Order


def rounds_left(order: Order, history: History, turnaround: float | None, between: float | None) -> float:
    """Number of orders like this one, itself included, that designs, weeks and money allow; inf if nothing limits it.

    `turnaround`: expected weeks from an order to its results. `between`: weeks from one order to the next. Both are
    None before the first round has closed; then neither the weeks nor the lab's rent count.
    """
    return max(
        1.0,
        min(
            _by_designs(order, history.left.designs),
            _by_weeks(history.left.weeks, turnaround, between),
            _by_money(order, history, between or 0.0),
        ),
    )


def rent_until_results(history: History) -> float:
    """The rent from now until an order of this minute is expected back; 0 where the lab costs none.

    The turnaround is the median of the rounds so far, and before the first has closed, what the stages take if nobody
    waits.
    """
    turnaround = history.expected_turnaround
    weeks = history.lab.weeks if turnaround is None else turnaround
    first = -(-history.now // WEEK)  # rent is due at the start of a week
    return history.quote.per_week * max(-(-(history.now + minutes(weeks=weeks)) // WEEK) - first, 0)


def _by_designs(order: Order, left: float) -> float:
    return inf if left == inf or order.n_designs == 0 else ceil(left / order.n_designs)


def _by_weeks(left: float, turnaround: float | None, between: float | None) -> float:
    """Orders whose results come back before the weeks are over."""
    if left == inf or turnaround is None or not between:
        return inf
    return floor((left - turnaround) / between) + 1


def _by_money(order: Order, history: History, between: float) -> float:
    """Orders that the money is expected to pay for, each with the rent until the next one."""
    quote, lengths = history.quote, [_typical_length(history)] * order.n_designs
    wells = [order.replicates] * order.n_designs + [order.wells_per_retest] * order.n_retests
    price = quote.expected(lengths, order.n_retests, wells, urgent=order.urgent) + quote.per_week * between
    return n_times(history.left.cost, price)


def _typical_length(history: History) -> int:
    """The mean length of the designs chosen so far, or of the shortest and the longest sequence of the space."""
    lengths = [len(design.sequence) for design in history.designs.values()]
    lengths = lengths or [history.space.min_length, history.space.max_length]
    return round(sum(lengths) / len(lengths))
