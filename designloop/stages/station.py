"""The built-in stage: durations, machines and their queue, failures and a second attempt."""

from collections.abc import Iterator
from math import ceil
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from designloop.core.clock import MOST_DAYS, Weekday, minute_of_day
from designloop.core.distributions import Duration, Fixed
from designloop.core.durations import Days
from designloop.core.money import WholeCents
from designloop.core.parts import Part
from designloop.stages.base import Stage
from designloop.stages.consumable import Consumable
from designloop.stages.uptime import check_runs_end, check_works
from designloop.stages.visit import Request, Visit

Probability = float


class Rework(Part):
    """Further tries for a design that failed: one in place, after some days, or several from a stage that it passed."""

    days: Days | None = Field(None, description="working days of a second attempt in place; none with `to`")
    failure: Probability = Field(0.0, ge=0, le=1, description="probability that the attempt in place fails")
    to: str | None = Field(
        None, min_length=1, description="this stage or an earlier one, which the design passes again"
    )
    times: int = Field(1, ge=1, le=1000, description="the most tries of a design after the first, with `to`")
    cost: WholeCents = Field(0.0, ge=0, description="price of each further try with all its stages, due when it begins")

    @model_validator(mode="after")
    def _is_in_place_or_goes_back(self) -> Self:
        if (self.days is None) == (self.to is None):
            raise ValueError("rework: give either `days`, for an attempt in place, or `to`, a stage to pass again")
        if self.to is not None and self.failure:
            raise ValueError("rework: `failure` is that of an attempt in place; stages passed again fail as they do")
        if self.to is None and self.times > 1:
            raise ValueError("rework: an attempt in place is made once; give `to` instead of `days`")
        return self


class Breakdown(Part):
    """Breakdowns of each machine, whether it is in use or not."""

    between: Days = Field(description="days from the start, or from a repair, to the next breakdown")
    repair: Days = Field(description="days until the machine works again")
    work: Literal["kept", "restarted", "lost"] = Field(
        "kept", description="a run goes on after the repair, begins anew, or its designs are lost"
    )

    @model_validator(mode="after")
    def _does_not_always_break(self) -> Self:
        if self.between.longest == 0:
            raise ValueError("between: expected more than 0 days, because the machine would never work")
        return self


class Maintenance(Part):
    """Regular maintenance of each machine. A run goes on after it."""

    every: float = Field(ge=0.01, le=MOST_DAYS, description="days from the beginning of one to that of the next")
    days: Days = Field(description="days that it takes")

    @model_validator(mode="after")
    def _ends_before_the_next(self) -> Self:
        if self.days.mean(1) >= self.every:
            raise ValueError("days: maintenance is due again before it ends; shorten it, or raise `every`")
        return self


class Station(Stage):
    """A stage with durations, machines or places, a queue, start rules and failures; the default kind."""

    days: Days = Field(description="duration in days; with a `load` above 1, of a run of the machine")
    clock: Literal["working", "calendar"] = Field("working", description="unit of `days`: working or calendar days")
    per: Literal["design", "batch"] = Field(
        "design", description="draw the duration for each design, or once for the batch (an order, a delivery)"
    )
    release: Literal["as_ready", "together"] = Field(
        "as_ready", description="designs enter as soon as each is ready, or together when the whole batch is ready"
    )
    capacity: int | None = Field(None, ge=1, description="number of designs at once, each by itself; others queue")
    machines: int | None = Field(None, ge=1, le=10_000, description="number of equal machines, in place of `capacity`")
    load: int = Field(1, ge=1, description="designs that a run of a machine takes at once")
    setup: Days = Field(Fixed(0), description="days that a machine needs before the designs of each run")
    min_fill: float = Field(0.0, ge=0, le=1, description="a run starts when this share of its load is waiting")
    wait_days: float | None = Field(
        5.0,
        ge=0,
        le=MOST_DAYS,
        description="or when a design has waited this number of working days; none: when no other of its batch comes",
    )
    mixes: bool = Field(True, description="whether a run may take designs of several batches")
    queue: Literal["first-come", "priority", "by-batch"] = Field(
        "first-come",
        description="who goes first: who came first; urgent batches and then retests; or designs of earlier batches",
    )
    start_days: tuple[Weekday, ...] | None = Field(
        None, min_length=1, description="weekdays on which the stage may start (long expressions, weekly orders)"
    )
    start_times: tuple[str, ...] | None = Field(
        None, min_length=1, description="times of day at which the stage may start, such as ['09:00', '14:00']"
    )
    per_run: WholeCents = Field(0.0, ge=0, description="price of each run of a machine, due when it ends")
    per_hour: float = Field(0.0, ge=0, description="price per hour of a run, with its setup, due when it ends")
    consumables: tuple[Consumable, ...] = Field(
        (), description="what runs use up; a run waits for what is not in stock"
    )
    people: str | None = Field(None, min_length=1, description="group of `lab.people` that each run needs")
    n_people: int = Field(1, ge=1, description="number of people that a run needs")
    hands_on: Days | None = Field(
        None, description="days on shift that people spend at the beginning of a run; none: until it ends"
    )
    share: float = Field(1.0, gt=0, le=1, description="share of designs that pass this stage; the others skip it")
    one_of: str | None = Field(
        None, min_length=1, description="group of alternatives: each design passes one of them, by their shares"
    )
    breakdown: Breakdown | None = Field(None, description="breakdowns of the machines; none: they never break down")
    maintenance: Maintenance | None = Field(None, description="regular maintenance of the machines")
    run_failure: Probability = Field(0.0, ge=0, le=1, description="probability that a whole run of a machine fails")
    batch_failure: Probability = Field(0.0, ge=0, le=1, description="probability that a whole batch (an order) fails")
    failure: Probability = Field(0.0, ge=0, le=1, description="probability of failure (of the first attempt)")
    rework: Rework | None = Field(None, description="second attempt after a failure; none: the design has failed")

    @model_validator(mode="after")
    def _rework_has_a_failure(self) -> Self:
        if self.rework is not None and not (self.failure or self.run_failure or self.batch_failure or self.expresses):
            raise ValueError(f"stage '{self.name}': `rework` requires `failure`; set it, or remove `rework`")
        return self

    @field_validator("start_times")
    @classmethod
    def _times_are_of_a_day(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(sorted(value, key=minute_of_day))

    @model_validator(mode="after")
    def _machines_are_complete(self) -> Self:
        """Settings of machines need machines, so that none is without effect."""
        if self.machines is not None and self.capacity is not None:
            raise ValueError(f"stage '{self.name}': remove `capacity`; `machines` × `load` replaces it")
        needs = {
            "load",
            "setup",
            "min_fill",
            "wait_days",
            "mixes",
            "per_run",
            "per_hour",
            "consumables",
            "people",
            "breakdown",
            "maintenance",
            "run_failure",
        } & self.model_fields_set
        idle = sorted(name for name in needs if getattr(self, name) != type(self).model_fields[name].default)
        if self.machines is None and idle:
            raise ValueError(f"stage '{self.name}': `{idle[0]}` needs `machines`, the number of machines")
        if self.machines is None and self.capacity is None and self.queue != "first-come":
            raise ValueError(
                f"stage '{self.name}': nobody waits, so `queue` has no effect; set `machines`, or remove it"
            )
        if self.wait_days is None and self.n_to_start == 1:
            raise ValueError(
                f"stage '{self.name}': with `wait_days: null`, a run waits for `min_fill` of its load; set it above "
                f"{1 / self.load:.2g}"
            )
        if self.people is None and (self.n_people > 1 or self.hands_on is not None):
            raise ValueError(f"stage '{self.name}': name the group of `people` that is hands-on")
        for needed in ("breakdown", "maintenance"):
            if self.rework is not None and self.rework.to is None and getattr(self, needed) is not None:
                raise ValueError(f"stage '{self.name}': a second attempt in place knows no `{needed}`; give rework.to")
        if self.hands_on is not None and self.hands_on.shortest > self.longest_run:
            raise ValueError(
                f"stage '{self.name}': people are `hands_on` for longer than a run takes; shorten it, or remove it: "
                "without it they stay until the run ends"
            )
        if self.people is not None and self.hands_on is None and (self.breakdown or self.maintenance):
            raise ValueError(
                f"stage '{self.name}': the machine does not work alone; say how long people are `hands_on`"
            )
        if self.share < 1 and self.cost and self.due == "ordered":
            raise ValueError(f"stage '{self.name}': only a share of designs pays its `cost`; set `due: entered`")
        self._check_uptime()
        if self.load > 1 and self.per == "batch":
            raise ValueError(f"stage '{self.name}': with a `load`, `days` is that of a run; remove `per: batch`")
        return self

    @property
    def n_to_start(self) -> int:
        """A run starts when so many designs wait."""
        return max(ceil(self.min_fill * self.load - 1e-9), 1)

    @property
    def cost_again(self) -> float:
        """The price of each further try."""
        return self.rework.cost if self.rework is not None else 0.0

    @property
    def times_again(self) -> int:
        """One attempt in place, or those of `rework`."""
        return self.rework.times if self.rework is not None else 0

    @property
    def back_to(self) -> str | None:
        """The stage of `rework`."""
        return self.rework.to if self.rework is not None else None

    @property
    def share_of_designs(self) -> float:
        """As in `share`."""
        return self.share

    @property
    def alternatives(self) -> str | None:
        """As in `one_of`."""
        return self.one_of

    def _check_uptime(self) -> None:
        """Raise ValueError where machines are hardly ever up, or hardly ever until a run ends."""
        check_works(self.name, self.breakdown, self.maintenance, self.load)
        broken = self.breakdown
        if broken is not None and broken.work != "kept":
            check_runs_end(self.name, broken.between, (self.setup, self.days), self.load, broken.work)

    @property
    def again_days(self) -> Duration:
        """The duration of a second attempt in place; 0 where there is none."""
        return Fixed(0) if self.rework is None or self.rework.days is None else self.rework.days

    @property
    def longest_run(self) -> float:
        """The longest setup and duration, in days; infinity where there is no limit."""
        return self.setup.longest + self.days.longest

    @property
    def shortest_days(self) -> float:
        """The shortest setup and duration; 0 where they are in calendar days, or for a share of designs only."""
        is_counted = self.clock == "working" and self.share == 1
        return self.setup.shortest + self.days.shortest if is_counted else 0.0

    def process(self, visit: Visit) -> Iterator[Request]:
        """Not used: the lab interprets the fields itself, which is faster (`lab/line.py`)."""
        raise NotImplementedError
