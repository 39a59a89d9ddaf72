"""When idle: a batch leaves before the bottleneck of the lab runs out of designs, and not earlier."""

from math import inf

from pydantic import Field

from designloop.core.clock import DAY
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.history import History
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import Scheduler, next_morning


class WhenIdle(Scheduler):
    """Submits a batch when the bottleneck would starve before it comes. Looks once a day, and at each result.

    The rule is that of starvation avoidance: Glassey and Resende 1988, IEEE Transactions on Semiconductor
    Manufacturing 1, 36-46.
    """

    station: str | None = Field(
        None, min_length=1, description="the bottleneck; none: the station that can take the fewest designs a week"
    )
    safety: float = Field(1.0, gt=0, le=100, description="factor on the designs that keep the bottleneck busy")

    def check_ready(self, card: LabCard) -> None:
        """Raise ConfigError where the lab has no such station, or none with a limit."""
        self.bottleneck(card)

    def bottleneck(self, card: LabCard) -> StationCard:
        """The station that should not starve. Raises ConfigError."""
        if self.station is not None and self.station not in card.names:
            hint = did_you_mean(self.station, card.names)
            raise ConfigError(f"scheduler.station: the lab has no station '{self.station}'{hint}")
        found = card.bottleneck if self.station is None else card.station(self.station)
        if found is None:
            raise ConfigError("scheduler: no station of this lab has a limit, so none can starve; use `overlapping`")
        if found.per_week == inf:
            limited = [station.name for station in card.stations if station.per_week < inf]
            raise ConfigError(
                f"scheduler.station: '{found.name}' has no limit, so it cannot starve; "
                + (f"name one that has: {', '.join(limited)}" if limited else "use `overlapping`")
            )
        return found

    def plan(self, card: LabCard) -> str:
        """`keeps 'cloning' busy, which can take 50 designs a week`."""
        return f"keeps '{self.bottleneck(card).name}' busy, which can take {self.rate(card):,.4g} designs a week"

    def rate(self, card: LabCard) -> float:
        """Designs of this scheduler that the bottleneck can take a week."""
        found = self.bottleneck(card)
        return found.per_week / (self.replicates if found.takes_wells else 1)

    def lead(self, history: History) -> float:
        """Weeks from the submission of a batch until the bottleneck has it: the mean so far, or that of the card."""
        upstream = history.lab.upstream(self.bottleneck(history.lab).name)
        on_every_way = [station.name for station in upstream if station.share == 1]
        so_far = history.weeks_to_leave(on_every_way[-1]) if on_every_way else None
        return sum(station.share * station.weeks for station in upstream) if so_far is None else so_far

    def level(self, history: History) -> float:
        """The number of designs that the bottleneck takes until a batch of tomorrow reaches it, with `safety`."""
        return self.safety * self.rate(history.lab) * (self.lead(history) + 1 / 7)

    def weeks_between(self, history: History, turnaround: float) -> float:
        """As long as the bottleneck needs for a batch."""
        return self.full_order(history).n_designs / self.rate(history.lab)

    def wish(self, history: History) -> Order | Wait | Stop:
        """A full batch when fewer designs than `level` have yet to enter the bottleneck; at most one a day."""
        morning = next_morning(history)
        if history.last_submitted_at is not None and history.last_submitted_at // DAY == history.now // DAY:
            return Wait(until=morning)
        has_enough = history.n_before(self.bottleneck(history.lab).name) >= self.level(history)
        return Wait(until=morning) if has_enough else self.full_order(history)
