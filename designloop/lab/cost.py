"""The lab's prices: per base pair, design, replicate, round and week."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from designloop.core.errors import ConfigError
from designloop.core.money import Quote, WholeCents
from designloop.core.parts import Part
from designloop.core.records import Batch
from designloop.core.spaces import Space
from designloop.core.supply import Supply
from designloop.stages.consumable import Bought

_BP_PER_AMINO_ACID = 3


class Consumable(Bought):
    """Something that the plates of the assay use up."""

    per: Literal["plate", "well"] = Field(
        "plate", description="`amount` for each plate, or for each well, controls included"
    )

    def supply(self, control_wells: int) -> Supply:
        """The consumable in the price list; a plate has so many wells of controls."""
        per_well = self.amount * (self.per == "well")
        return Supply(self.name, self.price, self.pack, per_well, per_well * control_wells if per_well else self.amount)


class Cost(Part):
    """Prices in the lab's currency. The price of a stage is a field of the stage."""

    currency: str = Field("", max_length=20, description="currency in messages and reports, such as EUR")
    per_bp: float = Field(0.0, ge=0, description="price per base pair of DNA")
    min_bp: int = Field(300, ge=0, description="minimum number of base pairs charged per design")
    by_length: tuple[tuple[Annotated[int, Field(ge=1)], Annotated[float, Field(ge=0)]], ...] = Field(
        (),
        description="points [base pairs, price of the DNA of a design of at most that length], as in a supplier's list",
    )
    per_design: float = Field(0.0, ge=0, description="price per design, in addition to DNA and stages")
    per_replicate: float = Field(0.0, ge=0, description="price per well")
    per_plate: WholeCents = Field(0.0, ge=0, description="price per plate of the assay, charged when it starts")
    consumables: tuple[Consumable, ...] = Field((), description="what the plates of the assay use up")
    per_round: float = Field(0.0, ge=0, description="fixed price per batch")
    per_week: float = Field(0.0, ge=0, description="rent per week, charged when the week begins")
    urgent: float = Field(
        1.0, ge=1, le=100, description="factor on what is charged for an urgent batch when it is submitted"
    )
    brackets: tuple[tuple[float, float], ...] = Field(
        (), description="points [batch size, price per design], interpolated linearly on log-log axes"
    )

    @model_validator(mode="after")
    def _brackets_are_prices(self) -> "Cost":
        sizes = [size for size, _ in self.brackets]
        if sizes != sorted(set(sizes)) or any(size <= 0 or price <= 0 for size, price in self.brackets):
            raise ValueError("brackets: expected [batch size, price] points, all above 0, with increasing batch size")
        return self

    @field_validator("by_length")
    @classmethod
    def _lengths_increase(cls, value: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        if [most for most, _ in value] != sorted({most for most, _ in value}):
            raise ValueError("by_length: expected [base pairs, price] points with increasing lengths")
        return value

    def supplies(self, control_wells: int) -> tuple[Supply, ...]:
        """The consumables of a plate with so many wells of controls; the plate itself is one of them."""
        plates = (Consumable(name="plates", price=self.per_plate),) if self.per_plate else ()
        return tuple(consumable.supply(control_wells) for consumable in (*plates, *self.consumables))

    @property
    def unit(self) -> dict[str, str]:
        """The currency, as the `opened` event records it; empty where none is named."""
        return {"currency": self.currency} if self.currency else {}

    def quote(self, space: Space, stages: float, retest_stages: float) -> Quote:
        """The price list; the stages of a design cost `stages`, those of a retest `retest_stages`.

        Raises ConfigError where `by_length` ends before the longest design of the space.
        """
        bp_per_letter = _BP_PER_AMINO_ACID if space.alphabet.name == "protein" else 1
        longest = max(space.max_length * bp_per_letter, self.min_bp)
        if self.by_length and longest > self.by_length[-1][0]:
            raise ConfigError(
                f"lab.cost.by_length ends at {self.by_length[-1][0]:,} base pairs, but a design may be charged for "
                f"{longest:,}; add a point, as in [{longest}, price]"
            )
        return Quote(
            per_round=self.per_round,
            per_design=self.per_design + stages,
            per_retest=retest_stages,
            per_replicate=self.per_replicate,
            per_week=self.per_week,
            brackets=self.brackets,
            per_bp=self.per_bp,
            min_bp=self.min_bp,
            bp_per_letter=bp_per_letter,
            by_length=self.by_length,
            urgent=self.urgent - 1,
        )


def bill(quote: Quote, batch: Batch) -> dict[str, Any]:
    """The charges of a batch at submission, by item; they sum to `quote.price`."""
    lengths = [len(design.sequence) for design in batch.designs]
    items = quote.items(lengths, len(batch.retests), wells=batch.wells, urgent=batch.urgent)
    return {item: amount for item, amount in items.items() if amount}
