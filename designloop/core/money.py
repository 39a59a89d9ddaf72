"""Money: whole cents, and the lab's price list.

An amount is a number of the lab's currency. Amounts are added and compared in whole cents, each rounded half up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import floor, inf
from typing import Annotated, Any, Self

import numpy as np
from pydantic import AfterValidator

from designloop.core.machine_runs import MachineRuns
from designloop.core.records import Event
from designloop.core.supply import Supply

_NOISE = 4
"""Decimals of a cent that count; what is beyond them is the rounding error of floating-point arithmetic."""


def cents(amount: float) -> int:
    """A finite amount in whole cents, rounded half up."""
    return floor(round(amount * 100, _NOISE) + 0.5)


def in_whole_cents(price: float) -> float:
    """The price of what falls due one by one. Raises ValueError where it has a fraction of a cent."""
    if total([price]) != price:
        raise ValueError(f"expected whole cents, since it is charged one by one; got {price!r}")
    return price


WholeCents = Annotated[float, AfterValidator(in_whole_cents)]


def whole_cents(amount: float) -> float:
    """The amount without its fraction of a cent: what a limit allows. Infinity stays."""
    return amount if amount == inf else floor(round(amount * 100, _NOISE)) / 100


def total(amounts: Iterable[float]) -> float:
    """The sum of amounts, each in whole cents."""
    return sum(map(cents, amounts)) / 100


def held_by(events: Iterable[Event]) -> float:
    """The amount that is reserved after these events."""
    held: dict[str, float] = {}
    for event in events:
        if event.kind == "reserved":
            held |= event.data
    return total(held.values())


def less(amount: float, *amounts: float) -> float:
    """What is left of an amount, which may be infinite, after these."""
    return amount if amount == inf else (cents(amount) - sum(map(cents, amounts))) / 100


def pays(money: float, price: float) -> bool:
    """Whether the money, which may be infinite, pays the price, to the cent."""
    return money == inf or cents(price) <= cents(money)


def n_times(money: float, price: float) -> float:
    """How many times the money pays the price, rounded down; infinity without a limit or a price."""
    return inf if money == inf or cents(price) <= 0 else float(max(cents(money) // cents(price), 0))


@dataclass(frozen=True, slots=True)
class Quote:
    """The lab's price list, in the lab's currency: the price of a batch, and the rent.

    `items` are charged at submission. What falls due later is reserved at submission at its worst case (`reserve`).
    """

    per_round: float = 0.0
    per_design: float = 0.0
    """Price of a design, except its DNA."""
    per_retest: float = 0.0
    per_replicate: float = 0.0
    per_week: float = 0.0
    brackets: tuple[tuple[float, float], ...] = ()
    """Points (batch size, price of a design), interpolated log-log and added to `per_design`; empty: nothing added."""
    per_bp: float = 0.0
    min_bp: int = 0
    """Minimum number of base pairs charged per design."""
    bp_per_letter: int = 1
    by_length: tuple[tuple[int, float], ...] = ()
    """Points (base pairs, price of the DNA of a design of at most that length), added to the price per base pair."""

    later: tuple[tuple[str, float, float], ...] = ()
    """(item, most for a design, most for a retest), in whole cents, for what falls due at stages."""
    runs: tuple[MachineRuns, ...] = ()
    supplies: tuple[Supply, ...] = ()
    plate_fill: int = 1
    """Number of designs on a plate at least, except on the last plate of a batch; with `places`, of wells."""
    places: int | None = None
    """Wells for designs on a plate, if the replicates of a design share plates."""
    plate_places: int = 1
    """Wells for designs on a plate."""
    further_readings: int = 0
    """The most further readings of a plate, each of which costs as much as the first."""
    urgent: float = 0.0
    """The surcharge of an urgent batch, as a share of what is charged at its submission."""

    def facts(self) -> dict[str, Any]:
        """The price list for an `opened` event; what costs nothing here, and is rare, is not mentioned."""
        optional = ("runs", "further_readings", "urgent")
        return {name: value for name, value in asdict(self).items() if value or name not in optional}

    def uses(self) -> Iterator[tuple[Supply, int]]:
        """What plates use up, and the most readings of a plate that pay it.

        The wells of the first reading are paid with the order.
        """
        yield from ((supply, 1 + self.further_readings) for supply in self.supplies)
        if self.further_readings and self.per_replicate:
            yield Supply("replicates", self.per_replicate, per_well=1), self.further_readings

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """The price list in an `opened` event."""
        points = {name: tuple(map(tuple, facts.get(name, ()))) for name in ("brackets", "by_length", "later")}
        supplies = tuple(Supply(**supply) for supply in facts.get("supplies", ()))
        runs = tuple(MachineRuns.of(runs) for runs in facts.get("runs", ()))
        return cls(**{**facts, **points, "supplies": supplies, "runs": runs})

    def items(
        self,
        lengths: Sequence[int],
        n_retests: int = 0,
        replicates: int = 1,
        wells: Sequence[int] | None = None,
        *,
        urgent: bool = False,
    ) -> dict[str, float]:
        """The charges of a batch at submission, by item: new designs of these lengths, and retests.

        `wells`: of each design and then of each retest, where they do not all have as many `replicates`.
        """
        n_designs = len(lengths)
        wells = [replicates] * (n_designs + n_retests) if wells is None else wells
        dna = sum(map(self.price_of_dna, lengths))
        items = {
            "round": self.per_round if n_designs + n_retests else 0.0,
            "designs": dna + n_designs * self.price_per_design(n_designs),
            "retests": n_retests * self.per_retest,
            "replicates": sum(wells) * self.per_replicate,
        }
        return items | ({"urgent": self.urgent * total(items.values())} if urgent else {})

    def price(
        self,
        lengths: Sequence[int],
        n_retests: int = 0,
        replicates: int = 1,
        wells: Sequence[int] | None = None,
        *,
        urgent: bool = False,
    ) -> float:
        """The most that a batch costs: what is charged at submission and what is reserved, each item in whole cents."""
        wells = [replicates] * (len(lengths) + n_retests) if wells is None else wells
        reserved = self.reserve(len(lengths), n_retests, wells)
        charged = self.items(lengths, n_retests, wells=wells, urgent=urgent)
        return total([*charged.values(), *reserved.values()])

    def reserve(self, n_designs: int, n_retests: int, wells: Sequence[int]) -> dict[str, float]:
        """The most that falls due after submission, by item; `wells` are those of each design and retest."""
        at_stages = {item: n_designs * design + n_retests * retest for item, design, retest in self.later}
        supplied = {
            supply.name: supply.price * supply.packs(times * self.units(supply, Counter(wells)))
            for supply, times in self.uses()
        }
        return at_stages | self._reserve_runs(n_designs, n_retests) | supplied

    def _reserve_runs(self, n_designs: int, n_retests: int) -> dict[str, float]:
        """The most that the runs of machines cost, by item; stations may share one, such as people."""
        amounts = Counter[str]()
        for runs in self.runs:
            most, visits = runs.most(n_designs, n_retests), runs.visits(n_designs, n_retests)
            amounts.update({item: cents(price) * most for item, price in runs.prices})
            amounts.update({s.name: cents(s.price) * s.packs(s.units(visits, most)) for s in runs.supplies})
        return {item: amount / 100 for item, amount in amounts.items()}

    def expected(self, lengths: Sequence[int], n_retests: int, wells: Sequence[int], *, urgent: bool = False) -> float:
        """A rough price of a batch: what falls due at stages as due, plates full, and runs as full as they can be."""
        n_designs = len(lengths)
        at_stages = sum(n_designs * design + n_retests * retest for _, design, retest in self.later)
        runs = sum(runs.expected(n_designs, n_retests) for runs in self.runs)
        plates = -(-sum(wells) // self.plate_places)
        supplied = sum(supply.price / supply.pack * supply.units(sum(wells), plates) for supply in self.supplies)
        ordered = total(self.items(lengths, n_retests, wells=wells, urgent=urgent).values())
        return ordered + at_stages + runs + supplied

    def units(self, supply: Supply, designs: Mapping[int, int]) -> int:
        """The most units of a consumable for one reading of a batch: {wells of a design: number of such designs}."""
        return supply.units(sum(n_wells * n for n_wells, n in designs.items()), self.n_plates(designs))

    def n_plates(self, designs: Mapping[int, int]) -> int:
        """The most plates for designs of one batch: {wells of a design: number of such designs}."""
        n_designs, most = sum(designs.values()), max((n_wells for n_wells, n in designs.items() if n), default=0)
        if self.places is None:
            return self._most_groups(designs, -(-n_designs // self.plate_fill))
        if most > self.places:
            return sum(-(-n_wells // self.places) * n for n_wells, n in designs.items())
        fill = min(self.plate_fill, self.places - most + 1)  # what does not fit waits for the next plate
        return min(n_designs, -(-sum(n_wells * n for n_wells, n in designs.items()) // fill))

    def _most_groups(self, designs: Mapping[int, int], n_groups: int) -> int:
        """The most plates of so many groups of designs: each takes as many as the largest number of wells in it."""
        n_plates = 0
        for n_wells in sorted(designs, reverse=True):
            n = min(designs[n_wells], n_groups)
            n_plates, n_groups = n_plates + n * n_wells, n_groups - n
        return n_plates

    def share(self, n_letters: int, n_designs: int, replicates: int = 1) -> float:
        """The price of a design of this length in a batch of `n_designs`, with its share of the batch, plates and runs.

        Plates and runs are counted as full, what falls due at stages as due, and rent not at all.
        """
        plates = replicates / self.plate_places
        supplied = sum(s.price / s.pack * (replicates * s.per_well + plates * s.per_plate) for s in self.supplies)
        own = self.price_of_dna(n_letters) + self.price_per_design(n_designs) + replicates * self.per_replicate
        at_stages = sum(most for _, most, _ in self.later)
        in_runs = sum(runs.per_design for runs in self.runs)
        return own + supplied + at_stages + in_runs + self.per_round / n_designs

    def price_of_dna(self, n_letters: int) -> float:
        """The price of the DNA of a design of this length, which `by_length` must reach."""
        n_bp = max(n_letters * self.bp_per_letter, self.min_bp)
        listed = next(price for most, price in self.by_length if n_bp <= most) if self.by_length else 0.0
        return self.per_bp * n_bp + listed

    def price_per_design(self, n_designs: int) -> float:
        """The price of one design, except its DNA, in a batch of `n_designs`."""
        if not self.brackets or n_designs == 0:
            return self.per_design
        sizes, prices = np.log(np.array(self.brackets)).T
        return self.per_design + float(np.exp(np.interp(np.log(n_designs), sizes, prices)))
