"""What a study is judged by: the number that is compared, and a decision. Both are fixed before any cell runs."""

from typing import Any, Literal

from pydantic import Field, field_validator

from designloop.core.parts import Part


class LookAt(Part):
    """The number on which contestants are compared, fixed in advance."""

    trace: Literal["true", "recommended", "common"] = Field(
        "recommended", description="best design tested, the strategy's recommendation, or the common recommender's"
    )
    axis: Literal["designs", "weeks", "cost"] = Field("designs", description="the quantity that is held equal")
    at: dict[Literal["designs", "weeks", "cost"], float] = Field(
        {}, description="point of comparison on an axis; default: the last point that all campaigns reached"
    )

    @field_validator("trace", mode="before")
    @classmethod
    def _true_is_a_name(cls, value: Any) -> Any:
        """YAML reads an unquoted `true` as a boolean."""
        return "true" if value is True else value


class Decide(Part):
    """A decision: the cheapest option that reaches the threshold in time and budget with enough certainty."""

    over: tuple[str, ...] = Field(min_length=1, description="the axes whose labels are the options")
    by_weeks: float = Field(gt=0, description="deadline, in weeks")
    within_cost: float = Field(gt=0, description="budget, in the lab's currency")
    probability: float = Field(0.8, gt=0, lt=1, description="required lower bound of the share that succeeds")
    confirm: int = Field(100, ge=0, le=100_000, description="fresh campaigns that confirm the chosen option")
