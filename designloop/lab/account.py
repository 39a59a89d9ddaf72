"""The account of a running lab: what falls due after submission.

It is reserved at its worst case when a batch is submitted, charged when it is due, and released where it is not needed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from designloop.core.money import Quote, cents
from designloop.core.supply import Supply
from designloop.lab.ledger import Ledger, Round, Ticket
from designloop.lab.purchases import Purchases
from designloop.lab.run_prices import RunPrice
from designloop.lab.runs_to_come import RunsToCome
from designloop.lab.store import Store
from designloop.lab.worst_case import most_visits
from designloop.stages.base import Stage

ITEMS = ("round", "designs", "retests", "replicates", "rent", "plates", "urgent")
"""Items of a bill that no stage or consumable may be named after."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a stage charges for a design after submission, in whole cents."""

    item: str
    at_entry: int
    at_exit: int
    again: int
    """For each further try."""
    times_again: int

    @classmethod
    def of(cls, stage: Stage) -> "Due":
        """The dues of a stage; those of a stage that is paid with the order are 0."""
        price, again = cents(stage.cost), cents(stage.cost_again)
        at_entry, at_exit = (price * (stage.due == when) for when in ("entered", "passed"))
        return cls(stage.name, at_entry, at_exit, again, stage.times_again)

    @property
    def most(self) -> int:
        """The most for one design."""
        return self.at_entry + self.at_exit + self.again * self.times_again


def later(stages: Sequence[Stage], retest_stages: Sequence[Stage]) -> tuple[tuple[str, float, float], ...]:
    """(item, most for a design, most for a retest) of each stage at which something may fall due."""
    dues = [(Due.of(stage), stage in retest_stages) for stage in stages]
    return tuple((due.item, due.most / 100, due.most / 100 * is_passed) for due, is_passed in dues if due.most)


class Account:
    """What is reserved for designs in the lab, by item, and what falls due in the current minute; in cents."""

    def __init__(
        self,
        quote: Quote,
        stages: Sequence[Stage],
        ledger: Ledger,
        runs: Mapping[str, RunPrice],
        stores: Mapping[str, Store],
    ) -> None:
        self._quote, self._ledger = quote, ledger
        self._dues = {stage.name: due for stage in stages if (due := Due.of(stage)).most}
        self._owed: dict[Ticket, dict[str, int]] = {}
        self._at_stages: Counter[str] = Counter()
        self._unplated: dict[Round, set[Ticket]] = {}
        self._n_unplated: dict[Round, Counter[int]] = {}
        """{wells of a design: number of such designs}."""
        self._uses = dict(quote.uses())
        """{what plates use up: the most readings of a plate that pay it}."""
        self._read_again = dict.fromkeys(self._uses, 0)
        """The most units of further readings of the plates that have started."""
        self._due: Counter[str] = Counter()
        self._told: dict[str, int] = {}
        self.is_changed = False
        self._goes_back = any(stage.back_to is not None for stage in stages)
        """Whether stages may be passed again; then what is left is released when a design ends."""
        self._entered, self._left = set[tuple[Ticket, str]](), set[tuple[Ticket, str]]()
        if self._dues:
            ledger.entered.append(self._enter)
            ledger.left.append(self._leave)
            ledger.tried_again.append(self._try_again)
        visits = dict(zip([stage.name for stage in stages], most_visits(stages), strict=True))
        self._run_prices = runs
        self._runs = {runs.station: RunsToCome(runs, visits[runs.station]) for runs in quote.runs}
        used = (*self._uses, *(supply for runs in quote.runs for supply in runs.supplies))
        self._purchases = Purchases(used, stores, self._charge)
        if quote.runs:
            ledger.runs_started.append(self._start_run)
            ledger.runs_ended.append(self._end_run)
        if quote.later or self._uses or quote.runs:
            ledger.ended.append(self._end)

    def open(self, round_: Round) -> None:
        """Reserve the worst case of a batch that is submitted."""
        if self._uses:
            self._unplated[round_] = set(round_.tickets)
            self._n_unplated[round_] = Counter(ticket.n_wells for ticket in round_.tickets)
        for ticket in round_.tickets if self._quote.later else ():
            owed = {item: cents(retest if ticket.is_retest else most) for item, most, retest in self._quote.later}
            self._owed[ticket] = owed
            self._at_stages.update(owed)
        for runs in self._runs.values():
            runs.open(round_)
        self.is_changed = True

    def _enter(self, ticket: Ticket) -> None:
        if ticket.stage in self._dues and not self._has_passed(ticket, self._entered):
            self._pay(ticket, self._dues[ticket.stage].at_entry)

    def _leave(self, ticket: Ticket) -> None:
        if ticket.stage in self._dues:
            if not self._has_passed(ticket, self._left):
                self._pay(ticket, self._dues[ticket.stage].at_exit)
            if not self._goes_back:
                self._release(ticket, ticket.stage)

    def _has_passed(self, ticket: Ticket, before: set[tuple[Ticket, str]]) -> bool:
        """Whether a design was at its stage before. Further tries are paid by the stage at which it failed."""
        if not self._goes_back:
            return False
        is_known = (ticket, ticket.stage) in before
        before.add((ticket, ticket.stage))
        return is_known

    def _try_again(self, ticket: Ticket) -> None:
        if ticket.stage in self._dues:
            self._pay(ticket, self._dues[ticket.stage].again)

    def _pay(self, ticket: Ticket, amount: int) -> None:
        self._owed[ticket][ticket.stage] -= amount
        self._at_stages[ticket.stage] -= amount
        self._due[ticket.stage] += amount
        self.is_changed = True

    def _charge(self, item: str, amount: int) -> None:
        self._due[item] += amount
        self.is_changed = True

    def _start_run(self, station: str, tickets: Sequence[Ticket]) -> None:
        if station in self._runs:
            runs = self._runs[station]
            runs.start(tickets)
            for supply in runs.supplies:
                self._purchases.use(supply, supply.units(len(tickets), 1))
            self.is_changed = True

    def _end_run(self, station: str, minutes: int, hands_on: int, share: Fraction) -> None:
        if station in self._runs:
            self._runs[station].end_run()
            self.is_changed = True
        if station in self._run_prices:
            amounts = self._run_prices[station].amounts(minutes, hands_on)
            self._due.update({item: _part(amount, share) for item, amount in amounts.items()})

    def _release(self, ticket: Ticket, item: str) -> None:
        self._at_stages[item] -= self._owed[ticket].pop(item)
        self.is_changed = True

    def _end(self, ticket: Ticket) -> None:
        """Release everything for a design that has ended; plates that have started are paid."""
        for item in list(self._owed.get(ticket, ())):
            self._release(ticket, item)
        self._owed.pop(ticket, None)
        for runs in self._runs.values():
            runs.end(ticket)
            self.is_changed = True
        self._take([ticket])

    def _take(self, tickets: Iterable[Ticket]) -> None:
        """Some designs, of one batch, need no plate any more."""
        for ticket in tickets:
            if ticket in self._unplated.get(ticket.round, ()):
                self._unplated[ticket.round].discard(ticket)
                self._n_unplated[ticket.round][ticket.n_wells] -= 1
                self.is_changed = True

    def start_plates(self, group: Sequence[Ticket], n_plates: int) -> None:
        """Charge the packs that the plates of a group of designs open."""
        self._take(group)
        n_wells, further = sum(ticket.n_wells for ticket in group), self._quote.further_readings
        for supply, times in self._uses.items():
            units = supply.units(n_wells, n_plates)
            self._read_again[supply] += units * further
            if times > further:  # otherwise the first reading is paid with the order
                self._purchases.use(supply, units)

    def read_again(self, n_wells: int) -> None:
        """Charge a further reading of a plate with so many wells of designs."""
        for supply in self._uses:
            units = supply.units(n_wells, 1)
            self._read_again[supply] -= units
            self._purchases.use(supply, units)

    def end_plate(self, n_wells: int, reading: int) -> None:
        """Release the further readings that a plate did not need; its last one had this number."""
        if left := self._quote.further_readings + 1 - reading:
            for supply in self._uses:
                self._read_again[supply] -= left * supply.units(n_wells, 1)
                self.is_changed = True

    def settle(self) -> None:
        """Record what changed; called at the end of a minute that `is_changed`, and after a batch is submitted.

        What is released is recorded before what is charged, so that both together never exceed the budget.
        """
        self.is_changed = False
        reserved = self._reserved()
        if changes := {item: amount for item, amount in reserved.items() if amount != self._told.get(item, 0)}:
            self._ledger.record("reserved", _amounts(changes))
            self._told |= changes
        if due := {item: amount for item, amount in self._due.items() if amount}:
            self._ledger.record("charged", _amounts(due))
            self._due.clear()

    def _reserved(self) -> dict[str, int]:
        """What is reserved now, by item."""
        self._unplated = {round_: tickets for round_, tickets in self._unplated.items() if tickets}
        supplied = {supply.name: self._packs(supply) for supply in self._uses}
        return {**self._at_stages, **self._for_runs(), **supplied}

    def _for_runs(self) -> dict[str, int]:
        """What is reserved for the runs of machines; stations may share an item, such as people."""
        amounts = Counter[str]()
        for station, runs in self._runs.items():
            if station in self._run_prices:
                amounts.update({item: most * runs.n_reserved for item, most in self._run_prices[station].most.items()})
            amounts.update({s.name: self._purchases.most(s, runs.units(s)) for s in runs.supplies})
        return dict(amounts)

    def _packs(self, supply: Supply) -> int:
        """The price of all packs that designs without a plate, and further readings, may open."""
        units = sum(self._quote.units(supply, self._n_unplated[round_]) for round_ in self._unplated)
        return self._purchases.most(supply, units * self._uses[supply] + self._read_again[supply])


def _part(amount: int, share: Fraction) -> int:
    """A share of an amount, in whole cents, rounded half up."""
    return floor(amount * share + Fraction(1, 2))


def _amounts(of: Mapping[str, int]) -> dict[str, float]:
    return {item: amount / 100 for item, amount in sorted(of.items())}
