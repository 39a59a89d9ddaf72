"""A stage is a step of the lab, which a design leaves with the event `left`, or with the outcome of its failure."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from designloop.core.clock import MOST_DAYS
from designloop.core.money import in_whole_cents
from designloop.core.parts import Part
from designloop.core.records import Outcome
from designloop.stages.visit import Request, Visit


class Stage(Part):
    """A step of the lab before the assay. In YAML, a mapping without a `kind` is a `station`.

    A stage of one's own defines `shortest_days` and `process`. It sees one design at a time, by its `visit`.
    """

    shelf: ClassVar[str] = "stages"
    default_kind: ClassVar[str] = "station"
    to_define: ClassVar[tuple[str, ...]] = ("shortest_days", "process")

    name: str = Field(min_length=1, description="name of the stage in events")
    outcome: Outcome = Field(Outcome.BUILD_FAILED, description="outcome of a design that fails at this stage")
    expresses: bool = Field(False, description="whether designs that are not viable fail at this stage")
    retest_from: bool = Field(False, description="whether retests start at this stage")
    cost: float = Field(0.0, ge=0, description="price per design at this stage")
    due: Literal["ordered", "entered", "passed"] = Field(
        "ordered",
        description="when the price is due: with the order, when a design enters the stage, or when it passes it "
        "(nothing for a design that fails)",
    )

    @model_validator(mode="after")
    def _outcome_is_a_failure(self) -> Self:
        if self.outcome.has_value or self.outcome is Outcome.UNMEASURED:
            raise ValueError(f"stage '{self.name}': '{self.outcome}' is not the outcome of a failure")
        if self.expresses and self.outcome is not Outcome.NOT_EXPRESSED:
            raise ValueError(f"stage '{self.name}': `expresses: true` requires `outcome: not_expressed`")
        return self

    @model_validator(mode="after")
    def _what_is_due_later_is_in_whole_cents(self) -> Self:
        if self.due != "ordered":
            in_whole_cents(self.cost)
        return self

    @property
    def cost_again(self) -> float:
        """The price of each further try of a design that failed, in whole cents; due when it begins."""
        return 0.0

    @property
    def times_again(self) -> int:
        """The most further tries of one design."""
        return 0

    @property
    def back_to(self) -> str | None:
        """The stage to which a design that failed goes back; None where it ends."""
        return None

    @property
    def share_of_designs(self) -> float:
        """The share of designs that pass this stage; the others skip it."""
        return 1.0

    @property
    def alternatives(self) -> str | None:
        """The group of stages of which a design passes exactly one; None where there are no alternatives."""
        return None

    @property
    def shortest_days(self) -> float:
        """A lower bound on the working days that a design spends at this stage, unless it fails."""
        raise NotImplementedError

    @property
    def resources(self) -> Mapping[str, int]:
        """Machines of the stage: name -> number. A visit can `seize` one."""
        return {}

    def process(self, visit: Visit) -> Iterator[Request]:
        """What happens to one design, as a generator that yields the visit's requests. It may call `visit.fail()`."""
        raise NotImplementedError

    def check_promises(self) -> None:
        """Raise ValueError where `shortest_days` or `resources` is no promise that a lab can hold the stage to."""
        shortest, resources = self.shortest_days, self.resources
        if not (isinstance(shortest, int | float) and 0 <= shortest <= MOST_DAYS):
            raise ValueError(f"stage '{self.name}': `shortest_days` is {shortest!r}; return 0 to {MOST_DAYS:,.0f} days")
        is_mapping = isinstance(resources, Mapping)
        if not is_mapping or any(type(n) is not int or n < 1 for n in resources.values()):
            wanted = "return {name: number of machines}, each at least 1"
            raise ValueError(f"stage '{self.name}': `resources` is {resources!r}; {wanted}")
