"""The store: units of a consumable in stock and on order."""

from collections.abc import Callable, Iterable, Mapping

import simpy

from designloop.core.calendar import WorkingTime
from designloop.core.clock import minutes
from designloop.core.random import Streams
from designloop.core.supply import Supply
from designloop.lab.ledger import Ledger
from designloop.stages.consumable import Bought


class Store:
    """Counts units. It is asked at the end of a minute, when all that wait and all deliveries of it are known.

    `simpy.Container` is not used: it serves those who wait in the order of events within a minute.
    """

    def __init__(
        self, bought: Bought, stage: str, env: simpy.Environment, ledger: Ledger, working: WorkingTime, seed: int
    ) -> None:
        assert bought.stock is not None
        self._bought, self._stage, self._working = bought, stage, working
        self._env, self._ledger = env, ledger
        self._streams = Streams(seed, "lab", stage, "delivery", bought.name)
        self.delivered: list[Callable[[], None]] = []
        """Called after each delivery."""
        self.buy: Callable[[int], None] = lambda _: None
        """Orders and pays packs; set by those who pay."""
        self.spare = bought.stock - bought.reorder_at - 1
        """Units that can be used up at the start before packs are ordered."""
        self._in_stock, self._on_order = bought.stock, 0
        self._n_orders = 0
        self._is_short = False

    def lacks(self, units: int) -> bool:
        """Whether so many units are not there for something that could start now. What is not on order is ordered."""
        if units <= self._in_stock:
            return False
        if not self._is_short:
            self._is_short = True
            self._write("stock_short", needs=units, in_stock=self._in_stock)
        if (missing := units - self._in_stock - self._on_order) > 0:
            self.buy(-(-missing // self._bought.pack))
        return True

    def take(self, units: int) -> None:
        """Use up units, which are there."""
        self._in_stock -= units
        self._is_short = False

    def order(self, n_packs: int) -> None:
        """Order packs, which come after the delay."""
        self._n_orders += 1
        delay = self._bought.delay_days.draw(self._streams.brief(self._n_orders), n_packs)
        arrives, units = self._working.after(self._ledger.minute, minutes(days=delay)), n_packs * self._bought.pack
        self._on_order += units
        self._write("stock_ordered", packs=n_packs, arrives=arrives)
        self._env.timeout(arrives - self._ledger.minute).callbacks.append(lambda _: self._deliver(units))

    def _deliver(self, units: int) -> None:
        self._on_order -= units
        self._in_stock += units
        self._write("stock_arrived", units=units, in_stock=self._in_stock)
        for tell in self.delivered:
            tell()

    def _write(self, kind: str, **data: int) -> None:
        self._ledger.write(kind, item=self._bought.name, stage=self._stage, **data)


class Shelf:
    """The stores of one station, or of the assay."""

    def __init__(self, supplies: Iterable[Supply], stores: Mapping[str, Store]) -> None:
        self._stores = [(supply, stores[supply.name]) for supply in supplies if supply.name in stores]

    def on_delivery(self, tell: Callable[[], None]) -> None:
        """Call a function after each delivery."""
        for _, store in self._stores:
            store.delivered.append(tell)

    def __bool__(self) -> bool:
        return bool(self._stores)

    def lacks(self, n_designs: int, n_runs: int = 1) -> bool:
        """Whether anything is not there that so many designs, or their wells, use up in so many runs, or plates."""
        lacking = [store.lacks(supply.units(n_designs, n_runs)) for supply, store in self._stores]
        return any(lacking)  # all were asked, so that all are ordered
