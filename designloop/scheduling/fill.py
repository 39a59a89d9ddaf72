"""Fill: the batch is as large as whole plates, or whole runs of a machine, allow. Another scheduler says when."""

from collections.abc import Mapping
from math import floor
from typing import ClassVar, Self

from pydantic import Field, model_validator

from designloop.core.counting import many
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.history import History
from designloop.core.lab_card import LabCard, StationCard
from designloop.core.records import Order, Stop, Wait
from designloop.scheduling.base import MOST_DESIGNS, Scheduler, n_retestable
from designloop.scheduling.rounds import Rounds

_OWN = ("batch_size", "batch_sizes")
_WHEN = {"every_weeks": "weekly", "in_flight": "overlapping", "gap_days": "overlapping", "patience": "value-of-waiting"}
"""Key -> the scheduler that has it."""
_ROUNDING = 1e-9
"""More than the rounding error of a quotient of a load and a share."""


class Fill(Scheduler):
    """Submits batches that fill plates, or runs of a machine; with both, as many designs as both hold.

    Runs of a station that only a share of designs passes are filled on average.
    """

    belongs: ClassVar[Mapping[str, str]] = {
        key: f"it says when a batch leaves: when: {{kind: {kind}, {key}: ...}}" for key, kind in _WHEN.items()
    }

    plates: int | None = Field(
        None, ge=1, le=1_000, description="plates of a batch, with its controls, retests and replicates"
    )
    loads: int | None = Field(None, ge=1, le=1_000, description="runs of a machine that a batch fills")
    station: str | None = Field(
        None, min_length=1, description="the station of `loads`; none: the one that can take the fewest designs a week"
    )
    when: Scheduler = Field(Rounds(), description="when a batch leaves")

    @model_validator(mode="after")
    def _sizes_are_said_once(self) -> Self:
        if self.plates is None and self.loads is None:
            raise ValueError("give `plates`, the plates of a batch, or `loads`, the runs that it fills")
        for name, field in Scheduler.model_fields.items():
            if name in _OWN and getattr(self, name) != field.default:
                raise ValueError(f"remove `{name}`: plates and loads decide how large a batch is")
            if getattr(self.when, name) != field.default:
                raise ValueError(f"remove `{name}` of `when`, which only says when a batch leaves")
        says_nothing = isinstance(self.when, Fill)
        if says_nothing:
            raise ValueError("when: `fill` does not say when a batch leaves; name another scheduler")
        return self

    @property
    def _most_replicates(self) -> int:
        return max(self.replicates, self.retest_replicates or 1)

    def check_ready(self, card: LabCard) -> None:
        """Raise ConfigError where the lab has no such station, or where retests leave no well for a new design."""
        n_retests = self._usual_retests
        size = self.size(card, n_retests)
        if size < 1:
            raise ConfigError(f"scheduler.n_retests: {n_retests} retests leave no place for a new design; give fewer")
        if (most := self.most_designs(card)) > MOST_DESIGNS:
            raise ConfigError(f"scheduler: a batch would have {most:,} designs; give fewer, at most {MOST_DESIGNS:,}")
        self.sized(card, n_retests).check_ready(card)

    def most_designs(self, card: LabCard) -> int:
        """Those of a batch without retests."""
        return self.size(card, 0)

    @property
    def _usual_retests(self) -> int:
        return 0 if self.n_retests == "auto" else self.n_retests

    def plan(self, card: LabCard) -> str:
        """`a batch has 84 designs and 4 retests`."""
        n, its = self._usual_retests, self.when.plan(card)
        size = f"a batch has {many(self.size(card, n), 'design')}" + (f" and {many(n, 'retest')}" if n else "")
        return f"{size}; {its}" if its else size

    def loaded(self, card: LabCard) -> StationCard:
        """The station whose runs a batch fills. Raises ConfigError where the lab has none."""
        if self.station is not None and self.station not in card.names:
            hint = did_you_mean(self.station, card.names)
            raise ConfigError(f"scheduler.station: the lab has no station '{self.station}'{hint}")
        found = card.bottleneck if self.station is None else card.station(self.station)
        if found is None or found.load is None:
            raise ConfigError("scheduler.loads: no run of that station has a limit; name a `station` that has machines")
        return found

    def size(self, card: LabCard, n_retests: int) -> int:
        """New designs of a batch with so many retests; below 1 where none fits. Raises ConfigError."""
        limits = []
        if self.plates is not None:
            limits.append(self._on_plates(card, n_retests))
        if self.loads is not None:
            station = self.loaded(card)
            passing = self.loads * (station.load or 1)
            limits.append(floor(passing / station.share + _ROUNDING) - n_retests * station.takes_retests)
        return min(limits)

    def _on_plates(self, card: LabCard, n_retests: int) -> int:
        if card.places is None or self.plates is None:
            raise ConfigError("scheduler.plates: the lab does not say how many designs a plate holds; give batch_size")
        if card.replicates_together:
            wells = n_retests * (self.retest_replicates or self.replicates)
            return self.plates * (card.places // self.replicates) - -(-wells // self.replicates)
        if self.plates % self._most_replicates:
            raise ConfigError(
                f"scheduler.plates: {self._most_replicates} replicates stand on as many plates; give a multiple of "
                f"{self._most_replicates}, not {self.plates}"
            )
        return self.plates // self._most_replicates * card.places - n_retests

    def sized(self, card: LabCard, n_retests: int) -> Scheduler:
        """`when`, with the size of the next batch."""
        own = {name: getattr(self, name) for name in Scheduler.model_fields if name not in _OWN}
        return self.when.with_(**own, batch_size=self.size(card, n_retests))

    def _now(self, history: History) -> Scheduler:
        return self.sized(history.lab, min(self._usual_retests, n_retestable(history)))

    def weeks_between(self, history: History, turnaround: float) -> float:
        """As with `when`."""
        return self._now(history).weeks_between(history, turnaround)

    def wish(self, history: History) -> Order | Wait | Stop:
        """The step of `when`; its batches fill plates or runs."""
        return self._now(history).wish(history)
