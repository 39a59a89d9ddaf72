"""What the lab charges: for a design by its length, a replicate, a round, a week."""

from typing import Any

from pydantic import Field

from designloop.core.history import Quote
from designloop.core.parts import Part
from designloop.core.records import Batch
from designloop.core.spaces import Space

_BP_PER_AMINO_ACID = 3


class Cost(Part):
    """Prices in the lab's currency. What a stage costs stands with the stage."""

    per_bp: float = Field(0.0, ge=0, description="price of a base pair of DNA")
    min_bp: int = Field(300, ge=0, description="base pairs that are charged at least")
    per_design: float = Field(0.0, ge=0, description="price of a design besides its DNA and its stages")
    per_replicate: float = Field(0.0, ge=0, description="price of a well")
    per_round: float = Field(0.0, ge=0, description="price of a batch, whatever its size")
    per_week: float = Field(0.0, ge=0, description="rent, charged when a week of the lab begins")
    brackets: tuple[tuple[float, float], ...] = Field(
        (), description="(batch size, price of a design) anchors, between them straight on log-log axes"
    )

    def of_dna(self, space: Space) -> float:
        """Price of the DNA of one design, by the longest sequence of the space (3 bp for an amino acid)."""
        letters = space.max_length * (_BP_PER_AMINO_ACID if space.alphabet.name == "protein" else 1)
        return self.per_bp * max(letters, self.min_bp)

    def quote(self, space: Space, stages: float, retest_stages: float) -> Quote:
        """The price list, where a design costs `stages` on its way and a retest `retest_stages`."""
        return Quote(
            per_round=self.per_round,
            per_design=self.per_design + self.of_dna(space) + stages,
            per_retest=retest_stages,
            per_replicate=self.per_replicate,
            per_week=self.per_week,
            brackets=self.brackets,
        )


def bill(quote: Quote, batch: Batch) -> dict[str, Any]:
    """What a batch is charged at submission, by item; sums to `quote.price`."""
    n_designs, n_retests = len(batch.designs), len(batch.retests)
    items = {
        "round": quote.per_round,
        "designs": n_designs * quote.price_per_design(n_designs),
        "retests": n_retests * quote.per_retest,
        "replicates": (n_designs + n_retests) * batch.replicates * quote.per_replicate,
    }
    return {item: amount for item, amount in items.items() if amount}
