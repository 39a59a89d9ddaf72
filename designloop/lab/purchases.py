"""Purchases: what is bought in packs is charged when a pack is opened, or when it is ordered for the stock."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from designloop.core.money import cents
from designloop.core.supply import Supply
from designloop.lab.store import Store


class Purchases:
    """The packs of each supply. `charge` is called with the item and the price of what is bought, in cents."""

    def __init__(
        self, supplies: Iterable[Supply], stores: Mapping[str, Store], charge: Callable[[str, int], None]
    ) -> None:
        self._charge, self._stores = charge, stores
        self._left = {supply: stores[supply.name].spare if supply.name in stores else 0 for supply in supplies}
        """Units that can be used up before the next pack is bought."""
        for supply in self._left:
            if supply.name in stores:
                stores[supply.name].buy = partial(self._buy, supply)

    def use(self, supply: Supply, units: int) -> None:
        """Use up units, and buy the packs that are due."""
        if (store := self._stores.get(supply.name)) is not None:
            store.take(units)
        self._left[supply] -= units
        self._buy(supply, supply.packs(-self._left[supply]))

    def _buy(self, supply: Supply, n_packs: int) -> None:
        if not n_packs:
            return
        self._left[supply] += n_packs * supply.pack
        self._charge(supply.name, n_packs * cents(supply.price))
        if (store := self._stores.get(supply.name)) is not None:
            store.order(n_packs)

    def most(self, supply: Supply, units: int) -> int:
        """The price of the packs for so many units to come, in cents."""
        return supply.packs(units - self._left[supply]) * cents(supply.price)
