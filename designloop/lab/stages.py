"""A stage is a step of the lab: how long it takes, how many fit at once, how it fails."""

from typing import Literal

from pydantic import Field, model_validator

from designloop.core.parts import Part
from designloop.core.records import Outcome
from designloop.lab.calendar import Weekday
from designloop.lab.durations import Days

Probability = float


class Rework(Part):
    """What is done with a design that failed first: it is made once more."""

    days: Days = Field(description="working days that making it once more takes")
    failure: Probability = Field(0.0, ge=0, le=1, description="share of those that never succeed")


class Stage(Part):
    """A step of the lab before the assay. A design leaves it by `left`, or by its outcome."""

    name: str = Field(min_length=1, description="its name in events")
    days: Days = Field(description="how long it takes")
    clock: Literal["working", "calendar"] = Field("working", description="whether those are working or calendar days")
    per: Literal["design", "batch"] = Field(
        "design", description="a duration for each design, or one common to the batch (its order, its delivery)"
    )
    release: Literal["as_ready", "together"] = Field(
        "as_ready", description="whether each design enters when it is ready, or a batch when all of it is"
    )
    capacity: int | None = Field(None, ge=1, description="designs at once; the others queue, first come first served")
    start_days: tuple[Weekday, ...] | None = Field(
        None, min_length=1, description="weekdays on which it may start (long expressions, weekly orders)"
    )
    failure: Probability = Field(0.0, ge=0, le=1, description="share that fails (first, where there is rework)")
    rework: Rework | None = Field(None, description="what happens to those; left out: they are gone")
    outcome: Outcome = Field(Outcome.BUILD_FAILED, description="how a design that fails here ends")
    expresses: bool = Field(False, description="whether designs that are not viable fail here")
    retest_from: bool = Field(False, description="whether known designs enter here when they are measured again")
    cost: float = Field(0.0, ge=0, description="price of a design at this stage")

    @model_validator(mode="after")
    def _is_consistent(self) -> "Stage":
        if self.outcome.has_value or self.outcome is Outcome.UNMEASURED:
            raise ValueError(f"a design that fails in '{self.name}' cannot end as '{self.outcome}'")
        if self.expresses and self.outcome is not Outcome.NOT_EXPRESSED:
            raise ValueError(f"'{self.name}' expresses designs, so its outcome is 'not_expressed'; set `outcome` so")
        if self.rework is not None and self.failure == 0 and not self.expresses:
            raise ValueError(f"'{self.name}' has a rework and no failure; give `failure`, or leave `rework` out")
        return self
