"""A stage is a step of the lab, with a duration, a capacity and a failure probability."""

from typing import Literal

from pydantic import Field, model_validator

from designloop.core.parts import Part
from designloop.core.records import Outcome
from designloop.lab.calendar import Weekday
from designloop.lab.durations import Days

Probability = float


class Rework(Part):
    """A second attempt for a design that failed at first."""

    days: Days = Field(description="working days of the second attempt")
    failure: Probability = Field(0.0, ge=0, le=1, description="probability that the second attempt fails")


class Stage(Part):
    """A step of the lab before the assay. A design leaves it with the event `left`, or with its outcome."""

    name: str = Field(min_length=1, description="name of the stage in events")
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
    outcome: Outcome = Field(Outcome.BUILD_FAILED, description="outcome of a design that fails at this stage")
    expresses: bool = Field(False, description="whether designs that are not viable fail at this stage")
    retest_from: bool = Field(False, description="whether retests start at this stage")
    cost: float = Field(0.0, ge=0, description="price per design at this stage")

    @model_validator(mode="after")
    def _is_consistent(self) -> "Stage":
        if self.outcome.has_value or self.outcome is Outcome.UNMEASURED:
            raise ValueError(f"stage '{self.name}': '{self.outcome}' is not the outcome of a failure")
        if self.expresses and self.outcome is not Outcome.NOT_EXPRESSED:
            raise ValueError(f"stage '{self.name}': `expresses: true` requires `outcome: not_expressed`")
        if self.rework is not None and self.failure == 0 and not self.expresses:
            raise ValueError(f"stage '{self.name}': `rework` requires `failure`; set it, or remove `rework`")
        return self
