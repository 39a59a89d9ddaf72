"""The built-in stage: durations, places, start days, failures and a second attempt."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from designloop.core.clock import Weekday
from designloop.core.durations import Days
from designloop.core.money import WholeCents
from designloop.core.parts import Part
from designloop.stages.base import Stage
from designloop.stages.visit import Request, Visit

Probability = float


class Rework(Part):
    """A second attempt for a design that failed at first."""

    days: Days = Field(description="working days of the second attempt")
    failure: Probability = Field(0.0, ge=0, le=1, description="probability that the second attempt fails")
    cost: WholeCents = Field(0.0, ge=0, description="price of the second attempt, due when it starts")


class Station(Stage):
    """A stage with a duration, a number of places, start days, and failures; the default kind."""

    days: Days = Field(description="duration in days")
    clock: Literal["working", "calendar"] = Field("working", description="unit of `days`: working or calendar days")
    per: Literal["design", "batch"] = Field(
        "design", description="draw the duration for each design, or once for the batch (an order, a delivery)"
    )
    release: Literal["as_ready", "together"] = Field(
        "as_ready", description="designs enter as soon as each is ready, or together when the whole batch is ready"
    )
    capacity: int | None = Field(None, ge=1, description="number of designs at once; others queue in order of arrival")
    start_days: tuple[Weekday, ...] | None = Field(
        None, min_length=1, description="weekdays on which the stage may start (long expressions, weekly orders)"
    )
    failure: Probability = Field(0.0, ge=0, le=1, description="probability of failure (of the first attempt)")
    rework: Rework | None = Field(None, description="second attempt after a failure; none: the design has failed")

    @model_validator(mode="after")
    def _rework_has_a_failure(self) -> Self:
        if self.rework is not None and self.failure == 0 and not self.expresses:
            raise ValueError(f"stage '{self.name}': `rework` requires `failure`; set it, or remove `rework`")
        return self

    @property
    def cost_again(self) -> float:
        """The price of the second attempt."""
        return self.rework.cost if self.rework is not None else 0.0

    @property
    def shortest_days(self) -> float:
        """The shortest duration; 0 where it is in calendar days, which are not counted."""
        return self.days.shortest if self.clock == "working" else 0.0

    def process(self, visit: Visit) -> Iterator[Request]:
        """Not used: the lab interprets the fields itself, which is faster (`lab/line.py`)."""
        raise NotImplementedError
