"""A scheduler decides when the next batch is submitted and how large it is. The strategy chooses the designs."""

from dataclasses import replace
from math import inf
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from designloop.core.clock import DAY, WEEK, minutes
from designloop.core.contracts import check_returned
from designloop.core.counting import many
from designloop.core.history import History
from designloop.core.lab_card import LabCard
from designloop.core.money import n_times, pays, total
from designloop.core.parts import Part
from designloop.core.records import MOST_REPLICATES, Order, Stop, Wait
from designloop.core.spaces.space import Space
from designloop.scheduling.outlook import rent_until_results, rounds_left

_MOST_ROUNDS_AT_ONCE = 100
"""Most batches at minute 0: in a lab that takes no time, a limit on weeks would never end the campaign."""
MOST_DESIGNS = 100_000
_MOST_RETESTS = 100_000


def no_limit(value: Any) -> Any:
    """The limit, with None for `.inf`."""
    return None if isinstance(value, float) and value == inf else value


Limit = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(no_limit)]


class Budget(Part):
    """Limits on a campaign, which ends when the first is reached. Designs and their price count when submitted."""

    designs: int | None = Field(None, ge=1, description="number of new designs; none or .inf: no limit")
    weeks: float | None = Field(None, gt=0, le=10_000, description="simulated weeks; none or .inf: no limit")
    cost: float | None = Field(None, gt=0, description="total cost, in the lab's currency; none or .inf: no limit")

    @field_validator("*", mode="before")
    @classmethod
    def _infinite_is_no_limit(cls, value: Any) -> Any:
        return no_limit(value)

    @property
    def is_limited(self) -> bool:
        """True where at least one limit is given."""
        return (self.designs, self.weeks, self.cost) != (None, None, None)


class Scheduler(Part):
    """history -> Order, Wait or Stop. Each scheduler defines `wish`; this base class enforces the budget.

    The budget is never exceeded, and is used in full: the last order shrinks to what is left.
    """

    shelf: ClassVar[str] = "scheduling"
    to_define: ClassVar[tuple[str, ...]] = ("wish",)

    batch_size: int = Field(96, ge=1, le=MOST_DESIGNS, description="number of new designs in a batch")
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=MOST_DESIGNS)], ...] = Field(
        (), description="sizes of the first batches; later batches have the last size; none: `batch_size` for all"
    )
    replicates: int = Field(1, ge=1, le=MOST_REPLICATES, description="number of wells for each design of a batch")
    retest_replicates: int | None = Field(
        None, ge=1, le=MOST_REPLICATES, description="number of wells for each retest; none: as for a design"
    )
    n_retests: Annotated[int, Field(ge=0, le=_MOST_RETESTS)] | Literal["auto"] = Field(
        0,
        description="number of measured designs to retest with each batch; `auto`: the strategy decides, and retests "
        "take the places of new designs",
    )
    urgent: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (), description="numbers of the batches that are urgent, from 1: they go first at stages with `queue: priority`"
    )
    max_rounds: int | None = Field(None, ge=1, description="total number of batches; none: no limit but the budget")

    @field_validator("n_retests", mode="before")
    @classmethod
    def _a_number_or_auto(cls, value: Any) -> Any:
        """One message for both types; pydantic would give one for each."""
        is_whole = isinstance(value, int | float) and float(value).is_integer() and 0 <= value <= _MOST_RETESTS
        if not is_whole and value != "auto":
            raise ValueError(f"expected a whole number from 0 to {_MOST_RETESTS:,}, or auto; got {value!r}")
        return value

    def check_ready(self, card: LabCard) -> None:
        """Raise ConfigError where the lab lacks what this scheduler needs."""

    def most_designs(self, card: LabCard) -> int:
        """The largest number of new designs of a batch."""
        return max(self.batch_sizes or (self.batch_size,))

    def plan(self, card: LabCard) -> str | None:
        """What it makes of a lab, in words, for `designloop validate`; None where it does not look at the lab."""
        return None

    def wish(self, history: History) -> Order | Wait | Stop:
        """The next step without regard to the budget; `full_order` is a full batch."""
        raise NotImplementedError

    def full_order(self, history: History) -> Order:
        """A full batch, with the size of the next round."""
        sizes = self.batch_sizes or (self.batch_size,)
        size = sizes[min(history.round, len(sizes) - 1)]
        n_retests, may_split = (0, True) if self.n_retests == "auto" else (self.n_retests, False)
        return Order(
            size,
            n_retests,
            self.replicates,
            may_split=may_split,
            retest_replicates=self.retest_replicates,
            urgent=history.round + 1 in self.urgent,
        )

    def weeks_between(self, history: History, turnaround: float) -> float:
        """Expected weeks from one batch to the next, if a batch takes `turnaround` weeks: one after the other."""
        return turnaround

    def next(self, history: History) -> Order | Wait | Stop:
        """The next step within the budget. The campaign ends when the money cannot pay the lab's next week."""
        if history.now >= (end := _last_minute(history)):
            return Stop("the weeks are over")
        if history.now >= (broke := _unpaid_week(history)):
            is_held = any(history.reserved.values())
            return Stop(f"the money for the next lab week is spent{' or reserved' if is_held else ''}")
        step, reason = self.wish(history), None
        check_returned(step, (Order, Wait, Stop), self, "wish", "return self.full_order(history), a Wait or a Stop")
        if isinstance(step, Order) or not _is_anything_in_the_lab(history):
            reason = self._obstacle(history)
        if isinstance(step, Order):
            order = None if reason else affordable(step, history)
            reason = reason or (None if order else _shortage(step, history))
            step = self._with_outlook(order, history) if order else Wait()
        if reason and not _is_anything_in_the_lab(history):
            return Stop(reason)
        return _until(step, min(end, broke)) if isinstance(step, Wait) else step

    def _with_outlook(self, order: Order, history: History) -> Order:
        turnaround = history.expected_turnaround
        between = None if turnaround is None else self.weeks_between(history, turnaround)
        n_rounds = inf if self.max_rounds is None else self.max_rounds - history.round
        return replace(order, rounds_left=min(n_rounds, rounds_left(order, history, turnaround, between)))

    def _obstacle(self, history: History) -> str | None:
        """The reason why no further order is possible, or None. The sequence of a failed design can be chosen again."""
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
    """The largest part of `order` that the budget and the space allow; None if they allow no design.

    New designs take precedence over retests. Where the strategy may split the order, there is room for retests in the
    places of designs that the budget or the space do not allow. Prices need not increase monotonically, so every size
    is tried, from the largest, at the price of the shortest designs. A proposal that costs more is cut to the money of
    the order. The rent until the results is kept back, because designs that do not return are paid for nothing.
    """
    left, money = history.left, history.left.cost - rent_until_results(history)
    n_designs = int(min(order.n_designs, left.designs, _n_sequences_left(history, order.n_designs)))
    n_wished = order.n_retests + (order.n_designs - n_designs if order.may_split else 0)
    n_retests = min(n_wished, n_retestable(history))
    shortest = [_shortest(history.space)] * n_designs
    for designs in range(n_designs, 0, -1):
        for retests in range(n_retests, -1, -1):
            wells = [order.replicates] * designs + [order.wells_per_retest] * retests
            price = history.quote.price(shortest[:designs], retests, wells=wells, urgent=order.urgent)
            if pays(money, price):
                return replace(order, n_designs=designs, n_retests=retests, money=money)
    return None


def n_retestable(history: History) -> int:
    """Number of measured designs that are not being measured again."""
    measured = history.ids[history.is_measured & (history.ids >= 0)].tolist()
    return len(set(measured).difference(history.retesting))


def next_morning(history: History) -> int:
    """The first minute of tomorrow."""
    return (history.now // DAY + 1) * DAY


def _shortage(order: Order, history: History) -> str:
    """Why the money pays for no design: it is spent, or what may fall due for a design is more than what is left."""
    lengths, left, rent = [_shortest(history.space)], history.left.cost, rent_until_results(history)
    items = history.quote.items(lengths, replicates=order.replicates, urgent=order.urgent)
    reserve = history.quote.reserve(1, 0, [order.replicates])
    price = history.quote.price(lengths, 0, wells=[order.replicates], urgent=order.urgent)
    if rent and pays(left, price):
        return (
            f"the money for another design and the rent until its result is spent: {left:,.2f} is left, and the rent "
            f"is {rent:,.2f}"
        )
    if not (reserve and pays(left, total(items.values()))):
        return "the money for another design is spent"
    item = max(reserve, key=lambda item: reserve[item])
    return (
        f"the money for another design is reserved: {left:,.2f} is left, and {total(reserve.values()):,.2f} may fall "
        f"due after its order, most of it for '{item}'"
    )


def _shortest(space: Space) -> int:
    """A lower bound on the length of the sequences in the space."""
    if not space.every_parent or space.max_edits is None:
        return space.min_length
    return max(space.min_length, min(map(len, space.every_parent)) - space.max_edits)


def _n_sequences_left(history: History, enough: int) -> float:
    """Number of sequences that can still be chosen; a lower bound if it is at least `enough`; infinite if uncounted."""
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
    """The start of the first lab week that cannot be paid, in minutes. Rent is due at the start of a week."""
    return -(-history.now // WEEK) * WEEK + n_times(history.left.cost, history.quote.per_week) * WEEK


def _until(step: Wait, limit: float) -> Wait:
    wished = inf if step.until is None else step.until
    sooner = min(wished, limit)
    return Wait(None if sooner == inf else int(sooner))
