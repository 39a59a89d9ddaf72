"""Consumables: what runs and plates use up. They are bought in packs, and some are kept in stock."""

from typing import Literal, Self

from pydantic import Field, model_validator

from designloop.core.distributions import Fixed
from designloop.core.durations import Days
from designloop.core.money import WholeCents
from designloop.core.parts import Part
from designloop.core.supply import Supply


class Bought(Part):
    """Something that is bought in packs. Without a `stock` there is always enough; a pack is charged when opened."""

    name: str = Field(min_length=1, description="name of the item in bills")
    price: WholeCents = Field(ge=0, description="price of a pack")
    amount: int = Field(1, ge=1, le=1_000_000, description="units that are used up at once")
    pack: int = Field(1, ge=1, le=1_000_000, description="units in a pack")
    stock: int | None = Field(
        None, ge=1, le=1_000_000_000, description="units in stock at the start; none: there is always enough"
    )
    reorder_at: int = Field(
        0, ge=0, description="packs are ordered, and charged, when no more than so many units are in stock and on order"
    )
    delay_days: Days = Field(Fixed(0), description="working days from an order to its delivery")

    @model_validator(mode="after")
    def _stock_is_complete(self) -> Self:
        if self.stock is None and (self.reorder_at or self.delay_days != Fixed(0)):
            key = "reorder_at" if self.reorder_at else "delay_days"
            raise ValueError(f"consumable '{self.name}': `{key}` needs a `stock`, the units at the start")
        if self.stock is not None and self.stock <= self.reorder_at:
            raise ValueError(
                f"consumable '{self.name}': the first order would be due before the start; set `stock` above "
                f"`reorder_at`, {self.reorder_at}"
            )
        return self


class Consumable(Bought):
    """Something that the runs of a stage use up."""

    per: Literal["run", "design"] = Field("run", description="`amount` for each run, or for each design in it")

    @property
    def supply(self) -> Supply:
        """The consumable in the price list."""
        per_design = self.amount * (self.per == "design")
        return Supply(self.name, self.price, self.pack, per_design, self.amount - per_design)
