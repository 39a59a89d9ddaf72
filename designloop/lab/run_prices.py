"""The prices of the runs of machines: by the run, and by the hour of the machine and of people."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil, inf

from designloop.core.clock import DAY
from designloop.core.machine_runs import MachineRuns
from designloop.core.money import cents
from designloop.core.people import People
from designloop.lab.worst_case import most_visits, routes
from designloop.stages.base import Stage
from designloop.stages.station import Station

_HOUR = 60


@dataclass(frozen=True, slots=True)
class RunPrice:
    """What the runs of one station cost."""

    item: str
    per_run: int
    """In cents."""
    per_hour: float
    people: str
    """The item of the people; empty where their hours cost nothing."""
    people_per_hour: float
    """Of all people of a run."""
    longest: int
    """Minutes of the longest run."""
    longest_hands_on: int
    mean: int
    """Minutes of a full run, on average."""
    mean_hands_on: int

    def amounts(self, minutes: int, hands_on: int) -> dict[str, int]:
        """The price of a run of so many minutes, of which people are hands-on for some, by item, in cents."""
        machine = {self.item: self.per_run + cents(self.per_hour * minutes / _HOUR)}
        people = {self.people: cents(self.people_per_hour * hands_on / _HOUR)} if self.people else {}
        return (machine if self.per_run or self.per_hour else {}) | people

    @property
    def most(self) -> dict[str, int]:
        """The price of the longest run."""
        return self.amounts(self.longest, self.longest_hands_on)

    @property
    def usual(self) -> int:
        """The price of a full run of mean length, in cents."""
        return sum(self.amounts(self.mean, self.mean_hands_on).values())


def run_prices(stages: Sequence[Stage], people: Sequence[People]) -> dict[str, RunPrice]:
    """Station -> what its runs cost, if anything. Raises ValueError where a price per hour has no worst case."""
    rates = {group.name: group.per_hour for group in people}
    stations = [stage for stage in stages if isinstance(stage, Station) and stage.machines is not None]
    prices = {station.name: _price(station, rates) for station in stations}
    return {name: price for name, price in prices.items() if price.most}


def _price(station: Station, rates: Mapping[str, float]) -> RunPrice:
    rate, again = rates.get(station.people or "", 0.0), station.again_days
    longest, by_hand = station.longest_run, station.hands_on.longest if station.hands_on is not None else inf
    by_hand = min(longest, by_hand) + min(again.longest, by_hand)
    if (station.per_hour and longest + again.longest == inf) or (rate and by_hand == inf):
        whose = "`per_hour`" if station.per_hour else f"`per_hour` of people '{station.people}'"
        raise ValueError(
            f"stage '{station.name}': {whose} is reserved at its worst case, but a run may last for ever; give `setup` "
            "and `days`, also those of `rework`, a longest duration: a number, uniform or triangular"
        )
    mean, mean_by_hand = _means(station)
    return RunPrice(
        item=f"{station.name} runs",
        per_run=cents(station.per_run),
        per_hour=station.per_hour,
        people=(station.people or "") if rate else "",
        people_per_hour=rate * station.n_people,
        longest=sum(map(_minutes, (station.setup.longest, station.days.longest, again.longest))),
        longest_hands_on=_minutes(by_hand),
        mean=_minutes(mean),
        mean_hands_on=_minutes(mean_by_hand),
    )


def _means(station: Station) -> tuple[float, float]:
    """Mean days of a full run with its second attempts, and of them, those in which people are hands-on."""
    first = station.setup.mean(station.load) + station.days.mean(station.load)
    again = station.again_days.mean(station.load)
    share = 1 - (1 - station.failure) ** station.load
    if station.hands_on is None:
        return first + share * again, first + share * again
    by_hand = station.hands_on.mean(station.load)
    return first + share * again, min(first, by_hand) + share * min(again, by_hand)


def _minutes(days: float) -> int:
    return 0 if days == inf else ceil(days * DAY)


def machine_runs(
    stages: Sequence[Stage],
    retest_stages: Sequence[Stage],
    people: Sequence[People],
    *,
    is_limited: bool,
    shared: Set[str] = frozenset(),
) -> tuple[MachineRuns, ...]:
    """The runs that cost or use up something: their price, and how many a batch may need at most."""
    visits, entry = most_visits(stages), len(stages) - len(retest_stages)
    designs = routes(stages, visits, is_limited=is_limited, shared=shared)
    retests = routes(retest_stages, visits[entry:], is_limited=is_limited, shared=shared) if retest_stages else {}
    prices, stations = run_prices(stages, people), [stage for stage in stages if isinstance(stage, Station)]
    return tuple(
        MachineRuns(
            station=station.name,
            prices=tuple((item, amount / 100) for item, amount in price.most.items()) if price else (),
            usual=price.usual / 100 if price else 0.0,
            load=station.load,
            share=station.share,
            designs=designs[station.name],
            retests=retests.get(station.name, ()),
            supplies=tuple(consumable.supply for consumable in station.consumables),
        )
        for station in stations
        if (price := prices.get(station.name)) or station.consumables
    )
