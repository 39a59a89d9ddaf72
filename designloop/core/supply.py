"""A supply is what plates or runs use up, as it stands in the lab's price list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Supply:
    """A consumable, bought in packs: a pack is charged when it is opened, or ordered where there is a stock."""

    name: str
    price: float
    """Of a pack, in whole cents."""
    pack: int = 1
    """Units in a pack."""
    per_well: int = 0
    """Units for each well of a design; for each design of a run."""
    per_plate: int = 0
    """Units for each plate, those of its controls included; for each run."""

    def units(self, n_wells: int, n_plates: int) -> int:
        """The units that these wells of designs and plates use, or these designs and runs."""
        return n_wells * self.per_well + n_plates * self.per_plate

    def packs(self, n_units: int) -> int:
        """The packs that hold so many units."""
        return -(-max(n_units, 0) // self.pack)
