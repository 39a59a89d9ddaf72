"""What the lab charges: for a design by its length, a replicate, a round, a week."""

from typing import Any

from pydantic import Field, model_validator

from designloop.core.money import Quote
from designloop.core.parts import Part
from designloop.core.records import Batch
from designloop.core.spaces import Space

_BP_PER_AMINO_ACID = 3


class Cost(Part):
    """Prices in the lab's currency. What a stage costs stands with the stage."""

    currency: str = Field("", max_length=20, description="what messages and reports call it, as EUR")
    per_bp: float = Field(0.0, ge=0, description="price of a base pair of DNA")
    min_bp: int = Field(300, ge=0, description="base pairs that are charged at least")
    per_design: float = Field(0.0, ge=0, description="price of a design besides its DNA and its stages")
    per_replicate: float = Field(0.0, ge=0, description="price of a well")
    per_round: float = Field(0.0, ge=0, description="price of a batch, whatever its size")
    per_week: float = Field(0.0, ge=0, description="rent, charged when a week of the lab begins")
    brackets: tuple[tuple[float, float], ...] = Field(
        (), description="(batch size, price of a design) anchors, between them straight on log-log axes"
    )

    @model_validator(mode="after")
    def _brackets_are_prices(self) -> "Cost":
        sizes = [size for size, _ in self.brackets]
        if sizes != sorted(set(sizes)) or any(size <= 0 or price <= 0 for size, price in self.brackets):
            raise ValueError("brackets want [batch size, price] anchors, all above 0, by growing batch size")
        return self

    @property
    def unit(self) -> dict[str, str]:
        """The currency, as the `opened` event records it; empty where none is named."""
        return {"currency": self.currency} if self.currency else {}

    def quote(self, space: Space, stages: float, retest_stages: float) -> Quote:
        """The price list, where a design costs `stages` on its way and a retest `retest_stages`."""
        return Quote(
            per_round=self.per_round,
            per_design=self.per_design + stages,
            per_retest=retest_stages,
            per_replicate=self.per_replicate,
            per_week=self.per_week,
            brackets=self.brackets,
            per_bp=self.per_bp,
            min_bp=self.min_bp,
            bp_per_letter=_BP_PER_AMINO_ACID if space.alphabet.name == "protein" else 1,
        )


def bill(quote: Quote, batch: Batch) -> dict[str, Any]:
    """What a batch is charged at submission, by item; sums to `quote.price`."""
    lengths = [len(design.sequence) for design in batch.designs]
    items = quote.items(lengths, len(batch.retests), batch.replicates)
    return {item: amount for item, amount in items.items() if amount}
