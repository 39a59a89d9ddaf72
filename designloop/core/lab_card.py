"""The card of a lab is what it declares of itself to those who plan its work: its stations, and its plates."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from designloop.core.records import Pending

_SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class StationCard:
    """What a lab declares of a station. Rates and times are means, from its description alone."""

    name: str
    load: int | None = None
    """Designs that a run of a machine takes, or that the stage holds at once; None where there is no limit."""
    per_week: float = inf
    """Designs a week that it can take if it never lacks any."""
    weeks: float = 0.0
    """How long a design stays there, if nobody waits."""
    takes_retests: bool = True
    share: float = 1.0
    """The share of designs that pass it; `per_week` counts the others too."""
    takes_wells: bool = False
    """Whether it works on wells, so that two replicates of a design take twice as long."""


@dataclass(frozen=True, slots=True)
class LabCard:
    """What a lab declares of itself, as it gives a quote for its prices. It follows from the lab's description."""

    stations: tuple[StationCard, ...] = ()
    """In the order in which designs pass them; the assay is the last."""
    places: int | None = None
    """Wells of a plate that are for designs; None where it is not known."""
    replicates_together: bool = False
    """Whether the replicates of a design stand on one plate, and not one on each of several plates."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stations."""
        return tuple(station.name for station in self.stations)

    @property
    def weeks(self) -> float:
        """Mean weeks from submission to a result, if nobody waits and nothing is done twice."""
        return sum(station.weeks * station.share for station in self.stations)

    @property
    def bottleneck(self) -> StationCard | None:
        """The station with the lowest rate, the first of several; None where no station has a limit."""
        limited = [station for station in self.stations if station.per_week < inf]
        return min(limited, key=lambda station: station.per_week, default=None)

    def station(self, name: str) -> StationCard:
        """The station of that name. Raises ValueError where there is none."""
        return self.stations[self.names.index(name)]

    def upstream(self, name: str) -> tuple[StationCard, ...]:
        """The stations before one of them."""
        return self.stations[: self.names.index(name)]

    def n_before(self, name: str, designs: Iterable[Pending], retests: Iterable[Pending]) -> int:
        """How many designs and retests in the lab have yet to enter a station, unless they fail or skip it."""
        places = {station: place for place, station in enumerate(self.names)}
        at = places[name]

        def is_before(pending: Pending) -> bool:
            if pending.waits_for is not None:
                return places[pending.waits_for] <= at
            return pending.stage == _SUBMITTED or places[pending.stage] < at

        counted = [*designs, *(retests if self.stations[at].takes_retests else ())]
        return sum(map(is_before, counted))
