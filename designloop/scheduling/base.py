"""A scheduler decides when the next batch may leave and how large it is; never which designs."""

from math import inf
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator

from designloop.core.clock import WEEK, minutes
from designloop.core.counting import many
from designloop.core.history import History
from designloop.core.money import CENT
from designloop.core.parts import Part
from designloop.core.records import Order, Stop, Wait
from designloop.core.spaces.space import Space

_MOST_ROUNDS_AT_ONCE = 100
"""Batches that come and go before time moves at all: such a lab takes no time, and weeks alone would never end it."""


def no_limit(value: Any) -> Any:
    """A limit as it is kept: `.inf` is none."""
    return None if isinstance(value, float) and value == inf else value


Limit = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(no_limit)]


class Budget(Part):
    """What a campaign may spend; whichever ends first ends it. Designs and their price count when submitted."""

    designs: int | None = Field(None, ge=1, description="new designs; none or .inf: any number")
    weeks: float | None = Field(None, gt=0, le=10_000, description="simulated weeks; none or .inf: any number")
    cost: float | None = Field(None, gt=0, description="money, in the lab's currency; none or .inf: any amount")

    @field_validator("*", mode="before")
    @classmethod
    def _infinite_is_no_limit(cls, value: Any) -> Any:
        return no_limit(value)

    @property
    def is_limited(self) -> bool:
        """True where at least one limit is given."""
        return (self.designs, self.weeks, self.cost) != (None, None, None)


class Scheduler(Part):
    """history -> Order, Wait or Stop. A kind of scheduler gives `wish`; the budget is kept here, for all of them.

    It is never exceeded, and nothing that it still allows is refused: the last order shrinks to what is left.
    """

    shelf: ClassVar[str] = "scheduling"
    to_define: ClassVar[tuple[str, ...]] = ("wish",)

    batch_size: int = Field(96, ge=1, le=100_000, description="new designs in a batch")
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=100_000)], ...] = Field(
        (), description="sizes of the first batches, the last of them for all that follow; none: `batch_size` for all"
    )
    replicates: int = Field(1, ge=1, le=1_000, description="wells for each design of a batch")
    n_retests: int = Field(0, ge=0, le=100_000, description="known designs measured again with each batch")
    max_rounds: int | None = Field(None, ge=1, description="batches in all; without it, the budget decides")

    def wish(self, history: History) -> Order | Wait | Stop:
        """What this scheduler would do if nothing limited it; `full_order` is its usual batch."""
        raise NotImplementedError

    def full_order(self, history: History) -> Order:
        """A whole batch: of the size that is the next round's turn."""
        sizes = self.batch_sizes or (self.batch_size,)
        return Order(sizes[min(history.round, len(sizes) - 1)], self.n_retests, self.replicates)

    def next(self, history: History) -> Order | Wait | Stop:
        """The wish, within the budget. Money that cannot pay the lab's next week ends the campaign at that minute."""
        if history.now >= (end := _last_minute(history)):
            return Stop("the weeks are over")
        if history.now >= (broke := _unpaid_week(history)):
            return Stop("the money for the next lab week is spent")
        step, reason = self.wish(history), None
        if isinstance(step, Order) or not _is_anything_in_the_lab(history):
            reason = self._obstacle(history)
        if isinstance(step, Order):
            order = None if reason else affordable(step, history)
            reason = reason or (None if order else "the money for another design is spent")
            step = order or Wait()
        if reason and not _is_anything_in_the_lab(history):
            return Stop(reason)
        return _until(step, min(end, broke)) if isinstance(step, Wait) else step

    def _obstacle(self, history: History) -> str | None:
        """Why there can be no further order, or None. A design that fails may give its sequence back to the space."""
        at_once = (
            f"{many(history.round, 'batch')} took no time; in such a lab, limit budget.designs or scheduler.max_rounds"
        )
        takes_no_time = history.now == 0 and history.left.designs == inf and history.round >= _MOST_ROUNDS_AT_ONCE
        obstacles = (
            (history.left.designs < 1, "the designs are spent"),
            (self.max_rounds is not None and history.round >= self.max_rounds, "the rounds are done"),
            (takes_no_time, at_once),
            (history.is_too_dear, "the money pays for none of the designs that the strategy proposes"),
            (_n_sequences_left(history, enough=1) < 1, "every sequence of the space is measured"),
            (history.has_nothing_new, "the strategy has no new design to propose"),
        )
        return next((reason for holds, reason in obstacles if holds), None)


def affordable(order: Order, history: History) -> Order | None:
    """The largest part of `order` that the budget and the space allow; None where not one design is.

    New designs go before retests. Prices need not grow evenly, so every size is asked, from the largest, at the price
    of the shortest designs; what is proposed for it may cost more, and is cut to the money that the order carries.
    """
    left = history.left
    measured = history.ids[history.is_measured & (history.ids >= 0)].tolist()
    n_retests = min(order.n_retests, len(set(measured).difference(history.retesting)))
    n_designs = int(min(order.n_designs, left.designs, _n_sequences_left(history, order.n_designs)))
    shortest = [_shortest(history.space)] * n_designs
    for designs in range(n_designs, 0, -1):
        for retests in range(n_retests, -1, -1):
            if history.quote.price(shortest[:designs], retests, order.replicates) <= left.cost + CENT:
                return Order(designs, retests, order.replicates, left.cost)
    return None


def _shortest(space: Space) -> int:
    """No sequence of the space has fewer letters."""
    if space.parent is None or space.max_edits is None:
        return space.min_length
    return max(space.min_length, len(space.parent) - space.max_edits)


def _n_sequences_left(history: History, enough: int) -> float:
    """Sequences of the space that may still be chosen; a lower bound where that is enough. Uncounted is infinite."""
    size = history.space.size
    if size is None:
        return inf
    at_least = size - len(history.taken)
    return at_least if at_least >= enough else size - history.n_taken_inside


def _is_anything_in_the_lab(history: History) -> bool:
    return bool(history.open_rounds or history.waiting or history.retesting)


def _last_minute(history: History) -> float:
    return inf if history.left.weeks == inf else history.now + minutes(weeks=history.left.weeks)


def _unpaid_week(history: History) -> float:
    """The minute at which a lab week begins that cannot be paid. Rent falls due as time moves past a week's start."""
    rent = history.quote.per_week
    if rent <= 0 or history.left.cost == inf:
        return inf
    n_weeks_paid = max(int((history.left.cost + CENT) // rent), 0)
    return -(-history.now // WEEK) * WEEK + n_weeks_paid * WEEK


def _until(step: Wait, limit: float) -> Wait:
    wished = inf if step.until is None else step.until
    sooner = min(wished, limit)
    return Wait(None if sooner == inf else int(sooner))
