"""The prices of a real lab: what a batch costs when it is ordered."""

from pydantic import Field

from designloop.core.money import Quote
from designloop.core.parts import Part
from designloop.core.spaces import Space

_BASES = {"protein": 3}
"""Alphabet -> base pairs of a letter; one elsewhere."""


class Prices(Part):
    """Prices in one currency. What is not given costs nothing."""

    currency: str = Field("", max_length=20, description="currency in messages, such as EUR")
    per_round: float = Field(0.0, ge=0, le=1e9, description="fixed price of a batch")
    per_design: float = Field(0.0, ge=0, le=1e9, description="price of a new design, in addition to its DNA")
    per_bp: float = Field(0.0, ge=0, le=1e9, description="price per base pair of DNA")
    min_bp: int = Field(0, ge=0, le=100_000_000, description="minimum number of base pairs charged per design")
    per_retest: float = Field(0.0, ge=0, le=1e9, description="price of a retest, in addition to its wells")
    per_replicate: float = Field(0.0, ge=0, le=1e9, description="price of a well")

    def quote(self, space: Space) -> Quote:
        """The price list."""
        names = ("per_round", "per_design", "per_bp", "min_bp", "per_retest", "per_replicate")
        prices = {name: getattr(self, name) for name in names}
        return Quote(**prices, bp_per_letter=_BASES.get(space.alphabet.name, 1))

    @property
    def are_nothing(self) -> bool:
        """True where nothing costs anything."""
        return not any(getattr(self, name) for name in ("per_round", "per_design", "per_bp", "per_replicate"))

    @property
    def unit(self) -> dict[str, str]:
        """The currency, as the `opened` event records it; empty where none is named."""
        return {"currency": self.currency} if self.currency else {}
