"""The runs of machines that a batch may need: at most, which is reserved, and as a rule, which is expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

from designloop.core.supply import Supply


@dataclass(frozen=True, slots=True)
class Hop:
    """How the designs of a batch start the runs of one station."""

    fill: int = 1
    """Designs that a run takes at least, except the last one of the batch; 0: each arrival starts one run at most."""
    extra: int = 0
    """Runs that may be less full: one where other batches mix, or those that start while designs still come."""
    again: int = 0
    """The most further visits of a design, each of which may need a run of its own."""
    follows: bool = False
    """Whether designs arrive in the groups in which the station before released them, one for each of its runs."""

    def most(self, n: int, arrivals: int) -> int:
        """The most runs for n designs that come in so many arrivals."""
        if not self.follows:
            extra = min(self.extra, n)
            first = extra + ceil((n - extra) / self.fill)
        else:  # an arrival of g designs starts ceil(g / fill) runs, which is at most 1 + (g - 1) / fill
            arrivals = min(arrivals, n)
            first = arrivals + (ceil((n - arrivals) / self.fill) if self.fill else 0)
        return first + n * self.again


@dataclass(frozen=True, slots=True)
class MachineRuns:
    """The runs of one station, and their price."""

    station: str
    prices: tuple[tuple[str, float], ...]
    """(item, price in whole cents) of the longest run."""
    usual: float
    """Price of a full run of mean length."""
    load: int
    share: float = 1.0
    """Of the designs that pass the station."""
    designs: tuple[Hop, ...] = (Hop(),)
    """From the last station at which the batch is together, to this one."""
    retests: tuple[Hop, ...] = ()
    """The same for retests; empty where they do not pass the station."""
    supplies: tuple[Supply, ...] = ()
    """What the runs use up."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """The runs in an `opened` event."""
        hops = {who: tuple(Hop(**hop) for hop in facts[who]) for who in ("designs", "retests")}
        supplies = tuple(Supply(**supply) for supply in facts["supplies"])
        return cls(**{**facts, **hops, "prices": tuple(map(tuple, facts["prices"])), "supplies": supplies})

    def most(self, n_designs: int, n_retests: int) -> int:
        """The most runs of a batch."""
        return _most(self.designs, n_designs) + _most(self.retests, n_retests)

    def visits(self, n_designs: int, n_retests: int) -> int:
        """The most visits of the designs of a batch."""
        return sum(
            n * (1 + hops[-1].again) for n, hops in ((n_designs, self.designs), (n_retests, self.retests)) if hops
        )

    def expected(self, n_designs: int, n_retests: int) -> float:
        """The price of the runs of a batch if each is as full as the batch allows, with what they use up."""
        n_runs, n = self.full_runs(n_designs, n_retests), self._passing(n_designs, n_retests)
        return self.usual * n_runs + sum(
            supply.price / supply.pack * supply.units(ceil(n), n_runs) for supply in self.supplies
        )

    def full_runs(self, n_designs: int, n_retests: int) -> int:
        """The runs of a batch if each is as full as the batch allows."""
        return ceil(self._passing(n_designs, n_retests) / self.load)

    def _passing(self, n_designs: int, n_retests: int) -> float:
        return (n_designs + n_retests * bool(self.retests)) * self.share

    @property
    def per_design(self) -> float:
        """The expected price for a design of a full run."""
        supplied = sum(s.price / s.pack * (s.per_well + s.per_plate / self.load) for s in self.supplies)
        return (self.usual / self.load + supplied) * self.share


def _most(hops: Iterable[Hop], n: int) -> int:
    runs = 0
    for hop in hops if n else ():
        runs = hop.most(n, arrivals=runs)
    return runs
