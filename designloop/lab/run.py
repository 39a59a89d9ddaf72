"""A run of the lab: advances SimPy's clock to the next minute with results."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Protocol

import simpy

from designloop.core.calendar import working_time
from designloop.core.clock import DAY, WEEK, minutes
from designloop.core.errors import DesignloopError
from designloop.core.money import Quote
from designloop.core.people import ShiftTime
from designloop.core.records import Batch, Event, Start, Truth
from designloop.core.spaces import Space
from designloop.lab.account import Account
from designloop.lab.background import Background
from designloop.lab.bench import Bench
from designloop.lab.card import Description as DescriptionOfCard
from designloop.lab.cost import bill
from designloop.lab.floor import NEVER, Floor, Pool
from designloop.lab.labelling import labelled
from designloop.lab.ledger import Ledger, Round
from designloop.lab.line import Line
from designloop.lab.other_work import OtherWork
from designloop.lab.reading import Reader
from designloop.lab.run_prices import run_prices
from designloop.lab.store import Shelf, Store
from designloop.lab.truths import Truths
from designloop.lab.warm_up import first_day, under_way
from designloop.oracles.base import Oracle
from designloop.stages.consumable import Bought

_MOST_WEEKS_WITHOUT = 1_040
"""Weeks after which a lab that other people share, and from which nothing comes back, is an error."""


class Closing(Protocol):
    """When a round closes early: at a share of returned designs, or after working days; None is never."""

    @property
    def share(self) -> float | None: ...
    @property
    def days(self) -> float | None: ...


class Description(DescriptionOfCard, Protocol):
    """The part of a lab's description that its run uses."""

    @property
    def wip_limit(self) -> int | None: ...
    @property
    def warm_up_weeks(self) -> float: ...
    @property
    def background(self) -> tuple[Background, ...]: ...
    @property
    def consumables(self) -> tuple[tuple[Bought, str], ...]: ...
    @property
    def close_at(self) -> Closing: ...
    def quote(self, space: Space) -> Quote: ...


class LabRun:
    """The state of a lab under one seed, from minute 0. It ends with the run; a run is resumed by replay."""

    def __init__(self, lab: Description, oracle: Oracle, seed: int, space: Space, seconds: float | None = None) -> None:
        first = first_day(lab.warm_up_weeks)
        self._env = simpy.Environment(initial_time=first * DAY)
        self._step = self._env.step
        self._peek: Callable[[], Any] = self._env.peek  # a minute, or infinity
        self._lab, self._seed = lab, seed
        self._quote = lab.quote(space)
        self._working = working_time(lab.calendar, first)
        self._ledger = Ledger(lab.close_at.share, first * DAY)
        self._truths = Truths(oracle, lambda: self.now, lab.plate_size, seconds)
        self._known: set[int] = set()
        self.past: list[Event] = []
        self._rent_due = 0
        self._closing: dict[int, list[Round]] = {}
        self._templates = lab.assay.templates(lab.plate_size, has_parent=space.parent is not None)
        self._reader = Reader(lab.assay, self._templates, oracle, space, seed, self._truths)
        common = (seed, self._working, self._ledger, self._truths)
        stores, prices = self._stores(), run_prices(lab.stages, lab.people)
        self._account = Account(self._quote, lab.stages, self._ledger, prices, stores)
        shelf = Shelf(self._quote.supplies, stores)
        self._bench = Bench(self._env, lab.assay, self._templates, *common, self._reader, self._account, shelf)
        entry = len(lab.stages) - len(lab.retest_stages)
        pools = [Pool(people.name, people.number, ShiftTime(people, self._working)) for people in lab.people]
        self._floor = Floor(self._env, self._ledger, pools, stores, is_shared=bool(lab.background))
        self._line = Line(self._floor, lab.stages, entry, lab.wip_limit, *common, self._bench.arrive)
        OtherWork(lab, self._line.stations, self._env, seed, self._working, lambda: max(self._known, default=0))
        if first < 0:
            self._warm_up()

    def _warm_up(self) -> None:
        """Let other people's work fill the lab before week 0. What is going on then is recorded as begun before."""
        self._live(-1)
        self._ledger.begin_with(under_way(self._ledger.take()))
        self._live(0)
        self._pass_time(0)

    def _stores(self) -> dict[str, Store]:
        """What is kept in stock, by name."""
        common = self._env, self._ledger, self._working, self._seed
        stocked = ((bought, where) for bought, where in self._lab.consumables if bought.stock is not None)
        return {bought.name: Store(bought, where, *common) for bought, where in stocked}

    @property
    def now(self) -> int:
        """The current minute in the lab."""
        return int(self._env.now)

    def label(self, starts: Sequence[Start]) -> tuple[Start, ...]:
        """The starting sequences, measured by the assay before week 0. Raises OracleError where the oracle fails."""
        return tuple(labelled(starts, self._templates, self._seed, self._reader, self._truths))

    def submit(self, batch: Batch) -> list[Event]:
        """Submit a batch now. Returns `submitted` for each design and retest, `charged`, and `reserved` if it changes.

        Raises DesignloopError where the batch is empty, or its round was already submitted.
        """
        if batch.round in self._known:
            raise DesignloopError(f"round {batch.round} was already submitted; give each batch its own round")
        if not (batch.designs or batch.retests) or min(map(batch.n_wells, (*batch.designs, *batch.retests))) < 1:
            raise DesignloopError(
                f"round {batch.round} is empty; submit at least one design, in at least one replicate"
            )
        round_ = Round(batch, self.now)
        self._known.add(batch.round)
        self._ledger.open(round_)
        if items := bill(self._quote, batch):
            self._ledger.write("charged", **items)
        self._account.open(round_)
        self._account.settle()
        self._line.begin(round_)
        if self._lab.close_at.days is not None:
            self._close_later(round_, self._lab.close_at.days)
        return self._ledger.take()

    def _close_later(self, round_: Round, days: float) -> None:
        minute = self._working.after(self.now, minutes(days=days))
        self._closing.setdefault(minute, []).append(round_)
        self._env.timeout(minute - self.now)  # wakes the lab at the minute

    def run(self, until: int | None = None) -> list[Event]:
        """Events up to and including the next minute with an outcome or a closed round, or up to `until`.

        Raises DesignloopError where `until` is None and nothing is in the lab, OracleError where the oracle fails.
        """
        if until is None and not self._ledger.open_rounds:
            raise DesignloopError("the lab is empty, so no result will come back; submit a batch, or give `until`")
        patience = minutes(weeks=_MOST_WEEKS_WITHOUT) if self._floor.is_shared else NEVER
        self._live(self.now + patience if until is None else until)
        if not self._ledger.has_returns:
            self._pass_time(until)
        return self._ledger.take()

    def _where(self) -> str:
        """The stages at which designs are, or from which they are kept."""
        rounds = self._ledger.open_rounds.values()
        stages = {ticket.stage for round_ in rounds for ticket in round_.tickets if ticket.is_open}
        return ", ".join(f"'{stage}'" for stage in sorted(stages))

    def _live(self, limit: int) -> None:
        """Process minute by minute, up to the first with an outcome or a closed round, or up to a limit.

        At the end of a minute, machines are given away, then plates start, and when nothing more happens, rounds close.
        """
        ledger, step, peek = self._ledger, self._step, self._peek
        bench, floor, account = self._bench, self._floor, self._account
        minute = peek()
        while minute <= limit and not ledger.has_returns:
            if self._rent_due < minute:
                self._charge_rent(minute)
            ledger.minute = minute
            step()
            while (following := peek()) == minute or floor.changed or bench.changed:
                if following == minute:
                    step()
                elif floor.changed:
                    floor.settle()
                else:
                    bench.make_up()
            if minute in self._closing:
                for round_ in self._closing.pop(minute):
                    ledger.close(round_)
            if ledger.ended_in:
                ledger.close_those_due()
            if account.is_changed:
                account.settle()
            minute = following

    def _pass_time(self, minute: int | None) -> None:
        """Go on to a minute at which nothing happens. Raises DesignloopError where there is none to go to."""
        if minute is None:
            raise DesignloopError(self._why_nothing_comes_back())
        if minute > self.now:
            self._charge_rent(minute)
            self._env.timeout(minute - self.now)
            self._env.step()
            self._ledger.minute = minute

    def _why_nothing_comes_back(self) -> str:
        if self._peek() == inf:
            return f"no event is scheduled, but designs wait for one another at {self._where()}"
        return (
            f"nothing came back for {_MOST_WEEKS_WITHOUT:,} weeks: other people's work keeps designs from "
            f"{self._where()}; lower `rate` or `size` in lab.background, or its `priority`"
        )

    def _charge_rent(self, minute: int) -> None:
        """Rent for each week that begins before `minute`, at its start."""
        while self._rent_due < minute:
            if self._quote.per_week:
                self._ledger.write("charged", minute=self._rent_due, rent=self._quote.per_week)
            self._rent_due += WEEK

    def recall(self, sequences: Sequence[str]) -> None:
        """Record the true values of sequences that were measured before the simulation. Raises OracleError."""
        self._truths.read(sequences, "in the past")

    def a_working_day_later(self) -> int:
        """The minute at which the lab has worked for one day more."""
        return self._working.after(self.now, DAY)

    def truths(self) -> list[Truth]:
        """The truths that the assay recorded since the last call."""
        return self._truths.take()
