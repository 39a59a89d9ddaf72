"""An estimate is the number of sequences of a space with its error, for spaces that cannot be counted."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Estimate:
    """A number of sequences, with its relative standard error; 0 where it is exact."""

    number: int
    relative_error: float = 0.0

    def __str__(self) -> str:
        error = "" if self.relative_error == 0 else f" (±{100 * self.relative_error:.2g}%)"
        return f"{in_short(self.number)}{error}"


def in_short(count: int) -> str:
    """A count to three digits; it may exceed the range of a float."""
    return f"{float(count):.3g}" if count.bit_length() < 1000 else f"{Decimal(count):.2e}"
